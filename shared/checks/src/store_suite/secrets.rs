//! What a log may get to see: neither an ID, which is as good as a password for as
//! long as the session lives, nor what the session holds.

use super::opened::{HOUR, Opened, cut, promises};
use crate::{
    store::Kind,
    verdict::{Stop, Verdict, expect},
};
use serde_json::json;
use std::fmt::Debug;
use tower_sessions::{session::Record, session_store};

promises! {
    a_store_s_debug_output_has_no_session,
    errors_have_neither_the_id_nor_the_data,
}

/// What stands in the data, and nowhere else.
pub(super) const SECRET: &str = "Quaxelrot";

async fn a_store_s_debug_output_has_no_session(opened: Opened) -> Verdict {
    let record = opened.create(&json!({ "secret": SECRET }), HOUR).await?;
    opened.expect_there(&record).await?;
    for store in [&opened.store, &opened.again] {
        silent("its Debug output", &format!("{store:?}"), &record)?;
    }
    Ok(())
}

async fn errors_have_neither_the_id_nor_the_data(opened: Opened) -> Verdict {
    if opened.place.kind() == Kind::Memory {
        return Err(Stop::NotJudged("needs a store with a server".into()));
    }
    let opened = opened.alone().await?;
    let (one, two) = (json!({ "secret": SECRET }), json!({ SECRET: 2 }));
    let saved = opened.create(&one, HOUR).await?;
    let mut new = super::opened::record(&two, HOUR);

    opened.place.refuse_new_records().await?;
    let store = &opened.store;
    fails(
        "a create that is refused",
        store.create(&mut new).await,
        &new,
    )?;
    let mut changed = saved.clone();
    changed.data.insert("beers".to_owned(), 1.into());
    fails(
        "a save that is refused",
        store.save(&changed).await,
        &changed,
    )?;
    opened.place.take_new_records().await?;
    opened.expect_there(&saved).await?;
    let promise = "what was refused is not there";
    opened.expect_gone(&new.id, promise).await?;

    opened.place.kill().await?;
    let what = |command| format!("{command} without a server");
    fails(&what("a create"), store.create(&mut new).await, &new)?;
    fails(&what("a save"), store.save(&saved).await, &saved)?;
    fails(&what("a load"), store.load(&saved.id).await, &saved)?;
    fails(&what("a delete"), store.delete(&saved.id).await, &saved)
}

/// It is an error, and one for a log.
fn fails<T>(what: &str, answer: session_store::Result<T>, record: &Record) -> Verdict {
    let Err(error) = answer else {
        let promise = format!("{what} is an error");
        return Err(Stop::broken(promise, "it counts as done"));
    };
    let text = error.to_string();
    expect(!text.trim().is_empty(), "an error says why", "nothing")?;
    silent(what, &text, record)?;
    silent(what, &format!("{error:?}"), record)
}

/// The text has none of the record in it.
pub(super) fn silent(what: &str, text: &str, record: &Record) -> Verdict {
    let promise = "neither a session's ID nor its data";
    let tells = |thing: &str| format!("{what} tells the {thing}: {}", cut(text));
    let number = shown(&record.id.0);
    let id = [record.id.to_string(), number]
        .iter()
        .any(|id| text.contains(id));
    expect(!id, promise, tells("ID"))?;
    expect(!text.contains(SECRET), promise, tells("data"))
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?}")
}
