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

use checks::servers::Server;
use std::path::Path;

/// Where each server is expected, and whether one answers there: `up` makes it so.
pub fn up(root: &Path, arguments: &[&str]) -> Result<String, String> {
    match arguments {
        ["--programs", names @ ..] => install::programs(&chosen(names)?),
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

/// A line of a report: the server, how it is, and where.
fn line(server: Server, state: &str, url: &str) -> String {
    let line = format!("{:<8}{state:<28}{url}", server.name());
    line.trim_end().to_owned() + "\n"
}

/// What went wrong with a server, in one line.
fn complaint(server: Server, why: &str) -> String {
    let why = why.lines().collect::<Vec<_>>().join(" ");
    format!("{:<8}{why}", server.name())
}
