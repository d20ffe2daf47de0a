//! What npm installs: an app in Express beside its packages, or packages alone.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

const LOCK: &str = "package-lock.json";

/// Without both, there is nothing to run.
///
/// # Errors
///
/// One line that names what is missing.
pub fn expect() -> Result<(), String> {
    for program in ["node", "npm"] {
        let mut version = Command::new(program);
        version.arg("--version");
        version.stdin(Stdio::null()).stdout(Stdio::null());
        if !version.status().is_ok_and(|status| status.success()) {
            return Err(format!(
                "no {program} on the PATH; apt-get install nodejs npm"
            ));
        }
    }
    Ok(())
}

/// Copies the files of a folder to one in the target folder and installs its packages
/// there: what npm installs has no place among sources. They are installed once, until
/// the lock changes.
///
/// # Errors
///
/// One line.
pub fn install(source: &Path, folder: &Path) -> Result<(), String> {
    let complain = |error: std::io::Error| format!("{}: {error}", folder.display());
    let [lock, installed] = [source, folder].map(|at| fs::read(at.join(LOCK)).ok());
    // npm writes this one when it is done.
    let done = folder.join("node_modules/.package-lock.json").exists();
    fs::create_dir_all(folder).map_err(complain)?;
    for entry in fs::read_dir(source).map_err(complain)? {
        let file = entry.map_err(complain)?.path();
        if let Some(name) = file.file_name().filter(|_| file.is_file()) {
            fs::copy(&file, folder.join(name)).map_err(complain)?;
        }
    }
    if !done || lock != installed {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--omit=dev", "--no-audit", "--no-fund"])
            .arg("--loglevel=error")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        match npm.status() {
            Ok(status) if status.success() => {}
            Ok(_) => return Err("npm ci failed".to_owned()),
            Err(error) => return Err(format!("npm ci: {error}")),
        }
    }
    Ok(())
}
