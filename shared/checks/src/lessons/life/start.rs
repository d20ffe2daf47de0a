//! What starts a session, and what does not.

use super::{expect_no_cookie, session_cookies};
use crate::{
    lessons::{Needs, login::expect_home, prelude::*},
    store::Kind,
};

checks! {
    Needs::Server:
        a_visit_that_stores_nothing_starts_no_session,
        an_unknown_cookie_stores_nothing;
}

/// How many records there are, where a check can look.
async fn records(course: &Course) -> Result<Option<usize>, Stop> {
    let store = course.store().await?;
    match store.kind() {
        Kind::Memory => Ok(None),
        _ => Ok(Some(store.ids().await?.len())),
    }
}

async fn expect_records(course: &Course, count: usize, when: &str) -> Verdict {
    let there = records(course).await?;
    let promise = format!("{count} records in the store {when}");
    let observed = format!("{} of them", there.unwrap_or_default());
    expect(there.is_none_or(|there| there == count), &promise, observed)
}

async fn a_visit_that_stores_nothing_starts_no_session(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let open = app.is_open().await?;
    // Where only users pour, nobody has a name of their own.
    let is_there = |path| open || !["/", "/name"].contains(&path);
    let mut ada = app.browser();
    for (method, path, form) in [
        ("GET", "/", ""),
        ("GET", "/login", ""),
        ("GET", "/register", ""),
        ("GET", "/profile", ""),
        ("POST", "/name", "name="),
        (
            "POST",
            "/login",
            "email=nobody@example.com&password=nothing+here",
        ),
        ("POST", "/logout", ""),
        ("GET", "/", ""),
    ] {
        let page = ada.request(method, path, &[PAGES, FORM], form).await?;
        let answered = page.status() < 500 && (page.status() != 404 || !is_there(path));
        expect(answered, "an answer", page.status_line())?;
        expect_no_cookie(&page, &format!("{method} {path} as a stranger"))?;
        if path == "/" && open {
            page.expect_text("Hello, John Doe!")?;
            page.expect_text("No session yet")?;
            page.expect_text("Not logged in")?;
            page.expect_no_text("Session ID")?;
            page.expect_no_text("Session expires")?;
            expect_count(&page, 0)?;
        }
    }
    expect_records(&course, 0, "after a stranger's visit").await?;
    for (nth, (method, path, form)) in [
        ("POST", "/", ""),
        ("GET", "/count", ""),
        ("POST", "/name", "name=Ada"),
    ]
    .into_iter()
    .filter(|(_, path, _)| is_there(path))
    .enumerate()
    {
        let mut ada = app.browser();
        let page = ada.request(method, path, &[FORM], form).await?;
        let lines = session_cookies(&page);
        let promise = format!("{method} {path} starts a session");
        let observed = format!("Set-Cookie: {}", lines.join("\n"));
        expect(lines.len() == 1, &promise, observed)?;
        expect_records(&course, nth + 1, &format!("after {method} {path}")).await?;
        if !open {
            ada.get("/count").await?.expect_text("Views: 2")?;
            continue;
        }
        let home = ada.get("/").await?;
        let shown = if path == "/" { &page } else { &home };
        let id = session_id(shown)?;
        home.expect_text(&format!("Session ID: {id}"))?;
        let cookie = ada.cookie("beer.sid").unwrap_or_default();
        let promise = "the ID on the page is the one in the cookie beer.sid";
        let observed = format!("page {id}, cookie {cookie}");
        expect(cookie.contains(&id), promise, observed)?;
        home.expect_no_text("No session yet")?;
    }
    Ok(())
}

async fn an_unknown_cookie_stores_nothing(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let mut unknown = Vec::new();
    let (mut ada, mut bob) = (app.browser(), app.browser());
    let ids = [id_of(&mut ada).await?, id_of(&mut bob).await?];
    // Well signed, and ended; and, where we can, deleted behind the app's back.
    unknown.extend([ada.copy(), bob.copy()]);
    expect_home(&ada.post("/logout", &[]).await?)?;
    match course.store().await?.kind() {
        Kind::Memory => expect_home(&bob.post("/logout", &[]).await?)?,
        _ => course.store().await?.forget(&ids[1]).await?,
    }
    expect_no_cookie(&ada.get("/").await?, "a page after the logout")?;
    for forged in [ids[0].clone(), "A".repeat(22), "A".repeat(66)] {
        let mut mallory = app.browser();
        mallory.set_cookie("beer.sid", &forged);
        unknown.push(mallory);
    }
    let before = records(&course).await?.unwrap_or_default();
    for nth in 0..50 {
        let browser = &unknown[nth % unknown.len()];
        let path = ["/", "/login", "/register", "/profile"][nth / unknown.len() % 4];
        // What an answer does to a jar must not change the next request.
        let page = browser.copy().request("GET", path, &[PAGES], "").await?;
        expect_no_cookie(&page, &format!("GET {path} with an unknown cookie"))?;
    }
    expect_records(&course, before, "after 50 reads with unknown cookies").await?;
    // One that stores something does so under an ID of its own.
    for browser in &mut unknown {
        browser.get("/count").await?.expect_text("Views: 1")?;
        let id = id_now(browser).await?;
        let observed = format!("the ID of the cookie: {id}");
        expect(!ids.contains(&id), "a new ID", observed)?;
        browser.get("/count").await?.expect_text("Views: 2")?;
    }
    expect_records(&course, before + unknown.len(), "after as many views").await
}
