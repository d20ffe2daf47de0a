//! Redis commands, from the log records of the driver, fred 10.1. Its features
//! `debug-ids` and `network-logs` put numbers and arguments into them.
//!
//! ```text
//! fred::interfaces           fred-1: Sending command SET (17) to router.      in the request's task
//! fred::router::utils        fred-1: Sending command SET (17) to 127.0.0.1:6379
//! fred::protocol::debug      fred-1: Encoded Array([String("SET"), …])
//! fred::protocol::debug      fred-1: Decoded String("OK")
//! fred::router::centralized  fred-1: Checking response to SET (17)
//! ```

mod frame;

use super::store::{Numbered, Open, found_wire, lock};
use frame::{answer, command, parts};
use log::{LevelFilter, Log, Metadata, Record};
use std::{mem::take, sync::Mutex};

/// Listens to the driver. It writes nothing: the records hold session IDs.
pub(super) fn listen() {
    if log::set_logger(&Ear).is_ok() {
        log::set_max_level(LevelFilter::Trace);
    }
}

struct Ear;

impl Log for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        matches!(
            metadata.target(),
            "fred::interfaces"
                | "fred::router::utils"
                | "fred::protocol::debug"
                | "fred::router::centralized"
        )
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            found_wire();
            let text = record.args().to_string();
            // Behind the client's name.
            if let Some((_, text)) = text.split_once(": ") {
                lock(&WIRE).hear(text);
            }
        }
    }

    fn flush(&self) {}
}

static WIRE: Mutex<Wire> = Mutex::new(Wire::new());

/// An app's connection to Redis.
#[derive(Debug)]
struct Wire {
    open: Numbered,
    /// The command that is being written.
    writing: Option<u64>,
    /// What was read last.
    read: String,
}

impl Wire {
    const fn new() -> Wire {
        Wire {
            open: Numbered::new(),
            writing: None,
            read: String::new(),
        }
    }

    fn hear(&mut self, text: &str) {
        if let Some(sending) = text.strip_prefix("Sending command ") {
            let Some((name, number)) = name_and_number(sending) else {
                return;
            };
            if sending.ends_with(" to router.") {
                if let Some(open) = Open::begin(name) {
                    self.open.insert(number, open);
                }
            } else {
                self.writing = Some(number);
            }
        } else if let Some(frame) = text.strip_prefix("Encoded Array(") {
            let writing = self.writing.take();
            if let Some(open) = writing.and_then(|number| self.open.get(number)) {
                open.describe(command(&parts(frame)));
            }
        } else if let Some(frame) = text.strip_prefix("Decoded ") {
            self.read = answer(frame);
        } else if let Some((_, number)) = text
            .strip_prefix("Checking response to ")
            .and_then(name_and_number)
            && let Some(open) = self.open.remove(number)
        {
            open.finish(take(&mut self.read));
        }
    }
}

/// `SET` and 17 from `SET (17) to router.`
fn name_and_number(text: &str) -> Option<(&str, u64)> {
    let (name, rest) = text.split_once(" (")?;
    let (number, _) = rest.split_once(')')?;
    Some((name, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{super::store, *};

    const ID: &str = "5xkLDsHq_0aUrhn-2h5s6A";

    /// What fred 10.1 says in turn, and what the strip makes of it.
    async fn heard(records: &[&str]) -> Vec<(String, Option<String>)> {
        let mut wire = Wire::new();
        let ((), commands) = store::watch(async {
            for record in records {
                wire.hear(record);
            }
        })
        .await;
        commands
            .into_iter()
            .map(|command| (command.text, command.answer.map(|answer| answer.text)))
            .collect()
    }

    #[tokio::test]
    async fn a_commands_arguments_and_answer_are_told_from_its_neighbours() {
        let get = format!("Encoded Array([String(\"GET\"), String(\"{ID}\")])");
        let set = format!(
            "Encoded Array([String(\"SET\"), String(\"{ID}\"), Bytes([147, 1, 2]), String(\"NX\")])"
        );
        let commands = heard(&[
            "Sending command SET (1) to router.",
            "Sending command GET (2) to router.",
            "Sending command DEL (3) to router.",
            "Sending command SET (1) to 127.0.0.1:6379",
            &set,
            "Sending command GET (2) to 127.0.0.1:6379",
            &get,
            "Encoded Array([String(\"PING\")])",
            "Decoded String(\"OK\")",
            "Checking response to SET (1)",
            "Decoded String(\"nil\")",
            "Checking response to GET (2)",
        ])
        .await;
        let expected = [
            ("SET 5xkLDs… ⟨3 bytes⟩ NX", Some("OK")),
            ("GET 5xkLDs…", Some("nil")),
            ("DEL", None),
        ];
        let expected = expected.map(|(text, answer)| (text.to_owned(), answer.map(str::to_owned)));
        assert_eq!(commands, expected);
    }

    #[test]
    fn a_command_outside_of_a_request_is_nobodys() {
        let mut wire = Wire::new();
        wire.hear("Sending command GET (2) to router.");
        assert!(wire.open.get(2).is_none());
    }
}
