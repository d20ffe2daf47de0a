//! Starts what is missing of the cluster, stage by stage.

use super::{
    Cluster, NAME, addresses, down,
    part::{Part, Stage},
};
use crate::services::{
    complaint, install, line, place,
    progress::{Spinner, interrupted},
    start,
};
use checks::servers::{self, group::Group, proxy};
use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

/// How long a part may take until it answers. A copy makes its indexes first.
const LIMIT: Duration = Duration::from_secs(30);

/// For our tests alone: a program of the same name, instead of one that we build.
const OTHER_PROGRAM: &str = "COURSE_CLUSTER_PROGRAM";

/// The lines are written as they come.
pub fn run(root: &Path) -> Result<(), String> {
    let why = |why: String| complaint(NAME, &why);
    let cluster = Cluster::new().map_err(why)?;
    cluster.look().map_err(why)?;
    let mut started = Vec::new();
    let done = cluster.start(root, &mut started);
    if done.is_err() {
        undo(&started);
    }
    done.map_err(why)?;
    let door = cluster.ports(Stage::Proxy)[0];
    say(&format!("\nopen http://127.0.0.1:{door}\n"));
    Ok(())
}

/// A part that this run has started.
struct Started<'a> {
    part: &'a Part,
    /// Whether it had no data before.
    new: bool,
}

/// Whatever goes wrong, nothing is left but the logs.
fn undo(started: &[Started]) {
    let parts: Vec<&Part> = started.iter().map(|started| started.part).collect();
    let _ = down::stop(&parts);
    for started in started.iter().filter(|started| started.new) {
        let _ = fs::remove_dir_all(started.part.home.data());
    }
}

fn expect_answer(running: &Part) -> Result<(), String> {
    // Nobody is ready where a store is not, and that comes to light elsewhere.
    if running.stage.group().is_none() || running.answers() {
        return Ok(());
    }
    let (name, port) = (running.stage.name(), running.home.port);
    Err(format!(
        "{name} on port {port}, started by us, does not answer; `cargo course down cluster` \
         stops it"
    ))
}

impl Cluster {
    /// Before anything is started: whether it can be.
    fn look(&self) -> Result<(), String> {
        if cfg!(not(unix)) {
            return Err("this system has no HAProxy; `docker compose --profile cluster up`".into());
        }
        let missing = self.0.iter().filter(|part| part.home.process().is_none());
        let taken: Vec<u16> = missing.flat_map(Part::taken).collect();
        if taken.is_empty() {
            return Ok(());
        }
        let taken = addresses(&taken);
        Err(format!(
            "{taken}: taken by something else, and nothing was started"
        ))
    }

    fn start<'a>(&'a self, root: &Path, started: &mut Vec<Started<'a>>) -> Result<(), String> {
        for stage in Stage::ALL {
            let state = self.start_stage(root, stage, started)?;
            say(&line(stage.name(), &state, &addresses(&self.ports(stage))));
        }
        Ok(())
    }

    fn start_stage<'a>(
        &'a self,
        root: &Path,
        stage: Stage,
        started: &mut Vec<Started<'a>>,
    ) -> Result<String, String> {
        let running = self.of(stage).filter(|part| part.home.process().is_some());
        for part in running {
            expect_answer(part)?;
        }
        let missing: Vec<&Part> = self
            .of(stage)
            .filter(|part| part.home.process().is_none())
            .collect();
        let version = prepare(root, stage, &missing)?;
        let spinner = Spinner::new(stage.name(), "starting");
        for part in &missing {
            let new = !part.home.data().exists();
            let command = || self.command(root, part);
            start::run(&part.home, command, || part.answers(), LIMIT)
                .map_err(|why| format!("{} on port {}: {why}", stage.name(), part.home.port))?;
            started.push(Started { part, new });
        }
        if let Some(group) = stage.group() {
            group.form(&self.ports(stage))?;
        }
        drop(spinner);
        if interrupted() {
            return Err("interrupted, and what was started is stopped again".to_owned());
        }
        Ok(match missing.len() {
            0 => "running, started by us".to_owned(),
            all if all == stage.size() => format!("started{version}"),
            some => format!("{some} of {} started again", stage.size()),
        })
    }

    fn command(&self, root: &Path, part: &Part) -> Result<Command, String> {
        let (ports, data) = (self.ports(part.stage), part.home.data());
        let node = ports.iter().position(|port| *port == part.home.port);
        match (part.stage, part.stage.group()) {
            (_, Some(group)) => group.command(&ports, node.unwrap_or_default(), &data),
            (Stage::Proxy, _) => {
                let copies: Vec<_> = self.of(Stage::App).map(Part::address).collect();
                proxy::command(part.address(), &copies, &data)
            }
            _ => self.copy(root, part),
        }
    }

    /// A copy of the app, with the reader's settings, as far as they are not about where
    /// it is and what it sits on.
    fn copy(&self, root: &Path, part: &Part) -> Result<Command, String> {
        fs::create_dir_all(part.home.data()).map_err(|error| error.to_string())?;
        let mut command = Command::new(program());
        // Where a copy runs, it does not see this file.
        for (name, value) in place::dotenv(root)? {
            if env::var_os(&name).is_none() {
                command.env(name, value);
            }
        }
        let sessions = match place::setting("SESSION_STORE", root)? {
            Some(given) => given,
            None => self.url(Stage::Redis, Group::RedisCluster),
        };
        command
            .env("HOST", "127.0.0.1")
            .env("PORT", part.home.port.to_string())
            .env("APP_ENV", "development")
            .env("SESSION_STORE", sessions)
            .env("DATABASE_URL", self.url(Stage::Mongo, Group::ReplicaSet))
            .env("TRUSTED_PROXIES", "127.0.0.1/32");
        Ok(command)
    }
}

/// Installs or builds what is missing. Returns the version, for a message.
fn prepare(root: &Path, stage: Stage, missing: &[&Part]) -> Result<String, String> {
    if missing.is_empty() {
        return Ok(String::new());
    }
    let Some(program) = stage.program() else {
        return build(root).map(|()| String::new());
    };
    if program.file().is_none() {
        install::install(program)?;
    }
    Ok(format!(" ({})", install::version(program)?))
}

fn build(root: &Path) -> Result<(), String> {
    if env::var_os(OTHER_PROGRAM).is_some() {
        return Ok(());
    }
    let name = Stage::App.name();
    eprintln!("{}", complaint(name, "building"));
    let built = checks::cargo::command()
        .args(["build", "--quiet", "--package", name])
        .current_dir(root)
        .stdin(Stdio::null())
        .status();
    match built {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("{name} does not build")),
        Err(error) => Err(format!("cargo: {error}")),
    }
}

fn program() -> PathBuf {
    let other = env::var_os(OTHER_PROGRAM).map(PathBuf::from);
    other.unwrap_or_else(|| servers::folder().join("../debug").join(Stage::App.name()))
}

fn say(text: &str) {
    // Whoever reads may stop early, as `head` does.
    let _ = io::stdout().write_all(text.as_bytes());
}
