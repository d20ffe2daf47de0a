//! The inside of Redis: a session's key is its ID.

use super::{Commands, Junk, Store};
use crate::verdict::{Stop, Verdict};
use fred::{
    clients::Client,
    interfaces::ClientLike,
    types::{Builder, ClusterHash, CustomCommand, FromValue, Value, config::Config},
};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// Commands that read.
const READS: [&str; 6] = ["get", "mget", "getex", "exists", "hget", "hgetall"];

/// What a client sends to introduce itself, and what we ask. Whatever else there
/// is counts as a write, so that none goes uncounted.
const TALK: [&str; 14] = [
    "hello", "auth", "ping", "quit", "select", "client", "command", "config", "info", "keys",
    "cluster", "pttl", "echo", "role",
];

pub(super) async fn commands(store: &Store) -> Result<Commands, Stop> {
    let stats: String = ask(store, "INFO", vec!["commandstats".into()]).await?;
    let mut commands = Commands::default();
    for line in stats.lines() {
        // cmdstat_client|setinfo:calls=2,usec=…
        let Some(line) = line.strip_prefix("cmdstat_") else {
            continue;
        };
        let (name, rest) = line.split_once(":calls=").unwrap_or((line, ""));
        let name = name.split('|').next().unwrap_or_default();
        let calls = rest.split(',').next().unwrap_or_default();
        let calls: u64 = calls.parse().map_err(Stop::harness)?;
        if READS.contains(&name) {
            commands.reads += calls;
        } else if !TALK.contains(&name) {
            commands.writes += calls;
        }
    }
    Ok(commands)
}

pub(super) async fn ids(store: &Store) -> Result<Vec<String>, Stop> {
    // A server of ours, and few keys.
    ask(store, "KEYS", vec!["*".into()]).await
}

pub(super) async fn record(store: &Store, id: &str) -> Result<Vec<u8>, Stop> {
    let record: Option<Vec<u8>> = ask(store, "GET", vec![id.into()]).await?;
    record.ok_or_else(|| Stop::Harness("there is no such record".into()))
}

pub(super) async fn seconds_to_live(store: &Store, id: &str) -> Result<Option<f64>, Stop> {
    let left: i32 = ask(store, "PTTL", vec![id.into()]).await?;
    Ok((left >= 0).then(|| f64::from(left) / 1000.0))
}

#[cfg(test)]
#[cfg(all(feature = "mongodb", feature = "redis"))]
pub(super) async fn plant(store: &Store, id: &str, lifetime: Duration) -> Verdict {
    let seconds = lifetime.as_secs().to_string();
    let arguments = vec![id.into(), "junk".into(), "EX".into(), seconds.into()];
    ask(store, "SET", arguments).await
}

pub(super) async fn forget(store: &Store, id: &str) -> Verdict {
    ask(store, "DEL", vec![id.into()]).await
}

pub(super) async fn spoil(store: &Store, id: &str, junk: &Junk) -> Verdict {
    match junk {
        Junk::Bytes(bytes) => {
            let value = bytes.as_slice().into();
            ask(store, "SET", vec![id.into(), value, "KEEPTTL".into()]).await
        }
        Junk::Document(_) => Err(Stop::Harness("Redis has no documents".into())),
        Junk::OtherType => {
            forget(store, id).await?;
            ask::<i64>(store, "RPUSH", vec![id.into(), "a".into()]).await?;
            ask(store, "EXPIRE", vec![id.into(), "60".into()]).await
        }
    }
}

/// The server holds more than this. It refuses what would make it more, and
/// throws nothing out, which is its default.
pub(super) async fn refuse_new_records(store: &Store) -> Verdict {
    limit_memory(store, "1").await
}

pub(super) async fn take_new_records(store: &Store) -> Verdict {
    limit_memory(store, "0").await
}

async fn limit_memory(store: &Store, bytes: &'static str) -> Verdict {
    ask(
        store,
        "CONFIG",
        vec!["SET".into(), "maxmemory".into(), bytes.into()],
    )
    .await
}

async fn ask<T: FromValue>(
    store: &Store,
    command: &'static str,
    arguments: Vec<Value>,
) -> Result<T, Stop> {
    let client = connect(store).await.map_err(Stop::harness)?;
    let command = CustomCommand::new_static(command, ClusterHash::Random, false);
    let answer = client.custom(command, arguments).await;
    let _ = client.quit().await;
    answer.map_err(Stop::harness)
}

async fn connect(store: &Store) -> Result<Client, fred::error::Error> {
    let client = Builder::from_config(Config::from_url(&store.url())?)
        .with_performance_config(|limits| limits.default_command_timeout = LIMIT)
        .with_connection_config(|limits| limits.connection_timeout = LIMIT)
        .build()?;
    client.init().await?;
    Ok(client)
}
