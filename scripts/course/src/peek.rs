//! `cargo course peek`: runs the package of that name, so that the other commands
//! build without the clients of three databases.

use crate::{package, services::place};
use checks::servers::Server;
use std::{
    path::Path,
    process::{Command, ExitCode},
};

pub fn run(root: &Path, arguments: &[&str]) -> ExitCode {
    let status = command(root, arguments).and_then(|mut peek| {
        let status = peek.status();
        status.map_err(|error| format!("course: cargo: {error}"))
    });
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        // It has said why.
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn command(root: &Path, arguments: &[&str]) -> Result<Command, String> {
    let (feature, server) = match arguments {
        [feature @ "redis"] | [feature @ "redis", _] => (feature, Server::Redis),
        [feature @ "mongo"] | [feature @ "mongo", _] => (feature, Server::Mongo),
        [feature @ "sql"] | [feature @ "sql", _] => (feature, Server::Mysql),
        _ => return Err("course: expected peek redis, mongo or sql, and perhaps an ID".into()),
    };
    let mut cargo = package::cargo_run(root, "peek");
    cargo
        .args(["--no-default-features", "--features", feature, "--"])
        .args(arguments);
    if let Some(url) = place::setting(server.variable(), root)? {
        cargo.env(server.variable(), url);
    }
    Ok(cargo)
}
