//! A server of ours, which never outlives us.

use crate::{
    clock::Clock,
    servers::{self, Server},
    verdict::{Stop, Verdict},
};
use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a server may take until it answers, or until it is gone: on a machine that
/// builds at the same time, MongoDB waits for its disk.
const LIMIT: Duration = Duration::from_mins(1);

/// Stands between us and the server. It reads from a pipe that we hold: a line
/// is the order to start the server, the end of the pipe means that we are gone,
/// in whatever way. Then it kills the server and removes its data.
const GUARD: &str = r#"
    folder=$1
    shift
    trap : HUP INT TERM
    while read -r _; do
        "$@" </dev/null >>"$folder/log" 2>&1 &
        server=$!
        echo $server
    done
    kill -KILL $server
    wait $server
    rm -rf "$folder"
"#;

/// A running server with its data in a folder of its own.
#[derive(Debug)]
pub(crate) struct Running {
    sign: Sign,
    port: u16,
    folder: PathBuf,
    guard: Mutex<Guard>,
    /// `None`: it goes by the system's.
    clock: Option<Clock>,
}

/// How a server shows that it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It answers in its own protocol.
    Answers(Server),
    /// It listens, once it is ready: in plain words this program answers nobody.
    Listens(&'static str),
}

impl Sign {
    fn program(self) -> &'static str {
        match self {
            Sign::Answers(server) => server.needs(),
            Sign::Listens(program) => program,
        }
    }

    fn shows(self, address: SocketAddr) -> bool {
        match self {
            Sign::Answers(server) => server.answers(address),
            Sign::Listens(_) => TcpStream::connect(address).is_ok(),
        }
    }
}

#[derive(Debug)]
struct Guard {
    process: Child,
    orders: Option<ChildStdin>,
    pids: BufReader<ChildStdout>,
    /// The server's process ID.
    pid: i32,
}

/// The servers that the checks of this process share.
static SHARED: Mutex<Vec<Arc<Running>>> = Mutex::new(Vec::new());

/// Started when it is asked for first.
pub(crate) fn shared(server: Server) -> Result<Arc<Running>, Stop> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = shared
        .iter()
        .find(|running| running.sign == Sign::Answers(server))
    {
        return Ok(Arc::clone(running));
    }
    let running = Arc::new(Running::start(server)?);
    shared.push(Arc::clone(&running));
    Ok(running)
}

/// At the end of a test process: what is static is not dropped.
pub(crate) fn stop_shared() {
    SHARED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clear();
}

impl Running {
    /// Blocks until the server answers.
    pub(crate) fn start(server: Server) -> Result<Running, Stop> {
        Running::start_with(server, None)
    }

    /// The same by this clock, if there is one.
    pub(crate) fn start_with(server: Server, clock: Option<Clock>) -> Result<Running, Stop> {
        Running::start_as(server, clock, None)
    }

    /// A MongoDB with this certificate and key, and nothing but TLS.
    #[cfg(feature = "tls")]
    pub(crate) fn start_over_tls(pem: &Path) -> Result<Running, Stop> {
        Running::start_as(Server::Mongo, None, Some(pem))
    }

    fn start_as(server: Server, clock: Option<Clock>, pem: Option<&Path>) -> Result<Running, Stop> {
        let port = servers::free_ports(1).map_err(Stop::Harness)?[0];
        let folder = folder()?;
        let command = server.command(port, &folder.path().join("data"));
        let mut command = command.map_err(Stop::Harness)?;
        if server == Server::Redis {
            // One database for each check.
            command.args(["--databases", "4096"]);
        }
        let sign = match pem {
            Some(pem) => {
                command.args(tls(pem));
                Sign::Listens(server.needs())
            }
            None => Sign::Answers(server),
        };
        Running::launch(sign, port, folder, &command, clock)
    }

    /// What this command runs, with the variables and the working folder that it sets.
    /// Its own folder is removed with it.
    pub(crate) fn launch(
        sign: Sign,
        port: u16,
        folder: TempDir,
        command: &Command,
        clock: Option<Clock>,
    ) -> Result<Running, Stop> {
        let variables = command.get_envs();
        let variables = variables.filter_map(|(name, value)| Some((name, value?)));
        // From here on the guard removes it.
        let folder = folder.keep();
        let mut guard = Command::new("sh");
        if let Some(working) = command.get_current_dir() {
            guard.current_dir(working);
        }
        let mut process = guard
            .args(["-c", GUARD, "sh"])
            .arg(&folder)
            // For the server alone: `env` becomes it, and the guard stays as it is.
            .arg("env")
            .args(variables.map(|(name, value)| assignment(name, value)))
            .args(clock.iter().flat_map(assignments))
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let missing = || Stop::Harness("the guard has no pipes".into());
        let pids = process.stdout.take().ok_or_else(missing)?;
        let running = Running {
            sign,
            port,
            folder,
            guard: Mutex::new(Guard {
                orders: process.stdin.take(),
                process,
                pids: BufReader::new(pids),
                pid: 0,
            }),
            clock,
        };
        running.start_again()?;
        Ok(running)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Blocks until the server answers.
    pub(crate) fn start_again(&self) -> Verdict {
        self.order()?;
        if self.wait(true) {
            return Ok(());
        }
        let words = servers::last_words(&self.log());
        let (program, words) = (self.sign.program(), words.unwrap_or_default());
        Err(Stop::Harness(format!(
            "{program} does not answer within {LIMIT:?}; it said last: {words}"
        )))
    }

    /// What the server wrote so far.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn order(&self) -> Verdict {
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = || Stop::Harness("the guard of a server does not answer".into());
        guard.orders.as_mut().ok_or_else(silent)?.write_all(b"\n")?;
        let mut line = String::new();
        guard.pids.read_line(&mut line)?;
        guard.pid = line.trim().parse().map_err(|_| silent())?;
        if let Some(clock) = &self.clock {
            clock.started(guard.pid.unsigned_abs());
        }
        Ok(())
    }

    /// Blocks until the server is there, or until it is gone.
    fn wait(&self, there: bool) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let start = Instant::now();
        while start.elapsed() < LIMIT {
            if self.sign.shows(address) == there {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// Blocks until it stands still: the signal returns before all threads have
    /// stopped, and one more answer would leave the server.
    pub(crate) fn freeze(&self) -> Verdict {
        self.signal("STOP")?;
        let start = Instant::now();
        while start.elapsed() < LIMIT {
            if self.is_stopped()? {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err(Stop::Harness("a server does not stand still".into()))
    }

    /// Whether the system says of every thread that it was stopped.
    #[cfg(target_os = "linux")]
    fn is_stopped(&self) -> Result<bool, Stop> {
        for thread in fs::read_dir(format!("/proc/{}/task", self.pid()))? {
            let status = fs::read_to_string(thread?.path().join("status"))?;
            if !status.contains("State:\tT") {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[cfg(not(target_os = "linux"))]
    fn is_stopped(&self) -> Result<bool, Stop> {
        thread::sleep(Duration::from_millis(100));
        Ok(true)
    }

    pub(crate) fn thaw(&self) -> Verdict {
        self.signal("CONT")
    }

    /// Blocks until nobody answers.
    pub(crate) fn kill(&self) -> Verdict {
        self.signal("KILL")?;
        if self.wait(false) {
            return Ok(());
        }
        let program = self.sign.program();
        Err(Stop::Harness(format!("{program} outlives SIGKILL")))
    }

    #[cfg(unix)]
    pub(crate) fn pid(&self) -> i32 {
        let guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        guard.pid
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) -> Verdict {
        use rustix::process::{Pid, Signal, kill_process};
        let signal = match name {
            "STOP" => Signal::STOP,
            "CONT" => Signal::CONT,
            _ => Signal::KILL,
        };
        let pid = Pid::from_raw(self.pid());
        let pid = pid.ok_or_else(|| Stop::Harness("a server without a process ID".into()))?;
        kill_process(pid, signal).map_err(Stop::harness)
    }

    #[cfg(not(unix))]
    fn signal(&self, _: &str) -> Verdict {
        Err(Stop::NotJudged("this system has no such signals".into()))
    }
}

/// A folder of our own. Started by root, MariaDB is another user, who has to get
/// through to its data.
pub(crate) fn folder() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711));
    builder.prefix("checks-").tempdir()
}

/// As `env` takes them.
fn assignments(clock: &Clock) -> impl Iterator<Item = OsString> + use<> {
    let variables = clock.variables().into_iter();
    variables.map(|(name, value)| assignment(name.as_ref(), value.as_ref()))
}

fn assignment(name: &OsStr, value: &OsStr) -> OsString {
    let mut assignment = name.to_owned();
    assignment.push("=");
    assignment.push(value);
    assignment
}

/// As mongod takes them.
fn tls(pem: &Path) -> [&OsStr; 4] {
    [
        OsStr::new("--tlsMode"),
        OsStr::new("requireTLS"),
        OsStr::new("--tlsCertificateKeyFile"),
        pem.as_os_str(),
    ]
}

impl Drop for Running {
    fn drop(&mut self) {
        let guard = self.guard.get_mut().unwrap_or_else(PoisonError::into_inner);
        // The end of the pipe.
        drop(guard.orders.take());
        let _ = guard.process.wait();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
