//! Users in SQLite or MySQL.

use crate::{
    life::now,
    users::{Error, Result, User, UserSession, UserStore},
};
use async_trait::async_trait;
use sqlx::{Any, AnyPool, any::AnyArguments, query::Query};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::timeout;

/// How long one query may take.
const QUERY_LIMIT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct SqlUsers(AnyPool);

impl SqlUsers {
    pub fn new(pool: AnyPool) -> SqlUsers {
        SqlUsers(pool)
    }

    /// Says how many rows were changed.
    async fn execute(&self, query: Query<'_, Any, AnyArguments>) -> Result<u64> {
        Ok(in_time(query.execute(&self.0)).await?.rows_affected())
    }
}

/// The columns of `users`, and of `user_sessions`, in the order of the queries.
type UserRow = (String, String, String, String);
type SessionRow = (String, String, String, i64, i64);

#[async_trait]
impl UserStore for SqlUsers {
    async fn find_by_email(&self, email: &str) -> Result<Option<User>> {
        let query = sqlx::query_as(
            "SELECT id, email, role, password FROM users WHERE email = ?",
        );
        let row = in_time(query.bind(email).fetch_optional(&self.0)).await?;
        Ok(row.map(user))
    }

    async fn find_by_session(&self, session: &str) -> Result<Option<User>> {
        let query = sqlx::query_as(
            "SELECT users.id, email, role, password, seen_at \
             FROM user_sessions JOIN users ON users.id = user_id \
             WHERE user_sessions.id = ?",
        );
        let row = in_time(query.bind(session).fetch_optional(&self.0)).await?;
        Ok(row.map(|(id, email, role, hash, seen_at)| User {
            session: session.to_owned(),
            seen_at,
            ..user((id, email, role, hash))
        }))
    }

    async fn insert(&self, user: &User) -> Result<()> {
        let query = sqlx::query(
            "INSERT INTO users (id, email, role, password, created_at, updated_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
        );
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let query = query.bind(&user.id).bind(&user.email).bind(&user.role);
        self.execute(query.bind(&user.hash).bind(now).bind(now))
            .await?;
        Ok(())
    }

    async fn replace_hash(&self, user: &str, old: &str, new: &str) -> Result<bool> {
        let query = sqlx::query(
            "UPDATE users SET password = ?, updated_at = ? WHERE id = ? AND password = ?",
        );
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let query = query.bind(new).bind(now).bind(user).bind(old);
        Ok(self.execute(query).await? == 1)
    }

    async fn delete(&self, user: &str) -> Result<()> {
        let query = sqlx::query("DELETE FROM users WHERE id = ?");
        self.execute(query.bind(user)).await?;
        Ok(())
    }

    async fn begin_session(&self, session: &UserSession) -> Result<()> {
        // A good moment to forget the ones that are over.
        let query = sqlx::query("DELETE FROM user_sessions WHERE expires_at < ?");
        self.execute(query.bind(session.seen_at)).await?;
        let query = sqlx::query(
            "INSERT INTO user_sessions (id, user_id, browser, seen_at, expires_at) \
             VALUES (?, ?, ?, ?, ?)",
        );
        let query = query.bind(&session.id).bind(&session.user);
        let query = query.bind(&session.browser).bind(session.seen_at);
        self.execute(query.bind(session.expires_at)).await?;
        Ok(())
    }

    async fn see_session(&self, id: &str, now: i64, expires_at: i64) -> Result<()> {
        let query = sqlx::query(
            "UPDATE user_sessions SET seen_at = ?, expires_at = ? WHERE id = ?",
        );
        self.execute(query.bind(now).bind(expires_at).bind(id))
            .await?;
        Ok(())
    }

    async fn sessions(&self, user: &str, now: i64) -> Result<Vec<UserSession>> {
        let query = sqlx::query_as(
            "SELECT id, user_id, browser, seen_at, expires_at FROM user_sessions \
             WHERE user_id = ? AND expires_at >= ? ORDER BY seen_at DESC LIMIT 100",
        );
        let rows: Vec<SessionRow> =
            in_time(query.bind(user).bind(now).fetch_all(&self.0)).await?;
        let rows = rows.into_iter();
        let session = |(id, user, browser, seen_at, expires_at)| UserSession {
            id,
            user,
            browser,
            seen_at,
            expires_at,
        };
        Ok(rows.map(session).collect())
    }

    async fn end_session(&self, user: &str, id: &str) -> Result<bool> {
        let query =
            sqlx::query("DELETE FROM user_sessions WHERE user_id = ? AND id = ?");
        Ok(self.execute(query.bind(user).bind(id)).await? == 1)
    }

    async fn end_other_sessions(&self, user: &str, id: &str) -> Result<()> {
        let query =
            sqlx::query("DELETE FROM user_sessions WHERE user_id = ? AND id <> ?");
        self.execute(query.bind(user).bind(id)).await?;
        Ok(())
    }

    async fn busy_until(&self, account: &str) -> Result<Option<i64>> {
        let query =
            sqlx::query_scalar("SELECT busy_until FROM attempts WHERE account = ?");
        in_time(query.bind(account).fetch_optional(&self.0)).await
    }

    async fn put_off(&self, account: &str, old: Option<i64>, new: i64) -> Result<bool> {
        let Some(old) = old else {
            // As good a moment to forget these.
            let query = sqlx::query("DELETE FROM attempts WHERE busy_until < ?");
            self.execute(query.bind(now())).await?;
            let query =
                sqlx::query("INSERT INTO attempts (account, busy_until) VALUES (?, ?)");
            return match self.execute(query.bind(account).bind(new)).await {
                Err(Error::Taken) => Ok(false),
                inserted => inserted.map(|_| true),
            };
        };
        let query = sqlx::query(
            "UPDATE attempts SET busy_until = ? WHERE account = ? AND busy_until = ?",
        );
        let query = query.bind(new).bind(account).bind(old);
        Ok(self.execute(query).await? == 1)
    }

    async fn forgive(&self, account: &str) -> Result<()> {
        let query = sqlx::query("DELETE FROM attempts WHERE account = ?");
        self.execute(query.bind(account)).await?;
        Ok(())
    }
}

fn user((id, email, role, hash): UserRow) -> User {
    User::new(id, email, role, hash)
}

async fn in_time<T>(
    query: impl Future<Output = std::result::Result<T, sqlx::Error>>,
) -> Result<T> {
    match timeout(QUERY_LIMIT, query).await {
        Ok(Err(error)) if is_duplicate(&error) => Err(Error::Taken),
        Ok(answer) => answer.map_err(|error| Error::Database(error.to_string())),
        Err(_) => Err(Error::Database("no answer within a second".to_owned())),
    }
}

fn is_duplicate(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
