//! Where the users of an app under check are: a database of their own, what a check
//! does to it, and what it sees inside.

#[cfg(feature = "sql")]
mod inside;
#[cfg(all(feature = "mongodb", feature = "sql"))]
mod mongodb;
#[cfg(feature = "sql")]
mod sql;

#[cfg(feature = "sql")]
use sql::create;

use crate::{
    servers::Server,
    store::{
        blocking,
        running::{self, Running},
    },
    verdict::{Stop, Verdict},
};
use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tempfile::TempDir;

/// A kind of database, as `matrix.toml` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Sqlite,
    Mysql,
    /// `mongodb-users`: its name alone is that of a store.
    Mongodb,
}

impl Kind {
    /// The server behind it, if it has one.
    pub fn server(self) -> Option<Server> {
        match self {
            Kind::Sqlite => None,
            Kind::Mysql => Some(Server::Mysql),
            Kind::Mongodb => Some(Server::Mongo),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Sqlite => "sqlite",
            Kind::Mysql => "mysql",
            Kind::Mongodb => "mongodb-users",
        })
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Kind, String> {
        let mut kinds = [Kind::Sqlite, Kind::Mysql, Kind::Mongodb].into_iter();
        let kind = kinds.find(|kind| kind.to_string() == name);
        kind.ok_or_else(|| format!("no database is called `{name}`"))
    }
}

/// A place for users that nobody else uses.
#[derive(Debug)]
pub struct Users {
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// The file `users.db` in this folder.
    Sqlite(TempDir),
    /// A database of this name.
    Mysql(Arc<Running>, String),
    /// The same.
    Mongodb(Arc<Running>, String),
}

impl Users {
    /// A file, or a database of the server that the checks of this process share.
    pub(crate) async fn shared(kind: Kind) -> Result<Users, Stop> {
        let Some(server) = kind.server() else {
            let place = Place::Sqlite(tempfile::tempdir()?);
            return Ok(Users { place });
        };
        let running = blocking(move || running::shared(server)).await?;
        Users::on(kind, running).await
    }

    /// A server of its own, to be frozen or killed.
    pub(crate) async fn alone(kind: Kind) -> Result<Users, Stop> {
        let server = kind.server().ok_or_else(no_server)?;
        let running = blocking(move || Running::start(server)).await?;
        Users::on(kind, Arc::new(running)).await
    }

    /// A new database of this server.
    async fn on(kind: Kind, server: Arc<Running>) -> Result<Users, Stop> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        // MySQL: the course's user may make databases whose names begin like this.
        let name = format!("course_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let place = if kind == Kind::Mongodb {
            // Who first writes into it makes it.
            Place::Mongodb(server, name)
        } else {
            create(&Server::Mysql.url(server.port()), &name).await?;
            Place::Mysql(server, name)
        };
        Ok(Users { place })
    }

    pub fn kind(&self) -> Kind {
        match self.place {
            Place::Sqlite(_) => Kind::Sqlite,
            Place::Mysql(..) => Kind::Mysql,
            Place::Mongodb(..) => Kind::Mongodb,
        }
    }

    /// What the app gets as `DATABASE_URL`.
    pub fn url(&self) -> String {
        match &self.place {
            Place::Sqlite(folder) => {
                format!(
                    "sqlite:{}?mode=rwc",
                    folder.path().join("users.db").display()
                )
            }
            Place::Mysql(server, name) => {
                let user = "course:course";
                format!("mysql://{user}@127.0.0.1:{}/{name}", server.port())
            }
            Place::Mongodb(server, name) => {
                format!("mongodb://127.0.0.1:{}/{name}", server.port())
            }
        }
    }

    fn server(&self) -> Result<&Arc<Running>, Stop> {
        match &self.place {
            Place::Sqlite(_) => Err(no_server()),
            Place::Mysql(server, _) | Place::Mongodb(server, _) => Ok(server),
        }
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

    /// After [`kill`](Users::kill): on the same port, with the users that were
    /// there, and waits until it answers.
    pub async fn start_again(&self) -> Verdict {
        let server = Arc::clone(self.server()?);
        blocking(move || server.start_again()).await
    }
}

#[cfg(not(feature = "sql"))]
#[expect(
    clippy::unused_async,
    reason = "without a client nothing is waited for"
)]
async fn create(_: &str, _: &str) -> Verdict {
    let reason = "needs the feature sql of the crate checks";
    Err(Stop::NotJudged(reason.into()))
}

fn no_server() -> Stop {
    Stop::NotJudged("needs a users' database with a server".into())
}

#[cfg(test)]
#[cfg(feature = "sql")]
mod tests;
