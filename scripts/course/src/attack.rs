//! `cargo course attack`: runs the package of that name, so that the other commands
//! build without a database's client. Its exit code is ours.

use std::{
    env,
    process::{Command, ExitCode},
};

pub fn run(arguments: &[&str]) -> ExitCode {
    let attack = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--package", "attack", "--"])
        .args(arguments)
        .status();
    match attack.map(|status| status.code().and_then(|code| u8::try_from(code).ok())) {
        Ok(Some(code)) => ExitCode::from(code),
        // A signal ended it.
        Ok(None) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("course: cargo: {error}");
            ExitCode::from(2)
        }
    }
}
