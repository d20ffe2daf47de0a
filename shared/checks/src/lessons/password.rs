//! Changing the password, and what it does to the user's sessions.

use super::{
    life::expect_no_cookie,
    login::{
        PASSWORD, expect_anonymous, expect_home, expect_refused, expect_user, log_in, newcomer,
    },
    prelude::*,
};
use crate::store::Kind;
use std::time::Duration;
use tokio::time::sleep;

checks! {
    Needs::Url:
        changing_the_password_takes_the_current_one,
        the_password_page_asks_for_a_login_and_comes_back,
        of_two_password_changes_at_once_one_wins,
        a_password_change_under_way_does_not_undo_a_logout;
    Needs::Process:
        changing_the_password_gives_the_session_a_new_id,
        changing_the_password_logs_the_users_other_browsers_out;
}

/// A password of the time after the change.
const NEXT: &str = "five little barrels";

/// Sends the form.
pub(super) async fn change(browser: &mut Browser, current: &str, new: &str) -> Result<Page, Stop> {
    let fields = [("current", current), ("new", new)];
    browser.post("/password", &fields).await
}

fn expect_changed(page: &Page) -> Verdict {
    page.expect_status(303)?;
    page.expect_header("location", "/profile")
}

async fn changing_the_password_takes_the_current_one(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let id = session_id(&expect_user(&mut ada, &email).await?)?;
    let form = ada.get("/password").await?;
    form.expect_status(200)?;
    for (field, hint) in [("current", "current-password"), ("new", "new-password")] {
        let field = form.field(field)?;
        for (name, value) in [("type", "password"), ("autocomplete", hint)] {
            let found = field.attribute(name).unwrap_or_default();
            expect(found == value, &format!("{name}={value}"), found)?;
        }
    }
    let longer = "x".repeat(73);
    for (current, new, sentence) in [
        (
            "four little barrel",
            NEXT,
            "That is not your current password.",
        ),
        ("", NEXT, "That is not your current password."),
        // The new one is no way around it.
        (NEXT, NEXT, "That is not your current password."),
        (PASSWORD, "1234567", "A password has at least 8 characters."),
        (PASSWORD, "password\0one", "A password has no zero byte."),
        (PASSWORD, &longer, "A password has at most 72 bytes"),
    ] {
        let page = change(&mut ada, current, new).await?;
        page.expect_status(422)?;
        page.expect_text(sentence)?;
        for typed in [current, new] {
            let told = !typed.is_empty() && page.body().contains(typed);
            expect(!told, "a form without what was typed", page.body())?;
        }
    }
    // Nothing has changed.
    let now = session_id(&expect_user(&mut ada, &email).await?)?;
    expect(now == id, "the same ID", format!("{id}, then {now}"))?;
    expect_refused(&log_in(&mut app.browser(), &email, NEXT).await?)?;
    let mut other = app.browser();
    expect_home(&log_in(&mut other, &email, PASSWORD).await?)?;

    expect_changed(&change(&mut ada, PASSWORD, NEXT).await?)?;
    expect_refused(&log_in(&mut app.browser(), &email, PASSWORD).await?)?;
    expect_home(&log_in(&mut app.browser(), &email, NEXT).await?)
}

async fn the_password_page_asks_for_a_login_and_comes_back(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let profile = ada.get("/profile").await?;
    let mut links = profile.elements("a").into_iter();
    let linked = links.any(|link| link.attribute("href") == Some("/password"));
    expect(linked, "a link from /profile to /password", profile.body())?;

    let mut stranger = app.browser();
    let page = stranger.request("GET", "/password", &[PAGES], "").await?;
    page.expect_status(303)?;
    page.expect_header("location", "/login?next=/password")?;
    let program = app.browser().get("/password").await?;
    program.expect_status(401)?;
    // Nobody changes anything without a login, whatever is sent.
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", &*email), ("current", PASSWORD), ("new", NEXT)])
        .finish();
    for headers in [&[PAGES, FORM][..], &[FORM]] {
        let mut stranger = app.browser();
        let page = stranger.request("POST", "/password", headers, &form);
        let page = page.await?;
        let turned = page.status() == 401
            || page.status() == 303
                && page
                    .header("location")
                    .is_some_and(|way| way.starts_with("/login"));
        expect(
            turned,
            "a stranger is sent to the login",
            page.status_line(),
        )?;
    }
    let fields = [
        ("email", &*email),
        ("password", PASSWORD),
        ("next", "/password"),
    ];
    let page = stranger.post("/login", &fields).await?;
    page.expect_status(303)?;
    page.expect_header("location", "/password")?;
    stranger.get("/password").await?.expect_status(200)
}

async fn changing_the_password_gives_the_session_a_new_id(course: Course) -> Verdict {
    let settings = [("SESSION_TTL_SECS", "1000"), ("SESSION_MAX_SECS", "100")];
    let app = course.app_with(&settings).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    expect_count(&ada.post("/", &[]).await?, 2)?;
    let old = session_id(&expect_user(&mut ada, &email).await?)?;
    let mut thief = ada.copy();
    sleep(Duration::from_secs(2)).await;
    expect_changed(&change(&mut ada, PASSWORD, NEXT).await?)?;
    let page = expect_user(&mut ada, &email).await?;
    let new = session_id(&page)?;
    expect(new != old, "a new ID", format!("the same ID: {new}"))?;
    // One's own data stays, and what was left of the session's time.
    expect_count(&page, 2)?;
    let left = page.number_after("Session expires in ").unwrap_or(-1);
    let promise = "a session of 100 s that has 98 left, or fewer";
    expect((1..=98).contains(&left), promise, format!("{left} seconds"))?;
    // Whoever had the old cookie has nothing.
    let page = expect_anonymous(&mut thief).await?;
    expect_no_cookie(&page, "a page with the old cookie")?;
    expect_no_count(&page)?;
    if course.store().await?.kind() != Kind::Memory {
        let there = course.store().await?.record_exists(&old).await?;
        expect(!there, "the old record is gone", "it is still in the store")?;
    }
    expect_user(&mut ada, &email).await.map(drop)
}

async fn changing_the_password_logs_the_users_other_browsers_out(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let (mut bob, of_bob) = newcomer(&app, "bob").await?;
    let mut others = Vec::new();
    for _ in 0..2 {
        let mut other = app.browser();
        expect_home(&log_in(&mut other, &email, PASSWORD).await?)?;
        expect_count(&other.post("/", &[]).await?, 1)?;
        let id = session_id(&expect_user(&mut other, &email).await?)?;
        others.push((other, id));
    }
    expect_changed(&change(&mut ada, PASSWORD, NEXT).await?)?;
    for (mut other, id) in others {
        let mut copy = other.copy();
        let page = other.request("GET", "/profile", &[PAGES], "").await?;
        let promise = "another browser of this user is logged out at its next request";
        expect(page.status() == 303, promise, page.status_line())?;
        if course.store().await?.kind() != Kind::Memory {
            let there = course.store().await?.record_exists(&id).await?;
            expect(!there, "its record is gone", "it is still in the store")?;
        }
        for browser in [&mut other, &mut copy] {
            expect_no_count(&expect_anonymous(browser).await?)?;
        }
    }
    expect_user(&mut ada, &email).await?;
    // Nobody else notices.
    expect_user(&mut bob, &of_bob).await.map(drop)
}

async fn of_two_password_changes_at_once_one_wins(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let mut other = app.browser();
    expect_home(&log_in(&mut other, &email, PASSWORD).await?)?;
    let news = [NEXT, "six little barrels"];
    let (first, second) = tokio::join!(
        change(&mut ada, PASSWORD, news[0]),
        change(&mut other, PASSWORD, news[1]),
    );
    let pages = [first?, second?];
    let won = |page: &Page| page.status() == 303 && page.header("location") == Some("/profile");
    // Who comes when all is over is logged out by then.
    let lost = |page: &Page| [401, 422].contains(&page.status());
    let winner = pages.iter().position(won);
    let one = winner.filter(|winner| lost(&pages[1 - winner]));
    let promise = "of two changes at the same moment one succeeds, the other is refused";
    let observed = pages.each_ref().map(Page::status_line).join(" and ");
    let winner = one.ok_or_else(|| Stop::broken(promise, observed))?;
    expect_home(&log_in(&mut app.browser(), &email, news[winner]).await?)?;
    for refused in [news[1 - winner], PASSWORD] {
        expect_refused(&log_in(&mut app.browser(), &email, refused).await?)?;
    }
    let browser = [&mut ada, &mut other].into_iter().nth(winner);
    let browser = browser.ok_or_else(|| Stop::harness("two browsers"))?;
    expect_user(browser, &email).await.map(drop)
}

async fn a_password_change_under_way_does_not_undo_a_logout(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, _) = app.registered("ada").await?;
    let (mut tab, mut thief) = (ada.copy(), ada.copy());
    let slow = tokio::spawn(async move {
        let page = change(&mut tab, PASSWORD, NEXT).await?;
        Ok::<_, Stop>((tab, page))
    });
    // It hashes twice, which takes longer.
    sleep(Duration::from_millis(100)).await;
    expect_home(&ada.post("/logout", &[]).await?)?;
    if slow.is_finished() {
        let why = "the passwords were hashed before the logout";
        return Err(Stop::NotJudged(why.into()));
    }
    let (mut tab, page) = slow.await.map_err(Stop::harness)??;
    expect_no_cookie(&page, "a change from before the logout")?;
    for browser in [&mut ada, &mut tab, &mut thief] {
        expect_anonymous(browser).await?;
    }
    Ok(())
}
