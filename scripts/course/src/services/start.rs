//! Starts a server of our own, which goes on when this command has ended.

use super::{
    home::{Home, How},
    install::{self, Program},
    process,
    progress::{Spinner, interrupted},
};
use checks::servers::Server;
use std::{
    fs::{self, File},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Whether another program has the port, in a way that lets nobody else have it.
pub fn taken(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

/// Starts the server and waits until it answers. Whatever goes wrong, nothing is
/// left of it but the log.
pub fn start(server: Server, home: &Home) -> Result<String, String> {
    let version = install::version(Program::Of(server))?;
    let _spinner = Spinner::new(server.name(), "starting");
    let new = !home.data().exists();
    let limit = match server {
        Server::Redis | Server::Mongo => Duration::from_secs(20),
        Server::Mysql => Duration::from_mins(1),
    };
    let address = (Ipv4Addr::LOCALHOST, home.port).into();
    let command = || server.command(home.port, &home.data());
    let started = run(home, command, || server.answers(address), limit);
    if started.is_err() && new {
        // A data folder half made would be in the way of the next start.
        let _ = fs::remove_dir_all(home.data());
    }
    started.map(|()| format!("started ({version})"))
}

/// Runs this command in the data folder, which it makes, and waits until it answers.
/// If it does not, it is stopped again.
pub fn run(
    home: &Home,
    command: impl FnOnce() -> Result<Command, String>,
    answers: impl Fn() -> bool,
    limit: Duration,
) -> Result<(), String> {
    let complain = |error: io::Error| format!("{}: {error}", home.log().display());
    home.make().map_err(complain)?;
    let log = File::create(home.log()).map_err(complain)?;
    let command = command();
    if interrupted() {
        return Err("interrupted, and nothing was started".to_owned());
    }
    let mut command = command?;
    command
        // By this folder `down` knows the process again.
        .current_dir(home.data())
        .stdout(log.try_clone().map_err(complain)?)
        .stderr(log);
    let mut child = spawn(&mut command)?;
    let answers = home
        .write_note(How::Process(child.id()))
        .map_err(complain)
        .and_then(|()| wait(home, &mut child, answers, limit));
    if answers.is_err() {
        end(&mut child);
        home.remove_note();
    }
    answers
}

fn spawn(command: &mut Command) -> Result<Child, String> {
    // A group of its own: Ctrl-C in this terminal is not meant for the server.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = command.stdin(Stdio::null()).spawn();
    child.map_err(|error| format!("{}: {error}", command.get_program().display()))
}

fn wait(
    home: &Home,
    child: &mut Child,
    answers: impl Fn() -> bool,
    limit: Duration,
) -> Result<(), String> {
    let start = Instant::now();
    loop {
        if let Ok(Some(_)) = child.try_wait() {
            return Err(format!("ended at its start: {}", home.last_words()));
        }
        if answers() {
            return Ok(());
        }
        if interrupted() {
            return Err("interrupted, and stopped again".to_owned());
        }
        if start.elapsed() > limit {
            let (limit, log) = (limit.as_secs(), home.log());
            return Err(format!(
                "no answer within {limit} s, and stopped again; see {}",
                log.display()
            ));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Gives it time to close its files, then no more.
fn end(child: &mut Child) {
    let gone = Instant::now();
    process::terminate(child.id());
    while let Ok(None) = child.try_wait() {
        if gone.elapsed() > Duration::from_secs(5) {
            let _ = child.kill();
            let _ = child.wait();
        }
        thread::sleep(Duration::from_millis(50));
    }
}
