//! Remember me: a login that outlives the browser, and ends all the same.

use super::{attribute, max_age, session_cookies};
use crate::lessons::{
    Needs,
    login::{PASSWORD, expect_anonymous, expect_home, expect_user, log_in, newcomer},
    password::change,
    prelude::*,
    stores::outages::tell,
};
use std::time::{Duration, Instant};
use tokio::time::sleep;

checks! {
    Needs::Process:
        a_remembered_login_lasts_its_time_and_no_longer,
        a_cookie_outlives_the_browser_only_with_remember_me;
}

/// The login form with a tick at Remember me.
pub(super) async fn log_in_to_stay(browser: &mut Browser, email: &str) -> Result<Page, Stop> {
    let fields = [("email", email), ("password", PASSWORD), ("remember", "on")];
    let page = browser.post("/login", &fields).await?;
    expect_home(&page)?;
    Ok(page)
}

/// What `SESSION_REMEMBER_SECS` is here: longer than both other limits.
const REMEMBERED: Duration = Duration::from_secs(8);

async fn a_remembered_login_lasts_its_time_and_no_longer(course: Course) -> Verdict {
    let settings = [
        ("SESSION_TTL_SECS", "2"),
        ("SESSION_MAX_SECS", "3"),
        ("SESSION_REMEMBER_SECS", "8"),
    ];
    let app = course.app_with(&settings).await?;
    let (_, email) = newcomer(&app, "ada").await?;
    let (mut ada, mut bob) = (app.browser(), app.browser());
    let before = Instant::now();
    log_in_to_stay(&mut ada, &email).await?;
    let began = Instant::now();
    // A browser forgets the cookie by itself; a thief would not.
    let cookie = ada.cookie("beer.sid").unwrap_or_default();
    let visit = async |method| {
        let mut thief = app.browser();
        thief.set_cookie("beer.sid", &cookie);
        thief.request(method, "/", &[FORM], "").await
    };
    sleep(Duration::from_millis(4500)).await;
    let promise = "longer than the idle timeout and the absolute lifetime";
    let there = visit("GET").await?.text_after("Logged in as: ");
    let observed = format!("gone after {:.1?}", began.elapsed());
    expect(there.is_some(), promise, observed)?;
    // The same user, elsewhere.
    log_in_to_stay(&mut bob, &email).await?;
    for method in ["GET", "POST"].into_iter().cycle() {
        sleep(Duration::from_millis(400)).await;
        let asked = began.elapsed();
        if visit(method).await?.text_after("Logged in as: ").is_none() {
            let ended = before.elapsed();
            tell(&format!("{REMEMBERED:?} ended after {ended:.1?}"));
            let promise = format!("a remembered login lasts {REMEMBERED:?}");
            let observed = format!("it ended after {ended:.1?}");
            expect(
                ended + Duration::from_secs(1) > REMEMBERED,
                &promise,
                observed,
            )?;
            break;
        }
        let promise = format!("a remembered login ends after {REMEMBERED:?}, in use or not");
        let observed = format!("it lives on after {asked:.1?}");
        expect(
            asked < REMEMBERED + Duration::from_secs(1),
            &promise,
            observed,
        )?;
    }
    expect_user(&mut bob, &email).await.map(drop)
}

async fn a_cookie_outlives_the_browser_only_with_remember_me(course: Course) -> Verdict {
    let settings = [
        ("SESSION_TTL_SECS", "100"),
        ("SESSION_MAX_SECS", "1000"),
        ("SESSION_REMEMBER_SECS", "5000"),
    ];
    let app = course.app_with(&settings).await?;
    let mut stranger = app.browser();
    ends_with_the_browser(&write_all(&mut stranger).await?)?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    ends_with_the_browser(&write_all(&mut ada).await?)?;

    let began = Instant::now();
    let page = log_in_to_stay(&mut ada, &email).await?;
    expect_cookie(&page)?;
    lasts_since(began, &[page])?;
    // Long enough that the whole time is not what is left.
    sleep(Duration::from_secs(5)).await;
    lasts_since(began, &write_all(&mut ada).await?)?;
    let page = change(&mut ada, PASSWORD, "five little barrels").await?;
    page.expect_status(303)?;
    expect_cookie(&page)?;
    lasts_since(began, &[page])?;
    let page = change(&mut ada, "five little barrels", PASSWORD).await?;
    page.expect_status(303)?;
    lasts_since(began, &write_all(&mut ada).await?)?;

    expect_home(&ada.post("/logout", &[]).await?)?;
    let left = ada.cookie("beer.sid");
    let promise = "logging out takes a remembered cookie away";
    expect(left.is_none(), promise, left.unwrap_or_default())?;
    expect_anonymous(&mut ada).await?;
    log_in_to_stay(&mut ada, &email).await?;
    let page = log_in(&mut ada, &email, PASSWORD).await?;
    ends_with_the_browser(&[page])?;
    ends_with_the_browser(&write_all(&mut ada).await?)
}

/// The answers of all pages that store something.
async fn write_all(browser: &mut Browser) -> Result<Vec<Page>, Stop> {
    Ok(vec![
        browser.post("/", &[]).await?,
        browser.get("/count").await?,
        browser.post("/name", &[("name", "Ada")]).await?,
        browser.get("/").await?,
    ])
}

fn ends_with_the_browser(pages: &[Page]) -> Verdict {
    for line in pages.iter().flat_map(session_cookies) {
        let end = attribute(line, "Max-Age").or(attribute(line, "Expires"));
        let promise = "without Remember me, a cookie that ends with the browser";
        expect(end.is_none(), promise, format!("Set-Cookie: {line}"))?;
    }
    Ok(())
}

/// A new ID comes with a cookie. What only writes may send one again, or leave the
/// browser the one that it has.
fn expect_cookie(page: &Page) -> Verdict {
    let there = !session_cookies(page).is_empty();
    expect(there, "a session cookie", "no Set-Cookie")
}

/// All cookies last what is left of 5000 s.
fn lasts_since(began: Instant, pages: &[Page]) -> Verdict {
    let left = 5000.0 - began.elapsed().as_secs_f64();
    for line in pages.iter().flat_map(session_cookies) {
        // Rounded, and an answer may have been long under way.
        #[expect(clippy::cast_precision_loss, reason = "an hour or two")]
        let lasts =
            max_age(line).is_some_and(|lasts| (left - 2.0..left + 4.0).contains(&(lasts as f64)));
        let promise = format!("a cookie with what is left of 5000 s: about {left:.0}");
        expect(lasts, &promise, format!("Set-Cookie: {line}"))?;
    }
    Ok(())
}
