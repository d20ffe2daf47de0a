//! A process that an earlier command started, known by its number alone. Numbers
//! are used again, so nothing is done to one before it is known to be the server.

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// Whether this process is one of these programs and works in this folder. Redis writes
/// over its own command line, so that is not what is read.
pub fn is_server(pid: u32, programs: &[&str], folder: &Path) -> bool {
    let name = name(pid).unwrap_or_default();
    let Ok(folder) = folder.canonicalize() else {
        return false;
    };
    programs.contains(&name.as_str()) && working_folder(pid).is_some_and(|work| work == folder)
}

/// Asks it to stop and waits until it has. `false`: it goes on after `limit`.
pub fn stop(pid: u32, limit: Duration, is_there: impl Fn() -> bool) -> bool {
    terminate(pid);
    ends(limit, is_there)
}

/// Waits until it has ended. `false`: it goes on after `limit`.
pub fn ends(limit: Duration, is_there: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while is_there() {
        if start.elapsed() > limit {
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
    true
}

#[cfg(unix)]
pub fn terminate(pid: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It fails when the process has ended in the meantime.
        let _ = kill_process(pid, Signal::TERM);
    }
}

#[cfg(not(unix))]
pub fn terminate(_: u32) {}

#[cfg(target_os = "linux")]
fn name(pid: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}

#[cfg(target_os = "linux")]
fn working_folder(pid: u32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

#[cfg(not(target_os = "linux"))]
fn name(pid: u32) -> Option<String> {
    let path = told("ps", &["-o", "comm=", "-p", &pid.to_string()])?;
    let name = Path::new(path.trim()).file_name()?;
    Some(name.to_string_lossy().into_owned())
}

#[cfg(not(target_os = "linux"))]
fn working_folder(pid: u32) -> Option<PathBuf> {
    let lines = told("lsof", &["-a", "-d", "cwd", "-Fn", "-p", &pid.to_string()])?;
    let folder = lines.lines().find_map(|line| line.strip_prefix('n'))?;
    Some(folder.into())
}

#[cfg(not(target_os = "linux"))]
fn told(program: &str, arguments: &[&str]) -> Option<String> {
    let output = std::process::Command::new(program).args(arguments).output();
    String::from_utf8(output.ok()?.stdout).ok()
}
