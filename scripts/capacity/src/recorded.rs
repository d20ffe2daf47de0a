//! What was measured of one session and one request: `book/capacity.toml`.

use serde::{Deserialize, Serialize};
use std::{fs, path::Path};

/// Where it is, from the repository's root.
pub const FILE: &str = "book/capacity.toml";

const HEAD: &str = "\
# What one session costs, and one request. Written by `cargo course capacity --measure`,
# and by nothing else. Averages; bytes, unless the name says otherwise.

";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// How it was measured.
    pub command: String,
    pub step: String,
    /// Of the machine that the servers, the app and the browsers shared.
    pub cores: u32,
    pub processor: String,
    /// How many sessions there were of each kind.
    pub sessions: u32,
    pub users: Users,
    pub redis: Store,
    pub mongodb: Store,
}

/// What the users' database has to do with sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Users {
    pub database: String,
    /// A row of `user_sessions` on the disk, its indexes included.
    pub row: f64,
    /// How long a core hashes one password.
    pub hash_seconds: f64,
    /// Statements for one request of each kind.
    pub read: u32,
    pub write: u32,
    pub renewal: u32,
    pub login: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub server: String,
    /// Commands a second that keep one core of the server busy, nine reads to a write.
    pub rate: f64,
    pub anonymous: Size,
    pub logged_in: Size,
    /// A stranger's first visit, which stores something.
    pub begin: Request,
    pub login: Request,
    pub read: Request,
    pub write: Request,
    /// A read whose session was renewed.
    pub renewal: Request,
}

/// A session.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// What the app hands to the store.
    pub record: f64,
    /// What the store takes for it in memory, with its key and its part of the indexes.
    pub memory: f64,
    /// The same just after it was written, where that is not the same: old versions of a
    /// record wait to be thrown out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub just_written: Option<f64>,
    /// The same on the disk, where the store keeps it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<f64>,
}

/// What a request costs the store. On the wire: from the app, and back to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Each name in lower case, as often as it is sent.
    pub commands: Vec<String>,
    pub sent: f64,
    pub received: f64,
}

impl Recorded {
    /// Reads the repository at `root`.
    pub fn read(root: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(root.join(FILE)).map_err(|error| error.to_string());
        text.and_then(|text| Self::parse(&text))
            .map_err(|error| format!("{FILE}: {error}"))
    }

    /// The error says what is not as it should be, in one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    pub fn text(&self) -> Result<String, String> {
        let values = toml::to_string(self).map_err(|error| error.to_string())?;
        Ok(HEAD.to_owned() + &values)
    }
}

impl Request {
    pub fn commands(&self) -> f64 {
        self.count(|_| true)
    }

    pub fn reads(&self) -> f64 {
        self.count(is_read)
    }

    /// What changes something, and goes to the replicas as well.
    pub fn writes(&self) -> f64 {
        self.count(|name| !is_read(name))
    }

    /// Writes that carry a record.
    pub fn records_written(&self) -> f64 {
        self.count(|name| !is_read(name) && !matches!(name, "del" | "delete"))
    }

    fn count(&self, which: impl Fn(&str) -> bool) -> f64 {
        let names = self.commands.iter().filter(|name| which(name));
        names.map(|_| 1.0).sum()
    }
}

fn is_read(command: &str) -> bool {
    matches!(command, "get" | "find")
}
