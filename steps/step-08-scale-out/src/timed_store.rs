//! A store around a store, with a clock.

use crate::metrics::{Command, Metrics};
use async_trait::async_trait;
use std::{fmt, sync::Arc, time::Instant};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::Result,
};

/// Any store; the metrics get how long each of its answers takes.
pub struct TimedStore {
    store: Arc<dyn SessionStore>,
    metrics: Metrics,
}

impl TimedStore {
    pub fn new(store: Arc<dyn SessionStore>, metrics: &Metrics) -> TimedStore {
        let metrics = metrics.clone();
        TimedStore { store, metrics }
    }

    async fn time<T>(
        &self,
        command: &'static str,
        answer: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let start = Instant::now();
        let answer = answer.await;
        let failed = answer.is_err();
        let command = Command { command, failed };
        self.metrics.note_command(&command, start);
        answer
    }
}

#[async_trait]
impl SessionStore for TimedStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.time("create", self.store.create(record)).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.time("save", self.store.save(record)).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.time("load", self.store.load(id)).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.time("delete", self.store.delete(id)).await
    }
}

impl fmt::Debug for TimedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimedStore").finish_non_exhaustive()
    }
}
