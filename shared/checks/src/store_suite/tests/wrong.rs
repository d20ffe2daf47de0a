//! A store in memory that makes one mistake.

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    fmt,
    mem::discriminant,
    sync::{Mutex, MutexGuard},
    time::Duration,
};
use time::OffsetDateTime;
use tokio::{task::yield_now, time::sleep};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

#[derive(Debug, Clone, Copy)]
pub enum Mistake {
    None,
    CreateOverwrites,
    CreateLooksFirst,
    SaveInserts,
    SaveLooksFirst,
    SaveRevives,
    SaveMerges,
    SaveKeepsTheExpiry,
    SaveInHalves,
    LoadInvents,
    LoadsWhatHasExpired,
    DeleteComplains,
    DeleteClears,
    RefusesThePast,
    ShortensTheLife,
    StoresWhatItRefuses,
    DebugTells,
    /// What becomes of each value within the data.
    Data(fn(Value) -> Value),
}

pub struct Wrong {
    mistake: Mistake,
    records: Mutex<HashMap<Id, Record>>,
}

impl Wrong {
    pub fn new(mistake: Mistake) -> Wrong {
        let records = Mutex::default();
        Wrong { mistake, records }
    }

    fn records(&self) -> MutexGuard<'_, HashMap<Id, Record>> {
        self.records.lock().unwrap()
    }

    fn is(&self, mistake: Mistake) -> bool {
        discriminant(&self.mistake) == discriminant(&mistake)
    }

    fn kept(&self, record: &Record) -> Record {
        let mut record = record.clone();
        if let Mistake::Data(change) = self.mistake {
            let data: Map<String, Value> = record.data.into_iter().collect();
            let data = each(&Value::Object(data), change);
            let data = data.as_object().cloned().unwrap_or_default();
            record.data = data.into_iter().collect();
        }
        if self.is(Mistake::ShortensTheLife) {
            record.expiry_date -= Duration::from_secs(2);
        }
        record
    }

    fn check(&self, record: &Record) -> Result<()> {
        let past = record.expiry_date <= OffsetDateTime::UNIX_EPOCH;
        if self.is(Mistake::RefusesThePast) && past {
            return Err(Error::Backend("no such time".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl SessionStore for Wrong {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.check(record)?;
        let taken = self.records().contains_key(&record.id);
        if taken && !self.is(Mistake::CreateOverwrites) {
            record.id = Id::default();
        }
        if self.is(Mistake::CreateLooksFirst) {
            sleep(Duration::from_millis(200)).await;
            self.records().insert(record.id, self.kept(record));
            return Ok(());
        }
        let mut records = self.records();
        while records.contains_key(&record.id) && !self.is(Mistake::CreateOverwrites) {
            record.id = Id::default();
        }
        records.insert(record.id, self.kept(record));
        drop(records);
        let large = || {
            record
                .data
                .values()
                .any(|it| it.to_string().len() > 1_000_000)
        };
        if self.is(Mistake::StoresWhatItRefuses) && large() {
            return Err(Error::Backend("too large".to_owned()));
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.check(record)?;
        let alive = |kept: &Record| kept.expiry_date > OffsetDateTime::now_utc();
        let Some(before) = self.records().get(&record.id).cloned() else {
            if self.is(Mistake::SaveInserts) {
                self.records().insert(record.id, self.kept(record));
            }
            return Ok(());
        };
        if !alive(&before) && !self.is(Mistake::SaveRevives) {
            return Ok(());
        }
        let mut after = self.kept(record);
        match self.mistake {
            Mistake::SaveLooksFirst => {
                yield_now().await;
                self.records().insert(record.id, after);
                return Ok(());
            }
            Mistake::SaveInHalves => {
                let mut half = after.clone();
                half.data.retain(|key, _| key.ends_with('1'));
                self.records().insert(record.id, half);
                yield_now().await;
                // Into what is there by now.
                if let Some(kept) = self.records().get_mut(&record.id) {
                    kept.data.extend(after.data);
                }
                return Ok(());
            }
            Mistake::SaveMerges => {
                let mut data = before.data;
                data.extend(after.data);
                after.data = data;
            }
            Mistake::SaveKeepsTheExpiry => after.expiry_date = before.expiry_date,
            _ => {}
        }
        if let Some(kept) = self.records().get_mut(&record.id) {
            *kept = after;
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let record = self.records().get(id).cloned();
        if record.is_none() && self.is(Mistake::LoadInvents) {
            return Ok(Some(super::super::opened::record(
                &json!({}),
                Duration::MAX / 1_000_000_000,
            )));
        }
        let alive = |record: &Record| {
            self.is(Mistake::LoadsWhatHasExpired) || record.expiry_date > OffsetDateTime::now_utc()
        };
        Ok(record.filter(alive))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        if self.is(Mistake::DeleteClears) {
            self.records().clear();
        }
        match self.records().remove(id) {
            None if self.is(Mistake::DeleteComplains) => {
                Err(Error::Backend("no such session".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is(Mistake::DebugTells) {
            return self.records().fmt(f);
        }
        f.debug_struct("Wrong").finish_non_exhaustive()
    }
}

/// Changes what is inside first.
fn each(value: &Value, change: fn(Value) -> Value) -> Value {
    change(match value {
        Value::Array(list) => list.iter().map(|it| each(it, change)).collect(),
        Value::Object(map) => {
            let pairs = map.iter().map(|(key, it)| (key.clone(), each(it, change)));
            Value::Object(pairs.collect())
        }
        other => other.clone(),
    })
}
