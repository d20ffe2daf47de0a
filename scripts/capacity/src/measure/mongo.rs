//! MongoDB, in its own words.

use super::server::{Holds, Work};
use checks::Stop;
use futures_util::{TryStreamExt, future::try_join_all};
use mongodb::{
    Client, Collection, Database,
    bson::{Bson, Document, RawDocumentBuf, doc},
    options::{ClientOptions, Hint, WriteConcern},
};
use std::{collections::BTreeMap, time::Instant};

/// What drivers say to introduce themselves and to see whether a server is there, and
/// what we ask.
const TALK: [&str; 8] = [
    "hello",
    "isMaster",
    "ping",
    "serverStatus",
    "collStats",
    "fsync",
    "aggregate",
    "buildInfo",
];

pub(super) struct Mongo {
    database: Database,
    sessions: Collection<RawDocumentBuf>,
}

impl Mongo {
    pub(super) async fn reach(url: &str) -> Result<Mongo, Stop> {
        let mut options = ClientOptions::parse(url).await?;
        // As the step has it.
        options.write_concern = Some(WriteConcern::builder().journal(true).build());
        let name = options.default_database.clone().unwrap_or_default();
        let database = Client::with_options(options)?.database(&name);
        let sessions = database.collection("sessions");
        Ok(Mongo { database, sessions })
    }

    pub(super) async fn version(&self) -> Result<String, Stop> {
        let info = self.database.run_command(doc! { "buildInfo": 1 }).await?;
        let version = info.get_str("version").map_err(Stop::harness)?;
        Ok(format!("MongoDB {version}"))
    }

    /// After a checkpoint, so that the files are what they should be.
    pub(super) async fn holds(&self) -> Result<Holds, Stop> {
        self.admin(doc! { "fsync": 1 }).await?;
        let stats = self.stats().await?;
        let files = number(&stats, &["storageSize"])? + number(&stats, &["totalIndexSize"])?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Ok(Holds {
            records: number(&stats, &["count"])? as u32,
            record: number(&stats, &["size"])?,
            memory: in_cache(&stats)?,
            disk: Some(files),
        })
    }

    /// What is in the cache after each session was read from the files, by each index.
    pub(super) async fn read_all(&self) -> Result<f64, Stop> {
        for index in [doc! { "_id": 1 }, doc! { "expireAt": 1 }] {
            let mut all = self.sessions.find(doc! {}).hint(Hint::Keys(index)).await?;
            while all.try_next().await?.is_some() {}
        }
        in_cache(&self.stats().await?)
    }

    async fn stats(&self) -> Result<Document, Stop> {
        let stats = doc! { "collStats": "sessions" };
        Ok(self.database.run_command(stats).await?)
    }

    pub(super) async fn work(&self) -> Result<Work, Stop> {
        let status = self.admin(doc! { "serverStatus": 1 }).await?;
        let commands = status.get_document("metrics");
        let commands = commands.and_then(|metrics| metrics.get_document("commands"));
        let commands = commands.map_err(Stop::harness)?;
        let counts = commands.iter().filter_map(|(name, count)| {
            let count = number(count.as_document()?, &["total"]).ok()?;
            Some((name.clone(), count))
        });
        let (talk, commands): (BTreeMap<_, _>, BTreeMap<_, _>) =
            counts.partition(|(name, _)| TALK.contains(&name.as_str()));
        let heartbeats = ["hello", "isMaster"].map(|name| talk.get(name).unwrap_or(&0.0));
        let micros = number(&status, &["extra_info", "user_time_us"])?
            + number(&status, &["extra_info", "system_time_us"])?;
        Ok(Work {
            commands,
            bytes: [
                number(&status, &["network", "bytesIn"])?,
                number(&status, &["network", "bytesOut"])?,
            ],
            heartbeats: heartbeats.into_iter().sum(),
            busy: micros / 1_000_000.0,
        })
    }

    /// How many commands were answered by then.
    pub(super) async fn rush(&self, end: Instant) -> Result<u32, Stop> {
        let record = self.sessions.find_one(doc! {}).await?;
        let record = record.ok_or_else(|| Stop::Harness("MongoDB is empty".into()))?;
        let this = doc! { "_id": record.get_str("_id").map_err(Stop::harness)? };
        let ask = async |_| {
            let mut count = 0;
            while Instant::now() < end {
                self.sessions.find_one(this.clone()).await?;
                count += 1;
                if count % 10 == 9 {
                    let replace = self.sessions.replace_one(this.clone(), &record);
                    replace.await?;
                    count += 1;
                }
            }
            Ok::<u32, Stop>(count)
        };
        let counts = try_join_all((0..64).map(ask)).await?;
        Ok(counts.iter().sum())
    }

    async fn admin(&self, command: Document) -> Result<Document, Stop> {
        let admin = self.database.client().database("admin");
        Ok(admin.run_command(command).await?)
    }
}

/// The collection's pages and those of its indexes.
fn in_cache(stats: &Document) -> Result<f64, Stop> {
    let indexes = stats.get_document("indexDetails").map_err(Stop::harness)?;
    let indexes = indexes.keys().map(|name| vec!["indexDetails", name]);
    let parts = std::iter::once(vec!["wiredTiger"]).chain(indexes);
    parts
        .map(|mut path| {
            path.extend(["cache", "bytes currently in the cache"]);
            number(stats, &path)
        })
        .sum()
}

/// A number, in documents within documents.
fn number(document: &Document, path: &[&str]) -> Result<f64, Stop> {
    let missing = || Stop::Harness(format!("MongoDB tells no {}", path.join(" ")));
    let (last, parts) = path.split_last().ok_or_else(missing)?;
    let mut part = document;
    for name in parts {
        part = part.get_document(name).map_err(|_| missing())?;
    }
    match part.get(last) {
        Some(Bson::Int32(number)) => Ok(f64::from(*number)),
        #[expect(clippy::cast_precision_loss, reason = "sizes, far below 2^53")]
        Some(Bson::Int64(number)) => Ok(*number as f64),
        Some(Bson::Double(number)) => Ok(*number),
        _ => Err(missing()),
    }
}
