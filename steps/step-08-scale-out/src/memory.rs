use async_trait::async_trait;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use time::OffsetDateTime;
use tokio::time::sleep;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::Result,
};

/// How often we forget what has expired. All records are looked at, and nobody else
/// meanwhile; with many of them, less often is better.
const CLEAN_UP: Duration = Duration::from_secs(1);

/// Sessions in the memory of this process. In two things it differs from the
/// library's `MemoryStore`: a session that was deleted stays deleted, and one that has
/// expired is forgotten.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<HashMap<Id, Record>>>);

/// A new store, and the task that clears it.
pub fn open() -> Memory {
    let memory = Memory::default();
    tokio::spawn(clean_up(memory.clone()));
    memory
}

async fn clean_up(memory: Memory) {
    loop {
        sleep(CLEAN_UP).await;
        memory.records().retain(|_, record| !has_expired(record));
    }
}

impl Memory {
    /// Nothing that we do with the map can stop half-way: a panic elsewhere leaves it
    /// whole.
    fn records(&self) -> MutexGuard<'_, HashMap<Id, Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SessionStore for Memory {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let mut records = self.records();
        while records.contains_key(&record.id) {
            record.id = Id::default();
        }
        records.insert(record.id, record.clone());
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        match self.records().get_mut(&record.id) {
            Some(kept) if !has_expired(kept) => kept.clone_from(record),
            // Deleted meanwhile, or over: it stays so.
            _ => {}
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let record = self.records().get(id).cloned();
        Ok(record.filter(|record| !has_expired(record)))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.records().remove(id);
        Ok(())
    }
}

fn has_expired(record: &Record) -> bool {
    record.expiry_date <= OffsetDateTime::now_utc()
}

/// Without the sessions: what has a `Debug` gets into a log one day.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}
