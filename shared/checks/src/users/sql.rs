//! SQL: a table `users` with the columns `id`, `email`, `password`, `role`, `created_at`
//! and `updated_at`, and a table `user_sessions` with a column `user_id`.

use crate::verdict::{Stop, Verdict};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, any::AnyQueryResult};
use std::time::{Duration, UNIX_EPOCH};

const LIMIT: Duration = Duration::from_secs(5);

/// Makes a database, as the user of this address.
pub(super) async fn create(url: &str, name: &str) -> Verdict {
    let statement = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
    run(url, &statement, None).await.map(drop)
}

pub(super) async fn count(url: &str) -> Result<i64, Stop> {
    in_time(async {
        let mut connection = connect(url).await?;
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM users");
        count.fetch_one(&mut connection).await
    })
    .await
}

pub(super) async fn password_hash(url: &str, email: &str) -> Result<Option<String>, Stop> {
    in_time(async {
        let mut connection = connect(url).await?;
        let hash = sqlx::query_scalar("SELECT password FROM users WHERE email = ?");
        hash.bind(email).fetch_optional(&mut connection).await
    })
    .await
}

pub(super) async fn add(url: &str, id: &str, email: &str, hash: &str) -> Verdict {
    let now = UNIX_EPOCH.elapsed().map_err(Stop::harness)?.as_secs();
    let now = i64::try_from(now).map_err(Stop::harness)?;
    in_time(async {
        let mut connection = connect(url).await?;
        let add = sqlx::query(
            "INSERT INTO users (id, email, password, role, created_at, updated_at) \
             VALUES (?, ?, ?, 'student', ?, ?)",
        );
        let add = add.bind(id).bind(email).bind(hash).bind(now).bind(now);
        add.execute(&mut connection).await.map(drop)
    })
    .await
}

#[cfg(test)]
pub(super) async fn logins(url: &str) -> u64 {
    let mut connection = connect(url).await.unwrap();
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM user_sessions");
    let count: i64 = count.fetch_one(&mut connection).await.unwrap();
    count.unsigned_abs()
}

/// Says how many were changed.
pub(super) async fn set(url: &str, email: &str, column: &str, value: &str) -> Result<u64, Stop> {
    let changed = in_time(async {
        let mut connection = connect(url).await?;
        let update = format!("UPDATE users SET {column} = ? WHERE email = ?");
        let change = sqlx::query(AssertSqlSafe(update)).bind(value).bind(email);
        change.execute(&mut connection).await
    });
    Ok(changed.await?.rows_affected())
}

/// Says how many were deleted.
pub(super) async fn delete(url: &str, email: &str) -> Result<u64, Stop> {
    let statement = "DELETE FROM users WHERE email = ?";
    let deleted = run(url, statement, Some(email)).await?;
    Ok(deleted.rows_affected())
}

pub(super) async fn end_logins(url: &str, email: Option<&str>) -> Verdict {
    let all = "DELETE FROM user_sessions";
    let of_one = "DELETE FROM user_sessions \
                  WHERE user_id = (SELECT id FROM users WHERE email = ?)";
    let statement = if email.is_some() { of_one } else { all };
    run(url, statement, email).await.map(drop)
}

pub(super) async fn rename(url: &str, from: &str, to: &str) -> Verdict {
    let statement = format!("ALTER TABLE {from} RENAME TO {to}");
    run(url, &statement, None).await.map(drop)
}

pub(super) async fn run(
    url: &str,
    statement: &str,
    value: Option<&str>,
) -> Result<AnyQueryResult, Stop> {
    in_time(async {
        let mut connection = connect(url).await?;
        // Nothing in these texts comes from outside of this folder.
        let mut query = sqlx::query(AssertSqlSafe(statement.to_owned()));
        if let Some(value) = value {
            query = query.bind(value);
        }
        query.execute(&mut connection).await
    })
    .await
}

async fn connect(url: &str) -> Result<AnyConnection, sqlx::Error> {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await
}

async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Stop> {
    let answer = tokio::time::timeout(LIMIT, work).await;
    let answer = answer.map_err(|_| Stop::Harness("the users' database is silent".into()))?;
    answer.map_err(|error| Stop::Harness(format!("the users' database: {error}")))
}
