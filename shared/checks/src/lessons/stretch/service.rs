//! Lesson 07: another store, and another way to carry a session.

use crate::lessons::{
    login::{PASSWORD, expect_anonymous, expect_home, expect_user, newcomer},
    password::change,
    prelude::*,
    service::{devices::others, expect_problem},
    stores::settings::SECRET,
};
use serde_json::Value;
use std::time::Duration;
use tokio::time::sleep;

checks! {
    Needs::Process:
        sessions_can_live_in_a_file_of_sqlite,
        a_token_is_a_session_without_a_cookie;
}

/// So many visitors write at once, and so often each.
const VISITORS: usize = 20;
const VIEWS: usize = 5;

async fn sessions_can_live_in_a_file_of_sqlite(course: Course) -> Verdict {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sessions.db");
    let url = format!("sqlite:{}?mode=rwc", file.display());
    let store = ("SESSION_STORE", &*url);
    let api = BeerApi::held().await?;
    let mut app = course
        .app_with(&[store, ("BEER_API_URL", api.url())])
        .await?;
    expect(
        file.exists(),
        "a file where the setting says",
        "there is none",
    )?;

    let (mut ada, email) = newcomer(&app, "ada").await?;
    expect_views(&mut ada, 1).await?;
    app.restart().await?;
    expect_user(&mut ada, &email).await?;
    expect_views(&mut ada, 2).await?;
    // Two processes, one session.
    let second = app.second().await?;
    ada.visit(&second);
    expect_views(&mut ada, 3).await?;
    ada.visit(&app);
    expect_views(&mut ada, 4).await?;

    // A request that comes home late brings nothing back.
    let (mut slow, mut thief) = (ada.copy(), ada.copy());
    let pour = tokio::spawn(async move { slow.post("/", &[]).await });
    api.asked().await;
    expect_home(&ada.post("/logout", &[]).await?)?;
    api.release();
    pour.await.map_err(Stop::harness)??;
    for browser in [&mut ada, &mut thief] {
        expect_anonymous(browser).await?;
        expect_views(browser, 1).await?;
    }

    // All at once, through both.
    at_once((0..VISITORS).map(|nth| {
        let mut visitor = [&app, &second][nth % 2].browser();
        async move {
            for views in 1..=VIEWS {
                expect_views(&mut visitor, views).await?;
            }
            Ok(())
        }
    }))
    .await?;

    // What is over is nobody's, although its row may still be there.
    let app = course.app_with(&[store, ("SESSION_TTL_SECS", "2")]).await?;
    let mut visitor = app.browser();
    expect_views(&mut visitor, 1).await?;
    let old = visitor.cookie("beer.sid").unwrap_or_default();
    sleep(Duration::from_secs(3)).await;
    expect_views(&mut visitor, 1).await?;
    let new = visitor.cookie("beer.sid").unwrap_or_default();
    expect(old != new, "another ID after the end", "the same cookie")?;

    let nowhere = format!("sqlite:{}", folder.path().join("not/there.db").display());
    for bad in [&*nowhere, "sqlite::memory:"] {
        let exit = course
            .run_to_exit(&[SECRET, ("SESSION_STORE", bad)])
            .await?;
        exit.expect_refusal(&["SESSION_STORE"])?;
    }
    Ok(())
}

async fn expect_views(browser: &mut Browser, views: usize) -> Verdict {
    let page = browser.get("/count").await?;
    page.expect_status(200)?;
    let told = page.text().trim();
    let promise = format!("the page says `Views: {views}`");
    expect(told == format!("Views: {views}"), &promise, told)
}

const ME: &str = "/api/v1/me";
const SIGNUP: &str = "/api/v1/signup";
const SIGNIN: &str = "/api/v1/signin";
const SIGNOUT: &str = "/api/v1/signout";

async fn a_token_is_a_session_without_a_cookie(course: Course) -> Verdict {
    for settings in [&[][..], &[("COOKIE_SECURE", "1")]] {
        let app = course.app_with(settings).await?;
        let (_, email) = newcomer(&app, "ada").await?;
        let (_, of_bob) = newcomer(&app, "bob").await?;
        let first = token(&app, SIGNIN, &email).await?;
        let other = token(&app, SIGNIN, &of_bob).await?;
        expect_user_of(&app, &first, &email).await?;
        expect_user_of(&app, &other, &of_bob).await?;
        expect_nobody(&app, "").await?;
        for forged in forgeries(&first, &other)? {
            expect_nobody(&app, &forged).await?;
        }
        // Pages are for browsers.
        for path in ["/profile", "/"] {
            ask(&app, "GET", path, &first).await?.expect_status(401)?;
        }
        let made = token(&app, SIGNUP, &format!("new-{email}")).await?;
        expect_user_of(&app, &made, &format!("new-{email}")).await?;
        // Each has one of its own, and one's end is not the other's.
        let second = token(&app, SIGNIN, &email).await?;
        expect(first != second, "another token each time", &*first)?;
        ask(&app, "POST", SIGNOUT, &first)
            .await?
            .expect_status(204)?;
        expect_nobody(&app, &first).await?;
        expect_user_of(&app, &second, &email).await?;
        let log = app.log();
        for token in [&first, &second, &other, &made] {
            let told = log.contains(token.as_str());
            expect(!told, "no token in the log", "there is one")?;
        }
    }
    what_ends_a_session_ends_its_token(&course).await
}

async fn what_ends_a_session_ends_its_token(course: &Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let (_, of_bob) = newcomer(&app, "bob").await?;
    let ended = token(&app, SIGNIN, &email).await?;
    let ids = others(&ada.get("/sessions").await?);
    expect(ids.len() == 1, "a row for the token", format!("{ids:?}"))?;
    let page = ada.post("/sessions/end", &[("id", &ids[0])]).await?;
    page.expect_status(303)?;
    expect_nobody(&app, &ended).await?;
    let changed = token(&app, SIGNIN, &email).await?;
    let page = change(&mut ada, PASSWORD, "five little barrels").await?;
    page.expect_status(303)?;
    expect_nobody(&app, &changed).await?;
    // A token counts more than a cookie, and a cookie is still one.
    let bobs = token(&app, SIGNIN, &of_bob).await?;
    let bearer = format!("Bearer {bobs}");
    let bearer: (&str, &[u8]) = ("authorization", bearer.as_bytes());
    let both = ada.copy().request("GET", ME, &[bearer], "").await?;
    expect_about(&both, &of_bob)?;
    expect_about(&ada.get(ME).await?, &email)
}

/// Signs in or up by a program that keeps no cookie.
async fn token(app: &App, path: &str, email: &str) -> Result<String, Stop> {
    let fields = [("email", email), ("password", PASSWORD)];
    let page = app.browser().post(path, &fields).await?;
    page.expect_status(if path == SIGNUP { 201 } else { 200 })?;
    let answer: Value = serde_json::from_str(page.body()).unwrap_or_default();
    expect_about(&page, email)?;
    let token = answer["token"].as_str().filter(|token| token.len() >= 22);
    let promise = format!("{path} answers with a token");
    token
        .map(str::to_owned)
        .ok_or_else(|| Stop::broken(promise, page.body()))
}

/// Altered in each of its parts, cut, or put together from two.
fn forgeries(token: &str, other: &str) -> Result<Vec<String>, Stop> {
    let promise = "tokens of 22 or more letters and signs that ASCII has";
    let fits = |token: &str| token.is_ascii() && token.len() >= 22;
    expect(fits(token) && fits(other), promise, token)?;
    let altered = |at: usize| {
        let instead = if &token[at..=at] == "A" { "B" } else { "A" };
        format!("{}{instead}{}", &token[..at], &token[at + 1..])
    };
    let [cut, cut_other] = [token, other].map(|token| token.len() - 22);
    let mut forged = vec![
        altered(0),
        altered(cut),
        token[..cut].to_owned(),
        token[cut..].to_owned(),
        format!("{}{}", &other[..cut_other], &token[cut..]),
        "A".repeat(token.len()),
    ];
    forged.retain(|forged| forged != token && forged != other);
    Ok(forged)
}

async fn ask(app: &App, method: &str, path: &str, token: &str) -> Result<Page, Stop> {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_bytes())];
    app.browser().request(method, path, &headers, "").await
}

async fn expect_user_of(app: &App, token: &str, email: &str) -> Verdict {
    expect_about(&ask(app, "GET", ME, token).await?, email)
}

async fn expect_nobody(app: &App, token: &str) -> Verdict {
    let page = ask(app, "GET", ME, token).await?;
    expect_problem(&page, 401, "Please login first!")
}

fn expect_about(page: &Page, email: &str) -> Verdict {
    let answer: Value = serde_json::from_str(page.body()).unwrap_or_default();
    let told = answer["user"]["email"].as_str().unwrap_or_default();
    let promise = format!("the answer is about {email}");
    expect(told == email, &promise, page.summary())
}
