//! How often a password may be tried.

use super::CROSS_SITE;
use crate::lessons::{
    login::{PASSWORD, expect_home, expect_refused, log_in, new_email, newcomer, register},
    password::change,
    prelude::*,
};

checks! {
    Needs::Process:
        attempts_at_an_account_are_few_whoever_makes_them,
        of_many_attempts_at_once_ten_are_compared,
        attempts_from_one_address_are_limited;
    Needs::Url:
        a_post_that_another_site_sends_is_refused;
}

/// How many wrong attempts at an account may follow each other.
const AT_ONCE: usize = 10;

/// 429, and how long to wait.
pub(in crate::lessons) fn expect_limited(page: &Page, most: i64) -> Verdict {
    page.expect_status(429)?;
    let seconds = page
        .header("retry-after")
        .and_then(|value| value.parse::<i64>().ok());
    let promise = format!("Retry-After with 1 to {most} seconds");
    let fits = seconds.is_some_and(|seconds| (1..=most).contains(&seconds));
    expect(fits, &promise, format!("{seconds:?}"))?;
    page.expect_text("Too many attempts")
}

async fn attempts_at_an_account_are_few_whoever_makes_them(course: Course) -> Verdict {
    let app = course.app().await?;
    let second = app.second().await?;
    let (_, email) = newcomer(&app, "ada").await?;
    // The right password makes up for the wrong ones before it.
    for _ in 1..AT_ONCE {
        expect_refused(&log_in(&mut app.browser(), &email, "guess").await?)?;
    }
    let mut ada = app.browser();
    expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
    for email in [email.clone(), new_email("nobody")] {
        // Another browser each time, and another process.
        for attempt in 0..AT_ONCE {
            let app = if attempt % 2 == 0 { &app } else { &second };
            expect_refused(&log_in(&mut app.browser(), &email, "guess").await?)?;
        }
        for app in [&app, &second] {
            // Upper case and spaces are no other account, and the API is no other door.
            let odd = format!(" {} ", email.to_uppercase());
            expect_limited(&log_in(&mut app.browser(), &odd, "guess").await?, 60)?;
            let fields = [("email", &*email), ("password", PASSWORD)];
            let page = app.browser().post("/api/v1/signin", &fields).await?;
            page.expect_status(429)?;
        }
    }
    // The right one is not compared either.
    expect_limited(&log_in(&mut app.browser(), &email, PASSWORD).await?, 60)?;
    // Who is logged in stays so, and somebody else gets in.
    ada.get("/profile").await?.expect_text(&email)?;
    let page = change(&mut ada, PASSWORD, "five little barrels").await?;
    page.expect_status(303)?;
    // There the attempts are one's own.
    let (mut bob, email) = newcomer(&app, "bob").await?;
    for _ in 0..AT_ONCE {
        let page = change(&mut bob, "guess", "five little barrels").await?;
        page.expect_status(422)?;
    }
    let page = change(&mut bob, PASSWORD, "five little barrels").await?;
    expect_limited(&page, 60)?;
    expect_home(&log_in(&mut app.browser(), &email, PASSWORD).await?)
}

async fn of_many_attempts_at_once_ten_are_compared(course: Course) -> Verdict {
    let app = course.app().await?;
    let (_, email) = newcomer(&app, "ada").await?;
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..3 * AT_ONCE {
        let (mut browser, email) = (app.browser(), email.clone());
        attempts.spawn(async move { log_in(&mut browser, &email, "guess").await });
    }
    let mut compared = 0;
    while let Some(page) = attempts.join_next().await {
        let page = page.map_err(Stop::harness)??;
        match page.status() {
            401 => compared += 1,
            _ => page.expect_status(429)?,
        }
    }
    expect(
        compared == AT_ONCE,
        "ten passwords compared",
        format!("{compared} passwords were compared"),
    )
}

async fn attempts_from_one_address_are_limited(course: Course) -> Verdict {
    // One of them at once, a sixth, and the next after half a minute.
    let app = course.app_with(&[("LOGINS_PER_MINUTE", "2")]).await?;
    let page = log_in(&mut app.browser(), &new_email("eve"), "guess").await?;
    expect_refused(&page)?;
    let page = log_in(&mut app.browser(), &new_email("eve"), "guess").await?;
    expect_limited(&page, 30)?;
    let page = register(&mut app.browser(), &new_email("eve"), PASSWORD).await?;
    expect_limited(&page, 30)?;
    // Pages are not attempts.
    app.browser().get("/login").await?.expect_status(200)
}

async fn a_post_that_another_site_sends_is_refused(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", &*email), ("password", PASSWORD)])
        .finish();
    let foreign: (&str, &[u8]) = ("origin", b"https://evil.example");
    let sibling: (&str, &[u8]) = ("sec-fetch-site", b"same-site");
    for sent_by in [CROSS_SITE, foreign, sibling] {
        for path in [
            "/login",
            "/register",
            "/logout",
            "/",
            "/password",
            "/sessions/end-others",
        ] {
            let mut victim = ada.copy();
            let page = victim
                .request("POST", path, &[FORM, sent_by], &body)
                .await?;
            page.expect_status(403)?;
            let promise = format!("no cookie with a refused POST {path}");
            expect(page.set_cookies().is_empty(), &promise, page.summary())?;
        }
    }
    // Nothing happened, and one's own pages and programs may.
    ada.get("/profile").await?.expect_text(&email)?;
    let own: (&str, &[u8]) = ("sec-fetch-site", b"same-origin");
    let page = ada.request("POST", "/login", &[FORM, own], &body).await?;
    expect_home(&page)?;
    let origin = app.url();
    let own: (&str, &[u8]) = ("origin", origin.as_bytes());
    let page = ada.request("POST", "/login", &[FORM, own], &body).await?;
    expect_home(&page)
}
