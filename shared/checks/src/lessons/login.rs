//! Who is visiting: accounts, log in, log out, and what they do to a session.

use super::prelude::*;

pub(super) mod forms;
pub(super) mod guard;
pub(super) mod passwords;
#[cfg(feature = "sql")]
pub(super) mod users;

checks! {
    Needs::Url:
        logging_in_takes_the_right_password,
        a_first_login_gives_the_session_a_new_id,
        two_logins_of_one_user_have_two_ids,
        registering_logs_in,
        email_addresses_compare_without_case,
        logging_out_destroys_the_session,
        only_a_post_logs_out,
        every_page_behind_the_login_offers_to_log_out,
        a_planted_cookie_does_not_become_the_victims_login,
        logging_in_over_a_login_drops_the_others_data;
    Needs::Process:
        users_survive_kill_9,
        logins_survive_a_restart;
}

/// Long enough to sign with, and easy to find where it must not be.
const SECRET: &str = "a-test-secret-of-more-than-thirty-two-bytes";

/// A password of nobody else.
const PASSWORD: &str = "four little barrels";

/// An address that nobody has: the app may be one that runs for a while.
fn new_email(name: &str) -> String {
    format!("{name}-{:08x}@example.com", fastrand::u32(..))
}

async fn log_in(browser: &mut Browser, email: &str, password: &str) -> Result<Page, Stop> {
    let fields = [("email", email), ("password", password)];
    browser.post("/login", &fields).await
}

async fn register(browser: &mut Browser, email: &str, password: &str) -> Result<Page, Stop> {
    let fields = [("email", email), ("password", password)];
    browser.post("/register", &fields).await
}

/// A browser that has registered, and so is logged in, with the address.
async fn newcomer(app: &App, name: &str) -> Result<(Browser, String), Stop> {
    let (mut browser, email) = (app.browser(), new_email(name));
    expect_home(&register(&mut browser, &email, PASSWORD).await?)?;
    Ok((browser, email))
}

/// Sent to the home page, with GET.
fn expect_home(page: &Page) -> Verdict {
    page.expect_status(303)?;
    page.expect_header("location", "/")
}

/// Wrong credentials: the form again, and no word about which of them is wrong.
fn expect_refused(page: &Page) -> Verdict {
    page.expect_status(401)?;
    page.expect_text("Invalid credentials.")
}

/// The home page of somebody who is logged in.
async fn expect_user(browser: &mut Browser, email: &str) -> Result<Page, Stop> {
    let page = browser.get("/").await?;
    page.expect_status(200)?;
    page.expect_text(&format!("Logged in as: {email}"))?;
    Ok(page)
}

/// The home page of nobody in particular.
async fn expect_anonymous(browser: &mut Browser) -> Result<Page, Stop> {
    let page = browser.get("/").await?;
    page.expect_status(200)?;
    page.expect_text("Not logged in")?;
    page.expect_no_text("Logged in as")?;
    Ok(page)
}

async fn logging_in_takes_the_right_password(course: Course) -> Verdict {
    let app = course.app().await?;
    let (_, email) = newcomer(&app, "ada").await?;
    let mut ada = app.browser();
    expect_anonymous(&mut ada).await?;
    for wrong in ["four little barrel", "Four little barrels", ""] {
        expect_refused(&log_in(&mut ada, &email, wrong).await?)?;
    }
    expect_refused(&log_in(&mut ada, &new_email("nobody"), PASSWORD).await?)?;
    expect_anonymous(&mut ada).await?;
    expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
    let page = expect_user(&mut ada, &email).await?;
    page.expect_text(&format!("Hello, {email}!"))?;
    // A failed attempt ends nothing.
    expect_refused(&log_in(&mut ada, &email, "four little barrel").await?)?;
    expect_user(&mut ada, &email).await?;
    expect_anonymous(&mut app.browser()).await?;
    Ok(())
}

async fn a_first_login_gives_the_session_a_new_id(course: Course) -> Verdict {
    let app = course.app().await?;
    let (_, email) = newcomer(&app, "ada").await?;
    for door in ["/login", "/register"] {
        let mut victim = app.browser();
        let before = session_id(&victim.post("/", &[]).await?)?;
        // Whoever knew the ID, or planted it, still has its cookie.
        let mut mallory = victim.copy();
        let other = new_email("bob");
        let email = if door == "/login" { &email } else { &other };
        let fields = [("email", email.as_str()), ("password", PASSWORD)];
        expect_home(&victim.post(door, &fields).await?)?;
        let promise = format!("a new ID after POST {door}");
        let after = session_id(&expect_user(&mut victim, email).await?)?;
        expect(after != before, &promise, format!("the same ID: {after}"))?;
        let page = expect_anonymous(&mut mallory).await?;
        expect_count(&page, 0)?;
        let id = session_id(&page)?;
        let observed = format!("the old ID lives: {id}");
        expect(id != before && id != after, "the old ID is dead", observed)?;
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

async fn registering_logs_in(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    expect_user(&mut ada, &email).await?;
    for taken in [
        email.clone(),
        email.to_uppercase(),
        format!(" \t{email}\r\n"),
    ] {
        let mut eve = app.browser();
        let page = register(&mut eve, &taken, "another password").await?;
        page.expect_status(409)?;
        page.expect_text("Registration failed. That e-mail might already be taken.")?;
        expect_anonymous(&mut eve).await?;
    }
    expect_refused(&log_in(&mut app.browser(), &email, "another password").await?)?;
    expect_home(&log_in(&mut app.browser(), &email, PASSWORD).await?)
}

async fn email_addresses_compare_without_case(course: Course) -> Verdict {
    let app = course.app().await?;
    let email = new_email("Ada.Lovelace");
    let mut ada = app.browser();
    let typed = format!("  {}\t", email.to_uppercase());
    expect_home(&register(&mut ada, &typed, PASSWORD).await?)?;
    let kept = email.to_lowercase();
    expect_user(&mut ada, &kept).await?;
    for typed in [&email, &kept, &format!(" {email} ")] {
        let mut ada = app.browser();
        expect_home(&log_in(&mut ada, typed, PASSWORD).await?)?;
        expect_user(&mut ada, &kept).await?;
    }
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
        let page = expect_anonymous(browser).await?;
        expect_count(&page, 0)?;
        let id = session_id(&page)?;
        expect(id != before, "a new ID", format!("the same ID: {id}"))?;
    }
    // Nobody has to be logged in to log out.
    for browser in [&mut ada, &mut app.browser()] {
        expect_home(&browser.post("/logout", &[]).await?)?;
        expect_anonymous(browser).await?;
    }
    Ok(())
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
    let is = |element: &crate::html::Element, name: &str, value: &str| {
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
    expect_count(&page, 0)
}

async fn users_survive_kill_9(course: Course) -> Verdict {
    let mut app = course.app_with(&[]).await?;
    let (_, email) = newcomer(&app, "ada").await?;
    app.restart().await?;
    let mut ada = app.browser();
    expect_refused(&log_in(&mut ada, &email, "another password").await?)?;
    expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
    expect_user(&mut ada, &email).await?;
    Ok(())
}

async fn logins_survive_a_restart(course: Course) -> Verdict {
    let mut app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    app.restart().await?;
    expect_user(&mut ada, &email).await?;
    Ok(())
}
