//! Whose record it is, and whether there is one.

use super::opened::{HOUR, Opened, done, promises, record};
use crate::verdict::{Stop, Verdict, expect};
use serde_json::json;
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;
use tower_sessions::session::Id;

promises! {
    a_taken_id_is_not_given_away,
    a_hundred_creates_with_one_id_make_a_hundred_sessions,
    an_unknown_id_loads_nothing,
    an_unknown_id_can_be_deleted,
    a_deleted_record_is_gone_and_no_other,
    saving_a_deleted_record_does_not_bring_it_back,
    saving_an_unknown_record_adds_nothing,
    a_delete_among_saves_is_final,
}

/// Until all of them are at it.
const AMONG: Duration = Duration::from_millis(20);

async fn a_taken_id_is_not_given_away(opened: Opened) -> Verdict {
    let first = opened.create(&json!({ "whose": "Ada's" }), HOUR).await?;
    let mut second = record(&json!({ "whose": "Bob's" }), HOUR);
    second.id = first.id;
    done("create", opened.again.create(&mut second).await)?;
    let promise = "the second session gets another ID";
    expect(second.id != first.id, promise, "it has the first one's")?;
    opened.expect_there(&first).await?;
    opened.expect_there(&second).await
}

async fn a_hundred_creates_with_one_id_make_a_hundred_sessions(opened: Opened) -> Verdict {
    let id = Id::default();
    let tasks = (0..100).map(|n| {
        let stores = [&opened.store, &opened.again];
        let store = Arc::clone(stores[n % 2]);
        let mut record = record(&json!({ "n": n }), HOUR);
        record.id = id;
        async move {
            let created = store.create(&mut record).await;
            created.map(|()| record)
        }
    });
    let created = tasks.collect::<JoinSet<_>>().join_all().await;
    let ids: HashSet<Id> = created.iter().flatten().map(|record| record.id).collect();
    let sessions = created.iter().flatten().count();
    let observed = format!("{} different among {sessions}", ids.len());
    expect(ids.len() == sessions, "each has an ID of its own", observed)?;
    for created in created {
        opened.expect_there(&done("create", created)?).await?;
    }
    Ok(())
}

async fn an_unknown_id_loads_nothing(opened: Opened) -> Verdict {
    let known = opened.create(&json!({ "beers": 1 }), HOUR).await?;
    let neighbours = [known.id.0.wrapping_add(1), known.id.0.wrapping_sub(1)];
    for id in [0, -1, i128::MIN, i128::MAX].into_iter().chain(neighbours) {
        opened.expect_gone(&Id(id), "nobody has this ID").await?;
    }
    opened.expect_there(&known).await
}

async fn an_unknown_id_can_be_deleted(opened: Opened) -> Verdict {
    let known = opened.create(&json!({ "beers": 1 }), HOUR).await?;
    let id = Id::default();
    opened.delete(&id).await?;
    opened.delete(&id).await?;
    opened.expect_there(&known).await
}

async fn a_deleted_record_is_gone_and_no_other(opened: Opened) -> Verdict {
    let ada = opened.create(&json!({ "beers": 1 }), HOUR).await?;
    let bob = opened.create(&json!({ "beers": 2 }), HOUR).await?;
    opened.delete(&ada.id).await?;
    opened
        .expect_gone(&ada.id, "what was deleted is gone")
        .await?;
    opened.expect_there(&bob).await
}

async fn saving_a_deleted_record_does_not_bring_it_back(opened: Opened) -> Verdict {
    let record = opened.create(&json!({ "user": "Ada" }), HOUR).await?;
    done("delete", opened.again.delete(&record.id).await)?;
    opened.save(&record).await?;
    let promise = "a session that was deleted meanwhile stays so";
    opened.expect_gone(&record.id, promise).await
}

async fn saving_an_unknown_record_adds_nothing(opened: Opened) -> Verdict {
    let unknown = record(&json!({ "user": "Mallory" }), HOUR);
    opened.save(&unknown).await?;
    let promise = "an ID that the store did not give out is none";
    opened.expect_gone(&unknown.id, promise).await
}

async fn a_delete_among_saves_is_final(opened: Opened) -> Verdict {
    for _ in 0..10 {
        let record = opened.create(&json!({ "user": "Ada" }), HOUR).await?;
        let over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for store in [&opened.store, &opened.again].repeat(4) {
            let (store, over) = (Arc::clone(store), Arc::clone(&over));
            let mut record = record.clone();
            tasks.spawn(async move {
                for n in 0.. {
                    record.data.insert("n".to_owned(), n.into());
                    done("save", store.save(&record).await)?;
                    if over.load(Ordering::Acquire) {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
                Ok::<_, Stop>(())
            });
        }
        tokio::time::sleep(AMONG).await;
        let deleted = opened.delete(&record.id).await;
        over.store(true, Ordering::Release);
        for saved in tasks.join_all().await {
            saved?;
        }
        deleted?;
        let promise = "a session that was deleted meanwhile stays so";
        opened.expect_gone(&record.id, promise).await?;
    }
    Ok(())
}
