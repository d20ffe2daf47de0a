use crate::redis;
use async_trait::async_trait;
use fred::clients::Client;
use kit::{SettingError, Settings};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{self, Error},
};
use tower_sessions_redis_store::RedisStore;

/// Where the sessions are: the published store for Redis, and the one thing that
/// we want done in another way.
#[derive(Clone, Debug)]
pub struct Store(RedisStore<Client>);

/// Opens the store that the settings name.
pub async fn open(settings: &Settings) -> Result<Store, SettingError> {
    let url = settings.text("REDIS_URL")?;
    let url = url.unwrap_or("redis://127.0.0.1:6379");
    match redis::connect(url).await {
        Ok(store) => Ok(Store(store)),
        Err(advice) => Err(SettingError::address("REDIS_URL", url, advice)),
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.0.create(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.0.save(record).await
    }

    /// A record that nobody can read counts as none: the visitor starts a new
    /// session, instead of meeting an error for as long as the cookie lives. So does
    /// one with another ID in it, which would be saved over that other session.
    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        match self.0.load(id).await {
            Err(error) if is_unreadable(&error) => {
                tracing::warn!("a session's record cannot be read and counts as none");
                Ok(None)
            }
            answer => Ok(answer?.filter(|record| record.id == *id)),
        }
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.delete(id).await
    }
}

/// Whether the store has answered, and with something that is not a session.
fn is_unreadable(error: &Error) -> bool {
    match error {
        Error::Decode(_) => true,
        // Redis's word for a key that holds a list, a hash or the like.
        Error::Backend(text) => text.contains("WRONGTYPE"),
        Error::Encode(_) => false,
    }
}
