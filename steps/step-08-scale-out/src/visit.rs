use crate::{
    App,
    error::AppError,
    life::{Life, Limits},
};
use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use serde::{Serialize, de::DeserializeOwned};
use tower_sessions::{Expiry, Session, session::Error};

const BEERS: &str = "beers";
const VIEWS: &str = "views";

/// Counts stay here, because MongoDB has no larger whole numbers.
const MOST: u64 = i64::MAX.unsigned_abs();

/// One visitor's session, with a name for everything that we keep in it.
///
/// A handler takes it as an argument. The record behind it is loaded at the
/// first read, not before, and saved after the handler if something changed.
#[derive(FromRequestParts)]
#[from_request(state(App))]
pub struct Visit {
    session: Session,
    #[from_request(via(State))]
    limits: Limits,
}

impl Visit {
    /// How many beers this session was shown.
    pub async fn beers(&self) -> Result<u64, Error> {
        Ok(self.get(BEERS).await?.unwrap_or(0))
    }

    pub async fn count_beer(&self) -> Result<(), Error> {
        let beers = self.beers().await?.saturating_add(1);
        self.set(BEERS, beers.min(MOST)).await
    }

    /// Counts one more visit of `/count`, and says how many there were.
    pub async fn count_view(&self) -> Result<u64, Error> {
        let views = self.get(VIEWS).await?.unwrap_or(0u64).saturating_add(1);
        let views = views.min(MOST);
        self.set(VIEWS, views).await?;
        Ok(views)
    }

    /// The session's ID, if there is a session. The library tells it once the store
    /// has taken the record, so a new one we save here, for the page to show it.
    pub async fn id(&self) -> Result<Option<String>, Error> {
        if self.session.id().is_none() && !self.session.is_empty().await {
            self.session.save().await?;
        }
        Ok(self.session.id().map(|id| id.to_string()))
    }

    /// Seconds until the store forgets this session, rounded up.
    pub async fn seconds_left(&self) -> Result<i64, Error> {
        Ok(self.life().await?.map_or(0, Life::seconds_left))
    }

    /// What is under a key. A store outlives the program, so that another version
    /// of it may have put something else there. Then nothing is there.
    async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        match self.session.get(key).await {
            Err(Error::SerdeJson(_)) => Ok(None),
            answer => answer,
        }
    }

    /// Every change goes through here, because a change renews the session.
    async fn set(&self, key: &str, value: impl Serialize) -> Result<(), Error> {
        self.session.insert(key, value).await?;
        self.renew().await
    }

    pub async fn life(&self) -> Result<Option<Life>, Error> {
        self.get(Life::KEY).await
    }

    /// Whether there is a session.
    pub async fn has_begun(&self) -> Result<bool, Error> {
        Ok(self.life().await?.is_some())
    }

    /// The limits count from now: at a login.
    pub async fn begin(&self, remembered: bool) -> Result<Life, Error> {
        let life = Life::begin(self.limits, remembered);
        self.set_life(life).await?;
        Ok(life)
    }

    /// The idle timeout counts from now.
    pub async fn renew(&self) -> Result<(), Error> {
        match self.life().await? {
            Some(life) => self.set_life(life.renewed()).await,
            None => self.begin(false).await.map(drop),
        }
    }

    /// Writes at once, and not after the handler.
    pub async fn save(&self) -> Result<(), Error> {
        self.session.save().await
    }

    async fn set_life(&self, life: Life) -> Result<(), Error> {
        self.session.insert(Life::KEY, life).await?;
        // For a cookie, if one is due. Without an expiry it ends with the browser.
        let expiry = life.remembered.then(|| Expiry::AtDateTime(life.end()));
        self.session.set_expiry(expiry);
        Ok(())
    }
}

/// A layer: whoever reads is here as well, and renews the session.
pub async fn renew_when_due(
    visit: Visit,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    if visit.life().await?.is_some_and(Life::is_due) {
        visit.renew().await?;
    }
    Ok(next.run(request).await)
}
