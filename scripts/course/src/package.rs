//! Commands that are packages of their own, so that the other commands build without
//! what they need.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

/// Runs the program of a package that is called like it. Its exit code is ours.
pub fn run(root: &Path, package: &str, arguments: &[&str]) -> ExitCode {
    run_program(root, package, package, arguments)
}

/// The same with another one of its programs.
pub fn run_program(root: &Path, package: &str, program: &str, arguments: &[&str]) -> ExitCode {
    let ran = cargo_run(root, package)
        .args(["--bin", program, "--"])
        .args(arguments)
        .status();
    match ran.map(|status| status.code().and_then(|code| u8::try_from(code).ok())) {
        Ok(Some(code)) => ExitCode::from(code),
        // A signal ended it.
        Ok(None) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("course: cargo: {error}");
            ExitCode::from(2)
        }
    }
}

/// `cargo run` with a package of the course's, from wherever that is: my-app is a
/// workspace of its own.
pub fn cargo_run(root: &Path, package: &str) -> Command {
    let mut cargo = checks::cargo::command();
    cargo
        .args(["run", "--quiet", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .args(["--package", package]);
    cargo
}
