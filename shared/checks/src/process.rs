//! A process of ours: started in an empty folder with a clean environment, its
//! output collected all along, killed and reaped when it is dropped.

use crate::verdict::{Stop, Verdict, expect};
use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Variables of the course that a person may have set for their own app.
const OURS: [&str; 9] = [
    "HOST",
    "PORT",
    "APP_ENV",
    "REDIS_URL",
    "MONGODB_URL",
    "DATABASE_URL",
    "COOKIE_SECURE",
    "TRUSTED_PROXIES",
    "METRICS_TOKEN",
];

/// How an app is started: which program, with what settings, where.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) settings: Vec<(String, String)>,
    /// The working directory, kept over restarts.
    pub(crate) folder: Arc<TempDir>,
}

impl Launch {
    pub(crate) fn new(program: &Path, settings: &[(&str, &str)]) -> Result<Launch, Stop> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Ok(Launch {
            program: program.to_owned(),
            settings: settings.iter().map(own).collect(),
            folder: Arc::new(tempfile::tempdir()?),
        })
    }

    pub(crate) fn start(&self) -> Result<Process, Stop> {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let ours = OURS.contains(&name.as_ref())
                || name.starts_with("SESSION_")
                || name.starts_with("BEER_")
                || name == "RUST_LOG";
            if ours {
                command.env_remove(name.as_ref());
            }
        }
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        command.envs(settings).current_dir(self.folder.path());
        Process::spawn(&mut command)
    }
}

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdout: Output,
    stderr: Output,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Result<Process, Stop> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
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

/// How a process ended.
#[derive(Debug, Clone)]
pub struct Exit {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Exit {
    pub fn expect_code(&self, code: i32) -> Verdict {
        let observed = match self.code {
            Some(code) => format!("exit code {code}; stderr: {}", self.stderr),
            None => format!("ended by a signal; stderr: {}", self.stderr),
        };
        expect(
            self.code == Some(code),
            &format!("exit code {code}"),
            observed,
        )
    }

    /// One line on stderr that holds each of `words`, nothing on stdout, and
    /// exit code 1.
    pub fn expect_refusal(&self, words: &[&str]) -> Verdict {
        self.expect_code(1)?;
        let one_line = self.stderr.lines().count() == 1;
        let observed = format!("stderr: {}", self.stderr);
        expect(one_line, "one line on stderr", observed.as_str())?;
        expect(
            self.stdout.is_empty(),
            "nothing on stdout",
            self.stdout.as_str(),
        )?;
        for word in words {
            let promise = format!("a line that says `{word}`");
            expect(self.stderr.contains(word), &promise, observed.as_str())?;
        }
        Ok(())
    }

    pub fn expect_silence_about(&self, secret: &str) -> Verdict {
        let told = self.stderr.contains(secret) || self.stdout.contains(secret);
        let promise = format!("no word about `{secret}`");
        expect(
            !told,
            &promise,
            format!("stdout: {}\nstderr: {}", self.stdout, self.stderr),
        )
    }
}
