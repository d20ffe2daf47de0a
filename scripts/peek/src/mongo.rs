//! MongoDB: the collection `sessions` of the database in the address. `_id` is
//! the session's ID, `expireAt` a date, `data` MessagePack or a document.

use crate::{
    LIMIT, SHOWN,
    store::{Address, Entry, Glimpse, Missing, Value},
};
use futures_util::TryStreamExt;
use mongodb::{
    Client, Collection,
    bson::{Bson, DateTime, Document, RawDocumentBuf, doc},
    error::{Error, ErrorKind},
    options::ClientOptions,
};

/// What the published store does not say is a database of this name.
const DATABASE: &str = "course";

pub(crate) async fn look(address: &Address, id: Option<&str>) -> Result<Glimpse, Missing> {
    let mut options = ClientOptions::parse(&address.url).await.map_err(why)?;
    options.connect_timeout = Some(LIMIT);
    options.server_selection_timeout = Some(LIMIT * 2 / 3);
    let client = Client::with_options(options).map_err(why)?;
    let database = client.default_database();
    let database = database.unwrap_or_else(|| client.database(DATABASE));
    let sessions: Collection<RawDocumentBuf> = database.collection("sessions");
    let filter = id.map(|id| doc! { "_id": id }).unwrap_or_default();
    let limit = i64::try_from(SHOWN).unwrap_or(i64::MAX);
    let mut found = sessions
        .find(filter)
        // The last to expire is the last that changed.
        .sort(doc! { "expireAt": -1 })
        .limit(limit)
        .await
        .map_err(why)?;
    let mut glimpse = Glimpse::default();
    while let Some(document) = found.try_next().await.map_err(why)? {
        glimpse.entries.push(entry(&document).map_err(why)?);
    }
    if id.is_none() && glimpse.entries.len() == SHOWN {
        let all = sessions.estimated_document_count().await.map_err(why)?;
        glimpse.rest = (all > SHOWN as u64).then(|| format!("the latest of {all}"));
    }
    Ok(glimpse)
}

fn entry(raw: &RawDocumentBuf) -> Result<Entry, Error> {
    let document = Document::try_from(raw)?;
    let key = match document.get("_id") {
        Some(Bson::String(id)) => id.clone(),
        other => format!("{}", other.unwrap_or(&Bson::Null)),
    };
    let now = DateTime::now().timestamp_millis();
    let to_live = match document.get("expireAt") {
        Some(Bson::DateTime(end)) => Some((end.timestamp_millis() - now).div_euclid(1000)),
        _ => None,
    };
    let value = match document.get("data") {
        Some(Bson::Binary(binary)) => Value::Bytes(binary.bytes.clone()),
        Some(Bson::Document(_)) => {
            let size = raw.as_bytes().len();
            Value::Document(json(&Bson::Document(document)), size)
        }
        _ => Value::Other("not a session's record: nothing under `data`".to_owned()),
    };
    Ok(Entry {
        key,
        to_live,
        value,
    })
}

/// As a person reads it: a date as a date, an ID as its letters.
fn json(value: &Bson) -> serde_json::Value {
    match value {
        Bson::Document(document) => document
            .iter()
            .map(|(key, value)| (key.clone(), json(value)))
            .collect(),
        Bson::Array(values) => values.iter().map(json).collect(),
        Bson::String(text) => text.as_str().into(),
        Bson::Boolean(value) => (*value).into(),
        Bson::Null => serde_json::Value::Null,
        Bson::Int32(number) => (*number).into(),
        Bson::Int64(number) => (*number).into(),
        Bson::Double(number) => (*number).into(),
        Bson::DateTime(time) => time.try_to_rfc3339_string().unwrap_or_default().into(),
        Bson::Binary(binary) => format!("{} bytes", binary.bytes.len()).into(),
        other => other.to_string().into(),
    }
}

fn why(error: impl Into<Error>) -> Missing {
    let error = error.into();
    match *error.kind {
        ErrorKind::ServerSelection { .. } | ErrorKind::Io(_) => Missing::Store,
        _ => Missing::Other(error.to_string()),
    }
}
