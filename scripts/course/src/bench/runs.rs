//! Processes of the bench. They end with it.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const LIMIT: Duration = Duration::from_secs(20);

/// A running process, killed and reaped when it is dropped.
pub struct Runs(Child);

impl Runs {
    /// Returns once it is `ready`.
    pub fn start(command: &mut Command, ready: impl Fn() -> bool) -> Result<Runs, String> {
        let (start, runs) = (Instant::now(), Runs::spawn(command, Stdio::null())?);
        while !ready() {
            if start.elapsed() > LIMIT {
                return Err(format!("course: {} does not answer", name(command)));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(runs)
    }

    /// The ID of the process.
    pub fn process(&self) -> u32 {
        self.0.id()
    }

    fn spawn(command: &mut Command, stdout: Stdio) -> Result<Runs, String> {
        let child = command.stdin(Stdio::null()).stdout(stdout).spawn();
        let child = child.map_err(|error| format!("course: {}: {error}", name(command)))?;
        Ok(Runs(child))
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        // It fails only when the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that says `listening on http://…` once it does.
pub struct App {
    pub address: SocketAddr,
    runs: Runs,
}

impl App {
    pub fn start(command: &mut Command) -> Result<App, String> {
        let mut runs = Runs::spawn(command, Stdio::piped())?;
        let (tell, told) = mpsc::channel();
        let stdout = runs.0.stdout.take();
        thread::spawn(move || {
            let mut line = String::new();
            let stdout = stdout.map(BufReader::new);
            if stdout.is_some_and(|mut stdout| stdout.read_line(&mut line).is_ok()) {
                // It fails when nobody waits any more.
                let _ = tell.send(line);
            }
        });
        let line = told.recv_timeout(LIMIT).unwrap_or_default();
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.and_then(|address| address.parse().ok());
        let address = address.ok_or_else(|| format!("course: {} does not start", name(command)))?;
        Ok(App { address, runs })
    }

    /// The ID of its process; the others that it has are that one's children.
    pub fn process(&self) -> u32 {
        self.runs.process()
    }
}

fn name(command: &Command) -> String {
    command.get_program().display().to_string()
}
