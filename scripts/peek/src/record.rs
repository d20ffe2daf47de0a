//! What a store keeps of a session, decoded.

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeMap;
use time::{OffsetDateTime, UtcOffset};

/// tower-sessions' `Record`, as the stores of 0.11 to 0.14 write it: MessagePack
/// with rmp-serde.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Record {
    #[serde(deserialize_with = "id")]
    pub(crate) id: String,
    pub(crate) data: BTreeMap<String, Value>,
    #[serde(deserialize_with = "utc")]
    pub(crate) expiry_date: String,
}

/// A session's value, as far as it can be read.
#[derive(Debug)]
pub(crate) enum Read {
    Record(Record),
    /// MessagePack, but not a session's.
    Other(Value),
    Junk,
}

pub(crate) fn read(bytes: &[u8]) -> Read {
    if let Some(record) = whole(bytes) {
        return Read::Record(record);
    }
    match whole(bytes) {
        // Any byte below 128 is a number in MessagePack: no text says more.
        Some(value @ (Value::Object(_) | Value::Array(_))) => Read::Other(value),
        _ => Read::Junk,
    }
}

/// All of the bytes have to belong to the value.
fn whole<T: DeserializeOwned>(mut bytes: &[u8]) -> Option<T> {
    let value = T::deserialize(&mut rmp_serde::Deserializer::new(&mut bytes)).ok()?;
    bytes.is_empty().then_some(value)
}

/// The ID is a number there. As a key it is base64: 6 bits a character, the
/// number's lowest byte first.
fn id<'de, D: Deserializer<'de>>(decoder: D) -> Result<String, D::Error> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bytes = i128::deserialize(decoder)?.to_le_bytes();
    let bit = |index: usize| {
        let byte = bytes.get(index / 8).copied().unwrap_or(0);
        usize::from(byte >> (7 - index % 8) & 1)
    };
    let letter = |first: usize| (first..first + 6).fold(0, |number, index| number * 2 + bit(index));
    let letters = (0..22).map(|index| char::from(LETTERS[letter(index * 6)]));
    Ok(letters.collect())
}

fn utc<'de, D: Deserializer<'de>>(decoder: D) -> Result<String, D::Error> {
    let time = OffsetDateTime::deserialize(decoder)?.to_offset(UtcOffset::UTC);
    let (hour, minute, second) = time.to_hms();
    let date = time.date();
    Ok(format!("{date} {hour:02}:{minute:02}:{second:02} UTC"))
}
