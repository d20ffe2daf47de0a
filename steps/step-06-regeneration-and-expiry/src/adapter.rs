use async_trait::async_trait;
use mongodb_2::{
    Collection,
    bson::{Binary, DateTime, Document, doc, spec::BinarySubtype},
    error::{self, ErrorKind, WriteFailure},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::timeout};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};
use tower_sessions_core_011::{self as core_011, SessionStore as _};
use tower_sessions_mongodb_store::MongoDBStore;

/// How long one command may take. The driver itself has no such limit.
pub const COMMAND_LIMIT: Duration = Duration::from_secs(1);

/// How many commands may be under way, each on a connection of its own. The next
/// waits for its turn here, and the wait is part of its second.
pub const AT_ONCE: u32 = 100;

/// The published store for MongoDB keeps the promises of tower-sessions-core 0.11,
/// and our layer asks for those of 0.14. This stands between them.
#[derive(Clone, Debug)]
pub struct Adapter {
    published: MongoDBStore,
    /// The published store's collection, for what we do ourselves.
    sessions: Collection<Document>,
    turns: Arc<Semaphore>,
}

impl Adapter {
    pub fn new(published: MongoDBStore, sessions: Collection<Document>) -> Adapter {
        Adapter {
            published,
            sessions,
            turns: Arc::new(Semaphore::new(AT_ONCE as usize)),
        }
    }
}

#[async_trait]
impl SessionStore for Adapter {
    /// Version 0.11 has no such method. Two sessions never share an ID: a taken one
    /// is refused by the database, and we draw another.
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let mut new = document(record)?;
            new.insert("_id", record.id.to_string());
            match self.in_time(self.sessions.insert_one(new, None)).await? {
                Ok(_) => return Ok(()),
                Err(error) if is_duplicate(&error) => record.id = Id::default(),
                Err(error) => return Err(refused(&error)),
            }
        }
    }

    /// The published store would insert what is not there. This one does not: a
    /// session that was deleted meanwhile stays deleted.
    async fn save(&self, record: &Record) -> Result<()> {
        let this = doc! { "_id": record.id.to_string() };
        let change = doc! { "$set": document(record)? };
        let update = self.sessions.update_one(this, change, None);
        match self.in_time(update).await? {
            Ok(_) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.in_time(self.find(id)).await?
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let deleted = self.in_time(self.published.delete(&id_011(id))).await?;
        deleted.map_err(across)
    }
}

impl Adapter {
    /// Gives up after a second, the wait for a turn included.
    async fn in_time<T>(&self, command: impl Future<Output = T>) -> Result<T> {
        let command = async {
            let _turn = self.turns.acquire().await;
            command.await
        };
        let slow = |_| Error::Backend("no answer within a second".to_owned());
        timeout(COMMAND_LIMIT, command).await.map_err(slow)
    }

    async fn find(&self, id: &Id) -> Result<Option<Record>> {
        match self.published.load(&id_011(id)).await {
            Ok(None) => Ok(None),
            Ok(Some(record)) => Ok(Some(Record {
                id: Id(record.id.0),
                data: record.data,
                expiry_date: record.expiry_date,
            })),
            // The same error for a server that is away and for a document that is
            // not a session's. We ask which it was.
            Err(error) => {
                let ours =
                    doc! { "_id": id.to_string(), "data": { "$type": "binData" } };
                match self.sessions.count_documents(ours, None).await {
                    Ok(0) => Err(Error::Decode("not a session's document".to_owned())),
                    _ => Err(across(error)),
                }
            }
        }
    }
}

/// A record as the published store writes it, but for the ID.
fn document(record: &Record) -> Result<Document> {
    let bytes = rmp_serde::to_vec(&record_011(record))
        .map_err(|error| Error::Encode(error.to_string()))?;
    let subtype = BinarySubtype::Generic;
    Ok(doc! {
        "data": Binary { subtype, bytes },
        "expireAt": DateTime::from(record.expiry_date),
    })
}

fn record_011(record: &Record) -> core_011::session::Record {
    core_011::session::Record {
        id: id_011(&record.id),
        data: record.data.clone(),
        expiry_date: record.expiry_date,
    }
}

fn id_011(id: &Id) -> core_011::session::Id {
    core_011::session::Id(id.0)
}

/// Whether the `_id` is taken: code 11000 of every MongoDB.
fn is_duplicate(error: &error::Error) -> bool {
    write_code(error) == Some(11000)
}

fn write_code(error: &error::Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(error)) => Some(error.code),
        _ => None,
    }
}

/// What the log may have of an error. MongoDB quotes the command, and with it the
/// session's ID and data.
fn refused(error: &error::Error) -> Error {
    Error::Backend(match write_code(error) {
        Some(code) => format!("MongoDB refuses to write, error {code}"),
        None => without_data(&error.to_string()),
    })
}

/// An error's text up to the command that it quotes.
pub fn without_data(text: &str) -> String {
    text.split(" {").next().unwrap_or_default().to_owned()
}

/// An error of version 0.11 in the words of 0.14.
fn across(error: core_011::session_store::Error) -> Error {
    match error {
        core_011::session_store::Error::Encode(text) => Error::Encode(text),
        core_011::session_store::Error::Decode(text) => Error::Decode(text),
        core_011::session_store::Error::Backend(text) => {
            Error::Backend(without_data(&text))
        }
    }
}
