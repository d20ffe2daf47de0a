use axum::extract::FromRequestParts;
use serde::{Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use tower_sessions::{Session, session::Error};

const NAME: &str = "name";
const BEERS: &str = "beers";
const VIEWS: &str = "views";
const EXPIRES_AT: &str = "expires_at";

/// One visitor's session, with a name for everything that we keep in it.
///
/// A handler takes it as an argument. The record behind it is loaded at the
/// first read, not before, and saved after the handler if something changed.
#[derive(FromRequestParts)]
pub struct Visit(Session);

impl Visit {
    /// Who is visiting. A newcomer is John Doe, as in the tutorial.
    pub async fn name(&self) -> Result<String, Error> {
        if let Some(name) = self.get(NAME).await? {
            return Ok(name);
        }
        self.rename("John Doe").await?;
        Ok("John Doe".to_owned())
    }

    pub async fn rename(&self, name: &str) -> Result<(), Error> {
        self.set(NAME, name).await
    }

    /// How many beers this session was shown.
    pub async fn beers(&self) -> Result<u64, Error> {
        Ok(self.get(BEERS).await?.unwrap_or(0))
    }

    pub async fn count_beer(&self) -> Result<(), Error> {
        self.set(BEERS, self.beers().await?.saturating_add(1)).await
    }

    /// Counts one more visit of `/count`, and says how many there were.
    pub async fn count_view(&self) -> Result<u64, Error> {
        let views = self.get(VIEWS).await?.unwrap_or(0u64).saturating_add(1);
        self.set(VIEWS, views).await?;
        Ok(views)
    }

    /// The session's ID. The library tells it once the store has taken the
    /// record, so on a first visit we save here, for the page to show it.
    pub async fn id(&self) -> Result<String, Error> {
        if self.0.id().is_none() {
            self.0.save().await?;
        }
        Ok(self.0.id().map(|id| id.to_string()).unwrap_or_default())
    }

    /// Seconds until the store forgets this session, rounded up.
    pub async fn seconds_left(&self) -> Result<i64, Error> {
        let expires_at = self.get(EXPIRES_AT).await?.unwrap_or(0i64);
        let left = expires_at.saturating_sub(milliseconds(OffsetDateTime::now_utc()));
        Ok(left.max(0).saturating_add(999) / 1000)
    }

    /// What is under a key. A store outlives the program, so that another version
    /// of it may have put something else there. Then nothing is there.
    async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        match self.0.get(key).await {
            Err(Error::SerdeJson(_)) => Ok(None),
            answer => answer,
        }
    }

    /// Every change goes through here, because a change gives the session its
    /// full lifetime again. We write down when that will end: asked later, the
    /// library counts from that moment and always answers with the full time.
    async fn set(&self, key: &str, value: impl Serialize) -> Result<(), Error> {
        self.0.insert(key, value).await?;
        self.note_expiry().await
    }

    /// For a change that somebody else has made: the login.
    pub async fn note_expiry(&self) -> Result<(), Error> {
        let expires_at = milliseconds(self.0.expiry_date());
        self.0.insert(EXPIRES_AT, expires_at).await
    }
}

/// Milliseconds since 1970.
fn milliseconds(time: OffsetDateTime) -> i64 {
    time.unix_timestamp() * 1000 + i64::from(time.millisecond())
}
