//! The order in which a server is looked for: where its setting says; on the
//! standard port; in Docker; as a program; as a package.

use super::{
    complaint, docker,
    home::{Home, How},
    install::{self, Program},
    line,
    place::Place,
    progress::{Spinner, interrupted},
    start,
};
use checks::servers::{self, Server};
use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The lines are written as they come.
pub fn run(root: &Path, servers: &[Server]) -> Result<(), String> {
    let mut complaints = Vec::new();
    for server in servers {
        match find(root, *server) {
            // Said at once: the next server can take a while.
            Ok(line) => {
                let _ = io::stdout().write_all(line.as_bytes());
            }
            Err(why) => complaints.push(complaint(server.name(), &why)),
        }
        if interrupted() {
            break;
        }
    }
    match complaints.as_slice() {
        [] if interrupted() => Err("course: interrupted".to_owned()),
        [] => Ok(()),
        complaints => Err(complaints.join("\n")),
    }
}

/// Two at the same time would both find the port free.
pub fn lock() -> Result<File, String> {
    let path = servers::folder().join("lock");
    let complain = |error: io::Error| format!("course: {}: {error}", path.display());
    fs::create_dir_all(servers::folder()).map_err(complain)?;
    let file = File::create(&path).map_err(complain)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err("course: another `cargo course up` or `down` is at work".to_owned())
        }
        Err(TryLockError::Error(error)) => Err(complain(error)),
    }
}

fn find(root: &Path, server: Server) -> Result<String, String> {
    let Some(place) = Place::of(server, root)? else {
        let variable = server.variable();
        return Ok(line(
            server.name(),
            &format!("not needed: {variable} names a file"),
            "",
        ));
    };
    let home = Home::new(server, place.address.port());
    let ours = home.process();
    if place.answers() {
        let whose = match ours {
            Some(_) => "running, started by us",
            None if home.noted() == Some(How::Docker) => "running, with Docker",
            None => "running, not started by us",
        };
        return Ok(line(server.name(), whose, &place.url));
    }
    place.ours_to_start()?;
    if let Some(pid) = ours {
        let name = server.name();
        return Err(format!(
            "process {pid}, started by us, does not answer; `cargo course down {name}` stops it"
        ));
    }
    if start::taken(place.address) {
        return Err(format!(
            "port {} is taken by something else; set {}={}",
            home.port,
            server.variable(),
            server.url(home.port.checked_add(1).unwrap_or(server.default_port()))
        ));
    }
    // Left by a process that is no more.
    home.remove_note();
    let state = make(root, &place, &home)?;
    Ok(line(server.name(), &state, &place.url))
}

/// Docker, a program, or a package that brings the program.
fn make(root: &Path, place: &Place, home: &Home) -> Result<String, String> {
    let server = place.server;
    let mut tried = vec![format!("nothing listens on {}", place.address)];
    // The containers have the standard ports.
    if home.port == server.default_port() {
        match with_docker(root, place, home) {
            Ok(()) => return Ok("started with Docker".to_owned()),
            Err(why) if interrupted() => return Err(why),
            Err(why) => tried.push(why),
        }
    }
    if cfg!(not(unix)) {
        tried.push("start Docker, or install the server with its own installer".to_owned());
        return Err(tried.join("; "));
    }
    if server.program().is_none()
        && let Err(why) = install::install(Program::Of(server))
    {
        tried.push(why);
        return Err(tried.join("; "));
    }
    start::start(server, home)
}

fn with_docker(root: &Path, place: &Place, home: &Home) -> Result<(), String> {
    if !docker::answers() {
        return Err("no Docker engine answers".to_owned());
    }
    let _spinner = Spinner::new(place.server.name(), "starting with Docker");
    home.make().map_err(|error| error.to_string())?;
    home.write_note(How::Docker)
        .map_err(|error| error.to_string())?;
    let answers = docker::up(root, place.server).and_then(|()| wait(place));
    if answers.is_err() {
        // A container that does not answer would be in the way of the next try.
        let _ = docker::down(root, place.server);
        home.remove_note();
    }
    answers
}

fn wait(place: &Place) -> Result<(), String> {
    let start = Instant::now();
    while !place.answers() {
        if interrupted() {
            return Err("interrupted, and stopped again".to_owned());
        }
        if start.elapsed() > Duration::from_mins(1) {
            return Err("no answer from the container within 60 s".to_owned());
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}
