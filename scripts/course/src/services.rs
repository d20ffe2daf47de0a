//! `cargo course up`, `down` and `status`: the database servers that the steps
//! need, on this machine. What `up` started stays until `down`; a server that
//! somebody else started is looked at and left alone.

mod docker;
mod down;
mod home;
mod install;
pub mod place;
mod process;
mod progress;
mod start;
mod status;
mod up;

use checks::servers::{Server, proxy};
use install::Program;
use std::path::Path;

/// Where each server is expected, and whether one answers there: `up` makes it so.
pub fn up(root: &Path, arguments: &[&str]) -> Result<String, String> {
    match arguments {
        ["--programs"] => install::programs(&Program::ALL),
        ["--programs", names @ ..] => install::programs(&programs(names)?),
        names => up::run(root, &chosen(names)?),
    }
}

/// Stops what `up` started.
pub fn down(root: &Path, arguments: &[&str]) -> Result<String, String> {
    down::run(root, &chosen(arguments)?)
}

/// One line for each server.
pub fn status(root: &Path, arguments: &[&str]) -> Result<String, String> {
    Ok(status::run(root, &chosen(arguments)?))
}

/// The servers of these names; all of them when none is named.
fn chosen(names: &[&str]) -> Result<Vec<Server>, String> {
    if names.is_empty() {
        return Ok(Server::ALL.to_vec());
    }
    let find = |name: &&str| {
        let server = Server::ALL
            .into_iter()
            .find(|server| server.name() == *name);
        server
            .ok_or_else(|| format!("course: no server `{name}`; there are redis, mongo and mysql"))
    };
    names.iter().map(find).collect()
}

/// The programs of these names.
fn programs(names: &[&str]) -> Result<Vec<Program>, String> {
    let find = |name: &&str| match *name {
        proxy::PROGRAM => Ok(vec![Program::Proxy]),
        name => Ok(chosen(&[name])?.into_iter().map(Program::Of).collect()),
    };
    let found: Result<Vec<_>, String> = names.iter().map(find).collect();
    Ok(found?.concat())
}

/// A line of a report: what it is about, how it is, and where.
fn line(name: &str, state: &str, url: &str) -> String {
    let line = format!("{name:<8}{state:<28}{url}");
    line.trim_end().to_owned() + "\n"
}

/// What went wrong with a server, in one line.
fn complaint(name: &str, why: &str) -> String {
    let why = why.lines().collect::<Vec<_>>().join(" ");
    format!("{name:<8}{why}")
}
