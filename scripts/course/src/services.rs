//! `cargo course up`, `down` and `status`: the database servers that the steps
//! need, on this machine, and a cluster of step 08. What `up` started stays until
//! `down`; a server that somebody else started is looked at and left alone.

mod cluster;
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
    if let ["--programs", names @ ..] = arguments {
        return install::programs(&programs(names)?);
    }
    let chosen = Chosen::of(arguments)?;
    progress::catch_interrupts()?;
    let _lock = up::lock()?;
    up::run(root, &chosen.servers)?;
    if chosen.cluster {
        cluster::up(root)?;
    }
    Ok(String::new())
}

/// Stops what `up` started.
pub fn down(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let chosen = Chosen::of(arguments)?;
    let _lock = up::lock()?;
    // Before its servers, of which it may use some.
    let cluster = if chosen.cluster || arguments.is_empty() && cluster::is_noted() {
        cluster::down()
    } else {
        Ok(String::new())
    };
    match (cluster, down::run(root, &chosen.servers)) {
        (Ok(one), Ok(other)) => Ok(one + &other),
        (one, other) => {
            let told = [one, other].map(|told| told.unwrap_or_else(|why| why + "\n"));
            Err(told.concat().trim_end().to_owned())
        }
    }
}

/// One line for each server.
pub fn status(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let chosen = Chosen::of(arguments)?;
    let mut report = status::run(root, &chosen.servers);
    if chosen.cluster || arguments.is_empty() && cluster::is_noted() {
        report += &cluster::status();
    }
    Ok(report)
}

/// What was asked for by name.
struct Chosen {
    servers: Vec<Server>,
    cluster: bool,
}

impl Chosen {
    /// All servers when none is named.
    fn of(names: &[&str]) -> Result<Chosen, String> {
        let cluster = names.contains(&cluster::NAME);
        if names.is_empty() {
            let servers = Server::ALL.to_vec();
            return Ok(Chosen { servers, cluster });
        }
        let names = names.iter().filter(|name| **name != cluster::NAME);
        let servers: Result<_, String> = names.map(|name| server(name)).collect();
        Ok(Chosen {
            servers: servers?,
            cluster,
        })
    }
}

fn server(name: &str) -> Result<Server, String> {
    let server = Server::ALL.into_iter().find(|server| server.name() == name);
    server.ok_or_else(|| {
        format!("course: no server `{name}`; there are redis, mongo, mysql and cluster")
    })
}

/// The programs of these names; all of them when none is named.
fn programs(names: &[&str]) -> Result<Vec<Program>, String> {
    if names.is_empty() {
        return Ok(Program::ALL.to_vec());
    }
    let find = |name: &&str| match *name {
        proxy::PROGRAM => Ok(Program::Proxy),
        name => server(name).map(Program::Of),
    };
    names.iter().map(find).collect()
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
