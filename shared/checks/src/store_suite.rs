//! What every session store has to keep, whatever it keeps its records in.
//!
//! The promises are those that tower-sessions 0.14 builds on: two sessions never
//! share an ID, what was deleted stays deleted, what has expired is gone, and data
//! comes back as it was. `stores.toml` says which stores of the course keep which.
//! For a store of your own:
//!
//! ```ignore
//! use checks::store_suite::{self, Kind, Subject};
//!
//! let store = Subject::new("MyStore", Kind::Redis, |url| MyStore::open(url));
//! for case in store_suite::cases(&store) {
//!     println!("{}: {:?}", case.name, case.run());
//! }
//! ```
//!
//! With a [`Kind`] that has a server, one is started, and each case has a database of
//! it to itself. `Kind::Memory` needs nothing beside the store.

use crate::{lesson::Step, matrix::Matrix};

#[cfg(feature = "store-suite")]
mod data;
#[cfg(feature = "store-suite")]
mod expiry;
#[cfg(feature = "store-suite")]
mod ids;
#[cfg(feature = "store-suite")]
mod opened;
#[cfg(feature = "published-mongodb")]
mod published;
#[cfg(feature = "store-suite")]
mod secrets;
#[cfg(feature = "store-suite")]
mod suite;

pub use crate::store::Kind;
#[cfg(feature = "published-mongodb")]
pub use published::{Published, published_mongodb};
#[cfg(feature = "store-suite")]
pub use suite::{Promise, Subject, cases, promises};

#[cfg(feature = "store-suite")]
pub(crate) use suite::cases_of_step;

/// The course's `stores.toml`: promises down; across the stores, each with the step
/// that brings it, such as `step-03-RedisStore`.
pub fn table() -> Result<Matrix, String> {
    let table = Matrix::parse(include_str!("../stores.toml"));
    table.map_err(|error| format!("stores.toml: {error}"))
}

/// Splits a column's name: `step-03-RedisStore` is of `step-03`, and `RedisStore`.
pub fn step_and_store(column: &str) -> Option<(&str, &str)> {
    let (at, _) = column.match_indices('-').nth(1)?;
    Some((&column[..at], &column[at + 1..]))
}

/// A step that brings a store has it judged, and no other.
pub(crate) fn expect_all_stores(step: &Step, judged: &[&str]) -> Result<(), String> {
    let table = table()?;
    let of_step = |column: &String| {
        let (of, store) = step_and_store(column)?;
        (of == step.name).then(|| store.to_owned())
    };
    let mut brought: Vec<String> = table.steps.iter().filter_map(of_step).collect();
    let mut judged = judged.to_vec();
    brought.sort_unstable();
    judged.sort_unstable();
    if brought == judged {
        return Ok(());
    }
    Err(format!(
        "stores.toml says that the step brings {brought:?}, and its tests judge {judged:?}"
    ))
}

#[cfg(test)]
#[cfg(feature = "store-suite")]
mod tests;
