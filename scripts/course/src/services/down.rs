//! Stops what `up` started, and nothing else.

use super::{
    complaint, docker,
    home::{Home, How},
    line, process,
    progress::Spinner,
};
use checks::servers::Server;
use std::{path::Path, time::Duration};

/// MongoDB writes its data out before it ends.
pub const LIMIT: Duration = Duration::from_secs(20);

pub fn run(root: &Path, servers: &[Server]) -> Result<String, String> {
    let mut report = String::new();
    let mut complaints = Vec::new();
    for server in servers {
        let homes = Home::all(*server);
        let noted: Vec<_> = homes.iter().filter(|home| home.noted().is_some()).collect();
        if noted.is_empty() {
            report += &line(server.name(), "nothing to stop", "");
        }
        for home in noted {
            match stop(root, *server, home) {
                Ok(state) => report += &line(server.name(), state, &server.url(home.port)),
                Err(why) => complaints.push(complaint(server.name(), &why)),
            }
        }
    }
    if complaints.is_empty() {
        return Ok(report);
    }
    Err(report + &complaints.join("\n"))
}

fn stop(root: &Path, server: Server, home: &Home) -> Result<&'static str, String> {
    let _spinner = Spinner::new(server.name(), "stopping");
    match home.noted() {
        Some(How::Docker) => docker::down(root, server)?,
        Some(How::Process(pid)) if home.is_running(pid) => {
            if !process::stop(pid, LIMIT, || home.is_running(pid)) {
                let limit = LIMIT.as_secs();
                return Err(format!("process {pid} goes on {limit} s after SIGTERM"));
            }
        }
        // Its number may be another process's by now, which is left alone.
        _ => {
            home.remove_note();
            return Ok("had ended, nothing to stop");
        }
    }
    home.remove_note();
    Ok("stopped")
}
