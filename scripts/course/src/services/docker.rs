//! Docker Compose, where an engine answers. `compose.yaml` has one service for
//! each server, of the same name.

use checks::servers::Server;
use std::{
    io,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Whether there is an engine. The command alone says nothing: it is only a client.
pub fn answers() -> bool {
    let child = Command::new("docker")
        .args(["version", "--format", "{{.Server.Version}}"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    // An engine that hangs keeps its clients waiting for ever.
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(5) {
        if let Ok(Some(status)) = child.try_wait() {
            return status.success();
        }
        thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// Downloads the image at the first time, and starts a container.
pub fn up(root: &Path, server: Server) -> Result<(), String> {
    compose(root, &["up", "--detach", server.name()])
}

/// Stops and removes the container. Its data stays, in the volume.
pub fn down(root: &Path, server: Server) -> Result<(), String> {
    compose(root, &["rm", "--stop", "--force", server.name()])
}

fn compose(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let output: io::Result<Output> = Command::new("docker")
        .args(["compose", "--progress", "quiet", "--file"])
        .arg(root.join("compose.yaml"))
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|error| format!("docker: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = told.lines().rfind(|line| !line.trim().is_empty());
    Err(format!(
        "docker compose {}: {}",
        arguments[0],
        last.unwrap_or("failed")
    ))
}
