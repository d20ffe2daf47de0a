//! A program that works for us: cargo, or a lesson's checks. It is ended with all that
//! it has started as soon as somebody says so.

use std::{
    io::{self, BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

/// Set by whoever has no more use for a job.
#[derive(Debug, Default, Clone)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How a job ended.
#[derive(Debug)]
pub enum Ended {
    /// By itself.
    Well,
    /// By itself, and not well: what it said on stderr.
    Badly(String),
    /// By us.
    Cancelled,
}

/// Runs the program and passes on each line of its stdout, until it ends or is
/// cancelled.
pub fn run(
    command: &mut Command,
    cancel: &Cancel,
    mut tell: impl FnMut(&str),
) -> Result<Ended, String> {
    let mut job = Job::start(command)?;
    let status = loop {
        if cancel.is_cancelled() {
            return Ok(Ended::Cancelled);
        }
        match job.lines.recv_timeout(Duration::from_millis(50)) {
            Ok(line) => tell(&line),
            Err(RecvTimeoutError::Timeout) => {}
            // It has closed its stdout: it ends.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(5)),
        }
        let status = job.child.try_wait().map_err(|error| error.to_string())?;
        if let Some(status) = status {
            break status;
        }
    };
    // What it said last may still be on its way. Something that it has left behind may
    // hold the pipe for ever.
    let end = Instant::now() + Duration::from_secs(1);
    while let Ok(line) = job
        .lines
        .recv_timeout(end.saturating_duration_since(Instant::now()))
    {
        tell(&line);
    }
    if status.success() {
        return Ok(Ended::Well);
    }
    Ok(Ended::Badly(job.complaints(end)))
}

struct Job {
    child: Child,
    lines: Receiver<String>,
    stderr: Arc<Mutex<Vec<u8>>>,
    reader: thread::JoinHandle<()>,
}

impl Job {
    fn start(command: &mut Command) -> Result<Job, String> {
        // A group of its own, to be ended as one. Ctrl-C in the terminal reaches us
        // alone, and we cancel it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        // CREATE_NEW_PROCESS_GROUP
        #[cfg(windows)]
        std::os::windows::process::CommandExt::creation_flags(command, 0x200);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let (sender, lines) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let lines = BufReader::new(stdout).lines().map_while(io::Result::ok);
                for line in lines {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let (pipe, filled) = (child.stderr.take(), Arc::clone(&stderr));
        let reader = thread::spawn(move || {
            let Some(mut pipe) = pipe else { return };
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                let mut filled = filled.lock().unwrap_or_else(PoisonError::into_inner);
                filled.extend_from_slice(&buffer[..count]);
            }
        });
        Ok(Job {
            child,
            lines,
            stderr,
            reader,
        })
    }

    /// All of its stderr, or what there is of it by then.
    fn complaints(&self, by: Instant) -> String {
        while !self.reader.is_finished() && Instant::now() < by {
            thread::sleep(Duration::from_millis(5));
        }
        let stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&stderr).into_owned()
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        // Once it is reaped, its number may be somebody else's.
        if let Ok(None) = self.child.try_wait() {
            #[cfg(unix)]
            {
                use rustix::process::{Pid, Signal, kill_process_group};
                let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            }
            // With all that it has started, which would hold their programs' files.
            #[cfg(windows)]
            let _ = Command::new("taskkill")
                .args(["/T", "/F", "/PID", &self.child.id().to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn lines_are_told_and_a_bad_end_comes_with_the_complaints() {
        let mut lines = Vec::new();
        let script = "echo one; echo two; echo no >&2; exit 3";
        let tell = |line: &str| lines.push(line.to_owned());
        let ended = run(&mut shell(script), &Cancel::default(), tell).unwrap();
        assert!(matches!(ended, Ended::Badly(why) if why == "no\n"));
        assert_eq!(lines, ["one", "two"]);
        let ended = run(&mut shell("exit 0"), &Cancel::default(), |_| {});
        assert!(matches!(ended, Ok(Ended::Well)));
        let missing = run(
            &mut Command::new("no/such/program"),
            &Cancel::default(),
            |_| {},
        );
        assert!(missing.unwrap_err().starts_with("no/such/program: "));
    }

    /// What it has started would write to a pipe, later.
    #[test]
    fn cancelling_ends_what_it_has_started_too() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let script = "mkfifo $PIPE; (sleep 20; echo late) >$PIPE & echo started; wait";
        let cancel = Cancel::default();
        let mut reader = None;
        let ended = run(shell(script).env("PIPE", &pipe), &cancel, |_| {
            reader = Some(std::fs::File::open(&pipe).unwrap());
            cancel.cancel();
        });
        assert!(matches!(ended, Ok(Ended::Cancelled)));
        let mut told = String::new();
        reader.unwrap().read_to_string(&mut told).unwrap();
        assert_eq!(told, "");
    }
}
