//! Lessons 03 and 04: a store that several processes share, and another one beside it.

use super::cookies::offers;
use crate::{
    lessons::{
        prelude::*,
        stores::{gone, settings::SECRET},
    },
    store::{Gate, Kind, Store},
};
use std::time::{Duration, Instant};

checks! {
    Needs::Url:
        the_store_tells_what_it_was_asked;
    Needs::Process:
        the_sessions_of_all_processes_are_counted;
    Needs::Server:
        forgetting_ends_the_session_for_every_copy;
    Needs::Stores:
        sessions_move_from_the_old_store_to_the_new;
}

/// How long what has expired may be counted. A limit for hangs only.
const EXPIRY_LIMIT: Duration = Duration::from_secs(30);

async fn the_sessions_of_all_processes_are_counted(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let second = app.second().await?;
    let mut looker = app.browser();
    for _ in 0..2 {
        expect_sessions(&told_by(&mut looker, "/visitors").await?, 0)?;
    }
    let mut visitors = [app.browser(), app.browser(), second.browser()];
    for (nth, visitor) in visitors.iter_mut().enumerate() {
        // One that reads and one that writes is one.
        for path in ["/", "/count"] {
            visitor.get(path).await?.expect_status(200)?;
        }
        for app in [&app, &second] {
            let page = app.browser().get("/visitors").await?;
            expect_sessions(&page, nth as u64 + 1)?;
        }
    }
    let brief = course.app_with(&[("SESSION_TTL_SECS", "1")]).await?;
    brief.browser().get("/count").await?.expect_status(200)?;
    let start = Instant::now();
    loop {
        let page = looker.get("/visitors").await?;
        let verdict = expect_sessions(&page, 3);
        if verdict.is_ok() || start.elapsed() > EXPIRY_LIMIT {
            return verdict;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A text for whoever asks, with or without a session.
async fn told_by(browser: &mut Browser, path: &str) -> Result<Page, Stop> {
    let page = browser.get(path).await?;
    page.expect_status(200)?;
    page.expect_header("content-type", "text/plain; charset=utf-8")?;
    let cookies = page.set_cookies().join("; ");
    expect(cookies.is_empty(), "who asks gets no session", cookies)?;
    Ok(page)
}

fn expect_sessions(page: &Page, count: u64) -> Verdict {
    let promise = format!("`Sessions: {count}`");
    expect(
        page.text().trim() == format!("Sessions: {count}"),
        &promise,
        page.summary(),
    )
}

async fn forgetting_ends_the_session_for_every_copy(course: Course) -> Verdict {
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    let second = app.second().await?;
    let (mut ada, mut bob) = (app.browser(), app.browser());
    expect_count(&bob.post("/", &[]).await?, 1)?;
    let page = ada.post("/", &[]).await?;
    expect_count(&page, 1)?;
    offers(&page, "/forget")?;
    let id = session_id(&page)?;
    let mut thief = ada.copy();

    let page = ada.post("/forget", &[]).await?;
    page.expect_status(303)?;
    page.expect_header("location", "/")?;
    let left = ada.cookie("beer.sid").unwrap_or_default();
    expect(
        left.is_empty(),
        "the cookie beer.sid is removed",
        left.as_str(),
    )?;
    let there = store.record_exists(&id).await?;
    expect(!there, "the record has left the store", "it is there")?;
    // A copy of the cookie opens nothing any more, wherever it is tried.
    thief.visit(&second);
    for browser in [&mut ada, &mut thief] {
        expect_count(&browser.get("/").await?, 0)?;
        expect_another_id(browser, &id).await?;
    }
    expect_count(&bob.get("/").await?, 1)?;
    // Who has no session has none to end.
    let page = app.browser().post("/forget", &[]).await?;
    page.expect_status(303)
}

/// How many requests come at once for a session that has not moved yet.
const AT_ONCE: usize = 8;

async fn sessions_move_from_the_old_store_to_the_new(course: Course) -> Verdict {
    let (old, new) = (Store::shared(Kind::Redis).await?, course.store().await?);
    let (old_url, new_url) = (old.url(), new.url());
    let before = course.app_with(&[("SESSION_STORE", &old_url)]).await?;
    let (mut ada, mut eve, mut dora) = (before.browser(), before.browser(), before.browser());
    expect_count(&ada.post("/", &[]).await?, 1)?;
    expect_count(&dora.post("/", &[]).await?, 1)?;
    let ended = session_id(&eve.post("/", &[]).await?)?;
    old.forget(&ended).await?;

    let gate = Gate::before(&old).await?;
    let both = [
        ("SESSION_STORE", &*new_url),
        ("SESSION_STORE_OLD", gate.url()),
    ];
    let moving = course.app_with(&both).await?;
    let id = id_now(&mut ada).await?;
    ada.visit(&moving);
    expect_same(&ada.get("/").await?, &id, 1)?;
    expect_same(&ada.post("/", &[]).await?, &id, 2)?;
    let moved = new.record_exists(&id).await? && !old.record_exists(&id).await?;
    expect(
        moved,
        "a session that was asked for is in the new store alone",
        "it is not",
    )?;

    let id_of_dora = id_now(&mut dora).await?;
    dora.visit(&moving);
    let tabs = (0..AT_ONCE).map(|_| {
        let (mut tab, id) = (dora.copy(), id_of_dora.clone());
        async move { expect_same(&tab.get("/").await?, &id, 1) }
    });
    // So slow that all of them have asked it before the first is answered.
    gate.slow_down(Duration::from_millis(200));
    at_once(tabs).await?;
    gate.slow_down(Duration::ZERO);
    expect_same(&dora.get("/").await?, &id_of_dora, 1)?;

    // What has ended does not come back, and what begins now is nothing to the old store.
    eve.visit(&moving);
    expect_count(&eve.get("/").await?, 0)?;
    expect_another_id(&mut eve, &ended).await?;
    gone(&old, std::slice::from_ref(&id_of_dora)).await?;
    let left = old.ids().await?;
    expect(
        left.is_empty(),
        "nothing is in the old store",
        left.join(", "),
    )?;
    let there = new.ids().await?.len();
    let promise = "three sessions, and as many records in the new store";
    expect(there == 3, promise, format!("{there} records"))?;

    let after = course.app_with(&[("SESSION_STORE", &new_url)]).await?;
    for (browser, id, count) in [(&mut ada, &id, 2), (&mut dora, &id_of_dora, 1)] {
        browser.visit(&after);
        expect_same(&browser.get("/").await?, id, count)?;
    }
    let wrong = ("SESSION_STORE_OLD", "disk:");
    let exit = course.run_to_exit(&[SECRET, both[0], wrong]).await?;
    exit.expect_refusal(&["SESSION_STORE_OLD=disk:"])
}

fn expect_same(page: &Page, id: &str, count: u32) -> Verdict {
    page.expect_status(200)?;
    page.expect_text(&format!("Session ID: {id}"))?;
    expect_count(page, count)
}

/// Creates, saves, loads and deletes, in this order.
type Asked = [i64; 4];

async fn the_store_tells_what_it_was_asked(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    let first = asked(&app).await?;
    let again = asked(&app).await?;
    expect(
        again == first,
        "/store asks the store for nothing",
        told(again, first),
    )?;
    // A made-up cookie is refused by its signature, before the store is asked.
    ada.set_cookie("beer.sid", &"A".repeat(66));
    ada.get("/count").await?.expect_text("Views: 1")?;
    let after = asked(&app).await?;
    let [creates, saves, loads, deletes] = since(after, first);
    let newcomer = creates == 1 && saves <= 1 && loads == 0 && deletes == 0;
    let promise = "a newcomer costs one create, at most one save, and no load";
    expect(newcomer, promise, told(after, first))?;
    // Her first page may write her name down.
    ada.get("/").await?.expect_status(200)?;
    for (method, path, times, wanted) in [
        ("GET", "/", 10, [0, 0, 1, 0]),
        ("POST", "/", 5, [0, 1, 1, 0]),
        ("GET", "/count", 3, [0, 1, 1, 0]),
        ("GET", "/style.css", 2, [0, 0, 0, 0]),
        ("GET", "/nothing/here", 2, [0, 0, 0, 0]),
    ] {
        let before = asked(&app).await?;
        for _ in 0..times {
            ada.request(method, path, &[FORM], "").await?;
        }
        let after = asked(&app).await?;
        let promise = format!("{method} {path} costs {}", words(wanted));
        let wanted = wanted.map(|count| count * times);
        let observed = format!("{times} of them: {}", told(after, before));
        expect(since(after, before) == wanted, &promise, observed)?;
    }
    Ok(())
}

/// What `/store` says.
async fn asked(app: &App) -> Result<Asked, Stop> {
    let page = told_by(&mut app.browser(), "/store").await?;
    let mut asked = [0; 4];
    for (count, word) in asked.iter_mut().zip(WORDS) {
        let promise = format!("`{word}: N`");
        let number = page.number_after(&format!("{word}: "));
        *count = number.ok_or_else(|| Stop::broken(promise, page.summary()))?;
    }
    Ok(asked)
}

const WORDS: [&str; 4] = ["creates", "saves", "loads", "deletes"];

fn since(after: Asked, before: Asked) -> Asked {
    std::array::from_fn(|nth| after[nth] - before[nth])
}

fn told(after: Asked, before: Asked) -> String {
    words(since(after, before))
}

fn words(asked: Asked) -> String {
    let parts = WORDS
        .iter()
        .zip(asked)
        .map(|(word, count)| format!("{word}: {count}"));
    parts.collect::<Vec<_>>().join(", ")
}
