use crate::{
    commit, life, memory, metrics::Metrics, mongo, mongo_store, redis,
    timed_store::TimedStore,
};
use async_trait::async_trait;
use kit::{SettingError, Settings};
use std::sync::Arc;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{self, Error},
};

/// Where the sessions are: the store that the settings name, and what we want done in
/// another way.
#[derive(Clone, Debug)]
pub struct Store(Arc<dyn SessionStore>);

/// Opens the store that the settings name.
pub async fn open(
    settings: &Settings,
    metrics: &Metrics,
) -> Result<Store, SettingError> {
    let url = settings.text("SESSION_STORE")?.unwrap_or("memory:");
    match connect(url).await {
        Ok(store) => Ok(Store(Arc::new(TimedStore::new(store, metrics)))),
        Err(advice) => Err(SettingError::address("SESSION_STORE", url, advice)),
    }
}

async fn connect(url: &str) -> Result<Arc<dyn SessionStore>, String> {
    Ok(match url.split_once(':') {
        Some(("memory", "")) => Arc::new(memory::open()),
        Some(("redis" | "redis-cluster" | "redis-sentinel", _)) => {
            Arc::new(redis::connect(url).await?)
        }
        Some(("mongodb" | "mongodb+srv", _)) => {
            let opened = mongo_store::open(mongo::connect(url).await?).await;
            Arc::new(opened.map_err(|error| error.to_string())?)
        }
        _ => {
            let advice = "expected memory:, redis://…, redis-cluster://…, \
                redis-sentinel://… or mongodb://…";
            return Err(advice.to_owned());
        }
    })
}

#[async_trait]
impl SessionStore for Store {
    /// A new session gets a new ID, always. The library would take one that this
    /// request has given up, or that a browser came with.
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        record.id = Id::default();
        record.expiry_date = life::end_of(record);
        self.0.create(record).await?;
        commit::note_cookie();
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let mut record = record.clone();
        record.expiry_date = life::end_of(&record);
        self.0.save(&record).await
    }

    /// A record that nobody can read counts as none: the visitor starts a new
    /// session, instead of meeting an error for as long as the cookie lives. So does
    /// one with another ID in it, which would be saved over that other session, and one
    /// without limits, or past them.
    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        match self.0.load(id).await {
            Err(error) if is_unreadable(&error) => {
                tracing::warn!("a session's record cannot be read and counts as none");
                Ok(None)
            }
            answer => {
                Ok(answer?.filter(|record| record.id == *id && life::is_alive(record)))
            }
        }
    }

    /// Within a request this takes a note, and `commit` deletes at its end: so an error
    /// page has lost nothing.
    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        if commit::note_given_up(*id) {
            return Ok(());
        }
        self.delete_now(id).await
    }
}

impl Store {
    pub async fn delete_now(&self, id: &Id) -> session_store::Result<()> {
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
