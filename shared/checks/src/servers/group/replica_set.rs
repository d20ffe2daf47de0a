//! MongoDB's replica set: one node is the primary, which takes writes, and the others
//! follow. When it is gone, they elect another.

use super::{LIMIT, NAME, loopback, until};
use crate::servers::mongo;
use serde_json::{Map, Value, json};

pub(super) const ARGUMENTS: [&str; 6] = [
    "--replSet",
    NAME,
    // In MB, what a node that was away can catch up with. Unset, a part of the disk.
    "--oplogSize",
    "64",
    // In ms. Unset, a node that is told to end goes on for 15 s.
    "--setParameter",
    "shutdownTimeoutMillisForSignaledShutdown=100",
];

pub(super) fn form(ports: &[u16]) -> Result<(), String> {
    if hello(ports[0])?.contains_key("setName") {
        // From another time.
        return Ok(());
    }
    let members = ports.iter().enumerate();
    let members: Vec<Value> = members
        .map(|(number, port)| json!({ "_id": number, "host": format!("127.0.0.1:{port}") }))
        .collect();
    let config = json!({
        "_id": NAME,
        "members": members,
        // A primary that is silent for so long is taken for gone. Unset, 10 s.
        "settings": { "electionTimeoutMillis": 2000 },
    });
    let initiate = json!({ "replSetInitiate": config, "$db": "admin" });
    until(LIMIT, || mongo::ask(loopback(ports[0]), &initiate))?;
    Ok(())
}

pub(super) fn check(ports: &[u16]) -> Result<(), String> {
    let leader = leader(ports)?;
    let expected = Value::from(format!("127.0.0.1:{leader}"));
    for port in ports {
        let answer = hello(*port)?;
        if answer.get("primary") != Some(&expected) {
            return Err(format!("the node on port {port} does not know the primary"));
        }
        if *port != leader && !is(&answer, "secondary") {
            return Err(format!("the node on port {port} does not follow yet"));
        }
    }
    Ok(())
}

pub(super) fn leader(ports: &[u16]) -> Result<u16, String> {
    let is_primary = |port: &&u16| {
        let answer = hello(**port);
        answer.is_ok_and(|answer| is(&answer, "isWritablePrimary"))
    };
    let leader = ports.iter().find(is_primary);
    leader
        .copied()
        .ok_or_else(|| "there is no primary".to_owned())
}

pub(super) fn role(port: u16) -> Result<String, String> {
    let answer = hello(port)?;
    let roles = [("isWritablePrimary", "primary"), ("secondary", "secondary")];
    let role = roles.iter().find(|(field, _)| is(&answer, field));
    Ok(role.map_or("no member yet", |(_, role)| role).to_owned())
}

pub(super) fn sessions(ports: &[u16]) -> Result<u64, String> {
    let count = json!({ "count": "sessions", "$db": "course" });
    let answer = mongo::ask(loopback(leader(ports)?), &count)?;
    let count = answer.get("n").and_then(Value::as_u64);
    count.ok_or_else(|| "MongoDB: no number of sessions".to_owned())
}

fn hello(port: u16) -> Result<Map<String, Value>, String> {
    let answer = mongo::ask(loopback(port), &json!({ "hello": 1, "$db": "admin" }));
    answer.map_err(|why| format!("{why} (port {port})"))
}

fn is(answer: &Map<String, Value>, what: &str) -> bool {
    answer.get(what) == Some(&Value::Bool(true))
}
