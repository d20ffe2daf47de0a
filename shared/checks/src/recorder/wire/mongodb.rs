//! MongoDB keeps a profile of what a database was asked, in the collection
//! `system.profile`, once it was told to.

use crate::{store::Store, verdict::Stop};
use mongodb::{
    Client, Collection,
    bson::{Bson, Document, doc},
    options::ClientOptions,
};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(in crate::recorder) struct Profile {
    entries: Collection<Document>,
    /// The collection that it is about.
    sessions: String,
    /// How many entries were told.
    told: u64,
}

impl Profile {
    pub(super) async fn start(store: &Store) -> Result<Profile, Stop> {
        let mut options = ClientOptions::parse(store.url()).await?;
        options.server_selection_timeout = Some(LIMIT);
        options.connect_timeout = Some(LIMIT);
        let database = Client::with_options(options)?.database(&store.database_name());
        database.run_command(doc! { "profile": 2 }).await?;
        Ok(Profile {
            entries: database.collection("system.profile"),
            sessions: format!("{}.sessions", store.database_name()),
            told: 0,
        })
    }

    pub(super) async fn heard(&mut self) -> Result<Vec<String>, Stop> {
        let mut cursor = self
            .entries
            .find(doc! { "ns": &self.sessions })
            .sort(doc! { "$natural": 1 })
            .skip(self.told)
            .await?;
        let mut heard = Vec::new();
        while cursor.advance().await? {
            self.told += 1;
            let entry: Document = cursor.deserialize_current()?;
            heard.extend(command(&entry));
        }
        Ok(heard)
    }
}

/// `mongodb find sessions {_id: 5xkLDs…}`; `None` for what is no session's: an
/// index, or the deletion of all that has expired.
fn command(entry: &Document) -> Option<String> {
    let command = entry.get_document("command").ok()?;
    let part_of = |name: &str| command.get(name);
    let part = |name: &str| part_of(name)?.as_document();
    let what = match entry.get_str("op").ok()? {
        // The profile leaves out what was inserted.
        "insert" => "insert sessions <record>".to_owned(),
        "query" => format!("find sessions {}", braces(part("filter")?)),
        "update" => {
            let upsert = command.get_bool("upsert").unwrap_or(false);
            let (whom, change) = (braces(part("q")?), braces(part("u")?));
            let upsert = if upsert { " upsert" } else { "" };
            format!("update sessions {whom} {change}{upsert}")
        }
        "remove" if part("q")?.contains_key("_id") => {
            format!("delete sessions {}", braces(part("q")?))
        }
        // Such as a count, which is an aggregation to the server.
        "command" => match part_of("pipeline") {
            Some(pipeline) => format!("aggregate sessions {}", told(pipeline)),
            None => return None,
        },
        _ => return None,
    };
    Some(format!("mongodb {what}"))
}

/// `{_id: 5xkLDs…, expireAt: {$gt: <time>}}`
fn braces(document: &Document) -> String {
    let pairs = document.iter();
    let pairs = pairs.map(|(name, value)| format!("{name}: {}", told(value)));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
}

fn told(value: &Bson) -> String {
    match value {
        Bson::Document(document) => braces(document),
        Bson::Array(values) => {
            let values: Vec<String> = values.iter().map(told).collect();
            format!("[{}]", values.join(", "))
        }
        Bson::DateTime(_) => "<time>".to_owned(),
        Bson::Binary(_) => "<record>".to_owned(),
        Bson::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::{Binary, DateTime, spec::BinarySubtype};

    #[test]
    fn an_entry_of_the_profile_is_told_with_names_for_what_varies() {
        let id = "5xkLDsHq_0aUrhn-2h5s6A";
        let entry =
            |op: &str, command: Document| super::command(&doc! { "op": op, "command": command });
        let later = doc! { "$gt": DateTime::now() };
        let find = doc! { "find": "sessions", "filter": { "_id": id, "expireAt": later } };
        assert_eq!(
            entry("query", find).unwrap(),
            format!("mongodb find sessions {{_id: {id}, expireAt: {{$gt: <time>}}}}")
        );
        let data = Binary {
            subtype: BinarySubtype::Generic,
            bytes: vec![1],
        };
        let save = doc! { "q": { "_id": id }, "u": { "$set": { "data": data } }, "upsert": true };
        assert_eq!(
            entry("update", save).unwrap(),
            format!("mongodb update sessions {{_id: {id}}} {{$set: {{data: <record>}}}} upsert")
        );
        let count = doc! { "aggregate": "sessions", "pipeline": [{ "$match": { "_id": id } }] };
        assert_eq!(
            entry("command", count).unwrap(),
            format!("mongodb aggregate sessions [{{$match: {{_id: {id}}}}}]")
        );
        let clean_up = doc! { "q": { "expireAt": { "$lt": DateTime::now() } }, "limit": 0 };
        assert_eq!(entry("remove", clean_up), None);
        let delete = doc! { "q": { "_id": id }, "limit": 1 };
        assert!(entry("remove", delete).is_some());
        assert_eq!(entry("command", doc! { "createIndexes": "sessions" }), None);
    }
}
