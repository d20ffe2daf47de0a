//! Sessions in MongoDB: a session store of our own, on the current driver.

use crate::mongo::{self, Mongo};
use async_trait::async_trait;
use mongodb::{
    Collection,
    bson::{DateTime, Document, doc},
    options::IndexOptions,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::HashMap, fmt};
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

#[derive(Clone)]
pub struct MongoStore {
    mongo: Mongo,
    sessions: Collection<Session>,
}

/// Without the sessions: what has a `Debug` gets into a log one day.
impl fmt::Debug for MongoStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoStore").finish_non_exhaustive()
    }
}

/// Opens the store, whose documents the server itself deletes once they have expired.
pub async fn open(mongo: Mongo) -> mongo::Result<MongoStore> {
    let sessions = mongo.database.collection("sessions");
    let expiring = IndexOptions::builder()
        .expire_after(mongo::AT_ITS_DATE)
        .build();
    mongo
        .index(&sessions, doc! { "expireAt": 1 }, expiring)
        .await?;
    Ok(MongoStore { mongo, sessions })
}

#[async_trait]
impl SessionStore for MongoStore {
    /// Two sessions never share an ID: a taken one is refused by the database, and we
    /// draw another.
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let new = Session::new(record);
            match self.mongo.ask(self.sessions.insert_one(new)).await {
                Err(mongo::Error::Taken) => record.id = Id::default(),
                answer => return answer.map(drop).map_err(unwritten),
            }
        }
    }

    /// Without upsert: what was deleted meanwhile, or is over, stays so.
    async fn save(&self, record: &Record) -> Result<()> {
        let new = Session::new(record);
        let replace = self.sessions.replace_one(alive(&record.id), new);
        self.mongo.ask(replace).await.map(drop).map_err(unwritten)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let find = self.sessions.find_one(alive(id));
        let found = self.mongo.ask(find).await.map_err(unread)?;
        Ok(found.map(|session| session.record(id)))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let this = doc! { "_id": id.to_string() };
        let delete = self.sessions.delete_one(this);
        self.mongo.ask(delete).await.map(drop).map_err(unwritten)
    }
}

/// The session with this ID, unless it has expired: the server deletes once a minute.
fn alive(id: &Id) -> Document {
    doc! { "_id": id.to_string(), "expireAt": { "$gt": DateTime::now() } }
}

/// A session's document. In `mongosh` a person can read it.
#[derive(Deserialize, Serialize)]
struct Session {
    #[serde(rename = "_id")]
    id: String,
    data: HashMap<String, Value>,
    /// To the millisecond, as MongoDB keeps dates.
    #[serde(rename = "expireAt")]
    expire_at: DateTime,
}

impl Session {
    fn new(record: &Record) -> Session {
        let since = record.expiry_date - OffsetDateTime::UNIX_EPOCH;
        let millis = since.whole_milliseconds().try_into().unwrap_or(i64::MAX);
        Session {
            id: record.id.to_string(),
            data: record.data.clone(),
            expire_at: DateTime::from_millis(millis),
        }
    }

    fn record(self, id: &Id) -> Record {
        let since = Duration::milliseconds(self.expire_at.timestamp_millis());
        Record {
            id: *id,
            data: self.data,
            expiry_date: OffsetDateTime::UNIX_EPOCH.saturating_add(since),
        }
    }
}

fn unread(error: mongo::Error) -> Error {
    match error {
        mongo::Error::Odd => Error::Decode("not a session's document".to_owned()),
        error => Error::Backend(error.to_string()),
    }
}

/// What BSON has no place for, such as a number above `i64::MAX`, is not written.
fn unwritten(error: mongo::Error) -> Error {
    match error {
        mongo::Error::Odd => Error::Encode("BSON has no such data".to_owned()),
        error => Error::Backend(error.to_string()),
    }
}
