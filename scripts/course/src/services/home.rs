//! What `up` keeps of a server that it started: `target/services/redis` with the
//! data, the log and a note of what runs. On another port than the standard one
//! the folder is `redis-6380`; those of `up cluster` are in `cluster`.

use super::process;
use checks::servers::{self, Server};
use std::{fs, io, path::PathBuf, time::Duration};

/// How a server of ours runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Process(u32),
    Docker,
}

#[derive(Debug)]
pub struct Home {
    pub port: u16,
    /// What its program can be called.
    programs: &'static [&'static str],
    folder: PathBuf,
}

impl Home {
    pub fn new(server: Server, port: u16) -> Home {
        let name = match server.name() {
            name if port == server.default_port() => name.to_owned(),
            name => format!("{name}-{port}"),
        };
        Home {
            port,
            programs: server.program_names(),
            folder: servers::folder().join(name),
        }
    }

    /// A part of the cluster.
    pub fn in_cluster(name: &str, port: u16, programs: &'static [&'static str]) -> Home {
        let folder = servers::folder().join("cluster");
        Home {
            port,
            programs,
            folder: folder.join(format!("{name}-{port}")),
        }
    }

    /// Every folder that `up` has made for this server.
    pub fn all(server: Server) -> Vec<Home> {
        let folders = fs::read_dir(servers::folder()).into_iter().flatten();
        let names = folders.flatten().map(|entry| entry.file_name());
        let mut homes: Vec<Home> = names
            .filter_map(|name| {
                let rest = name.to_str()?.strip_prefix(server.name())?;
                let port = match rest.strip_prefix('-') {
                    None if rest.is_empty() => server.default_port(),
                    port => port?.parse().ok()?,
                };
                Some(Home::new(server, port))
            })
            .collect();
        homes.sort_by_key(|home| home.port);
        homes
    }

    pub fn make(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn note(&self) -> PathBuf {
        self.folder.join("pid")
    }

    pub fn write_note(&self, how: How) -> io::Result<()> {
        let note = match how {
            How::Process(pid) => pid.to_string(),
            How::Docker => "docker".to_owned(),
        };
        fs::write(self.note(), note + "\n")
    }

    pub fn remove_note(&self) {
        // It fails when there is none.
        let _ = fs::remove_file(self.note());
    }

    /// What the note says, whether or not it is still so.
    pub fn noted(&self) -> Option<How> {
        let note = fs::read_to_string(self.note()).ok()?;
        match note.trim() {
            "docker" => Some(How::Docker),
            // One that cannot be read is one of a process that is not there.
            pid => Some(How::Process(pid.parse().unwrap_or(0))),
        }
    }

    /// The process that we started, if it is still there.
    pub fn process(&self) -> Option<u32> {
        match self.noted()? {
            How::Process(pid) => self.is_running(pid).then_some(pid),
            How::Docker => None,
        }
    }

    pub fn is_running(&self, pid: u32) -> bool {
        process::is_server(pid, self.programs, &self.data())
    }

    /// How long ago it was started.
    pub fn age(&self) -> Option<Duration> {
        let written = fs::metadata(self.note()).ok()?.modified().ok()?;
        written.elapsed().ok()
    }

    /// The last thing that the server had to say before it ended.
    pub fn last_words(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let words = servers::last_words(&String::from_utf8_lossy(&log));
        words.unwrap_or_else(|| "without a word".to_owned())
    }
}

/// As a person says it.
pub fn ago(age: Duration) -> String {
    match age.as_secs() {
        seconds @ ..60 => format!("{seconds} s ago"),
        seconds @ ..3600 => format!("{} min ago", seconds / 60),
        seconds @ ..172_800 => format!("{} h ago", seconds / 3600),
        seconds => format!("{} days ago", seconds / 86400),
    }
}
