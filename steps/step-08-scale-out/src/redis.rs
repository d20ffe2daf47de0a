use fred::{
    clients::Client,
    error::ErrorKind,
    interfaces::{ClientLike, EventInterface},
    types::{
        Builder, ClusterHash, CustomCommand,
        config::{Config, ReconnectPolicy, UnresponsiveConfig},
    },
};
use std::time::Duration;
use tower_sessions_redis_store::RedisStore;

/// How long one command may take. The first that takes longer ends the request, so
/// that a visitor who waits for a silent Redis soon reads why.
const COMMAND_LIMIT: Duration = Duration::from_secs(1);

/// One server; a cluster, of which a node or two are named; or a master that Sentinels
/// know.
const SCHEMES: [&str; 3] = ["redis://", "redis-cluster://", "redis-sentinel://"];

/// Connects to the Redis at `url`. The error says what is wrong with the address.
pub async fn connect(url: &str) -> Result<RedisStore<Client>, String> {
    // rediss:// would be Redis over TLS. This build of fred has none, and takes
    // such an address all the same.
    let config = Config::from_url(url)
        .ok()
        .filter(|_| SCHEMES.iter().any(|scheme| url.starts_with(scheme)))
        .ok_or(
            "expected redis://host:port, redis-cluster://host:port?node=host:port or \
            redis-sentinel://host:port?sentinelServiceName=name",
        )?;
    let client = Builder::from_config(config)
        // Unset, a lost connection stays lost. Every 250 ms, for ever:
        .set_policy(ReconnectPolicy::new_constant(0, 250))
        .with_performance_config(|limits| {
            // Unset, a command waits for its answer for ever.
            limits.default_command_timeout = COMMAND_LIMIT;
        })
        .with_connection_config(|limits| {
            limits.connection_timeout = COMMAND_LIMIT;
            limits.internal_command_timeout = COMMAND_LIMIT;
            // What failed is not sent again behind our back: the visitor was
            // told that it failed.
            limits.max_command_attempts = 1;
            // A server that vanished without a word is taken for lost.
            limits.unresponsive = UnresponsiveConfig {
                max_timeout: Some(2 * COMMAND_LIMIT),
                interval: COMMAND_LIMIT / 2,
            };
        })
        .build()
        .map_err(|error| error.details().to_owned())?;
    client.init().await.map_err(|error| match error.kind() {
        ErrorKind::IO | ErrorKind::Timeout => {
            "no Redis answers there; `cargo course up redis` starts one".to_owned()
        }
        _ => error.details().to_owned(),
    })?;
    if !client.is_clustered() && is_of_a_cluster(&client).await {
        let advice =
            "that is a node of a Redis Cluster; write redis-cluster:// instead";
        return Err(advice.to_owned());
    }
    client.on_error(|(error, _)| async move {
        tracing::warn!("Redis: {error}");
        Ok(())
    });
    Ok(RedisStore::new(client))
}

/// A node of a cluster refuses every key that is not its own.
async fn is_of_a_cluster(redis: &Client) -> bool {
    let info = CustomCommand::new_static("INFO", ClusterHash::FirstKey, false);
    let told = redis.custom::<String, _>(info, vec!["cluster"]).await;
    told.is_ok_and(|told| told.contains("cluster_enabled:1"))
}
