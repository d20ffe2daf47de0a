//! What the promises have in common.

use super::Subject;
use crate::{
    store::{Kind, Store},
    verdict::{Stop, Verdict, expect},
};
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;
use tokio::time::sleep;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

pub(super) const HOUR: Duration = Duration::from_hours(1);

/// How much of a record a failure shows, in characters.
const SHOWN: usize = 300;

/// Lists a file's promises.
macro_rules! promises {
    ($($name:ident),+ $(,)?) => {
        pub(super) const PROMISES: &[crate::store_suite::Promise] = &[$(crate::store_suite::Promise {
            name: stringify!($name),
            run: |opened| Box::pin($name(opened)),
        }),+];
    };
}
pub(super) use promises;

/// A store, opened twice on the same place.
#[derive(Debug, Clone)]
pub struct Opened {
    pub(super) store: Arc<dyn SessionStore>,
    /// As another process has it. In memory there is but the one.
    pub(super) again: Arc<dyn SessionStore>,
    pub(super) place: Store,
    subject: Subject,
}

impl Opened {
    pub(super) async fn at(place: Store, subject: Subject) -> Result<Opened, Stop> {
        let open = || async {
            let opened = (subject.open)(place.url()).await;
            opened.map_err(|error| Stop::Harness(format!("{}: {error}", subject.name)))
        };
        let store = open().await?;
        let again = match place.kind() {
            Kind::Memory => Arc::clone(&store),
            Kind::Redis | Kind::Mongodb => open().await?,
        };
        Ok(Opened {
            store,
            again,
            place,
            subject,
        })
    }

    /// The same on a server that no other case uses: it may be killed.
    pub(super) async fn alone(&self) -> Result<Opened, Stop> {
        let place = Store::alone(self.place.kind(), None).await?;
        Opened::at(place, self.subject.clone()).await
    }

    /// A new record with this data, which the store has taken.
    pub(super) async fn create(&self, data: &Value, lifetime: Duration) -> Result<Record, Stop> {
        let mut record = record(data, lifetime);
        done("create", self.store.create(&mut record).await)?;
        Ok(record)
    }

    pub(super) async fn save(&self, record: &Record) -> Verdict {
        done("save", self.store.save(record).await)
    }

    pub(super) async fn delete(&self, id: &Id) -> Verdict {
        done("delete", self.store.delete(id).await)
    }

    /// As another process sees it.
    pub(super) async fn load(&self, id: &Id) -> Result<Option<Record>, Stop> {
        done("load", self.again.load(id).await)
    }

    /// The store has this record, as it is.
    pub(super) async fn expect_there(&self, record: &Record) -> Verdict {
        same(record, self.load(&record.id).await?.as_ref())
    }

    pub(super) async fn expect_gone(&self, id: &Id, promise: &str) -> Verdict {
        match self.load(id).await? {
            None => Ok(()),
            Some(record) => {
                let observed = format!("it is there: {}", shown(&record.data));
                Err(Stop::broken(promise, observed))
            }
        }
    }
}

/// A record that no store has yet.
pub(super) fn record(data: &Value, lifetime: Duration) -> Record {
    let data = data.as_object().map(Map::to_owned).unwrap_or_default();
    Record {
        id: Id::default(),
        data: data.into_iter().collect(),
        expiry_date: OffsetDateTime::now_utc() + lifetime,
    }
}

/// No store has a reason for an error in what it is asked here.
pub(super) fn done<T>(what: &str, answer: session_store::Result<T>) -> Result<T, Stop> {
    let broken = |error: session_store::Error| {
        let observed = cut(&format!("an error: {error}"));
        Stop::broken(format!("{what} is no error"), observed)
    };
    answer.map_err(broken)
}

/// The record came back as it was, to within a second.
pub(super) fn same(record: &Record, loaded: Option<&Record>) -> Verdict {
    let promise = "the record comes back as it was";
    let Some(loaded) = loaded else {
        return Err(Stop::broken(promise, "there is none"));
    };
    expect(loaded.id == record.id, promise, "with another ID")?;
    if loaded.data != record.data {
        let observed = format!(
            "other data: {} in place of {}",
            shown(&loaded.data),
            shown(&record.data)
        );
        return Err(Stop::broken(promise, observed));
    }
    let away = (loaded.expiry_date - record.expiry_date).abs();
    let observed = format!("its expiry is {away} away");
    expect(away <= Duration::from_secs(1), promise, observed)
}

fn shown(data: &impl std::fmt::Debug) -> String {
    cut(&format!("{data:?}"))
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Waits until the record has expired, by this machine's clock.
pub(super) async fn sleep_past(record: &Record) {
    let left = record.expiry_date - OffsetDateTime::now_utc();
    let left = Duration::try_from(left).unwrap_or_default();
    // A store may know milliseconds only.
    sleep(left + Duration::from_millis(5)).await;
}
