//! A store outside of the process: what it is asked, and what it may do to a
//! session behind the app's back.

use super::prelude::*;
use crate::store::{Commands, Gate, Junk, Kind, Store};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

pub(super) mod load;
pub(super) mod mongodb;
pub(super) mod outages;
pub(super) mod settings;

checks! {
    Needs::Server:
        the_store_is_asked_no_more_than_needed,
        the_record_lives_as_long_as_the_session,
        a_record_that_vanishes_during_a_request_is_no_error,
        junk_in_the_store_becomes_a_new_session,
        a_taken_id_is_never_overwritten;
}

/// What a request that saves a session sends, as it stands in the protocol of the
/// store.
fn saves(kind: Kind) -> &'static [&'static [u8]] {
    match kind {
        Kind::Memory => &[],
        Kind::Redis => &[b"\r\nSET\r\n"],
        Kind::Mongodb => &[b"\x02update\0", b"\x02findAndModify\0", b"\x02insert\0"],
    }
}

/// How long a store may take to delete what has expired. A limit for hangs only.
const CLEAN_UP_LIMIT: Duration = Duration::from_secs(30);

async fn the_store_is_asked_no_more_than_needed(course: Course) -> Verdict {
    // The server counts, whoever asks.
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    let ask = async |browser: &mut Browser, method: &str, path: &str, form: &str| {
        let before = store.commands().await?;
        let page = browser.request(method, path, &[FORM], form).await?;
        let after = store.commands().await?;
        let served = [200, 303, 404].contains(&page.status());
        expect(served, "a page", page.status_line())?;
        Ok::<_, Stop>(Commands {
            reads: after.reads - before.reads,
            writes: after.writes - before.writes,
            creates: after.creates.zip(before.creates).map(|(a, b)| a - b),
        })
    };
    let told = |what: &str, asked: Commands| {
        let Commands { reads, writes, .. } = asked;
        let created = asked.creates.map(|n| format!(", {n} of them creates"));
        let created = created.unwrap_or_default();
        format!("{what}: {reads} reads and {writes} writes{created}")
    };
    let names = has_names(&app).await?;
    for (method, path) in [("GET", "/count"), ("POST", "/")] {
        if path == "/" && !app.is_open().await? {
            // Not of a stranger.
            continue;
        }
        let mut newcomer = app.browser();
        let asked = ask(&mut newcomer, method, path, "").await?;
        let modest =
            asked.reads == 0 && (1..=2).contains(&asked.writes) && asked.creates.unwrap_or(1) == 1;
        let promise = "a browser's first page costs one create and at most one more write";
        let what = format!("the first {method} {path}");
        expect(modest, promise, told(&what, asked))?;
    }
    let mut ada = app.visitor().await?;
    ada.post("/", &[]).await?.expect_status(200)?;
    for _ in 0..10 {
        for (method, path, form, reads, writes) in [
            ("GET", "/", "", 1, 0),
            ("POST", "/", "", 1, 1),
            ("GET", "/count", "", 1, 1),
            ("POST", "/name", "name=Ada", 1, 1),
            ("GET", "/style.css", "", 0, 0),
            ("GET", "/nothing/here", "", 0, 0),
        ] {
            if path == "/name" && !names {
                continue;
            }
            let asked = ask(&mut ada, method, path, form).await?;
            let promise = format!("{method} {path} costs {reads} reads and {writes} writes");
            expect(
                (asked.reads, asked.writes) == (reads, writes),
                &promise,
                told(&format!("{method} {path}"), asked),
            )?;
        }
    }
    Ok(())
}

async fn the_record_lives_as_long_as_the_session(course: Course) -> Verdict {
    let store = course.store().await?;
    let app = course.app_with(&[("SESSION_TTL_SECS", "30")]).await?;
    app.is_open().await?;
    let before = store.ids().await?;
    let mut ada = app.visitor().await?;
    let id = id_of(&mut ada).await?;
    let mut ids = store.ids().await?;
    ids.retain(|id| !before.contains(id));
    let promise = "one record, under the session's ID";
    expect(ids == [id.as_str()], promise, format!("{id}: {ids:?}"))?;
    for _ in 0..2 {
        let before = Instant::now();
        ada.post("/", &[]).await?.expect_status(200)?;
        let left = store.seconds_to_live(&id).await?.unwrap_or(-1.0);
        // A store may count whole seconds; and time goes by while we ask.
        let longest = 30.1;
        let shortest = 28.9 - before.elapsed().as_secs_f64();
        let promise = "after a write, a record with 30 seconds to live";
        let lives = (shortest..=longest).contains(&left);
        expect(lives, promise, format!("{left:.1} seconds to live"))?;
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
    let app = course.app_with(&[("SESSION_TTL_SECS", "1")]).await?;
    let brief = id_of(&mut app.browser()).await?;
    gone(store, &[brief]).await
}

/// Waits until the store has none of these records.
pub(super) async fn gone(store: &Store, ids: &[String]) -> Verdict {
    let start = Instant::now();
    loop {
        let there = store.ids().await?;
        let left = ids.iter().filter(|id| there.contains(id)).count();
        if left == 0 {
            return Ok(());
        }
        let waited = start.elapsed();
        let observed = format!("{left} expired records after {waited:.0?}");
        let promise = "what has expired leaves the store";
        expect(waited < CLEAN_UP_LIMIT, promise, observed)?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn a_record_that_vanishes_during_a_request_is_no_error(course: Course) -> Verdict {
    let store = course.store().await?;
    let gate = Gate::before(store).await?;
    let app = course.app_with(&[(course.variable()?, gate.url())]).await?;
    for (method, path) in [("POST", "/"), ("GET", "/count")] {
        let mut ada = app.visitor().await?;
        ada.post("/", &[]).await?;
        let id = session_id(&ada.post("/", &[]).await?)?;
        let page = while_saving(&gate, store, &ada, (method, path), async || {
            store.forget(&id).await
        });
        expect_no_error(&page.await?)?;
        let back = store.record_exists(&id).await?;
        let promise = "a record that was deleted stays deleted";
        expect(!back, promise, "the record is back in the store")?;
        expect_no_count(&ada.get("/").await?)?;
        expect_another_id(&mut ada, &id).await?;
    }
    Ok(())
}

/// Asks for a page, and does something to the store when the app is about to save.
async fn while_saving(
    gate: &Gate,
    store: &Store,
    browser: &Browser,
    (method, path): (&'static str, &'static str),
    act: impl AsyncFnOnce() -> Verdict,
) -> Result<Page, Stop> {
    let mut tab = browser.copy();
    gate.hold_at(saves(store.kind()));
    let page = tokio::spawn(async move { tab.request(method, path, &[FORM], "").await });
    let held = tokio::time::timeout(Duration::from_secs(10), gate.held()).await;
    let promise = format!("{method} {path} saves the session");
    held.map_err(|_| Stop::broken(promise, "no command to the store that saves"))?;
    act().await?;
    gate.release();
    page.await.map_err(Stop::harness)?
}

async fn junk_in_the_store_becomes_a_new_session(course: Course) -> Verdict {
    let store = course.store().await?;
    let gate = Gate::before(store).await?;
    let app = course.app_with(&[(course.variable()?, gate.url())]).await?;
    for junk in [
        "random",
        "empty",
        "half",
        "foreign",
        "type",
        "beers",
        "huge",
        "another's",
    ] {
        let mut ada = app.visitor().await?;
        let id = session_id(&ada.post("/", &[]).await?)?;
        let Some(spoils) = spoilt(junk, store, &id).await? else {
            continue;
        };
        store.spoil(&id, &spoils).await?;
        let page = ada.get("/").await?;
        if junk == "huge" {
            page.expect_status(200)?;
            ada.post("/", &[]).await?.expect_status(200)?;
        } else {
            begins_anew(&mut ada, &page).await?;
        }

        // The same while the app is about to save.
        let mut bob = app.visitor().await?;
        let id = session_id(&bob.post("/", &[]).await?)?;
        let Some(junk) = spoilt(junk, store, &id).await? else {
            continue;
        };
        let page = while_saving(&gate, store, &bob, ("POST", "/"), async || {
            store.spoil(&id, &junk).await
        });
        expect_no_error(&page.await?)?;
        for _ in 0..2 {
            expect_no_error(&bob.post("/", &[]).await?)?;
            bob.get("/count").await?.expect_status(200)?;
        }
    }
    let panics = app.log().matches("panicked").count();
    expect(
        panics == 0,
        "no panic",
        format!("{panics} panics in the log"),
    )
}

/// After this page of somebody whose record was spoilt: no beers, and the next are
/// counted. Who has to log in for beers counts views.
async fn begins_anew(browser: &mut Browser, page: &Page) -> Verdict {
    expect_no_count(page)?;
    for count in 1..=2 {
        if is_for_users(page) {
            let page = browser.get("/count").await?;
            page.expect_text(&format!("Views: {count}"))?;
        } else {
            expect_count(&browser.post("/", &[]).await?, count)?;
        }
    }
    Ok(())
}

fn expect_no_error(page: &Page) -> Verdict {
    let observed = format!("status {}: {}", page.status_line(), page.summary());
    expect(page.status() < 500, "no error", observed)
}

/// What can lie under a session's ID when others use the same store, or another
/// version of the app does. `None` where no record can be spoilt in this way.
async fn spoilt(how: &str, store: &Store, id: &str) -> Result<Option<Junk>, Stop> {
    if let Some(document) = store.document(id).await? {
        return spoilt_document(how, document);
    }
    let mut record = store.record(id).await?;
    let bytes = match how {
        "random" => {
            let mut random = fastrand::Rng::with_seed(7);
            record.iter().map(|_| random.u8(..)).collect()
        }
        "empty" => Vec::new(),
        "half" => {
            record.truncate(record.len() / 2);
            record
        }
        // Well-formed MessagePack: {"user": 1, "admin": true}.
        "foreign" => b"\x82\xa4user\x01\xa5admin\xc3".to_vec(),
        // The session as it is, but for our key's value: a text, not a number; then
        // the largest number.
        "beers" => with_beers(&record, b"\xa4many")?,
        "huge" => with_beers(&record, b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff")?,
        // The record of another session. An array of three begins with the ID, 16
        // bytes.
        "another's" => {
            let promise = "a record that begins with the session's ID";
            let observed = format!("{:02x?}", &record[..record.len().min(3)]);
            expect(record.starts_with(b"\x93\xc4\x10"), promise, observed)?;
            record[3] ^= 1;
            record
        }
        _ => return Ok(Some(Junk::OtherType)),
    };
    Ok(Some(Junk::Bytes(bytes)))
}

/// The same of a session whose keys and values are those of a document.
fn spoilt_document(how: &str, mut session: Value) -> Result<Option<Junk>, Stop> {
    let keys = session.as_object_mut();
    let keys = keys.ok_or_else(|| Stop::harness("the session is no document"))?;
    match how {
        "random" => return Ok(Some(Junk::Bytes(vec![7; 40]))),
        "empty" => keys.clear(),
        "half" => {
            let half = keys.len() / 2;
            let kept: Vec<String> = keys.keys().take(half).cloned().collect();
            keys.retain(|key, _| kept.contains(key));
        }
        "foreign" => session = json!({ "user": 1, "admin": true }),
        "beers" | "huge" => {
            let beers = keys.get_mut("beers").filter(|beers| beers.is_number());
            let none = || Stop::broken("a session with a number under `beers`", "there is none");
            *beers.ok_or_else(none)? = match how {
                "beers" => json!("many"),
                _ => json!(i64::MAX),
            };
        }
        // In a document the ID stands once, as its key.
        "another's" => return Ok(None),
        _ => return Ok(Some(Junk::OtherType)),
    }
    Ok(Some(Junk::Document(session)))
}

/// Puts this in place of the small number of beers, all in MessagePack.
fn with_beers(record: &[u8], value: &[u8]) -> Result<Vec<u8>, Stop> {
    let key = b"\xa5beers";
    let at = record.windows(key.len()).position(|part| part == key);
    let none = || Stop::broken("a record with a number under `beers`", "there is none");
    let (head, rest) = record.split_at(at.ok_or_else(none)? + key.len());
    let (number, rest) = rest.split_first().ok_or_else(none)?;
    if *number >= 128 {
        return Err(none());
    }
    Ok([head, value, rest].concat())
}

/// How many begin at once.
const NEWCOMERS: usize = 64;

async fn a_taken_id_is_never_overwritten(course: Course) -> Verdict {
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    let second = app.second().await?;
    let apps = [&app, &second];
    let newcomers = (0..NEWCOMERS).map(|nth| {
        let mut browser = apps[nth % 2].browser();
        async move {
            browser.get("/count").await?.expect_text("Views: 1")?;
            let id = id_now(&mut browser).await?;
            Ok::<_, Stop>((browser, id))
        }
    });
    let mut began = Vec::new();
    let mut tasks: tokio::task::JoinSet<_> = newcomers.collect();
    while let Some(one) = tasks.join_next().await {
        began.push(one.map_err(Stop::harness)??);
    }
    let ids: HashSet<&str> = began.iter().map(|(_, id)| id.as_str()).collect();
    let observed = format!("{} IDs for {NEWCOMERS} sessions", ids.len());
    expect(
        ids.len() == NEWCOMERS,
        "each session has its own ID",
        observed,
    )?;
    let records = store.ids().await?.len();
    let observed = format!("{records} records for {NEWCOMERS} sessions");
    expect(
        records == NEWCOMERS,
        "each session has its own record",
        observed,
    )?;
    for (nth, (browser, _)) in began.iter_mut().enumerate() {
        for count in 2..=3 {
            browser.visit(apps[(nth + count) % 2]);
            let page = browser.get("/count").await?;
            page.expect_text(&format!("Views: {count}"))?;
        }
    }
    Ok(())
}
