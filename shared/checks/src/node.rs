//! Programs of ours for Node: an app in Express beside its packages.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What such a program is made of: the last is what node runs.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "server.js"];

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

/// Copies a program from its folder to one in the target folder and installs its
/// packages there: what npm installs has no place among sources. They are installed
/// once, until the lock changes. Returns what node runs.
///
/// # Errors
///
/// One line.
pub fn install(source: &Path, folder: &Path) -> Result<PathBuf, String> {
    let complain = |error: std::io::Error| format!("{}: {error}", folder.display());
    let [lock, installed] = [source, folder].map(|at| fs::read(at.join(FILES[1])).ok());
    // npm writes this one when it is done.
    let done = folder.join("node_modules/.package-lock.json").exists();
    fs::create_dir_all(folder).map_err(complain)?;
    for file in FILES {
        fs::copy(source.join(file), folder.join(file)).map_err(complain)?;
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
    Ok(folder.join(FILES[2]))
}
