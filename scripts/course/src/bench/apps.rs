//! What is measured, how it is built, and how it is started.

use checks::{node, servers};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

/// Longer than the sessions could need to live, in seconds.
const TTL: &str = "3600";

/// What all others are compared with: its name, and its program's.
pub const BARE: &str = "bare";

/// An app that is built.
pub struct App {
    pub name: String,
    /// Where it keeps its sessions, if stores are compared.
    pub store: Option<Store>,
    program: PathBuf,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
pub enum Store {
    Memory,
    Redis,
    Mongo,
}

enum Kind {
    Bare,
    Step,
    Express { processes: usize },
    Actix,
}

/// What an app has to know.
pub struct Setting<'a> {
    /// A Redis database of its own.
    pub redis: String,
    pub mongo: Option<String>,
    /// Where it may put files.
    pub folder: &'a Path,
    /// For the bare handler, which has no session.
    pub record_bytes: &'a str,
}

/// The apps that are there, and a line for each that is not.
pub struct Ready {
    pub apps: Vec<App>,
    pub missing: Vec<String>,
}

/// Builds what can be built. The first app has a session, the steps' own come before
/// the others.
pub fn prepare(root: &Path) -> Result<Ready, String> {
    let folder = servers::folder().join("../bench");
    build_ours(root, &["step-03", "step-08", BARE])?;
    let mut apps = vec![
        App::step("step 03", "step-03", None),
        App::step("step 08", "step-08", None),
        App::bare(),
    ];
    let mut missing = Vec::new();
    match install_express(root, &folder.join("express")) {
        Ok(program) => {
            // On one core, both would be the same.
            let counts = [Some(1), Some(cores()).filter(|cores| *cores > 1)];
            apps.extend(counts.into_iter().flatten().map(|processes| App {
                name: format!("Express, {processes} process{}", plural(processes)),
                store: None,
                program: program.clone(),
                kind: Kind::Express { processes },
            }));
        }
        Err(why) => missing.push(format!("Express is left out: {why}")),
    }
    match build_actix(root, &folder.join("actix")) {
        Ok(program) => apps.push(App {
            name: "actix-web".to_owned(),
            store: None,
            program,
            kind: Kind::Actix,
        }),
        Err(why) => missing.push(format!("actix-web is left out: {why}")),
    }
    Ok(Ready { apps, missing })
}

/// The same step on each of the stores.
pub fn prepare_stores(root: &Path) -> Result<Ready, String> {
    const STEP: &str = "step-04";
    build_ours(root, &[STEP, BARE])?;
    let apps = vec![
        App::step("Redis", STEP, Some(Store::Redis)),
        App::step("MongoDB", STEP, Some(Store::Mongo)),
        App::step("memory", STEP, Some(Store::Memory)),
        App::bare(),
    ];
    let missing = Vec::new();
    Ok(Ready { apps, missing })
}

impl App {
    fn step(name: &str, program: &str, store: Option<Store>) -> App {
        App {
            name: name.to_owned(),
            store,
            program: release(program),
            kind: Kind::Step,
        }
    }

    fn bare() -> App {
        App {
            name: BARE.to_owned(),
            store: None,
            program: release(BARE),
            kind: Kind::Bare,
        }
    }

    /// The bare handler answers everybody alike.
    pub fn has_session(&self) -> bool {
        !matches!(self.kind, Kind::Bare)
    }

    /// As in production, and on a free port.
    pub fn command(&self, setting: &Setting) -> Command {
        let mut command = match self.kind {
            Kind::Express { .. } => Command::new("node"),
            _ => Command::new(&self.program),
        };
        let users = setting.folder.join("users.db");
        command
            .env("REDIS_URL", &setting.redis)
            .env("SESSION_SECRET", "not a secret, for a bench on loopback")
            .env("SESSION_TTL_SECS", TTL)
            .env("RUST_LOG", "error")
            .env("HOST", "127.0.0.1")
            .env("PORT", "0");
        match self.kind {
            Kind::Bare => command.env("RECORD_BYTES", setting.record_bytes),
            Kind::Step => command
                .env("SESSION_STORE", self.session_store(setting))
                .env(
                    "DATABASE_URL",
                    format!("sqlite:{}?mode=rwc", users.display()),
                ),
            Kind::Express { processes } => command
                .arg(&self.program)
                .env("NODE_ENV", "production")
                .env("PROCESSES", processes.to_string()),
            Kind::Actix => &mut command,
        };
        command.env("APP_ENV", "production");
        command
    }

    fn session_store<'a>(&self, setting: &'a Setting<'_>) -> &'a str {
        match self.store {
            Some(Store::Memory) => "memory:",
            Some(Store::Mongo) => setting.mongo.as_deref().unwrap_or_default(),
            Some(Store::Redis) | None => &setting.redis,
        }
    }
}

fn release(program: &str) -> PathBuf {
    servers::folder().join("../release").join(program)
}

pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "es" }
}

/// All of ours in one build, so that they share every crate with its features.
fn build_ours(root: &Path, programs: &[&str]) -> Result<(), String> {
    let names = programs.join(", ");
    eprintln!("building {names} with --release");
    let mut cargo = cargo(root);
    // The step's packages, and the bare handler's.
    cargo.args(["--package", "step-03", "--package", "step-04"]);
    cargo.args(["--package", "step-08", "--package", "bench"]);
    cargo.args(programs.iter().flat_map(|program| ["--bin", program]));
    finish(&mut cargo, &names).map_err(|why| format!("course: {why}"))
}

fn build_actix(root: &Path, target: &Path) -> Result<PathBuf, String> {
    eprintln!("building actix-web with --release");
    let mut cargo = cargo(root);
    cargo
        .args([
            "--locked",
            "--manifest-path",
            "scripts/bench/actix/Cargo.toml",
        ])
        .arg("--target-dir")
        .arg(target);
    finish(&mut cargo, "scripts/bench/actix")?;
    Ok(target.join("release/bench-actix"))
}

fn cargo(root: &Path) -> Command {
    let mut cargo = checks::cargo::command();
    cargo
        .args(["build", "--release", "--quiet"])
        .current_dir(root);
    cargo
}

fn install_express(root: &Path, folder: &Path) -> Result<PathBuf, String> {
    node::expect()?;
    eprintln!("installing Express");
    node::install(&root.join("scripts/bench/express"), folder)?;
    Ok(folder.join("server.js"))
}

/// Waits for it. What it has to say is on stderr.
fn finish(command: &mut Command, what: &str) -> Result<(), String> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("{what} failed")),
        Err(error) => Err(format!("{what}: {error}")),
    }
}
