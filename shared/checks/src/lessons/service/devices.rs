//! Where a user is logged in, and how they end it from elsewhere.

use crate::lessons::{
    login::{PASSWORD, expect_home, expect_user, log_in, newcomer},
    prelude::*,
};
use std::time::{Duration, Instant};
use tokio::time::sleep;

checks! {
    Needs::Url:
        a_user_sees_where_they_are_logged_in,
        nobody_ends_the_sessions_of_another_user;
    Needs::Process:
        a_login_in_use_stays_on_the_list,
        a_session_that_was_ended_elsewhere_is_over_at_once;
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
    (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

async fn log_in_with(browser: &mut Browser, email: &str, agent: &str) -> Verdict {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", email), ("password", PASSWORD)])
        .finish();
    let headers = [FORM, ("user-agent", agent.as_bytes())];
    expect_home(&browser.request("POST", "/login", &headers, &body).await?)
}

/// The IDs that the list's forms would send.
pub(in crate::lessons) fn others(page: &Page) -> Vec<String> {
    let inputs = page.elements("input").into_iter();
    let ids = inputs.filter(|input| input.attribute("name") == Some("id"));
    let values = ids.filter_map(|input| input.attribute("value").map(str::to_owned));
    values.collect()
}

async fn a_user_sees_where_they_are_logged_in(course: Course) -> Verdict {
    let app = course.app().await?;
    let (_, email) = newcomer(&app, "ada").await?;
    let (mut desk, mut phone) = (app.browser(), app.browser());
    log_in_with(&mut desk, &email, FIREFOX).await?;
    log_in_with(&mut phone, &email, SAFARI).await?;
    let page = phone.get("/sessions").await?;
    page.expect_status(200)?;
    for text in [
        "Firefox on Linux",
        "Safari on iPhone",
        "just now",
        "this browser",
    ] {
        page.expect_text(text)?;
    }
    expect(
        others(&page).len() == 2,
        "two others to end",
        page.summary(),
    )?;
    // A logout takes its own off the list, and a login over a login the one before.
    log_in_with(&mut desk, &email, FIREFOX).await?;
    expect_home(&desk.post("/logout", &[]).await?)?;
    let page = phone.get("/sessions").await?;
    page.expect_no_text("Firefox on Linux")?;
    expect(others(&page).len() == 1, "one other to end", page.summary())?;
    phone
        .post("/sessions/end-others", &[])
        .await?
        .expect_status(303)?;
    let page = phone.get("/sessions").await?;
    expect(others(&page).is_empty(), "no other", page.summary())?;
    page.expect_text("Safari on iPhone")
}

async fn a_login_in_use_stays_on_the_list(course: Course) -> Verdict {
    let app = course.app_with(&[("SESSION_TTL_SECS", "3")]).await?;
    let (_, email) = newcomer(&app, "ada").await?;
    let (mut desk, mut phone) = (app.browser(), app.browser());
    log_in_with(&mut phone, &email, SAFARI).await?;
    log_in_with(&mut desk, &email, FIREFOX).await?;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(5) {
        expect_user(&mut desk, &email).await?;
        sleep(Duration::from_millis(300)).await;
    }
    let page = desk.get("/sessions").await?;
    page.expect_text("Firefox on Linux")?;
    page.expect_no_text("Safari on iPhone")?;
    // With a login the app forgets those that are over, and no other.
    expect_home(&log_in(&mut phone, &email, PASSWORD).await?)?;
    expect_user(&mut desk, &email).await.map(drop)
}

async fn a_session_that_was_ended_elsewhere_is_over_at_once(course: Course) -> Verdict {
    let api = BeerApi::held().await?;
    let app = course.app_with(&[("BEER_API_URL", api.url())]).await?;
    let second = app.second().await?;
    let (mut phone, email) = newcomer(&app, "ada").await?;
    for way in ["/sessions/end", "/sessions/end-others"] {
        let mut desk = app.browser();
        expect_home(&log_in(&mut desk, &email, PASSWORD).await?)?;
        let (mut before, mut slow) = (desk.copy(), desk.copy());
        let pour = tokio::spawn(async move { slow.post("/", &[]).await });
        api.asked().await;
        let ids = others(&phone.get("/sessions").await?);
        expect(ids.len() == 1, "one other session", ids.len().to_string())?;
        // From another process, where the store is one for both.
        if course.store().await?.kind() != crate::store::Kind::Memory {
            phone.visit(&second);
        }
        phone
            .post(way, &[("id", &ids[0])])
            .await?
            .expect_status(303)?;
        expect_user(&mut phone, &email).await?;
        let page = before.request("GET", "/profile", &[PAGES], "").await?;
        page.expect_status(303)?;
        page.expect_header("location", "/login?next=/profile")?;
        // What was on its way does not bring it back.
        api.release();
        pour.await.map_err(Stop::harness)??;
        desk.request("GET", "/profile", &[PAGES], "")
            .await?
            .expect_status(303)?;
        phone.visit(&app);
    }
    Ok(())
}

async fn nobody_ends_the_sessions_of_another_user(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let mut desk = app.browser();
    expect_home(&log_in(&mut desk, &email, PASSWORD).await?)?;
    let ids = others(&ada.get("/sessions").await?);
    let (mut mallory, _) = newcomer(&app, "mallory").await?;
    for id in &ids {
        mallory
            .post("/sessions/end", &[("id", id)])
            .await?
            .expect_status(303)?;
    }
    mallory
        .post("/sessions/end-others", &[])
        .await?
        .expect_status(303)?;
    for browser in [&mut ada, &mut desk] {
        expect_user(browser, &email).await?;
    }
    // Nor does a stranger, and what is no ID ends nothing.
    let page = app
        .browser()
        .post("/sessions/end", &[("id", &ids[0])])
        .await?;
    expect(
        page.status() != 200,
        "a stranger is sent away",
        page.status_line(),
    )?;
    for id in ["", "x", "' OR 1=1 --"] {
        ada.post("/sessions/end", &[("id", id)])
            .await?
            .expect_status(303)?;
    }
    expect_user(&mut desk, &email).await.map(drop)
}
