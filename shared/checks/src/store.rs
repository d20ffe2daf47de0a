//! Where the sessions of an app under check are: real servers of ours, what a
//! check does to them, and what it sees inside.

mod gate;
mod inside;
#[cfg(feature = "mongodb")]
pub(crate) mod mongodb;
#[cfg(feature = "redis")]
mod redis;
pub(crate) mod running;

pub use gate::Gate;
pub use inside::{Commands, Junk};

use crate::{
    clock::Clock,
    servers::Server,
    verdict::{Stop, Verdict},
};
use running::Running;
#[cfg(feature = "tls")]
use std::path::PathBuf;
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

    /// A server of its own, to be frozen, killed or counted; by this clock, if there
    /// is one.
    pub(crate) async fn alone(kind: Kind, clock: Option<&Clock>) -> Result<Store, Stop> {
        let server = kind.server().ok_or_else(no_server)?;
        let clock = clock.cloned();
        let server = blocking(move || Running::start_with(server, clock)).await?;
        Ok(Store {
            kind,
            database: 0,
            server: Some(Arc::new(server)),
        })
    }

    /// A MongoDB of its own that speaks TLS alone. Its certificate and its key are in
    /// the file `pem`.
    #[cfg(feature = "tls")]
    pub(crate) async fn over_tls(pem: PathBuf) -> Result<Store, Stop> {
        let server = blocking(move || Running::start_over_tls(&pem)).await?;
        Ok(Store {
            kind: Kind::Mongodb,
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

/// Servers are started, killed and waited for with plain threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Stop> + Send + 'static,
) -> Result<T, Stop> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Stop::harness)?
}

fn no_server() -> Stop {
    Stop::NotJudged("needs a store with a server".into())
}

#[cfg(test)]
#[cfg(all(feature = "mongodb", feature = "redis"))]
mod tests;
