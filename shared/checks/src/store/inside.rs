//! The inside of a store, through a client of our own, where this build has one.

#[cfg(any(feature = "mongodb", feature = "redis"))]
use super::Kind;
use super::Store;
#[cfg(feature = "mongodb")]
use super::mongodb;
#[cfg(feature = "redis")]
use super::redis;
use crate::verdict::{Stop, Verdict};

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
    /// Where a session is a document that a person can read: another one.
    Document(serde_json::Value),
    /// Redis: a list. MongoDB: a text in place of the bytes.
    OtherType,
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

    /// What a session holds, where it is a document that a person can read. `None`:
    /// it is a blob, for the app alone.
    pub async fn document(&self, id: &str) -> Result<Option<serde_json::Value>, Stop> {
        match self.kind {
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::document(self, id).await,
            _ => {
                let _ = id;
                Ok(None)
            }
        }
    }

    /// The record as the app wrote it. Texts stand in it as they are, whatever its
    /// format.
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

    /// A record that is no session.
    #[cfg(test)]
    #[cfg(all(feature = "mongodb", feature = "redis"))]
    pub(crate) async fn plant(&self, id: &str, lifetime: std::time::Duration) -> Verdict {
        match self.kind {
            Kind::Redis => redis::plant(self, id, lifetime).await,
            Kind::Mongodb => mongodb::plant(self, id, lifetime).await,
            Kind::Memory => Err(no_client()),
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

    /// From now on each create and each update is an error, which in MongoDB quotes
    /// the record; reads and deletes are served. Redis: for the whole server, so
    /// only with one of its own.
    pub async fn refuse_new_records(&self) -> Verdict {
        match self.kind {
            #[cfg(feature = "redis")]
            Kind::Redis => redis::refuse_new_records(self).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::refuse_new_records(self).await,
            _ => Err(no_client()),
        }
    }

    /// After [`refuse_new_records`](Store::refuse_new_records): as before it.
    pub async fn take_new_records(&self) -> Verdict {
        match self.kind {
            #[cfg(feature = "redis")]
            Kind::Redis => redis::take_new_records(self).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::take_new_records(self).await,
            _ => Err(no_client()),
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

    /// MongoDB's journal is written each half a second, and no longer each tenth, until the
    /// server ends: who does not wait for it loses more. For who waits it is written at
    /// once.
    pub(crate) async fn write_the_journal_rarely(&self) -> Verdict {
        match self.kind {
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::write_the_journal_rarely(self).await,
            _ => Err(no_client()),
        }
    }
}

fn no_client() -> Stop {
    Stop::NotJudged("needs the store's feature of the crate checks".into())
}

fn no_client_for(_: &str) -> Stop {
    no_client()
}
