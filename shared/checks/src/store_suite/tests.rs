//! A store that keeps all promises, and for each promise one that does not.

mod mistakes;
mod wrong;

use super::{Kind, Subject, promises, step_and_store, table};
use crate::verdict::{Stop, Verdict};
use mistakes::MISTAKES;
use std::collections::BTreeSet;
use wrong::{Mistake, Wrong};

fn store(mistake: Mistake, kind: Kind) -> Subject {
    Subject::new(
        "Wrong",
        kind,
        move |_| async move { Ok(Wrong::new(mistake)) },
    )
}

fn judge(name: &str, store: &Subject) -> Verdict {
    let mut promises = promises();
    promises.find(|it| it.name == name).unwrap().judge(store)
}

#[test]
fn every_row_is_a_promise_and_every_promise_a_row() {
    let known: BTreeSet<&str> = promises().map(|promise| promise.name).collect();
    assert_eq!(known.len(), promises().count(), "two share a name");
    let table = table().unwrap();
    let rows: BTreeSet<&str> = table.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(known, rows);
}

#[test]
fn a_column_is_a_store_of_a_step() {
    for column in table().unwrap().steps {
        let (step, store) = step_and_store(&column).unwrap();
        assert!(step.len() == 7 && !store.is_empty(), "{column}");
    }
    let split = Some(("step-03", "RedisStore"));
    assert_eq!(step_and_store("step-03-RedisStore"), split);
    assert_eq!(step_and_store("step-03"), None);
}

#[test]
fn a_store_without_a_mistake_keeps_every_promise() {
    let right = store(Mistake::None, Kind::Memory);
    for promise in promises() {
        match promise.judge(&right) {
            Ok(()) | Err(Stop::NotJudged(_)) => {}
            Err(stop) => panic!("{}: {stop}", promise.name),
        }
    }
}

#[test]
fn every_promise_notices_a_store_that_breaks_it() {
    for promise in promises() {
        let mistake = MISTAKES.iter().find(|(name, _, _)| *name == promise.name);
        let Some((name, mistake, seen)) = mistake else {
            panic!("{}: no store breaks it", promise.name);
        };
        // No fault of the server reaches this one, wherever it should be.
        let swallows = *name == "errors_have_neither_the_id_nor_the_data";
        let kind = if swallows { Kind::Redis } else { Kind::Memory };
        if swallows && !cfg!(feature = "redis") {
            continue;
        }
        match judge(name, &store(*mistake, kind)) {
            Err(Stop::Broken(broken)) => {
                assert!(broken.observed.contains(seen), "{name}: {broken:?}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_store_that_cannot_be_opened_is_no_broken_promise() {
    let closed = Subject::new("Closed", Kind::Memory, |_| async {
        Err::<Wrong, _>("no way in".to_owned())
    });
    let name = "an_unknown_id_loads_nothing";
    let stop = Stop::Harness("Closed: no way in".to_owned());
    assert_eq!(judge(name, &closed), Err(stop));
}
