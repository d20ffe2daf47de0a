//! A store's server, asked by a client of our own.

use super::{mongo::Mongo, redis::Redis, tenth};
use crate::recorded::Size;
use checks::{Stop, store::Store};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

pub(super) enum Server {
    Redis(Redis),
    Mongo(Mongo),
}

/// What a server keeps of sessions, in bytes.
#[derive(Debug)]
pub(super) struct Holds {
    pub(super) records: u32,
    /// As the app handed them over.
    pub(super) record: f64,
    pub(super) memory: f64,
    pub(super) disk: Option<f64>,
}

/// What a server did since it started.
#[derive(Debug)]
pub(super) struct Work {
    /// Those of an app, by name. What clients say to introduce themselves is left out.
    pub(super) commands: BTreeMap<String, f64>,
    /// From its clients and to them.
    pub(super) bytes: Bytes,
    /// How often a driver asked whether it is there.
    pub(super) heartbeats: f64,
    /// Seconds of a core.
    pub(super) busy: f64,
}

/// From a server's clients, and to them.
pub(super) type Bytes = [f64; 2];

/// What goes over the wire without any request.
#[derive(Debug)]
pub(super) struct Noise {
    /// For asking what the server did.
    question: Bytes,
    heartbeat: Bytes,
}

/// What some requests took that are alike.
#[derive(Debug)]
pub(super) struct Bill {
    /// For each of them.
    pub(super) commands: Vec<String>,
    /// For all of them.
    pub(super) bytes: Bytes,
}

/// A client for each.
impl Server {
    pub(super) async fn reach(store: &Store) -> Result<Server, Stop> {
        Ok(match store.kind().server() {
            Some(checks::servers::Server::Redis) => Server::Redis(Redis::reach(store.url()).await?),
            _ => Server::Mongo(Mongo::reach(&store.url()).await?),
        })
    }

    /// Such as `Redis 7.0.15`.
    pub(super) async fn version(&self) -> Result<String, Stop> {
        match self {
            Server::Redis(redis) => redis.version().await,
            Server::Mongo(mongo) => mongo.version().await,
        }
    }

    pub(super) async fn holds(&self) -> Result<Holds, Stop> {
        match self {
            Server::Redis(redis) => redis.holds().await,
            Server::Mongo(mongo) => mongo.holds().await,
        }
    }

    pub(super) async fn work(&self) -> Result<Work, Stop> {
        match self {
            Server::Redis(redis) => redis.work().await,
            Server::Mongo(mongo) => mongo.work().await,
        }
    }

    /// Commands for each second that a core of it was busy, while 64 tasks ask without a
    /// pause: nine reads of a record to one write. The best of three times: whatever else
    /// runs on the machine makes it slower, and never faster.
    pub(super) async fn rate(&self, time: Duration) -> Result<f64, Stop> {
        let mut best = 0.0f64;
        for _ in 0..3 {
            let before = self.work().await?;
            let end = Instant::now() + time;
            let count = match self {
                Server::Redis(redis) => redis.rush(end).await?,
                Server::Mongo(mongo) => mongo.rush(end).await?,
            };
            let busy = self.work().await?.busy - before.busy;
            best = best.max(f64::from(count) / busy);
        }
        Ok(best.round())
    }

    /// While nobody asks anything, for some seconds.
    pub(super) async fn noise(&self) -> Result<Noise, Stop> {
        let first = self.work().await?;
        let second = self.work().await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let third = self.work().await?;
        let question = minus(second.bytes, first.bytes);
        let quiet = minus(minus(third.bytes, second.bytes), question);
        // Redis has none.
        let heartbeats = (third.heartbeats - second.heartbeats).max(1.0);
        Ok(Noise {
            question,
            heartbeat: quiet.map(|bytes| bytes / heartbeats),
        })
    }
}

impl Holds {
    /// What each session takes of those that are there and were not there before.
    pub(super) fn each_since(&self, before: &Holds) -> Size {
        let new = f64::from(self.records - before.records);
        let each = |now: f64, before: f64| tenth((now - before) / new);
        let disk = self.disk.zip(before.disk);
        Size {
            record: each(self.record, before.record),
            memory: each(self.memory, before.memory),
            just_written: None,
            disk: disk.map(|(now, before)| each(now, before)),
        }
    }
}

impl Work {
    /// What some requests took that are alike, and were all that happened since then.
    pub(super) fn since(&self, before: &Work, requests: u32, noise: &Noise) -> Result<Bill, Stop> {
        let mut commands = Vec::new();
        for (name, now) in &self.commands {
            let all = now - before.commands.get(name).unwrap_or(&0.0);
            let each = all / f64::from(requests);
            // MongoDB has a word with itself now and then.
            if (each - each.round()).abs() > 0.01 {
                let problem = format!("{all} {name} for {requests} requests that are alike");
                return Err(Stop::Harness(problem));
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            commands.extend(vec![name.clone(); each.round() as usize]);
        }
        let heartbeats = self.heartbeats - before.heartbeats;
        let meanwhile = noise.heartbeat.map(|bytes| bytes * heartbeats);
        let all = minus(minus(self.bytes, before.bytes), noise.question);
        Ok(Bill {
            commands,
            bytes: minus(all, meanwhile),
        })
    }
}

fn minus(all: Bytes, part: Bytes) -> Bytes {
    [all[0] - part[0], all[1] - part[1]]
}
