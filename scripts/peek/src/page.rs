//! How it is shown: 80 columns at most, for a terminal and for the book.

use crate::{
    record::{self, Read},
    store::{Entry, Glimpse, Value},
};
use serde::Serialize;

const WIDTH: usize = 80;

const NO_RECORD: &str = "not a session's record";

/// Two lines for each session: key, time to live and size; then its data.
pub(crate) fn list(place: &str, glimpse: &Glimpse) -> String {
    let entries = &glimpse.entries;
    let count = match entries.len() {
        0 => return format!("no sessions in {place}\n"),
        1 => "1 session".to_owned(),
        count => format!("{count} sessions"),
    };
    let rest = glimpse.rest.as_deref();
    let rest = rest.map(|rest| format!(" ({rest})")).unwrap_or_default();
    let entries = entries.iter().map(|entry| {
        let data = shorten(&summary(&entry.value), WIDTH - 2);
        format!("\n{}\n  {data}\n", head(entry))
    });
    format!("{count} in {place}{rest}\n{}", entries.collect::<String>())
}

/// All of one session.
pub(crate) fn one(entry: &Entry) -> String {
    let value = match &entry.value {
        Value::Document(document, _) => pretty(document),
        Value::Other(what) => what.clone(),
        Value::Bytes(bytes) => match record::read(bytes) {
            Read::Record(record) if record.id == entry.key => pretty(&record),
            Read::Record(record) => format!(
                "The record says that it is another session's:\n{}",
                pretty(&record)
            ),
            Read::Other(value) => format!("{NO_RECORD}, but MessagePack:\n{}", pretty(&value)),
            Read::Junk => format!("{NO_RECORD}: {}", first_bytes(bytes)),
        },
    };
    format!("{}\n\n{value}\n", head(entry))
}

/// The key to the left; to the right how long it lives, and its size.
fn head(entry: &Entry) -> String {
    let about = match &entry.value {
        Value::Bytes(bytes) => format!("{}, {} bytes", to_live(entry), bytes.len()),
        Value::Document(_, size) => format!("{}, {size} bytes", to_live(entry)),
        Value::Other(_) => to_live(entry),
    };
    let room = WIDTH.saturating_sub(entry.key.chars().count());
    format!("{}{about:>room$}", entry.key)
}

fn to_live(entry: &Entry) -> String {
    match entry.to_live {
        None => "lives for ever".to_owned(),
        Some(seconds @ ..=0) => format!("expired {} s ago", -seconds),
        Some(seconds @ ..600) => format!("{seconds} s to live"),
        Some(seconds @ ..172_800) => {
            format!("{} h {} min to live", seconds / 3600, seconds / 60 % 60)
        }
        Some(seconds) => format!("{} days to live", seconds / 86400),
    }
}

/// What a list shows of a session: its data alone.
fn summary(value: &Value) -> String {
    match value {
        Value::Document(document, _) => document["data"].to_string(),
        Value::Other(what) => what.clone(),
        Value::Bytes(bytes) => match record::read(bytes) {
            Read::Record(record) => serde_json::to_string(&record.data).unwrap_or_default(),
            Read::Other(value) => format!("{NO_RECORD}, but MessagePack: {value}"),
            Read::Junk => format!("{NO_RECORD}: {}", first_bytes(bytes)),
        },
    }
}

fn first_bytes(bytes: &[u8]) -> String {
    let first = bytes.iter().take(16).map(|byte| format!("{byte:02x}"));
    let first = first.collect::<Vec<_>>().join(" ");
    let more = if bytes.len() > 16 { " …" } else { "" };
    format!("{first}{more}")
}

fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
