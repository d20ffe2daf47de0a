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

/// What a server was asked since it started.
#[derive(Debug)]
pub(super) struct Work {
    /// Those of an app, by name. What clients say to introduce themselves is left out.
    pub(super) commands: BTreeMap<String, f64>,
    pub(super) meters: Meters,
}

/// Bytes from the server's clients, bytes to them, and seconds of a core.
pub(super) type Meters = [f64; 3];

/// What the meters count without any request.
#[derive(Debug)]
pub(super) struct Noise {
    /// For asking what they are.
    question: Meters,
    /// In a second: drivers ask whether the server is there, and it tidies up.
    second: Meters,
}

/// What some requests took that are alike.
#[derive(Debug)]
pub(super) struct Bill {
    /// For each of them.
    pub(super) commands: Vec<String>,
    /// For all of them.
    pub(super) meters: Meters,
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
            let [.., busy] = minus(self.work().await?.meters, before.meters);
            best = best.max(f64::from(count) / busy);
        }
        Ok(best.round())
    }

    /// While nobody asks anything, for two seconds.
    pub(super) async fn noise(&self) -> Result<Noise, Stop> {
        let first = self.work().await?;
        let (second, start) = (self.work().await?, Instant::now());
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (third, took) = (self.work().await?, start.elapsed().as_secs_f64());
        let question = minus(second.meters, first.meters);
        let rest = minus(minus(third.meters, second.meters), question);
        let second = rest.map(|count| count / took);
        Ok(Noise { question, second })
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
    pub(super) fn since(
        &self,
        before: &Work,
        requests: u32,
        took: Duration,
        noise: &Noise,
    ) -> Result<Bill, Stop> {
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
        let meanwhile = noise.second.map(|count| count * took.as_secs_f64());
        let all = minus(self.meters, before.meters);
        Ok(Bill {
            commands,
            meters: minus(minus(all, noise.question), meanwhile),
        })
    }
}

fn minus(all: Meters, part: Meters) -> Meters {
    [0, 1, 2].map(|meter| all[meter] - part[meter])
}
