//! Lesson 06: a login that is not enough, and all of a user's logins at once.

use crate::lessons::{
    login::{PASSWORD, expect_anonymous, expect_home, expect_user, log_in, newcomer},
    password::change,
    prelude::*,
};
use std::time::{Duration, Instant};
use tokio::time::sleep;

checks! {
    Needs::Process:
        the_cellar_asks_for_the_password_once_more,
        one_button_ends_all_sessions_of_a_user;
}

const CELLAR: &str = "/cellar";
const KEY: &str = "The key is under the mat.";

/// What `SESSION_CONFIRM_SECS` is here.
const OPEN_FOR: Duration = Duration::from_secs(5);

async fn the_cellar_asks_for_the_password_once_more(course: Course) -> Verdict {
    let settings = [("SESSION_CONFIRM_SECS", "5")];
    let app = course.app_with(&settings).await?;
    for method in ["GET", "POST"] {
        let headers = [PAGES, FORM];
        let mut stranger = app.browser();
        let page = stranger.request(method, CELLAR, &headers, "password=x");
        let page = page.await?;
        page.expect_status(303)?;
        page.expect_header("location", "/login?next=/cellar")?;
    }

    let (mut ada, email) = newcomer(&app, "ada").await?;
    expect_open(&ada.get(CELLAR).await?)?;
    let mut other = app.browser();
    expect_home(&log_in(&mut other, &email, PASSWORD).await?)?;
    // Nor do visits prolong it, to the cellar or elsewhere.
    let login = Instant::now();
    while login.elapsed() < OPEN_FOR + Duration::from_millis(500) {
        sleep(Duration::from_millis(500)).await;
        expect_user(&mut ada, &email).await?;
        ada.get(CELLAR).await?;
    }
    let page = ada.get(CELLAR).await?;
    expect_closed(&page)?;
    let kind = page.field("password")?;
    let kind = kind.attribute("type").unwrap_or_default();
    expect(kind == "password", "type=password", kind)?;

    expect_count(&ada.post("/", &[]).await?, 1)?;
    let old = session_id(&expect_user(&mut ada, &email).await?)?;
    let mut thief = ada.copy();
    for wrong in ["four little barrel", ""] {
        let page = ada.post(CELLAR, &[("password", wrong)]).await?;
        page.expect_status(422)?;
        page.expect_text("That is not your current password.")?;
        page.expect_no_text(KEY)?;
        expect_closed(&ada.get(CELLAR).await?)?;
    }
    let page = ada.post(CELLAR, &[("password", PASSWORD)]).await?;
    page.expect_status(303)?;
    page.expect_header("location", CELLAR)?;
    expect_open(&ada.get(CELLAR).await?)?;
    // The password was typed here, and nowhere else.
    expect_closed(&other.get(CELLAR).await?)?;
    let page = expect_user(&mut ada, &email).await?;
    expect_count(&page, 1)?;
    let new = session_id(&page)?;
    expect(new != old, "a new ID", format!("the same ID: {new}"))?;
    thief.get(CELLAR).await?.expect_no_text(KEY)?;
    expect_anonymous(&mut thief).await?;

    // A change of the password asks for it, too.
    sleep(OPEN_FOR + Duration::from_millis(500)).await;
    expect_closed(&ada.get(CELLAR).await?)?;
    let page = change(&mut ada, PASSWORD, PASSWORD).await?;
    page.expect_status(303)?;
    expect_open(&ada.get(CELLAR).await?)?;

    let exit = course.run_to_exit(&[("SESSION_CONFIRM_SECS", "soon")]);
    exit.await?.expect_refusal(&["SESSION_CONFIRM_SECS=soon"])
}

fn expect_open(page: &Page) -> Verdict {
    page.expect_status(200)?;
    page.expect_text(KEY)
}

fn expect_closed(page: &Page) -> Verdict {
    page.expect_status(403)?;
    page.expect_text("Please type your password again.")?;
    page.expect_no_text(KEY)
}

const EVERYWHERE: &str = "/logout-everywhere";

async fn one_button_ends_all_sessions_of_a_user(course: Course) -> Verdict {
    let api = BeerApi::held().await?;
    let app = course.app_with(&[("BEER_API_URL", api.url())]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let (mut bob, of_bob) = newcomer(&app, "bob").await?;
    let page = ada.get("/profile").await?;
    let forms = page.elements("form");
    let offered = forms.iter().any(|form| {
        let is = |name: &str, value: &str| {
            let found = form.attribute(name).unwrap_or_default();
            found.eq_ignore_ascii_case(value)
        };
        is("action", EVERYWHERE) && is("method", "post")
    });
    let promise = format!("/profile has a form that posts to {EVERYWHERE}");
    expect(offered, &promise, page.body())?;
    ada.get(EVERYWHERE).await?.expect_status(405)?;
    expect_user(&mut ada, &email).await?;
    let stranger = app.browser().post(EVERYWHERE, &[]).await?;
    stranger.expect_status(401)?;

    // As often as one likes: what ended the sessions of before lets new ones live.
    for _ in 0..3 {
        let (mut library, mut phone) = (app.browser(), app.browser());
        for browser in [&mut ada, &mut library, &mut phone] {
            expect_home(&log_in(browser, &email, PASSWORD).await?)?;
        }
        for browser in [&mut ada, &mut library, &mut phone] {
            expect_user(browser, &email).await?;
        }
        let mut slow = phone.copy();
        let pour = tokio::spawn(async move {
            let page = slow.post("/", &[]).await?;
            Ok::<_, Stop>((slow, page))
        });
        api.asked().await;
        let mut copies = [ada.copy(), library.copy(), phone.copy()];
        expect_home(&ada.post(EVERYWHERE, &[]).await?)?;
        // One of them at once, and one after the slow request has come home.
        expect_over(&mut library).await?;
        api.release();
        let (mut slow, _) = pour.await.map_err(Stop::harness)??;
        for browser in [&mut ada, &mut phone, &mut slow] {
            expect_over(browser).await?;
        }
        for copy in &mut copies {
            expect_over(copy).await?;
        }
        expect_user(&mut bob, &of_bob).await?;
    }
    Ok(())
}

async fn expect_over(browser: &mut Browser) -> Verdict {
    let page = browser.request("GET", "/profile", &[PAGES], "").await?;
    let promise = "a session that was ended elsewhere is over at its next request";
    expect(page.status() == 303, promise, page.status_line())?;
    expect_anonymous(browser).await.map(drop)
}
