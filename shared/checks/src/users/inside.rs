//! The inside of the users' database: a table `users` with a column `email` and a
//! column `password`. Each call opens a connection of its own: a check may have
//! killed the server meanwhile.

use super::Users;
use crate::verdict::{Stop, Verdict};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, any::AnyQueryResult};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// Makes a database, as the user of this address.
pub(super) async fn create(url: &str, name: &str) -> Verdict {
    let statement = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
    run(url, &statement, None).await.map(drop)
}

impl Users {
    /// How many there are.
    pub async fn count(&self) -> Result<i64, Stop> {
        let url = self.url();
        in_time(async {
            let mut connection = connect(&url).await?;
            let count = sqlx::query_scalar("SELECT COUNT(*) FROM users");
            count.fetch_one(&mut connection).await
        })
        .await
    }

    /// `None`: there is no such user.
    pub async fn password_hash(&self, email: &str) -> Result<Option<String>, Stop> {
        let url = self.url();
        in_time(async {
            let mut connection = connect(&url).await?;
            let hash = sqlx::query_scalar("SELECT password FROM users WHERE email = ?");
            hash.bind(email).fetch_optional(&mut connection).await
        })
        .await
    }

    /// Gives a user who is there another hash, such as a cheaper one: a check that logs
    /// in hundreds of times need not wait for hundreds of costly ones.
    pub async fn set_password_hash(&self, email: &str, hash: &str) -> Verdict {
        let url = self.url();
        let changed = in_time(async {
            let mut connection = connect(&url).await?;
            let change = sqlx::query("UPDATE users SET password = ? WHERE email = ?");
            change.bind(hash).bind(email).execute(&mut connection).await
        });
        if changed.await?.rows_affected() == 1 {
            return Ok(());
        }
        Err(Stop::Harness(format!("there is no user {email} to change")))
    }

    /// Deletes a user who is there.
    pub async fn delete(&self, email: &str) -> Verdict {
        let statement = "DELETE FROM users WHERE email = ?";
        let deleted = run(&self.url(), statement, Some(email)).await?;
        if deleted.rows_affected() == 1 {
            return Ok(());
        }
        Err(Stop::Harness(format!("there is no user {email} to delete")))
    }

    /// From now on each lookup of the app is an error.
    pub async fn hide(&self) -> Verdict {
        self.rename("users", "hidden_users").await
    }

    /// After [`hide`](Users::hide): all are there again.
    pub async fn show(&self) -> Verdict {
        self.rename("hidden_users", "users").await
    }

    async fn rename(&self, from: &str, to: &str) -> Verdict {
        let statement = format!("ALTER TABLE {from} RENAME TO {to}");
        run(&self.url(), &statement, None).await.map(drop)
    }
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
