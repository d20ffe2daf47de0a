//! Commands that are packages of their own, so that the other commands build without
//! what they need.

use std::{
    env,
    process::{Command, ExitCode},
};

/// Runs the program of a package that is called like it. Its exit code is ours.
pub fn run(package: &str, arguments: &[&str]) -> ExitCode {
    run_program(package, package, arguments)
}

/// The same with another one of its programs.
pub fn run_program(package: &str, program: &str, arguments: &[&str]) -> ExitCode {
    let ran = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--package", package])
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
