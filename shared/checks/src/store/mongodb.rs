//! The inside of MongoDB: a session is a document of the collection `sessions`,
//! with its ID as `_id`, a date as `expireAt`, and as `data` a blob, or a document that
//! a person can read. Which of them shows the record itself.

use super::{Commands, Junk, Store};
use crate::verdict::{Stop, Verdict};
use mongodb::{
    Client, Collection, Database,
    bson::{Binary, Bson, DateTime, Document, doc, spec::BinarySubtype},
    options::ClientOptions,
};
use serde_json::Value;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

pub(super) async fn commands(store: &Store) -> Result<Commands, Stop> {
    let status = admin(store, doc! { "serverStatus": 1 }).await?;
    let commands = part(&status, "metrics").and_then(|metrics| part(metrics, "commands"));
    let commands =
        commands.ok_or_else(|| Stop::Harness("serverStatus has no metrics.commands".into()))?;
    let total = |names: &[&str]| -> u64 {
        let counts = names.iter().filter_map(|name| part(commands, name));
        counts.filter_map(|count| number(count, "total")).sum()
    };
    let creates = total(&["insert"]);
    Ok(Commands {
        reads: total(&["find", "aggregate", "count", "distinct"]),
        writes: creates + total(&["update", "findAndModify", "findandmodify"]),
        creates: Some(creates),
    })
}

fn part<'a>(document: &'a Document, key: &str) -> Option<&'a Document> {
    document.get_document(key).ok()
}

fn number(document: &Document, key: &str) -> Option<u64> {
    document.get_i64(key).ok().and_then(|n| n.try_into().ok())
}

pub(super) async fn ids(store: &Store) -> Result<Vec<String>, Stop> {
    let ids = sessions(store).await?.distinct("_id", doc! {}).await?;
    let ids = ids.iter().filter_map(Bson::as_str);
    Ok(ids.map(str::to_owned).collect())
}

pub(super) async fn record(store: &Store, id: &str) -> Result<Vec<u8>, Stop> {
    match data(store, id).await? {
        Bson::Binary(data) => Ok(data.bytes),
        Bson::Document(data) => data.to_vec().map_err(Stop::harness),
        other => Err(Stop::Harness(format!("a session's data is {other}"))),
    }
}

pub(super) async fn document(store: &Store, id: &str) -> Result<Option<Value>, Stop> {
    let data = data(store, id).await?;
    let is_document = data.as_document().is_some();
    Ok(is_document.then(|| data.into_relaxed_extjson()))
}

async fn data(store: &Store, id: &str) -> Result<Bson, Stop> {
    let session = sessions(store).await?.find_one(doc! { "_id": id }).await?;
    let data = session.and_then(|mut session| session.remove("data"));
    data.ok_or_else(|| Stop::Harness("there is no such record".into()))
}

pub(super) async fn seconds_to_live(store: &Store, id: &str) -> Result<Option<f64>, Stop> {
    let session = sessions(store).await?.find_one(doc! { "_id": id }).await?;
    let end = session
        .as_ref()
        .and_then(|session| session.get_datetime("expireAt").ok());
    Ok(end.map(|end| {
        let left = end.timestamp_millis() - DateTime::now().timestamp_millis();
        // Session lifetimes are far below what a float holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "seconds, not centuries")]
        let left = left as f64;
        left / 1000.0
    }))
}

#[cfg(test)]
#[cfg(all(feature = "mongodb", feature = "redis"))]
pub(super) async fn plant(store: &Store, id: &str, lifetime: Duration) -> Verdict {
    let end = DateTime::from_system_time(std::time::SystemTime::now() + lifetime);
    let bytes = b"junk".to_vec();
    let data = Binary {
        subtype: BinarySubtype::Generic,
        bytes,
    };
    let session = doc! { "_id": id, "data": data, "expireAt": end };
    sessions(store).await?.insert_one(session).await?;
    Ok(())
}

pub(super) async fn forget(store: &Store, id: &str) -> Verdict {
    sessions(store)
        .await?
        .delete_one(doc! { "_id": id })
        .await?;
    Ok(())
}

pub(super) async fn spoil(store: &Store, id: &str, junk: &Junk) -> Verdict {
    let data: Bson = match junk {
        Junk::Bytes(bytes) => Binary {
            subtype: BinarySubtype::Generic,
            bytes: bytes.clone(),
        }
        .into(),
        Junk::Document(json) => json.clone().try_into().map_err(Stop::harness)?,
        Junk::OtherType => "a text".into(),
    };
    let change = doc! { "$set": { "data": data } };
    sessions(store)
        .await?
        .update_one(doc! { "_id": id }, change)
        .await?;
    Ok(())
}

pub(super) async fn ttl_index(store: &Store) -> Result<Option<i64>, Stop> {
    let indexes = database(store).await?;
    let indexes = indexes
        .run_command(doc! { "listIndexes": "sessions" })
        .await?;
    let indexes = part(&indexes, "cursor")
        .and_then(|cursor| cursor.get_array("firstBatch").ok())
        .into_iter()
        .flatten();
    let mut on_expiry = indexes
        .filter_map(Bson::as_document)
        .filter(|index| part(index, "key") == Some(&doc! { "expireAt": 1 }));
    let seconds = on_expiry.find_map(|index| match index.get("expireAfterSeconds")? {
        Bson::Int32(seconds) => Some(i64::from(*seconds)),
        Bson::Int64(seconds) => Some(*seconds),
        _ => None,
    });
    Ok(seconds)
}

pub(super) async fn plant_plain_index(store: &Store) -> Verdict {
    let index = doc! { "key": { "expireAt": 1 }, "name": "expireAt_1" };
    let command = doc! { "createIndexes": "sessions", "indexes": [index] };
    database(store).await?.run_command(command).await?;
    Ok(())
}

pub(super) async fn refuse_new_records(store: &Store) -> Verdict {
    validate(store, doc! { "data": { "$type": "null" } }).await
}

pub(super) async fn take_new_records(store: &Store) -> Verdict {
    validate(store, doc! {}).await
}

/// Deletes and reads are validated by nobody.
async fn validate(store: &Store, validator: Document) -> Verdict {
    let command = doc! { "collMod": "sessions", "validator": validator };
    database(store).await?.run_command(command).await?;
    Ok(())
}

pub(super) async fn switch_ttl_monitor_off(store: &Store) -> Verdict {
    let command = doc! { "setParameter": 1, "ttlMonitorEnabled": false };
    admin(store, command).await.map(drop)
}

pub(super) async fn write_the_journal_rarely(store: &Store) -> Verdict {
    let command = doc! { "setParameter": 1, "journalCommitInterval": 500 };
    admin(store, command).await.map(drop)
}

async fn admin(store: &Store, command: Document) -> Result<Document, Stop> {
    let admin = connect(&store.url()).await?.database("admin");
    Ok(admin.run_command(command).await?)
}

async fn sessions(store: &Store) -> Result<Collection<Document>, Stop> {
    Ok(database(store).await?.collection("sessions"))
}

async fn database(store: &Store) -> Result<Database, Stop> {
    let client = connect(&store.url()).await?;
    Ok(client.database(&store.database_name()))
}

pub(crate) async fn connect(url: &str) -> Result<Client, Stop> {
    let mut options = ClientOptions::parse(url).await?;
    options.server_selection_timeout = Some(LIMIT);
    options.connect_timeout = Some(LIMIT);
    Ok(Client::with_options(options)?)
}

impl From<mongodb::error::Error> for Stop {
    fn from(error: mongodb::error::Error) -> Stop {
        Stop::harness(error)
    }
}
