//! The sessions in a store as a person wants to read them: key, time to live,
//! size, and the record decoded. Nothing is changed.

mod page;
mod record;
mod store;

#[cfg(feature = "mongo")]
mod mongo;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sql")]
mod sql;

use std::{env, time::Duration};
use store::{Address, Glimpse, Missing};

/// For all of it: a store that is away is said to be away within this time.
const LIMIT: Duration = Duration::from_secs(3);

/// How many sessions a list shows.
const SHOWN: usize = 20;

/// A list of the sessions in `store`, or the one session `id` in full. The store
/// is where `REDIS_URL`, `MONGODB_URL` or `DATABASE_URL` says.
///
/// # Errors
///
/// One line, which shows no password.
pub async fn peek(store: &str, id: Option<&str>) -> Result<String, String> {
    let address = address(store)?;
    if let Some(id) = id
        && !store::is_id(id)
    {
        let expected = "a session's ID has 22 letters, digits, - and _";
        return Err(format!("`{}`: {expected}", id.escape_debug()));
    }
    let looked = tokio::time::timeout(LIMIT, look(&address, id)).await;
    let glimpse = match looked {
        Ok(Ok(glimpse)) => glimpse,
        Ok(Err(Missing::Store)) | Err(_) => return Err(away(&address)),
        Ok(Err(Missing::Other(why))) => return Err(format!("{}: {why}", address.shown)),
    };
    match id {
        None => Ok(page::list(&address.shown, &glimpse)),
        Some(id) => match glimpse.entries.first() {
            Some(entry) => Ok(page::one(entry)),
            None => Err(format!("no session {id} in {}", address.shown)),
        },
    }
}

fn address(store: &str) -> Result<Address, String> {
    let (variable, default, server) = match store {
        "redis" => ("REDIS_URL", "redis://127.0.0.1:6379", "redis"),
        "mongo" => ("MONGODB_URL", "mongodb://127.0.0.1:27017/course", "mongo"),
        "sql" => (
            "DATABASE_URL",
            "mysql://course:course@127.0.0.1:3306/course",
            "mysql",
        ),
        other => {
            let other = other.escape_debug();
            return Err(format!(
                "no store `{other}`; there are redis, mongo and sql"
            ));
        }
    };
    let url = env::var(variable).unwrap_or_default();
    let url = if url.is_empty() {
        default.to_owned()
    } else {
        url
    };
    Address::new(variable, server, url)
}

async fn look(address: &Address, id: Option<&str>) -> Result<Glimpse, Missing> {
    match address.scheme() {
        #[cfg(feature = "redis")]
        "redis" => redis::look(address, id).await,
        #[cfg(feature = "mongo")]
        "mongodb" => mongo::look(address, id).await,
        #[cfg(feature = "sql")]
        "mysql" | "mariadb" | "sqlite" => sql::look(address, id).await,
        scheme => Err(Missing::Other(format!("peek does not speak {scheme}"))),
    }
}

fn away(address: &Address) -> String {
    let (shown, server) = (&address.shown, address.server);
    if address.scheme() == "sqlite" {
        return format!("no database at {shown}");
    }
    format!("no answer from {shown}; `cargo course up {server}` starts one")
}
