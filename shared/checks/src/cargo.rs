//! Building crates while the tests run.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What a build made.
#[derive(Debug)]
pub(crate) struct Build {
    /// The executables by name, which is their package's unless that says otherwise.
    pub(crate) programs: BTreeMap<String, PathBuf>,
    /// The compiler's errors by the same name.
    pub(crate) errors: BTreeMap<String, String>,
    /// What cargo itself had to say.
    pub(crate) log: String,
}

/// cargo, as a shell would start it. Whoever is started by a cargo has variables about a
/// package of ours, which are news to a build script that asks for its own ones, such as
/// ring's: it and all that is built with it would be built anew each time.
pub fn command() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let about_us = ["CARGO_PKG_", "CARGO_MANIFEST_"]
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start));
        if about_us {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Runs `cargo build`. A crate that does not compile is no error here: it has no
/// program afterwards.
pub(crate) fn build(manifest: &Path, arguments: &[&str]) -> Result<Build, String> {
    let output = command()
        .args([
            "build",
            "--quiet",
            "--message-format=json",
            "--manifest-path",
        ])
        .arg(manifest)
        .args(arguments)
        .current_dir(manifest.parent().unwrap_or(Path::new(".")))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let mut build = Build {
        programs: BTreeMap::new(),
        errors: BTreeMap::new(),
        log: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_default();
        let name = message["target"]["name"].as_str().unwrap_or_default();
        if let Some(program) = message["executable"].as_str() {
            build
                .programs
                .insert(name.to_owned(), PathBuf::from(program));
        }
        if message["message"]["level"] == "error" {
            let text = message["message"]["rendered"].as_str().unwrap_or_default();
            *build.errors.entry(name.to_owned()).or_default() += text;
        }
    }
    Ok(build)
}

impl Build {
    /// Why there is no program of this name.
    pub(crate) fn complaint(&self, name: &str) -> &str {
        self.errors.get(name).unwrap_or(&self.log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cargo_knows_nothing_of_the_one_that_has_started_us() {
        let cargo = command();
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"] {
            assert!(env::var_os(name).is_some(), "cargo test sets {name}");
            let mut changed = cargo.get_envs();
            assert!(changed.any(|(changed, value)| changed == name && value.is_none()));
        }
    }
}
