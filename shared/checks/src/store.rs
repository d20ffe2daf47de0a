//! Where the sessions of an app under check are: real servers of ours, what a
//! check does to them, and what it sees inside.

mod gate;
#[cfg(feature = "mongodb")]
mod mongodb;
#[cfg(feature = "redis")]
mod redis;
mod running;

pub use gate::Gate;
pub(crate) use running::stop_shared;

use crate::{
    servers::Server,
    verdict::{Stop, Verdict},
};
use running::Running;
use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// A kind of store, as `matrix.toml` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Memory,
    Redis,
    Mongodb,
}

impl Kind {
    /// The server behind it, if it has one.
    pub fn server(self) -> Option<Server> {
        match self {
            Kind::Memory => None,
            Kind::Redis => Some(Server::Redis),
            Kind::Mongodb => Some(Server::Mongo),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Memory => "memory",
            Kind::Redis => "redis",
            Kind::Mongodb => "mongodb",
        })
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Kind, String> {
        let kinds = [Kind::Memory, Kind::Redis, Kind::Mongodb];
        let kind = kinds.into_iter().find(|kind| kind.to_string() == name);
        kind.ok_or_else(|| format!("no store is called `{name}`"))
    }
}

/// A place for sessions that nobody else uses: a database of a server of ours,
/// or an app's own memory.
#[derive(Debug, Clone)]
pub struct Store {
    kind: Kind,
    /// Redis has numbers for its databases, MongoDB names.
    database: u32,
    server: Option<Arc<Running>>,
}

/// What a store was asked since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Commands {
    pub reads: u64,
    /// All writes, creates among them. MongoDB: without deletes, which an app
    /// that cleans up sends whenever it likes.
    pub writes: u64,
    /// Only writes that make something new, where the server counts them apart.
    pub creates: Option<u64>,
}

/// What a record is overwritten with.
#[derive(Debug, Clone)]
pub enum Junk {
    Bytes(Vec<u8>),
    /// Redis: a list. MongoDB: a text in place of the bytes.
    OtherType,
}

impl Store {
    /// A database of the server that the checks of this process share. Memory
    /// needs none.
    pub(crate) async fn shared(kind: Kind) -> Result<Store, Stop> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let server = match kind.server() {
            Some(server) => Some(blocking(move || running::shared(server)).await?),
            None => None,
        };
        Ok(Store {
            kind,
            database: NEXT.fetch_add(1, Ordering::Relaxed),
            server,
        })
    }

    /// A server of its own, to be frozen, killed or counted.
    pub(crate) async fn alone(kind: Kind) -> Result<Store, Stop> {
        let server = kind.server().ok_or_else(no_server)?;
        let server = blocking(move || Running::start(server)).await?;
        Ok(Store {
            kind,
            database: 0,
            server: Some(Arc::new(server)),
        })
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Such as `redis://127.0.0.1:40123/7`, or `memory:`.
    pub fn url(&self) -> String {
        self.url_at(self.server.as_ref().map_or(0, |server| server.port()))
    }

    /// The same with another port, for who stands in between.
    pub(crate) fn url_at(&self, port: u16) -> String {
        match self.kind {
            Kind::Memory => "memory:".into(),
            Kind::Redis => format!("redis://127.0.0.1:{port}/{}", self.database),
            Kind::Mongodb => format!("mongodb://127.0.0.1:{port}/{}", self.database_name()),
        }
    }

    /// MongoDB's name for the database.
    pub(crate) fn database_name(&self) -> String {
        format!("check_{}", self.database)
    }

    fn server(&self) -> Result<&Arc<Running>, Stop> {
        self.server.as_ref().ok_or_else(no_server)
    }

    /// SIGSTOP: connections stay open, and nothing answers.
    pub fn freeze(&self) -> Verdict {
        self.server()?.freeze()
    }

    /// SIGCONT: it goes on where it was.
    pub fn thaw(&self) -> Verdict {
        self.server()?.thaw()
    }

    /// SIGKILL, and waits until nobody listens any more.
    pub async fn kill(&self) -> Verdict {
        let server = Arc::clone(self.server()?);
        blocking(move || server.kill()).await
    }

    /// After [`kill`](Store::kill): on the same port, with the data that the
    /// server kept, and waits until it answers.
    pub async fn start_again(&self) -> Verdict {
        let server = Arc::clone(self.server()?);
        blocking(move || server.start_again()).await
    }
}

/// The inside of a store. Each call opens a connection of its own: a check may
/// have killed the server meanwhile.
#[allow(clippy::unused_async, reason = "without clients nothing is waited for")]
impl Store {
    /// Counted by the server, so all who speak to it are in it.
    pub async fn commands(&self) -> Result<Commands, Stop> {
        match self.kind {
            #[cfg(feature = "redis")]
            Kind::Redis => redis::commands(self).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::commands(self).await,
            _ => Err(no_client()),
        }
    }

    /// The IDs of all records.
    pub async fn ids(&self) -> Result<Vec<String>, Stop> {
        match self.kind {
            #[cfg(feature = "redis")]
            Kind::Redis => redis::ids(self).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::ids(self).await,
            _ => Err(no_client()),
        }
    }

    pub async fn record_exists(&self, id: &str) -> Result<bool, Stop> {
        Ok(self.ids().await?.iter().any(|known| known == id))
    }

    /// The record as the app wrote it.
    pub async fn record(&self, id: &str) -> Result<Vec<u8>, Stop> {
        match self.kind {
            #[cfg(feature = "redis")]
            Kind::Redis => redis::record(self, id).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::record(self, id).await,
            _ => Err(no_client_for(id)),
        }
    }

    /// `None`: there is no such record, or it never expires.
    pub async fn seconds_to_live(&self, id: &str) -> Result<Option<f64>, Stop> {
        match self.kind {
            #[cfg(feature = "redis")]
            Kind::Redis => redis::seconds_to_live(self, id).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::seconds_to_live(self, id).await,
            _ => Err(no_client_for(id)),
        }
    }

    /// Deletes a record.
    pub async fn forget(&self, id: &str) -> Verdict {
        match self.kind {
            #[cfg(feature = "redis")]
            Kind::Redis => redis::forget(self, id).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::forget(self, id).await,
            _ => Err(no_client_for(id)),
        }
    }

    /// Overwrites a record, which keeps its expiry.
    pub async fn spoil(&self, id: &str, junk: &Junk) -> Verdict {
        match self.kind {
            #[cfg(feature = "redis")]
            Kind::Redis => redis::spoil(self, id, junk).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::spoil(self, id, junk).await,
            _ => Err(no_client_for(&format!("{id} {junk:?}"))),
        }
    }
}

/// What only MongoDB has.
#[allow(clippy::unused_async, reason = "without clients nothing is waited for")]
impl Store {
    /// How many seconds after `expireAt` MongoDB's TTL index deletes a record;
    /// `None` where there is no such index.
    pub(crate) async fn ttl_index(&self) -> Result<Option<i64>, Stop> {
        match self.kind {
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::ttl_index(self).await,
            _ => Err(no_client()),
        }
    }

    /// An index on `expireAt` that expires nothing, and so is in the way of one
    /// that does.
    pub(crate) async fn plant_plain_index(&self) -> Verdict {
        match self.kind {
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::plant_plain_index(self).await,
            _ => Err(no_client()),
        }
    }

    /// Until it ends, the server leaves what has expired where it is.
    pub(crate) async fn switch_ttl_monitor_off(&self) -> Verdict {
        match self.kind {
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::switch_ttl_monitor_off(self).await,
            _ => Err(no_client()),
        }
    }
}

/// Servers are started, killed and waited for with plain threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Stop> + Send + 'static,
) -> Result<T, Stop> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Stop::harness)?
}

fn no_server() -> Stop {
    Stop::NotJudged("needs a store with a server".into())
}

fn no_client() -> Stop {
    Stop::NotJudged("needs the store's feature of the crate checks".into())
}

fn no_client_for(_: &str) -> Stop {
    no_client()
}
