//! Stops the cluster: the proxy first, so that nobody meets a copy that is going.

use super::{
    Cluster, NAME, addresses,
    part::{Part, Stage},
};
use crate::services::{complaint, down::LIMIT, home::How, line, process, progress::Spinner};

pub fn run() -> Result<String, String> {
    let cluster = Cluster::new().map_err(|why| complaint(NAME, &why))?;
    let noted: Vec<&Part> = cluster
        .0
        .iter()
        .filter(|part| part.home.noted().is_some())
        .collect();
    if noted.is_empty() {
        return Ok(line(NAME, "nothing to stop", ""));
    }
    stop(&noted)
}

/// Stops these of the cluster, and says so in a line for each stage.
pub fn stop(parts: &[&Part]) -> Result<String, String> {
    let (mut report, mut complaints) = (String::new(), Vec::new());
    for stage in Stage::ALL.into_iter().rev() {
        let parts = parts.iter().filter(|part| part.stage == stage);
        // Its number may be another process's by now, which is left alone.
        let (there, gone): (Vec<&Part>, Vec<&Part>) =
            parts.partition(|part| part.home.process().is_some());
        for part in &gone {
            part.home.remove_note();
        }
        let (stopped, going) = stop_all(stage, &there);
        for (ports, state) in [
            (stopped, "stopped"),
            (ports(&gone), "had ended, nothing to stop"),
        ] {
            if !ports.is_empty() {
                report += &line(stage.name(), state, &addresses(&ports));
            }
        }
        if !going.is_empty() {
            let (going, limit) = (addresses(&going), LIMIT.as_secs());
            let why = format!("{going} goes on {limit} s after SIGTERM");
            complaints.push(complaint(stage.name(), &why));
        }
    }
    if complaints.is_empty() {
        return Ok(report);
    }
    Err(report + &complaints.join("\n"))
}

/// All at once. The ports of those that ended, and of those that did not.
fn stop_all(stage: Stage, parts: &[&Part]) -> (Vec<u16>, Vec<u16>) {
    let _spinner = Spinner::new(stage.name(), "stopping");
    let pid = |part: &Part| match part.home.noted() {
        Some(How::Process(pid)) => pid,
        _ => 0,
    };
    let told: Vec<(&Part, u32)> = parts.iter().map(|part| (*part, pid(part))).collect();
    for (_, pid) in &told {
        process::terminate(*pid);
    }
    let (stopped, going): (Vec<_>, Vec<_>) = told
        .into_iter()
        .partition(|(part, pid)| process::ends(LIMIT, || part.home.is_running(*pid)));
    let parts = |told: Vec<(&Part, u32)>| told.iter().map(|(part, _)| part.home.port).collect();
    for (part, _) in &stopped {
        part.home.remove_note();
    }
    (parts(stopped), parts(going))
}

fn ports(parts: &[&Part]) -> Vec<u16> {
    parts.iter().map(|part| part.home.port).collect()
}
