//! Redis, in its own words.

use super::server::{Holds, Work};
use checks::Stop;
use fred::{
    clients::Client,
    error::Error,
    interfaces::ClientLike,
    types::{Builder, ClusterHash, CustomCommand, FromValue, Value, config::Config},
};
use futures_util::future::try_join_all;
use std::{
    str::FromStr,
    time::{Duration, Instant},
};

/// What a client sends to introduce itself, and what we ask.
const TALK: [&str; 10] = [
    "hello", "auth", "ping", "select", "client", "command", "config", "info", "eval", "keys",
];

/// Summed up by the server, so that no ID comes to us.
const RECORDS: &str = "\
local bytes = 0
for _, key in ipairs(redis.call('KEYS', '*')) do
  bytes = bytes + redis.call('STRLEN', key)
end
return bytes";

/// Copies of an app, each with a connection of its own, and requests that each answers
/// at a time.
const COPIES: usize = 16;
const AT_ONCE: usize = 4;

pub(super) struct Redis {
    client: Client,
    url: String,
}

impl Redis {
    pub(super) async fn reach(url: String) -> Result<Redis, Stop> {
        let client = async {
            let client = Builder::from_config(Config::from_url(&url)?).build()?;
            client.init().await?;
            Ok(client)
        };
        let client = client.await.map_err(|error: Error| Stop::harness(error))?;
        Ok(Redis { client, url })
    }

    pub(super) async fn version(&self) -> Result<String, Stop> {
        let version: String = field(&self.info("server").await?, "redis_version")?;
        Ok(format!("Redis {version}"))
    }

    pub(super) async fn holds(&self) -> Result<Holds, Stop> {
        let records: u32 = self.ask("DBSIZE", vec![]).await?;
        let record: u32 = self.ask("EVAL", vec![RECORDS.into(), 0.into()]).await?;
        Ok(Holds {
            records,
            record: f64::from(record),
            memory: self.memory().await?,
            disk: None,
        })
    }

    /// What is in use, but for the clients' buffers. Read until it is the same four times:
    /// Redis moves its tables piece by piece.
    async fn memory(&self) -> Result<f64, Stop> {
        let (mut last, mut times) = (0, 0);
        for _ in 0..100 {
            let info = self.info("memory").await?;
            let clients: u32 = field(&info, "mem_clients_normal")?;
            let now = field::<u32>(&info, "used_memory")? - clients;
            times = if now == last { times + 1 } else { 1 };
            last = now;
            if times == 4 {
                return Ok(f64::from(now));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let problem = format!("the memory of Redis does not come to rest: {last} bytes");
        Err(Stop::Harness(problem))
    }

    pub(super) async fn work(&self) -> Result<Work, Stop> {
        let info = self.info("everything").await?;
        let calls = info.lines().filter_map(|line| {
            let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
            let calls = rest.split(',').next()?.parse().ok()?;
            let talk = TALK.contains(&name.split('|').next()?);
            (!talk).then(|| (name.to_owned(), calls))
        });
        let (system, user): (f64, f64) = (
            field(&info, "used_cpu_sys")?,
            field(&info, "used_cpu_user")?,
        );
        Ok(Work {
            commands: calls.collect(),
            bytes: [
                field(&info, "total_net_input_bytes")?,
                field(&info, "total_net_output_bytes")?,
            ],
            heartbeats: 0.0,
            busy: system + user,
        })
    }

    /// How many commands were answered by then.
    pub(super) async fn rush(&self, end: Instant) -> Result<u32, Stop> {
        let key: String = self.ask("RANDOMKEY", vec![]).await?;
        let copies = (0..COPIES).map(|_| Redis::reach(self.url.clone()));
        let copies = try_join_all(copies).await?;
        let tasks = copies.iter().flat_map(|copy| [copy; AT_ONCE]);
        let counts = try_join_all(tasks.map(|copy| copy.ask_until(end, &key))).await?;
        Ok(counts.iter().sum())
    }

    async fn ask_until(&self, end: Instant, key: &str) -> Result<u32, Stop> {
        let mut count = 0;
        while Instant::now() < end {
            let record: Vec<u8> = self.ask("GET", vec![key.into()]).await?;
            count += 1;
            if count % 10 == 9 {
                let record = record.as_slice().into();
                let write = vec![key.into(), record, "XX".into(), "KEEPTTL".into()];
                self.ask::<()>("SET", write).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    async fn info(&self, part: &'static str) -> Result<String, Stop> {
        self.ask("INFO", vec![part.into()]).await
    }

    async fn ask<T: FromValue>(
        &self,
        command: &'static str,
        arguments: Vec<Value>,
    ) -> Result<T, Stop> {
        let command = CustomCommand::new_static(command, ClusterHash::FirstKey, false);
        self.client
            .custom(command, arguments)
            .await
            .map_err(Stop::harness)
    }
}

/// The value in a line such as `used_memory:1048576`.
fn field<T: FromStr>(info: &str, name: &str) -> Result<T, Stop> {
    let value = info
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let value = value.and_then(|value| value.trim().parse().ok());
    value.ok_or_else(|| Stop::Harness(format!("INFO of Redis has no {name}")))
}
