//! A process of ours: its output is collected all along, and it is killed and
//! reaped when it is dropped.

use crate::{exit::Exit, verdict::Stop};
use std::{
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdout: Output,
    stderr: Output,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Result<Process, Stop> {
        Process::spawn_with_log(command, Stdio::piped())
    }

    /// The same with a stderr that goes elsewhere.
    pub(crate) fn spawn_with_log(command: &mut Command, log: Stdio) -> Result<Process, Stop> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| {
                let program = Path::new(command.get_program());
                Stop::Harness(format!("{}: {error}", program.display()))
            })?;
        let stdout = Output::of(child.stdout.take());
        let stderr = Output::of(child.stderr.take());
        Ok(Process {
            child,
            stdout,
            stderr,
        })
    }

    pub(crate) fn kill(&mut self) {
        // It fails only when the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Waits until the process ends, or `None` when it goes on for longer than
    /// `limit`, or as soon as `enough` says that there is nothing to wait for.
    pub(crate) async fn wait(
        &mut self,
        limit: Duration,
        enough: impl Fn(&Process) -> bool,
    ) -> Result<Option<Exit>, Stop> {
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = self.child.try_wait()? {
                let (stdout, stderr) = (self.stdout.finish().await, self.stderr.finish().await);
                return Ok(Some(Exit {
                    code: status.code(),
                    stdout,
                    stderr,
                }));
            }
            if enough(self) {
                return Ok(None);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(None)
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Stop> {
        let signal = match signal {
            Signal::Terminate => rustix::process::Signal::TERM,
            Signal::Interrupt => rustix::process::Signal::INT,
        };
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).map_err(Stop::harness)
    }

    #[cfg(not(unix))]
    pub(crate) fn signal(&self, _: Signal) -> Result<(), Stop> {
        Err(Stop::NotJudged("this system has no such signals".into()))
    }

    /// Resident memory in KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn resident_kib(&self) -> Result<u64, Stop> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        parse_kib(line.unwrap_or_default())
    }

    /// Time of the processor, in the system's ticks.
    pub(crate) fn processor_ticks(&self) -> Result<u64, Stop> {
        // proc(5): after the name in brackets, the 14th and the 15th field of all.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid()))?;
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks = fields.split_whitespace().skip(11).take(2);
        ticks
            .map(|ticks| ticks.parse::<u64>().map_err(Stop::harness))
            .sum()
    }

    pub(crate) fn threads(&self) -> Result<usize, Stop> {
        Ok(std::fs::read_dir(format!("/proc/{}/task", self.pid()))?.count())
    }

    #[cfg(all(unix, not(target_os = "linux")))]
    pub(crate) fn resident_kib(&self) -> Result<u64, Stop> {
        let pid = self.pid().to_string();
        let ps = Command::new("ps")
            .args(["-o", "rss=", "-p", &pid])
            .output()?;
        parse_kib(&String::from_utf8_lossy(&ps.stdout))
    }

    #[cfg(not(unix))]
    pub(crate) fn resident_kib(&self) -> Result<u64, Stop> {
        Err(Stop::NotJudged(
            "resident memory is not read on this system".into(),
        ))
    }
}

#[cfg(unix)]
fn parse_kib(text: &str) -> Result<u64, Stop> {
    let number = text
        .split_whitespace()
        .next()
        .and_then(|word| word.parse().ok());
    number.ok_or_else(|| Stop::Harness(format!("no resident memory in `{text}`")))
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    Terminate,
    Interrupt,
}

/// A pipe, emptied by a thread so that the process never waits for us.
#[derive(Debug)]
struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: thread::JoinHandle<()>,
}

impl Output {
    fn of(pipe: Option<impl Read + Send + 'static>) -> Output {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let filled = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let Some(mut pipe) = pipe else { return };
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                let mut bytes = filled.lock().unwrap_or_else(PoisonError::into_inner);
                bytes.extend_from_slice(&buffer[..count]);
            }
        });
        Output { bytes, reader }
    }

    fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// All of it, once the process has ended. A child that it left behind may
    /// hold the pipe open: then what there is after a second.
    async fn finish(&self) -> String {
        let start = Instant::now();
        while !self.reader.is_finished() && start.elapsed() < Duration::from_secs(1) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.text()
    }
}
