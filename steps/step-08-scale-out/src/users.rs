//! The users: who they are, and how they prove it.

use crate::password::{self, Passwords};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};
use uuid::Uuid;

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
    pub hash: String,
    /// What a session holds of the password: it changes when that does, and is of
    /// no use to a thief.
    pub digest: Vec<u8>,
    /// The user session through which they came, or that a login will begin.
    pub session: String,
    /// When they were here last, in milliseconds since 1970.
    pub seen_at: i64,
}

impl User {
    /// A user who is not logged in yet.
    pub fn new(id: String, email: String, role: String, hash: String) -> User {
        User {
            digest: Sha256::digest(&hash).to_vec(),
            session: Uuid::new_v4().to_string(),
            seen_at: 0,
            id,
            email,
            role,
            hash,
        }
    }

    /// The same with another password.
    fn with_hash(&self, hash: String) -> User {
        User {
            digest: Sha256::digest(&hash).to_vec(),
            hash,
            ..self.clone()
        }
    }

    /// Stands for one whose account or session was ended. The digest fits no session.
    pub fn gone() -> User {
        let hash = Uuid::new_v4().to_string();
        User::new(String::new(), String::new(), String::new(), hash)
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
    #[error("the users' database failed: {0}")]
    Database(String),
    #[error(transparent)]
    Password(#[from] password::Error),
}

pub type Result<T> = std::result::Result<T, Error>;

/// A login of a user: at which browser, and until when. Dates are milliseconds since
/// 1970.
#[derive(Clone, Debug)]
pub struct UserSession {
    pub id: String,
    pub user: String,
    pub browser: String,
    pub seen_at: i64,
    pub expires_at: i64,
}

/// Where users, their sessions and the attempts at their passwords are. Each method is
/// one command to the database, or as good as one.
#[async_trait]
pub trait UserStore: fmt::Debug + Send + Sync {
    async fn find_by_email(&self, email: &str) -> Result<Option<User>>;

    /// The user of a session, if neither was ended.
    async fn find_by_session(&self, session: &str) -> Result<Option<User>>;

    /// Adds a user, or answers [`Error::Taken`]: of two with one address the database
    /// itself takes one.
    async fn insert(&self, user: &User) -> Result<()>;

    /// Stores the new hash in place of the old one. `false` if that is not there any
    /// more: of two who change it at once, one does.
    async fn replace_hash(&self, user: &str, old: &str, new: &str) -> Result<bool>;

    /// Deletes a user, and the sessions with them.
    async fn delete(&self, user: &str) -> Result<()>;

    async fn begin_session(&self, session: &UserSession) -> Result<()>;

    /// The user of this session was here.
    async fn see_session(&self, id: &str, now: i64, expires_at: i64) -> Result<()>;

    /// A user's sessions that have not expired, the last visit first.
    async fn sessions(&self, user: &str, now: i64) -> Result<Vec<UserSession>>;

    /// `false` if this user has no such session.
    async fn end_session(&self, user: &str, id: &str) -> Result<bool>;

    async fn end_other_sessions(&self, user: &str, id: &str) -> Result<()>;

    /// When the attempts at this account are used up until, if it is known.
    async fn busy_until(&self, account: &str) -> Result<Option<i64>>;

    /// Puts that off, from `old` (or from not known) to `new`. `false` if it is not
    /// `old` any more: of two attempts at once, one counts first.
    async fn put_off(&self, account: &str, old: Option<i64>, new: i64) -> Result<bool>;

    /// Forgets it for this account.
    async fn forgive(&self, account: &str) -> Result<()>;
}

/// The users, wherever they are, and their passwords.
#[derive(Clone, Debug)]
pub struct Users {
    pub store: Arc<dyn UserStore>,
    passwords: Passwords,
}

impl Users {
    pub fn new(store: Arc<dyn UserStore>) -> Users {
        let passwords = Passwords::new();
        Users { store, passwords }
    }

    /// The user of this address, if the password is theirs. It is compared once,
    /// whether there is such a user or not.
    pub async fn check(&self, email: &str, password: String) -> Result<Option<User>> {
        let user = self.store.find_by_email(email).await?;
        let hash = user.as_ref().map_or(NOBODYS_HASH, |user| &user.hash);
        let right = self.passwords.verify(password, hash.to_owned()).await?;
        Ok(user.filter(|_| right))
    }

    /// Adds a user. Whether the address is taken is for the database to say: to look
    /// before would leave a moment for somebody else.
    pub async fn add(&self, email: &str, password: String) -> Result<User> {
        let hash = self.passwords.hash(password).await?;
        let id = Uuid::new_v4().to_string();
        let user = User::new(id, email.to_owned(), "student".to_owned(), hash);
        self.store.insert(&user).await?;
        Ok(user)
    }

    /// If `current` is the user's password: the user with the new one, hashed.
    pub async fn verify_and_hash(
        &self,
        user: &User,
        current: String,
        new: String,
    ) -> Result<Option<User>> {
        if !self.passwords.verify(current, user.hash.clone()).await? {
            return Ok(None);
        }
        Ok(Some(user.with_hash(self.passwords.hash(new).await?)))
    }

    /// The tutorials' test user, whose password is `password`.
    pub async fn add_test_user(&self) -> Result<()> {
        let hash = "$2y$12$7Mj1fG3bdlpmRcXtZpwimOI4pItCQcj5x2.ZqydPbR5wWlKGVaQVe";
        let [id, email, role, hash] =
            [TEST_USER, "test@example.com", "student", hash].map(str::to_owned);
        match self.store.insert(&User::new(id, email, role, hash)).await {
            Err(Error::Taken) => Ok(()),
            added => added,
        }
    }

    /// Where others can log in, nobody has a password that stands in a tutorial.
    pub async fn remove_test_user(&self) -> Result<()> {
        self.store.delete(TEST_USER).await
    }
}
