//! Redis: a key is a session's ID alone, the value its record in MessagePack.

use crate::{
    LIMIT, SHOWN,
    store::{Address, Entry, Glimpse, Missing, Value, is_id},
};
use fred::{
    clients::Client,
    error::{Error, ErrorKind},
    interfaces::ClientLike,
    types::{Builder, ClusterHash, CustomCommand, config::Config},
};

/// 22 characters of any kind.
const PATTERN: &str = "??????????????????????";

pub(crate) async fn look(address: &Address, id: Option<&str>) -> Result<Glimpse, Missing> {
    let config = Config::from_url(&address.url).map_err(why)?;
    let client = Builder::from_config(config)
        .with_performance_config(|limits| limits.default_command_timeout = LIMIT)
        .with_connection_config(|limits| limits.connection_timeout = LIMIT)
        .build()
        .map_err(why)?;
    client.init().await.map_err(why)?;
    let (keys, more) = match id {
        Some(id) => (vec![id.to_owned()], false),
        None => scan(&client).await.map_err(why)?,
    };
    let mut glimpse = Glimpse::default();
    for key in keys {
        glimpse
            .entries
            .extend(entry(&client, key).await.map_err(why)?);
    }
    if more {
        let keys: u64 = ask(&client, "DBSIZE", &[]).await.map_err(why)?;
        glimpse.rest = Some(format!("the first; {keys} keys in all"));
    }
    Ok(glimpse)
}

/// Some keys, and whether there are more. SCAN looks at a part at a time: KEYS
/// would keep every other client waiting until all were seen.
async fn scan(client: &Client) -> Result<(Vec<String>, bool), Error> {
    let (mut keys, mut cursor) = (Vec::new(), "0".to_owned());
    loop {
        let arguments = [cursor.as_str(), "MATCH", PATTERN, "COUNT", "1000"];
        let (next, found): (String, Vec<String>) = ask(client, "SCAN", &arguments).await?;
        keys.extend(found.into_iter().filter(|key| is_id(key)));
        cursor = next;
        if cursor == "0" || keys.len() > SHOWN {
            break;
        }
    }
    // SCAN may tell a key twice.
    keys.sort();
    keys.dedup();
    let more = keys.len() > SHOWN || cursor != "0";
    keys.truncate(SHOWN);
    Ok((keys, more))
}

/// `None` when it has gone in the meantime.
async fn entry(client: &Client, key: String) -> Result<Option<Entry>, Error> {
    let kind: String = ask(client, "TYPE", &[&key]).await?;
    let value = match kind.as_str() {
        "none" => return Ok(None),
        "string" => match ask(client, "GET", &[&key]).await? {
            Some(bytes) => Value::Bytes(bytes),
            None => return Ok(None),
        },
        kind => Value::Other(format!("not a session's record, but a {kind} of Redis")),
    };
    let to_live: i64 = ask(client, "TTL", &[&key]).await?;
    Ok(Some(Entry {
        key,
        // -1 is for ever, and -2 is a key that went just now.
        to_live: (to_live != -1).then_some(to_live.max(0)),
        value,
    }))
}

async fn ask<T: fred::types::FromValue>(
    client: &Client,
    command: &'static str,
    arguments: &[&str],
) -> Result<T, Error> {
    let command = CustomCommand::new_static(command, ClusterHash::FirstKey, false);
    let arguments = arguments.iter().map(|&text| text.to_owned()).collect();
    client.custom::<T, String>(command, arguments).await
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn why(error: Error) -> Missing {
    match error.kind() {
        ErrorKind::IO | ErrorKind::Timeout | ErrorKind::Canceled => Missing::Store,
        _ => Missing::Other(error.details().to_owned()),
    }
}
