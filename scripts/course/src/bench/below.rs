//! The servers below the apps, which end with the bench. They count their commands
//! themselves, so that we cannot miscount them.

use super::runs::Runs;
use checks::servers::{self, Redis, Server, mongo};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};
use tempfile::TempDir;

/// Calls of each command, in small letters.
pub type Counts = BTreeMap<String, f64>;

/// What MongoDB's clients and we ask without a session.
const TALK: [&str; 5] = ["hello", "isMaster", "serverStatus", "ping", "endSessions"];

pub struct Below {
    redis: Started,
    asks: Redis,
    mongo: Option<Started>,
    folder: TempDir,
}

struct Started {
    runs: Runs,
    port: u16,
}

impl Below {
    /// A Redis, and a MongoDB where it is wanted.
    pub fn start(with_mongo: bool) -> Result<Below, String> {
        let folder = tempfile::tempdir().map_err(|error| format!("course: {error}"))?;
        let start = |server| Started::new(server, folder.path());
        let redis = start(Server::Redis)?;
        let mongo = with_mongo.then(|| start(Server::Mongo)).transpose()?;
        Ok(Below {
            asks: Redis::connect(redis.address())?,
            redis,
            mongo,
            folder,
        })
    }

    /// Where apps may put files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A database of Redis.
    pub fn redis(&self, database: usize) -> String {
        format!("{}/{database}", Server::Redis.url(self.redis.port))
    }

    pub fn mongo(&self) -> Option<String> {
        let mongo = self.mongo.as_ref()?;
        Some(Server::Mongo.url(mongo.port))
    }

    pub fn redis_process(&self) -> u32 {
        self.redis.runs.process()
    }

    pub fn mongo_process(&self) -> Option<u32> {
        Some(self.mongo.as_ref()?.runs.process())
    }

    /// Of all since the servers started, but for ours, with which we ask.
    pub fn counts(&mut self) -> Result<Counts, String> {
        let mut counts = redis_counts(&self.asks.ask("INFO commandstats")?);
        if let Some(mongo) = &self.mongo {
            let question = json!({ "serverStatus": 1, "$db": "admin" });
            let status = mongo::ask(mongo.address(), &question)?;
            counts.extend(mongo_counts(&status["metrics"]["commands"]));
        }
        Ok(counts)
    }

    /// Of the one session that there is in the database 0 of Redis, in bytes.
    pub fn size_of_the_record(&mut self) -> Result<String, String> {
        let session = self.asks.ask("RANDOMKEY")?;
        self.asks.ask(&format!("STRLEN {session}"))
    }
}

impl Started {
    fn new(server: Server, folder: &Path) -> Result<Started, String> {
        let port = servers::free_ports(1)?[0];
        let data = folder.join(server.name());
        let mut command = server.command(port, &data)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let runs = Runs::start(&mut command, || server.answers(address))?;
        Ok(Started { runs, port })
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }
}

fn redis_counts(stats: &str) -> Counts {
    let counts = stats.lines().filter_map(|line| {
        let (command, numbers) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let calls = numbers.split(',').next()?.parse().ok()?;
        Some((command.to_owned(), calls))
    });
    counts.filter(|(command, _)| command != "info").collect()
}

fn mongo_counts(commands: &Value) -> Counts {
    let commands = commands.as_object().into_iter().flatten();
    let counts = commands.filter_map(|(name, count)| {
        let calls = count.get("total")?.as_f64()?;
        Some((name.clone(), calls))
    });
    counts
        .filter(|(name, _)| !TALK.contains(&name.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(counts: [(&str, f64); 2]) -> Counts {
        Counts::from(counts.map(|(command, calls)| (command.to_owned(), calls)))
    }

    #[test]
    fn commands_of_redis_are_counted_and_ours_are_not() {
        let stats = "# Commandstats\r\n\
            cmdstat_get:calls=69035,usec=46,usec_per_call=11.50,rejected_calls=0\r\n\
            cmdstat_info:calls=1,usec=9,usec_per_call=9.00\r\n\
            cmdstat_set:calls=69034,usec=46,usec_per_call=11.50\r\n";
        let expected = expected([("get", 69035.0), ("set", 69034.0)]);
        assert_eq!(redis_counts(stats), expected);
    }

    #[test]
    fn commands_of_mongodb_are_counted_and_ours_are_not() {
        let status = json!({
            "<UNKNOWN>": 0,
            "find": { "failed": 0, "total": 7 },
            "hello": { "failed": 0, "total": 9 },
            "serverStatus": { "failed": 0, "total": 2 },
            "update": { "failed": 1, "total": 6 },
        });
        assert_eq!(
            mongo_counts(&status),
            expected([("find", 7.0), ("update", 6.0)])
        );
        assert_eq!(mongo_counts(&Value::Null), Counts::new());
    }
}
