//! MongoDB commands, from the `tracing` events of the driver. Its feature
//! `tracing-unstable` makes them.

use super::store::{Numbered, Open, found_wire, lock, shorten};
use std::{fmt, sync::Mutex};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, filter,
    layer::{Context, Filter},
    registry::LookupSpan,
};

/// They hold session IDs and records, and never belong in a log.
pub(crate) const TARGET: &str = "mongodb::command";

pub(super) fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    Ear.with_filter(filter::filter_fn(|metadata| metadata.target() == TARGET))
}

/// What stays away from the log.
pub(crate) fn hidden<S>() -> impl Filter<S> {
    filter::filter_fn(|metadata| metadata.target() != TARGET)
}

static OPEN: Mutex<Numbered> = Mutex::new(Numbered::new());

struct Ear;

impl<S: Subscriber> Layer<S> for Ear {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        found_wire();
        let mut told = Told::default();
        event.record(&mut told);
        let mut open = lock(&OPEN);
        if let Some(command) = told.command {
            if let Some(begun) = Open::begin(describe(&command)) {
                open.insert(told.number, begun);
            }
        } else if let Some(begun) = open.remove(told.number) {
            begun.finish(
                told.reply
                    .map_or("failed".to_owned(), |reply| answer(&reply)),
            );
        }
    }
}

/// The fields of an event that the strip is made from.
#[derive(Default)]
struct Told {
    number: u64,
    command: Option<String>,
    reply: Option<String>,
}

impl Visit for Told {
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "requestId" {
            self.number = value.unsigned_abs();
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "command" => self.command = Some(value.to_owned()),
            "reply" => self.reply = Some(value.to_owned()),
            _ => {}
        }
    }
}

/// `find sessions 5xkLDs…` from the JSON of a command, whose end may be missing.
fn describe(json: &str) -> String {
    // {"find":"sessions", …
    let mut words = json.split('"').skip(1).step_by(2);
    let name = words.next().unwrap_or_default();
    let mut text = format!("{name} {}", words.next().unwrap_or_default());
    if let Some(id) = string(json, "_id") {
        text = format!("{text} {}", shorten(id));
    }
    text
}

fn string<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(&format!("\"{name}\":\""))?;
    rest.split('"').next()
}

/// How many documents it was about.
fn answer(json: &str) -> String {
    let number = |name: &str| {
        let (_, rest) = json.split_once(&format!("\"{name}\":"))?;
        rest.split([',', '}']).next()
    };
    if let Some((_, batch)) = json.split_once("\"firstBatch\":[") {
        let found = if batch.starts_with(']') {
            "nothing"
        } else {
            "1 document"
        };
        return found.to_owned();
    }
    if json.contains("\"writeErrors\":") {
        return "refused".to_owned();
    }
    match number("n") {
        Some("0") => "nothing".to_owned(),
        Some("1") => "1 document".to_owned(),
        Some(many) => format!("{many} documents"),
        None => "done".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_named_with_its_collection_and_id() {
        let find =
            r#"{"find":"sessions","filter":{"_id":"5xkLDsHq_0aUrhn-2h5s6A","expireAt":{"$gt":1}}"#;
        assert_eq!(describe(find), "find sessions 5xkLDs…");
        let delete = r#"{"delete":"sessions","deletes":[{"q":{"expireAt"#;
        assert_eq!(describe(delete), "delete sessions");
    }

    #[test]
    fn an_answer_says_how_many_documents_it_was_about() {
        let found = |batch: &str| answer(&format!(r#"{{"cursor":{{"firstBatch":[{batch}]"#));
        assert_eq!(found(""), "nothing");
        assert_eq!(found(r#"{"_id":"5xk","n":3}"#), "1 document");
        assert_eq!(answer(r#"{"n":0,"nModified":0,"ok":1.0}"#), "nothing");
        assert_eq!(answer(r#"{"ok":1.0,"n":12}"#), "12 documents");
        let taken = r#"{"n":0,"writeErrors":[{"index":0,"code":11000"#;
        assert_eq!(answer(taken), "refused");
    }
}
