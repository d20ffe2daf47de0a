//! What logging in and out does to a session and to its ID.

use super::{PASSWORD, expect_anonymous, expect_home, expect_user, log_in, new_email, newcomer};
use crate::{
    html::Element,
    lessons::{Needs, prelude::*},
    rounds,
};
use std::time::Duration;
use tokio::{task::JoinSet, time::sleep};

checks! {
    Needs::Url:
        a_first_login_gives_the_session_a_new_id,
        a_forged_cookie_is_nobodys_login,
        two_logins_of_one_user_have_two_ids,
        logging_out_destroys_the_session,
        only_a_post_logs_out,
        every_page_behind_the_login_offers_to_log_out,
        a_planted_cookie_does_not_become_the_victims_login,
        logging_in_over_a_login_drops_the_others_data;
    Needs::Process:
        a_slow_request_does_not_undo_a_logout,
        logins_survive_a_restart;
}

async fn a_first_login_gives_the_session_a_new_id(course: Course) -> Verdict {
    let app = course.app().await?;
    let (_, email) = newcomer(&app, "ada").await?;
    for door in ["/login", "/register"] {
        let mut victim = app.browser();
        let before = id_of(&mut victim).await?;
        // Whoever knew the ID, or planted it, still has its cookie.
        let mut mallory = victim.copy();
        let other = new_email("bob");
        let email = if door == "/login" { &email } else { &other };
        let fields = [("email", email.as_str()), ("password", PASSWORD)];
        expect_home(&victim.post(door, &fields).await?)?;
        let promise = format!("a new ID after POST {door}");
        let after = session_id(&expect_user(&mut victim, email).await?)?;
        expect(after != before, &promise, format!("the same ID: {after}"))?;
        expect_no_count(&expect_anonymous(&mut mallory).await?)?;
        let id = id_of(&mut mallory).await?;
        let observed = format!("the old ID lives: {id}");
        expect(id != before && id != after, "the old ID is dead", observed)?;
    }
    Ok(())
}

async fn a_forged_cookie_is_nobodys_login(course: Course) -> Verdict {
    let app = course.app().await?;
    let (ada, email) = newcomer(&app, "ada").await?;
    let (bob, _) = newcomer(&app, "bob").await?;
    expect_user(&mut ada.copy(), &email).await?;
    let [of_ada, of_bob] = [&ada, &bob].map(|who| who.cookie("beer.sid").unwrap_or_default());
    // The signature, and behind it the ID.
    let cut = |cookie: &str| cookie.len().saturating_sub(22);
    let (signature, id) = of_ada.split_at(cut(&of_ada));
    let (of_another, other) = of_bob.split_at(cut(&of_bob));
    let first = if signature.starts_with('A') { "B" } else { "A" };
    for forged in [
        id.to_owned(),
        format!("{of_another}{id}"),
        format!("{signature}{other}"),
        format!("{first}{}", &of_ada[1..]),
        format!("{signature}{}", "A".repeat(22)),
        signature.to_owned(),
    ] {
        let mut mallory = app.browser();
        mallory.set_cookie("beer.sid", &forged);
        expect_anonymous(&mut mallory).await?;
    }
    Ok(())
}

async fn two_logins_of_one_user_have_two_ids(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let mut other = app.browser();
    expect_home(&log_in(&mut other, &email, PASSWORD).await?)?;
    let first = session_id(&expect_user(&mut ada, &email).await?)?;
    let second = session_id(&expect_user(&mut other, &email).await?)?;
    let observed = format!("{first} and {second}");
    expect(first != second, "two logins have two IDs", observed)?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    expect_count(&other.get("/").await?, 0)?;
    // Nor does one get an ID back that it had before.
    expect_home(&ada.post("/logout", &[]).await?)?;
    expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
    let third = session_id(&expect_user(&mut ada, &email).await?)?;
    let observed = format!("{first}, {second} and {third}");
    let new = third != first && third != second;
    expect(new, "each login has an ID of its own", observed)?;
    expect_user(&mut other, &email).await?;
    Ok(())
}

async fn logging_out_destroys_the_session(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    ada.post("/", &[]).await?;
    let before = session_id(&expect_user(&mut ada, &email).await?)?;
    let mut thief = ada.copy();
    expect_home(&ada.post("/logout", &[]).await?)?;
    for browser in [&mut thief, &mut ada] {
        expect_no_count(&expect_anonymous(browser).await?)?;
        expect_another_id(browser, &before).await?;
    }
    // Nobody has to be logged in to log out.
    for browser in [&mut ada, &mut app.browser()] {
        expect_home(&browser.post("/logout", &[]).await?)?;
        expect_anonymous(browser).await?;
    }
    Ok(())
}

/// A tab's request, and the answer that it waits for.
type Slow = JoinSet<Result<Page, Stop>>;

async fn a_slow_request_does_not_undo_a_logout(course: Course) -> Verdict {
    let api = BeerApi::held().await?;
    let app = course.app_with(&[("BEER_API_URL", api.url())]).await?;
    let (_, email) = newcomer(&app, "ada").await?;
    let mut landings = ["before", "with", "after"].into_iter().cycle();
    for nth in 0..rounds(12) {
        let mut ada = app.browser();
        expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
        let mut thief = ada.copy();
        let slow: Slow = (0..=nth % 3)
            .map(|_| {
                let mut tab = ada.copy();
                async move { tab.post("/", &[]).await }
            })
            .collect();
        for _ in 0..slow.len() {
            api.asked().await;
        }
        // Now the app has the session, and waits for the beers.
        let landing = landings.next().unwrap_or_default();
        match landing {
            "before" => {
                api.release();
                take_in(&mut ada, slow).await?;
                expect_home(&ada.post("/logout", &[]).await?)?;
            }
            "after" => {
                expect_home(&ada.post("/logout", &[]).await?)?;
                api.release();
                take_in(&mut ada, slow).await?;
            }
            _ => {
                // Either may be first, by as little as these are apart.
                let (one, other) = (a_moment(), a_moment());
                let beer = async {
                    sleep(one).await;
                    api.release();
                };
                let logout = async {
                    sleep(other).await;
                    ada.post("/logout", &[]).await
                };
                let ((), page) = tokio::join!(beer, logout);
                expect_home(&page?)?;
                take_in(&mut ada, slow).await?;
            }
        }
        for (who, browser) in [("the old cookie", &mut thief), ("the browser", &mut ada)] {
            let page = browser.get("/").await?;
            let again = page.text_after("Logged in as: ").is_some();
            let promise = "logged out for good, though requests were under way";
            let observed = format!("{who} is logged in again: the pour ended {landing} the logout");
            expect(!again, promise, observed)?;
        }
    }
    Ok(())
}

/// The answers come in, and with them the cookies, whichever they bring.
async fn take_in(browser: &mut Browser, mut slow: Slow) -> Verdict {
    while let Some(answer) = slow.join_next().await {
        browser.take_cookies(&answer.map_err(Stop::harness)??, "/");
    }
    Ok(())
}

/// Up to three milliseconds.
fn a_moment() -> Duration {
    Duration::from_micros(fastrand::u64(..3000))
}

async fn only_a_post_logs_out(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    for method in ["GET", "HEAD"] {
        let page = ada.request(method, "/logout", &[], "").await?;
        page.expect_status(405)?;
        expect_user(&mut ada, &email).await?;
    }
    Ok(())
}

async fn every_page_behind_the_login_offers_to_log_out(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, _) = newcomer(&app, "ada").await?;
    for path in ["/", "/profile", "/login", "/register"] {
        let page = ada.get(path).await?;
        page.expect_status(200)?;
        let promise = format!("GET {path} has a form that posts to /logout");
        expect(offers_log_out(&page), &promise, page.body())?;
        let page = app.browser().get(path).await?;
        let promise = format!("GET {path} offers no log out to a stranger");
        expect(!offers_log_out(&page), &promise, page.body())?;
    }
    Ok(())
}

fn offers_log_out(page: &Page) -> bool {
    let is = |element: &Element, name: &str, value: &str| {
        element
            .attribute(name)
            .is_some_and(|found| found.eq_ignore_ascii_case(value))
    };
    let forms = page.elements("form");
    forms
        .iter()
        .any(|form| is(form, "action", "/logout") && is(form, "method", "post"))
}

async fn a_planted_cookie_does_not_become_the_victims_login(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut mallory, hers) = newcomer(&app, "mallory").await?;
    let (_, email) = newcomer(&app, "victim").await?;
    // A cookie of her own login, in the victim's browser.
    let mut victim = mallory.copy();
    expect_home(&log_in(&mut victim, &email, PASSWORD).await?)?;
    expect_user(&mut victim, &email).await?;
    let page = mallory.get("/").await?;
    let seen = page.text_after("Logged in as: ").unwrap_or_default();
    let promise = "whoever knew the session before the login is not logged in by it";
    let seen = seen.replace(&email, "victim").replace(&hers, "mallory");
    let observed = format!("Mallory is logged in as {seen}");
    expect(seen != "victim", promise, observed)
}

async fn logging_in_over_a_login_drops_the_others_data(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut tab, _) = newcomer(&app, "ada").await?;
    let (_, bob) = newcomer(&app, "bob").await?;
    tab.post("/", &[]).await?;
    tab.post("/", &[]).await?;
    expect_home(&log_in(&mut tab, &bob, PASSWORD).await?)?;
    let page = expect_user(&mut tab, &bob).await?;
    let mut lines = page.text().lines();
    let hers = lines.find(|line| line.starts_with("Beers viewed"));
    let promise = "Bob's session begins without beers";
    expect(hers.is_none(), promise, hers.unwrap_or_default())
}

async fn logins_survive_a_restart(course: Course) -> Verdict {
    let mut app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    app.restart().await?;
    expect_user(&mut ada, &email).await?;
    Ok(())
}
