//! A command to MongoDB and its answer, for who has no client library: one message of
//! its protocol, OP_MSG, with a document in BSON.

use serde_json::{Map, Value};
use std::{
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// For connecting, and again for the answer.
const LIMIT: Duration = Duration::from_secs(5);

/// The number of this kind of message.
const OP_MSG: i32 = 2013;

/// The longest message that the protocol allows, in bytes.
const LONGEST: usize = 48_000_000;

/// Sends a command, such as `{"hello": 1, "$db": "admin"}`, on a connection of its own.
///
/// # Errors
///
/// One line: nobody answers, or the server's own words.
pub fn ask(address: SocketAddr, command: &Value) -> Result<Map<String, Value>, String> {
    let answer = exchange(address, command).map_err(|error| format!("MongoDB: {error}"))?;
    if answer.get("ok").and_then(Value::as_f64) == Some(1.0) {
        return Ok(answer);
    }
    let why = answer.get("errmsg").and_then(Value::as_str);
    Err(format!("MongoDB: {}", why.unwrap_or("it refuses")))
}

fn exchange(address: SocketAddr, command: &Value) -> io::Result<Map<String, Value>> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let command = command.as_object().ok_or_else(odd)?;
    // No flags, then a part of kind 0: one document.
    let body = [&[0; 5], document(command)?.as_slice()].concat();
    // Length, number, what it answers, kind of message.
    let header = [length(16 + body.len())?, 1, 0, OP_MSG];
    stream.write_all(&[header.map(i32::to_le_bytes).concat(), body].concat())?;

    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = usize::try_from(i32::from_le_bytes(length)).map_err(|_| odd())?;
    if !(26..=LONGEST).contains(&length) {
        return Err(odd());
    }
    let mut message = vec![0; length - 4];
    stream.read_exact(&mut message)?;
    read_document(&mut &message[17..])
}

fn odd() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "a message that we cannot read")
}

fn length(bytes: usize) -> io::Result<i32> {
    bytes.try_into().map_err(|_| odd())
}

fn document(fields: &Map<String, Value>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        write_field(&mut bytes, name, value)?;
    }
    Ok([&length(bytes.len() + 5)?.to_le_bytes(), &*bytes, &[0]].concat())
}

/// What a command of ours can hold, and no more: whole numbers have 32 bits.
fn write_field(bytes: &mut Vec<u8>, name: &str, value: &Value) -> io::Result<()> {
    let (kind, value) = match value {
        Value::String(text) => {
            let size = length(text.len() + 1)?.to_le_bytes();
            (2, [&size, text.as_bytes(), &[0]].concat())
        }
        Value::Object(fields) => (3, document(fields)?),
        Value::Array(items) => {
            let names = (0..).map(|number: u32| number.to_string());
            let fields = names.zip(items.iter().cloned()).collect();
            (4, document(&fields)?)
        }
        Value::Bool(yes) => (8, vec![u8::from(*yes)]),
        Value::Number(number) => {
            let number = number
                .as_i64()
                .and_then(|number| i32::try_from(number).ok());
            (16, number.ok_or_else(odd)?.to_le_bytes().to_vec())
        }
        Value::Null => (10, Vec::new()),
    };
    bytes.push(kind);
    bytes.extend_from_slice(name.as_bytes());
    bytes.push(0);
    bytes.extend(value);
    Ok(())
}

/// Takes a document off the front.
fn read_document(bytes: &mut &[u8]) -> io::Result<Map<String, Value>> {
    read::<4>(bytes)?;
    let mut fields = Map::new();
    loop {
        let [kind] = read(bytes)?;
        if kind == 0 {
            return Ok(fields);
        }
        let name = read_name(bytes)?;
        fields.insert(name, read_value(bytes, kind)?);
    }
}

/// What we have no use for, such as a date, is null.
fn read_value(bytes: &mut &[u8], kind: u8) -> io::Result<Value> {
    Ok(match kind {
        1 => f64::from_le_bytes(read(bytes)?).into(),
        2 => {
            let text = read_bytes(bytes, 0)?;
            let text = text.strip_suffix(&[0]).ok_or_else(odd)?;
            String::from_utf8_lossy(text).into()
        }
        3 => read_document(bytes)?.into(),
        4 => read_document(bytes)?
            .into_iter()
            .map(|(_, item)| item)
            .collect(),
        // Its kind stands between its length and its bytes.
        5 => read_bytes(bytes, 1).map(|_| Value::Null)?,
        7 => read::<12>(bytes).map(|_| Value::Null)?,
        8 => (read(bytes)? == [1]).into(),
        9 | 17 => read::<8>(bytes).map(|_| Value::Null)?,
        10 => Value::Null,
        16 => i32::from_le_bytes(read(bytes)?).into(),
        18 => i64::from_le_bytes(read(bytes)?).into(),
        _ => return Err(odd()),
    })
}

fn read<const N: usize>(bytes: &mut &[u8]) -> io::Result<[u8; N]> {
    let mut value = [0; N];
    bytes.read_exact(&mut value)?;
    Ok(value)
}

/// Bytes after their length, which does not count `more` of them.
fn read_bytes<'a>(bytes: &mut &'a [u8], more: usize) -> io::Result<&'a [u8]> {
    let length = usize::try_from(i32::from_le_bytes(read(bytes)?)).map_err(|_| odd())?;
    let (value, rest) = bytes.split_at_checked(length + more).ok_or_else(odd)?;
    *bytes = rest;
    Ok(value)
}

fn read_name(bytes: &mut &[u8]) -> io::Result<String> {
    let end = bytes.iter().position(|byte| *byte == 0).ok_or_else(odd)?;
    let (name, rest) = bytes.split_at(end);
    *bytes = &rest[1..];
    Ok(String::from_utf8_lossy(name).into_owned())
}
