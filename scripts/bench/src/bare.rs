//! The floor under step 03's `/count`: one GET and one SET, and no session, in
//! the same server. `cargo course bench` runs both.
//!
//! `REDIS_URL` is the server, `RECORD_BYTES` the size of a session's record.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use fred::{
    clients::Client,
    interfaces::{ClientLike, KeysInterface},
    types::{
        Builder, Expiration,
        config::{Config, ReconnectPolicy, UnresponsiveConfig},
    },
};
use kit::Settings;
use std::{env, error::Error, time::Duration};

const KEY: &str = "the one record there is";

const LIMIT: Duration = Duration::from_secs(1);

/// As long as step 03's sessions live here.
const TTL_SECS: i64 = 3600;

#[derive(Clone)]
struct Bare {
    redis: Client,
    record: Vec<u8>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::load()?;
    let redis = connect(&env::var("REDIS_URL")?).await?;
    let record = vec![b'r'; env::var("RECORD_BYTES")?.parse()?];
    let expiry = Some(Expiration::EX(TTL_SECS));
    redis
        .set::<(), _, _>(KEY, record.as_slice(), expiry, None, false)
        .await?;
    let app = Router::new()
        .route("/count", get(count))
        .with_state(Bare { redis, record });
    Ok(kit::serve(&settings, app).await?)
}

async fn count(State(bare): State<Bare>) -> Result<String, StatusCode> {
    let read = bare.redis.get::<Option<Vec<u8>>, _>(KEY).await;
    let record = read.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let expiry = Some(Expiration::EX(TTL_SECS));
    bare.redis
        .set::<(), _, _>(KEY, bare.record.as_slice(), expiry, None, false)
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(format!("Views: {}", record.unwrap_or_default().len()))
}

/// With every setting of step 03's client.
async fn connect(url: &str) -> Result<Client, fred::error::Error> {
    let client = Builder::from_config(Config::from_url(url)?)
        .set_policy(ReconnectPolicy::new_constant(0, 250))
        .with_performance_config(|limits| limits.default_command_timeout = LIMIT)
        .with_connection_config(|limits| {
            limits.connection_timeout = LIMIT;
            limits.internal_command_timeout = LIMIT;
            limits.max_command_attempts = 1;
            limits.unresponsive = UnresponsiveConfig {
                max_timeout: Some(2 * LIMIT),
                interval: LIMIT / 2,
            };
        })
        .build()?;
    client.init().await?;
    Ok(client)
}
