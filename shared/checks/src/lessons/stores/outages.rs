//! The app or its store is killed, frozen or away, under load.

use super::load::{self, ANSWER_LIMIT, Load, expect_away, in_time};
use crate::{
    is_on,
    lessons::{Needs, prelude::*},
    store::Gate,
};
use std::time::{Duration, Instant};

checks! {
    Needs::Process:
        kill_9_between_two_requests_loses_nothing;
    Needs::Server:
        a_frozen_store_is_a_503_page_and_nothing_hangs,
        a_store_that_falters_is_back_as_soon_as_it_answers,
        a_slow_store_is_waited_for,
        a_store_that_is_down_is_a_503_page_and_comes_back_by_itself,
        a_store_that_fails_after_the_handler_is_a_503_page,
        a_killed_server_keeps_what_it_acknowledged;
}

/// The contract's 2 s until all is well again, twice, likewise.
const RETURN_LIMIT: Duration = Duration::from_secs(4);

async fn kill_9_between_two_requests_loses_nothing(course: Course) -> Verdict {
    let mut app = course.app_with(&[]).await?;
    let load = Load::on_an_app_that_dies(&app, 8);
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        app.restart().await?;
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    let mut ledgers = load.end().await?;
    load::settle(&mut ledgers).await
}

async fn a_frozen_store_is_a_503_page_and_nothing_hangs(course: Course) -> Verdict {
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    let load = Load::start(&app, 32, Duration::from_millis(50));
    tokio::time::sleep(Duration::from_secs(1)).await;
    store.freeze()?;
    let freeze = Instant::now();
    while freeze.elapsed() < Duration::from_secs(5) {
        without_a_session(&app).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    store.thaw()?;
    let thaw = Instant::now();
    tokio::time::sleep(RETURN_LIMIT + Duration::from_secs(1)).await;
    let mut ledgers = load.end().await?;
    load::settle(&mut ledgers).await?;

    let unanswered = ledgers.iter().filter(|(_, l)| l.acknowledged == 0).count();
    expect(
        unanswered == 0,
        "each browser counts",
        format!("{unanswered} do not"),
    )?;
    let away: u32 = ledgers.iter().map(|(_, ledger)| ledger.away).sum();
    let promise = "while the store is frozen, pages with status 503";
    expect(away > 0, promise, "there was none")?;
    let slowest = ledgers.iter().map(|(_, ledger)| ledger.slowest).max();
    let last = ledgers
        .iter()
        .filter_map(|(_, ledger)| ledger.last_away)
        .max();
    let late = last.map_or(Duration::ZERO, |last| last.saturating_duration_since(thaw));
    tell(&format!(
        "{away} pages with 503, the slowest answer after {:.2?}, the last failure {late:.2?} after the return",
        slowest.unwrap_or_default(),
    ));
    let promise = format!("all is well {RETURN_LIMIT:?} after the store's return");
    expect(
        late < RETURN_LIMIT,
        &promise,
        format!("a 503 {late:.1?} after"),
    )
}

async fn a_store_that_falters_is_back_as_soon_as_it_answers(course: Course) -> Verdict {
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    let load = Load::start(&app, 32, Duration::from_millis(50));
    tokio::time::sleep(Duration::from_millis(500)).await;
    for _ in 0..4 {
        store.freeze()?;
        // Longer than an app waits for one answer, and too short for a driver to
        // give the server up.
        tokio::time::sleep(Duration::from_millis(1300)).await;
        store.thaw()?;
        let back = back_again(&mut app.browser()).await?;
        tell(&format!("full service {back:.2?} after the thaw"));
    }
    load::settle(&mut load.end().await?).await
}

/// How many ask at the same time: more than a driver has connections when nobody
/// tells it.
const AT_ONCE: usize = 64;

async fn a_slow_store_is_waited_for(course: Course) -> Verdict {
    let gate = Gate::before(course.store().await?).await?;
    let app = course.app_with(&[(course.variable()?, gate.url())]).await?;
    let mut browsers = Vec::new();
    for _ in 0..AT_ONCE {
        let mut browser = app.browser();
        browser.get("/count").await?.expect_status(200)?;
        browsers.push(browser);
    }
    // A page that reads the session, and is for everybody.
    let path = if app.is_open().await? { "/" } else { "/login" };
    gate.slow_down(Duration::from_millis(300));
    at_once(browsers.into_iter().map(|mut browser| async move {
        for _ in 0..3 {
            browser.get(path).await?.expect_status(200)?;
        }
        Ok(())
    }))
    .await
}

/// What was measured, for who asks.
pub(in crate::lessons) fn tell(text: &str) {
    if is_on("COURSE_TELL") {
        println!("measured: {text}");
    }
}

async fn without_a_session(app: &App) -> Verdict {
    for (path, status) in [("/style.css", 200), ("/nothing/here", 404)] {
        let mut browser = app.browser();
        let what = format!("GET {path}");
        let page = in_time(ANSWER_LIMIT, &what, browser.get(path)).await?;
        page.expect_status(status)?;
    }
    Ok(())
}

async fn a_store_that_is_down_is_a_503_page_and_comes_back_by_itself(course: Course) -> Verdict {
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    let (mut ada, mut bob) = (app.visitor().await?, app.browser());
    expect_count(&ada.post("/", &[]).await?, 1)?;
    let log = app.log().len();
    store.kill().await?;
    for (method, path) in [("GET", "/"), ("POST", "/"), ("GET", "/count")] {
        for (browser, has_session) in [(&mut ada, true), (&mut bob, false)] {
            let page = browser.request(method, path, &[FORM], "");
            let what = format!("{method} {path}");
            let page = in_time(ANSWER_LIMIT, &what, page).await?;
            // Who has no session, and is shown none, needs no store.
            let visit = (method, path) == ("GET", "/") && !has_session;
            if visit && page.status() == 200 {
                page.expect_text("No session yet")?;
                continue;
            }
            if is_for_users(&page) && !has_session {
                continue;
            }
            expect_away(&page)?;
        }
    }
    without_a_session(&app).await?;
    let log = app.log().split_off(log);
    let warned = log.contains("WARN") || log.contains("ERROR");
    expect(warned, "a warning in the log", log)?;

    store.start_again().await?;
    let back = back_again(&mut bob).await?;
    tell(&format!(
        "full service {back:.2?} after the store answers again"
    ));
    at_once((0..8).map(|_| {
        let mut browser = app.browser();
        async move {
            for count in 1..=3 {
                let page = browser.get("/count").await?;
                page.expect_text(&format!("Views: {count}"))?;
            }
            Ok(())
        }
    }))
    .await?;
    // Ada's session is there or not, as the store kept it. She is served.
    let page = ada.get("/").await?;
    if is_for_users(&page) {
        return Ok(());
    }
    page.expect_status(200)
}

/// Waits for the first page that needs the store, after its return.
pub(super) async fn back_again(browser: &mut Browser) -> Result<Duration, Stop> {
    let start = Instant::now();
    loop {
        let page = browser.get("/count").await?;
        let waited = start.elapsed();
        if page.status() == 200 {
            return Ok(waited);
        }
        expect_away(&page)?;
        let promise = format!("service within {RETURN_LIMIT:?} of the store's return");
        let observed = format!("still {} after {waited:.1?}", page.status_line());
        expect(waited < RETURN_LIMIT, &promise, observed)?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn a_store_that_fails_after_the_handler_is_a_503_page(course: Course) -> Verdict {
    let store = course.store().await?;
    let gate = Gate::before(store).await?;
    let app = course.app_with(&[(course.variable()?, gate.url())]).await?;
    let names = has_names(&app).await?;
    for (method, path) in [("GET", "/count"), ("POST", "/"), ("POST", "/name")] {
        if path == "/name" && !names {
            continue;
        }
        let mut ada = app.visitor().await?;
        ada.get("/count").await?.expect_status(200)?;
        // What the handler did is well; only that it cannot be saved.
        gate.hold_at(super::saves(store.kind()));
        let page = ada.request(method, path, &[FORM], "name=Ada").await;
        gate.release();
        expect_away(&page?)?;
        back_again(&mut ada).await?;
    }
    Ok(())
}

async fn a_killed_server_keeps_what_it_acknowledged(course: Course) -> Verdict {
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    for _ in 0..3 {
        store.write_the_journal_rarely().await?;
        let load = Load::start(&app, 16, Duration::ZERO);
        tokio::time::sleep(Duration::from_millis(700)).await;
        store.kill().await?;
        let mut ledgers = load.end().await?;
        store.start_again().await?;
        back_again(&mut app.browser()).await?;
        load::settle(&mut ledgers).await?;
    }
    Ok(())
}
