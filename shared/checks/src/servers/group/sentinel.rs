//! One Redis master, its replica, and Sentinels that watch them: they agree on who is
//! master, and tell it to clients.

use super::{NAME, check_replication, connect, value};
use std::{fs, path::Path, process::Command};

/// How many of the nodes have data; the rest are Sentinels.
const DATA: usize = 2;

/// The Sentinels' ports.
pub(super) fn sentinels(ports: &[u16]) -> &[u16] {
    &ports[DATA..]
}

pub(super) fn arguments(
    command: &mut Command,
    ports: &[u16],
    node: usize,
    folder: &Path,
) -> Result<(), String> {
    if node < DATA {
        // A replica gets its copy at once, not with others 5 s later.
        command.args(["--repl-diskless-sync-delay", "0"]);
        if node > 0 {
            let master = ports[0].to_string();
            command.args(["--replicaof", "127.0.0.1", &master]);
        }
        return Ok(());
    }
    // A Sentinel takes a file, and writes into it what it learns.
    let file = folder.join("sentinel.conf");
    if !file.exists() {
        let written = fs::write(&file, settings(ports, node));
        written.map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let program = command.get_program().to_owned();
    let file = file.canonicalize();
    let file = file.map_err(|error| format!("{}: {error}", folder.display()))?;
    *command = Command::new(program);
    command.arg(file).arg("--sentinel");
    command.stdin(std::process::Stdio::null());
    Ok(())
}

/// Two of them have to miss the master for 2 s before another is chosen.
fn settings(ports: &[u16], node: usize) -> String {
    let (port, master) = (ports[node], ports[0]);
    format!(
        "bind 127.0.0.1\n\
         port {port}\n\
         sentinel monitor {NAME} 127.0.0.1 {master} 2\n\
         sentinel down-after-milliseconds {NAME} 2000\n\
         sentinel failover-timeout {NAME} 3000\n"
    )
}

pub(super) fn check(ports: &[u16]) -> Result<(), String> {
    for port in &ports[..DATA] {
        check_replication(*port, &mut connect(*port)?)?;
    }
    let leader = leader(ports)?;
    let (replicas, sentinels) = (DATA - 1, sentinels(ports));
    let expected = format!(
        "name={NAME},status=ok,address=127.0.0.1:{leader},slaves={replicas},sentinels={}",
        sentinels.len()
    );
    for port in sentinels {
        let report = connect(*port)?.ask("INFO sentinel")?;
        let seen = value(&report, "master0");
        if seen != expected {
            return Err(format!("the Sentinel on port {port} sees {seen}"));
        }
    }
    Ok(())
}

/// As most Sentinels say, and as it says itself.
pub(super) fn leader(ports: &[u16]) -> Result<u16, String> {
    let sentinels = sentinels(ports);
    let told: Vec<u16> = sentinels.iter().filter_map(|port| told(*port)).collect();
    let agree =
        |port: &&u16| told.iter().filter(|other| other == port).count() > sentinels.len() / 2;
    let leader = *told
        .iter()
        .find(agree)
        .ok_or("the Sentinels do not agree")?;
    let report = connect(leader)?.ask("INFO replication")?;
    if value(&report, "role") == "master" {
        return Ok(leader);
    }
    Err(format!("port {leader} is no master yet"))
}

/// Whom a Sentinel tells its clients.
fn told(port: u16) -> Option<u16> {
    let ask = format!("SENTINEL GET-MASTER-ADDR-BY-NAME {NAME}");
    let address = connect(port).ok()?.ask(&ask).ok()?;
    address.lines().nth(1)?.parse().ok()
}
