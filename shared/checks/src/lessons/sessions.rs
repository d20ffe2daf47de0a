//! Sessions on the server: an ID in the cookie, the rest in a store.

use super::prelude::*;
use std::{collections::HashSet, time::Duration};

checks! {
    Needs::Url:
        the_first_page_shows_the_session_id,
        session_ids_are_long_and_never_repeat,
        the_session_id_stays_while_the_count_grows,
        count_counts_views_in_its_own_key,
        static_files_and_unknown_paths_start_no_session;
    Needs::Process:
        the_countdown_is_full_after_a_write_and_lower_after_a_read,
        the_session_cookie_is_beer_sid_and_lives_as_long_as_the_session,
        an_expired_session_starts_over_with_a_new_id;
}

async fn the_first_page_shows_the_session_id(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    let id = session_id(&ada.get("/").await?)?;
    let cookie = ada.cookie("beer.sid").unwrap_or_default();
    let promise = "the ID on the page is the one in the cookie beer.sid";
    expect(
        !id.is_empty() && cookie.contains(&id),
        promise,
        format!("page {id}, cookie {cookie}"),
    )
}

async fn session_ids_are_long_and_never_repeat(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ids = HashSet::new();
    for _ in 0..1000 {
        let id = id_of(&mut app.browser()).await?;
        let base64url = id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        expect(
            id.len() == 22 && base64url,
            "an ID of 22 base64url characters",
            &id,
        )?;
        expect(
            ids.insert(id.clone()),
            "an ID that was never given out before",
            &id,
        )?;
    }
    Ok(())
}

async fn the_session_id_stays_while_the_count_grows(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.visitor().await?;
    let page = ada.get("/").await?;
    page.expect_text("No beers viewed yet in this session.")?;
    let first = page.text_after("Session ID: ");
    ada.get("/count").await?;
    let page = ada.get("/").await?;
    page.expect_text("No beers viewed yet in this session.")?;
    let id = session_id(&page)?;
    let same = first.as_ref().is_none_or(|first| *first == id);
    expect(same, "one ID", format!("first {first:?}, then {id}"))?;
    for count in 1..=3 {
        let page = ada.post("/", &[]).await?;
        page.expect_text(&format!("Beers viewed in this session: {count}"))?;
        page.expect_text(&format!("Session ID: {id}"))?;
    }
    Ok(())
}

async fn the_countdown_is_full_after_a_write_and_lower_after_a_read(course: Course) -> Verdict {
    let app = course.app_with(&[("SESSION_TTL_SECS", "60")]).await?;
    let mut ada = app.visitor().await?;
    let page = ada.get("/").await?;
    // Where a visit alone starts no session, nothing counts down.
    if page.text_after("Session ID: ").is_some() {
        page.expect_text("Session expires in 60 seconds")?;
    }
    ada.post("/", &[])
        .await?
        .expect_text("Session expires in 60 seconds")?;
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let page = ada.get("/").await?;
        let left = page.number_after("Session expires in ").unwrap_or(-1);
        let promise = "2 s later a page that changes nothing shows about 58 seconds";
        expect(
            (1..=58).contains(&left),
            promise,
            format!("Session expires in {left} seconds"),
        )?;
        ada.post("/", &[])
            .await?
            .expect_text("Session expires in 60 seconds")?;
    }
    Ok(())
}

async fn the_session_cookie_is_beer_sid_and_lives_as_long_as_the_session(
    course: Course,
) -> Verdict {
    for (settings, lifetime) in [(&[][..], 60), (&[("SESSION_TTL_SECS", "7")][..], 7)] {
        let app = course.app_with(settings).await?;
        let page = app.browser().get("/").await?;
        let set = page.set_cookies().join("\n");
        let promise = format!("one cookie beer.sid with Max-Age={lifetime}");
        let kept = page.set_cookies().len() == 1
            && set.starts_with("beer.sid=")
            && set
                .split("; ")
                .any(|part| part == format!("Max-Age={lifetime}"));
        expect(kept, &promise, format!("Set-Cookie: {set}"))?;
    }
    Ok(())
}

async fn an_expired_session_starts_over_with_a_new_id(course: Course) -> Verdict {
    let app = course.app_with(&[("SESSION_TTL_SECS", "1")]).await?;
    let mut ada = app.visitor().await?;
    let page = ada.post("/", &[]).await?;
    expect_count(&page, 1)?;
    let old = session_id(&page)?;
    let cookie = ada.cookie("beer.sid").unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    // A browser forgets the cookie by itself; a thief would not.
    ada.set_cookie("beer.sid", &cookie);
    expect_no_count(&ada.get("/").await?)?;
    let page = ada.post("/", &[]).await?;
    if !is_for_users(&page) {
        expect_count(&page, 1)?;
    }
    expect_another_id(&mut ada, &old).await
}

async fn count_counts_views_in_its_own_key(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, mut bob) = (app.visitor().await?, app.browser());
    ada.post("/", &[]).await?;
    ada.get("/count").await?.expect_text("Views: 1")?;
    let page = ada.get("/count").await?;
    page.expect_text("Views: 2")?;
    page.expect_header("content-type", "text/plain; charset=utf-8")?;
    expect_count(&ada.get("/").await?, 1)?;
    bob.get("/count").await?.expect_text("Views: 1")
}

async fn static_files_and_unknown_paths_start_no_session(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.visitor().await?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    for (browser, visited) in [(&mut app.browser(), false), (&mut ada, true)] {
        for path in ["/style.css", "/nothing/here"] {
            let page = browser.get(path).await?;
            let set = page.set_cookies().join("\n");
            let promise = format!("GET {path} sets no cookie (session before: {visited})");
            expect(set.is_empty(), &promise, format!("Set-Cookie: {set}"))?;
        }
    }
    expect_count(&ada.post("/", &[]).await?, 2)
}
