//! The inside of the users' database. Each call opens a connection of its own: a check
//! may have killed the server meanwhile.

#[cfg(feature = "mongodb")]
use super::mongodb;
use super::{Kind, Users, sql};
use crate::{
    newcomer::PASSWORD,
    verdict::{Stop, Verdict},
};
use uuid::Uuid;

impl Users {
    /// How many there are.
    pub async fn count(&self) -> Result<i64, Stop> {
        match self.kind() {
            Kind::Sqlite | Kind::Mysql => sql::count(&self.url()).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::count(&self.url()).await,
            #[cfg(not(feature = "mongodb"))]
            Kind::Mongodb => Err(no_client()),
        }
    }

    /// Adds a user with this address and with [`PASSWORD`], hashed at bcrypt's lowest
    /// cost.
    pub(crate) async fn add(&self, email: &str) -> Verdict {
        let (id, hash) = (Uuid::new_v4().to_string(), cheap_hash()?);
        match self.kind() {
            Kind::Sqlite | Kind::Mysql => sql::add(&self.url(), &id, email, &hash).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::add(&self.url(), &id, email, &hash).await,
            #[cfg(not(feature = "mongodb"))]
            Kind::Mongodb => Err(no_client()),
        }
    }

    /// `None`: there is no such user.
    pub async fn password_hash(&self, email: &str) -> Result<Option<String>, Stop> {
        match self.kind() {
            Kind::Sqlite | Kind::Mysql => sql::password_hash(&self.url(), email).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::password_hash(&self.url(), email).await,
            #[cfg(not(feature = "mongodb"))]
            Kind::Mongodb => Err(no_client()),
        }
    }

    /// Gives a user who is there [`PASSWORD`], hashed at bcrypt's lowest cost.
    pub async fn make_cheap(&self, email: &str) -> Verdict {
        self.set(email, "password", &cheap_hash()?).await
    }

    /// Gives a user who is there this role.
    pub async fn set_role(&self, email: &str, role: &str) -> Verdict {
        self.set(email, "role", role).await
    }

    async fn set(&self, email: &str, key: &str, value: &str) -> Verdict {
        let changed = match self.kind() {
            Kind::Sqlite | Kind::Mysql => sql::set(&self.url(), email, key, value).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::set(&self.url(), email, key, value).await,
            #[cfg(not(feature = "mongodb"))]
            Kind::Mongodb => Err(no_client()),
        };
        one(changed?, email, "change")
    }

    /// Deletes a user who is there.
    pub async fn delete(&self, email: &str) -> Verdict {
        let deleted = match self.kind() {
            Kind::Sqlite | Kind::Mysql => sql::delete(&self.url(), email).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::delete(&self.url(), email).await,
            #[cfg(not(feature = "mongodb"))]
            Kind::Mongodb => Err(no_client()),
        };
        one(deleted?, email, "delete")
    }

    /// Deletes the notes of where this user is logged in, or of where anybody is.
    pub async fn end_logins(&self, email: Option<&str>) -> Verdict {
        match self.kind() {
            Kind::Sqlite | Kind::Mysql => sql::end_logins(&self.url(), email).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::end_logins(&self.url(), email).await,
            #[cfg(not(feature = "mongodb"))]
            Kind::Mongodb => Err(no_client()),
        }
    }

    /// From now on each lookup of the app is an error.
    pub async fn hide(&self) -> Verdict {
        match self.kind() {
            Kind::Sqlite | Kind::Mysql => sql::rename(&self.url(), "users", HIDDEN).await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::hide(&self.url(), HIDDEN).await,
            #[cfg(not(feature = "mongodb"))]
            Kind::Mongodb => Err(no_client()),
        }
    }

    /// After [`hide`](Users::hide): all are there again.
    pub async fn show(&self) -> Verdict {
        match self.kind() {
            Kind::Sqlite | Kind::Mysql => sql::rename(&self.url(), HIDDEN, "users").await,
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => mongodb::show(&self.url(), HIDDEN).await,
            #[cfg(not(feature = "mongodb"))]
            Kind::Mongodb => Err(no_client()),
        }
    }
}

/// What the users are called while no app finds them.
const HIDDEN: &str = "hidden_users";

/// A check that logs in hundreds of times need not wait for hundreds of costly ones. The
/// salt is another each time, as it is in an app.
fn cheap_hash() -> Result<String, Stop> {
    bcrypt::hash(PASSWORD, 4).map_err(Stop::harness)
}

fn one(changed: u64, email: &str, what: &str) -> Verdict {
    if changed == 1 {
        return Ok(());
    }
    Err(Stop::Harness(format!("there is no user {email} to {what}")))
}

#[cfg(not(feature = "mongodb"))]
fn no_client() -> Stop {
    Stop::NotJudged("needs the feature mongodb of the crate checks".into())
}
