//! SQL. What tower-sessions-sqlx-store makes: in SQLite a table `tower_sessions`,
//! in MySQL a table `session` in the database `tower_sessions`, or in another one
//! if told so.

use crate::{
    LIMIT, SHOWN,
    store::{Address, Entry, Glimpse, Missing, Value},
};
use sqlx::{
    AnyPool, AssertSqlSafe, Error, Row,
    any::{AnyPoolOptions, AnyRow},
};

/// In the database of the address, and in one beside it.
const TABLES: [&str; 3] = ["tower_sessions", "session", "tower_sessions.session"];

/// Seconds to live, by the database's own clock.
const MYSQL: &str = "timestampdiff(second, now(), expiry_date)";

/// A date is text here; what was written as a number counts seconds.
const SQLITE: &str = "case typeof(expiry_date) when 'integer' then expiry_date
    else cast(strftime('%s', expiry_date) as integer)
    end - cast(strftime('%s', 'now') as integer)";

pub(crate) async fn look(address: &Address, id: Option<&str>) -> Result<Glimpse, Missing> {
    sqlx::any::install_default_drivers();
    let pool = AnyPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(LIMIT)
        .connect(&address.url)
        .await
        .map_err(|error| why(&error))?;
    let to_live = match address.scheme() {
        "sqlite" => SQLITE,
        _ => MYSQL,
    };
    for table in TABLES {
        match read(&pool, table, to_live, id).await {
            Err(error) if no_table(&error) => {}
            answer => return answer.map_err(|error| why(&error)),
        }
    }
    Err(Missing::Other("no table of sessions there".to_owned()))
}

async fn read(
    pool: &AnyPool,
    table: &str,
    to_live: &str,
    id: Option<&str>,
) -> Result<Glimpse, Error> {
    // Nothing in these texts comes from outside of this file.
    let query = format!(
        "select id, data, {to_live} as to_live from {table}
         where id = ? or ? = '' order by to_live desc limit {}",
        SHOWN + 1
    );
    let count = format!("select count(*) from {table}");
    let id = id.unwrap_or_default();
    let rows = sqlx::query(AssertSqlSafe(query)).bind(id).bind(id);
    let rows = rows.fetch_all(pool).await?;
    let shown = rows.iter().take(SHOWN).map(entry);
    let mut glimpse = Glimpse {
        entries: shown.collect::<Result<_, _>>()?,
        rest: None,
    };
    if rows.len() > SHOWN {
        let all: i64 = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(pool)
            .await?;
        glimpse.rest = Some(format!("the latest of {all}"));
    }
    Ok(glimpse)
}

fn entry(row: &AnyRow) -> Result<Entry, Error> {
    let value = match row.try_get::<Vec<u8>, _>("data") {
        Ok(bytes) => Value::Bytes(bytes),
        Err(_) => Value::Other("not a session's record: its data is not binary".to_owned()),
    };
    Ok(Entry {
        key: row.try_get("id")?,
        to_live: row.try_get("to_live")?,
        value,
    })
}

/// MySQL's 1146, also for one that we may not see (1142, 1044, 1049), in words.
fn no_table(error: &Error) -> bool {
    let Error::Database(error) = error else {
        return false;
    };
    let told = error.message().to_lowercase();
    [
        "no such table",
        "doesn't exist",
        "denied",
        "unknown database",
    ]
    .iter()
    .any(|words| told.contains(words))
}

fn why(error: &Error) -> Missing {
    match error {
        Error::Io(_) | Error::PoolTimedOut => Missing::Store,
        Error::Database(error) if error.code().as_deref() == Some("14") => Missing::Store,
        Error::Database(error) => Missing::Other(error.message().to_owned()),
        error => Missing::Other(error.to_string()),
    }
}
