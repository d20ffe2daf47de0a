use crate::password::{self, Passwords};
use sha2::{Digest, Sha256};
use sqlx::AnyPool;
use std::{fmt, time::Duration};
use time::OffsetDateTime;
use tokio::time::timeout;
use uuid::Uuid;

/// How long one query may take.
const QUERY_LIMIT: Duration = Duration::from_secs(1);

/// A hash of no password that anybody has. To compare with it takes as long as with
/// another, so that the time does not tell who is registered (ASVS 5.0, 6.3.8).
const NOBODYS_HASH: &str =
    "$2b$12$bT5Q1rnBBYyrcRwT5fomTu8uxOFaePydrNqDUoBX.T6YVrtyt8gcO";

/// The ID of the tutorials' test user.
const TEST_USER: &str = "a1b2c3e4";

#[derive(Clone)]
pub struct User {
    pub id: String,
    pub email: String,
    pub role: String,
    /// bcrypt's text, with its cost and its salt.
    hash: String,
    /// What a session holds of the password: it changes when that does, and is of
    /// no use to a thief.
    pub digest: Vec<u8>,
}

impl User {
    /// Stands for a user who was deleted. The digest fits no session.
    pub fn gone() -> User {
        User {
            id: String::new(),
            email: String::new(),
            role: String::new(),
            hash: String::new(),
            digest: Uuid::new_v4().as_bytes().to_vec(),
        }
    }
}

/// Without the password's hash: what has a `Debug` gets into a log one day.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = &mut f.debug_struct("User");
        user.field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why there is no answer about a user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("that e-mail address is taken")]
    Taken,
    #[error("the users' database does not answer")]
    Slow,
    #[error("the users' database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Password(#[from] password::Error),
}

/// The columns of `users`, in the order of the queries.
type Row = (String, String, String, String);

/// The users, in SQLite or MySQL.
#[derive(Clone, Debug)]
pub struct Users {
    pool: AnyPool,
    passwords: Passwords,
}

impl Users {
    pub fn new(pool: AnyPool) -> Users {
        let passwords = Passwords::new();
        Users { pool, passwords }
    }

    pub async fn find(&self, id: &str) -> Result<Option<User>, Error> {
        let query =
            sqlx::query_as("SELECT id, email, role, password FROM users WHERE id = ?");
        let row = in_time(query.bind(id).fetch_optional(&self.pool)).await?;
        Ok(row.map(from_row))
    }

    async fn find_by_email(&self, email: &str) -> Result<Option<User>, Error> {
        let query = sqlx::query_as(
            "SELECT id, email, role, password FROM users WHERE email = ?",
        );
        let row = in_time(query.bind(email).fetch_optional(&self.pool)).await?;
        Ok(row.map(from_row))
    }

    /// The user of this address, if the password is theirs. It is compared once,
    /// whether there is such a user or not.
    pub async fn check(
        &self,
        email: &str,
        password: String,
    ) -> Result<Option<User>, Error> {
        let user = self.find_by_email(email).await?;
        let hash = user.as_ref().map_or(NOBODYS_HASH, |user| &user.hash);
        let right = self.passwords.verify(password, hash.to_owned()).await?;
        Ok(user.filter(|_| right))
    }

    /// Adds a user. Whether the address is taken is for the database to say: to look
    /// before would leave a moment for somebody else.
    pub async fn add(&self, email: &str, password: String) -> Result<User, Error> {
        let hash = self.passwords.hash(password).await?;
        let id = Uuid::new_v4().to_string();
        self.insert(&id, email, &hash).await?;
        let role = "student".to_owned();
        Ok(from_row((id, email.to_owned(), role, hash)))
    }

    /// If `current` is the user's password: the user with the new one, hashed.
    pub async fn verify_and_hash(
        &self,
        user: &User,
        current: String,
        new: String,
    ) -> Result<Option<User>, Error> {
        if !self.passwords.verify(current, user.hash.clone()).await? {
            return Ok(None);
        }
        let hash = self.passwords.hash(new).await?;
        let User {
            id, email, role, ..
        } = user.clone();
        Ok(Some(from_row((id, email, role, hash))))
    }

    /// Stores the new user's hash in place of the old one's. `false` if that is not there
    /// any more: of two who change it at once, one does.
    pub async fn replace_password(
        &self,
        old: &User,
        new: &User,
    ) -> Result<bool, Error> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let query = sqlx::query(
            "UPDATE users SET password = ?, updated_at = ? WHERE id = ? AND password = ?",
        );
        let query = query
            .bind(&new.hash)
            .bind(now)
            .bind(&old.id)
            .bind(&old.hash);
        let changed = in_time(query.execute(&self.pool)).await?.rows_affected();
        Ok(changed == 1)
    }

    async fn insert(&self, id: &str, email: &str, hash: &str) -> Result<(), Error> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let query = sqlx::query(
            "INSERT INTO users (id, email, password, created_at, updated_at) \
             VALUES (?, ?, ?, ?, ?)",
        );
        let query = query.bind(id).bind(email).bind(hash).bind(now).bind(now);
        in_time(query.execute(&self.pool)).await?;
        Ok(())
    }

    /// The tutorials' test user, whose password is `password`.
    pub async fn add_test_user(&self) -> Result<(), Error> {
        let hash = "$2y$12$7Mj1fG3bdlpmRcXtZpwimOI4pItCQcj5x2.ZqydPbR5wWlKGVaQVe";
        match self.insert(TEST_USER, "test@example.com", hash).await {
            Err(Error::Taken) => Ok(()),
            added => added,
        }
    }

    /// Where others can log in, nobody has a password that stands in a tutorial.
    pub async fn remove_test_user(&self) -> Result<(), Error> {
        let query = sqlx::query("DELETE FROM users WHERE id = ?").bind(TEST_USER);
        in_time(query.execute(&self.pool)).await?;
        Ok(())
    }
}

fn from_row((id, email, role, hash): Row) -> User {
    let digest = Sha256::digest(&hash).to_vec();
    User {
        id,
        email,
        role,
        hash,
        digest,
    }
}

async fn in_time<T>(
    query: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Error> {
    match timeout(QUERY_LIMIT, query).await {
        Ok(Err(error)) if is_duplicate(&error) => Err(Error::Taken),
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Error::Slow),
    }
}

fn is_duplicate(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
