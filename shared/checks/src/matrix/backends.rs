//! Where the sessions and the users of a step's app can be.

use crate::{store, users};
use std::{fmt, str::FromStr};
use toml::Value;

/// A cell of its own in the matrix: one of the step's stores, with the default
/// database beside it; or another database, beside the default store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Backend {
    Store(store::Kind),
    Users(users::Kind),
}

/// What a step's app can have behind it, each the default first. Without stores,
/// sessions are in the app's memory, or it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backends {
    pub stores: Vec<store::Kind>,
    pub databases: Vec<users::Kind>,
}

impl Backends {
    pub const NONE: Backends = Backends {
        stores: Vec::new(),
        databases: Vec::new(),
    };

    /// Where a plain `pass` is judged.
    pub(crate) fn default(&self) -> Backend {
        Backend::Store(self.stores.first().copied().unwrap_or(store::Kind::Memory))
    }

    pub(super) fn of_stores(&self) -> Vec<Backend> {
        self.stores.iter().copied().map(Backend::Store).collect()
    }

    /// The stores have the default one beside them.
    pub(super) fn of_other_databases(&self) -> Vec<Backend> {
        let others = self.databases.iter().skip(1);
        others.copied().map(Backend::Users).collect()
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backend::Store(kind) => kind.fmt(f),
            Backend::Users(kind) => kind.fmt(f),
        }
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(name: &str) -> Result<Backend, String> {
        let store = name.parse().map(Backend::Store);
        let backend = store.or_else(|_| name.parse().map(Backend::Users));
        backend.map_err(|_: String| format!("no store and no database is called `{name}`"))
    }
}

/// The tables `stores` and `databases`.
pub(super) fn read(
    stores: Option<Value>,
    databases: Option<Value>,
    steps: &[String],
) -> Result<Vec<(String, Backends)>, String> {
    let mut stores = kinds("stores", stores, steps)?;
    let mut databases = kinds("databases", databases, steps)?;
    let mut backends = Vec::new();
    for step in steps {
        let (stores, databases) = (take(&mut stores, step), take(&mut databases, step));
        if stores.is_empty() && !databases.is_empty() {
            return Err(format!("databases, {step}: its stores are not named"));
        }
        backends.push((step.clone(), Backends { stores, databases }));
    }
    Ok(backends)
}

type Kinds<K> = Vec<(String, Vec<K>)>;

fn take<K>(kinds: &mut Kinds<K>, step: &str) -> Vec<K> {
    let place = kinds.iter().position(|(name, _)| name == step);
    place.map_or(Vec::new(), |place| kinds.swap_remove(place).1)
}

/// `step-04 = ["mongodb", "redis"]`, …
fn kinds<K>(table: &str, value: Option<Value>, steps: &[String]) -> Result<Kinds<K>, String>
where
    K: FromStr<Err = String> + fmt::Display + PartialEq,
{
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let rows = value.as_table();
    let rows = rows.ok_or_else(|| format!("{table}: expected a table"))?;
    let one_step = |(step, value): (&String, &Value)| {
        if !steps.contains(step) {
            return Err(format!("{table}: no row has a cell for {step}"));
        }
        let names = value.as_array().filter(|names| !names.is_empty());
        let names = names.ok_or_else(|| format!("{table}, {step}: expected names of {table}"))?;
        let mut kinds: Vec<K> = Vec::new();
        for name in names {
            let kind = name.as_str().unwrap_or_default().parse();
            let kind = kind.map_err(|error| format!("{table}, {step}: {error}"))?;
            if kinds.contains(&kind) {
                return Err(format!("{table}, {step}: {kind} stands there twice"));
            }
            kinds.push(kind);
        }
        Ok((step.clone(), kinds))
    };
    rows.iter().map(one_step).collect()
}
