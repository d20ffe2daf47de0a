//! Who is visiting: accounts, log in, log out, and what they do to a session.

use super::prelude::*;

pub(in crate::lessons) use crate::newcomer::{PASSWORD, expect_home, new_email};

pub(super) mod forms;
pub(super) mod guard;
pub(super) mod passwords;
pub(super) mod sessions;
#[cfg(feature = "sql")]
pub(super) mod start;
#[cfg(feature = "sql")]
pub(super) mod users;

checks! {
    Needs::Url:
        logging_in_takes_the_right_password,
        registering_logs_in,
        email_addresses_compare_without_case;
    Needs::Process:
        users_survive_kill_9;
}

/// Long enough to sign with, and easy to find where it must not be.
const SECRET: &str = "a-test-secret-of-more-than-thirty-two-bytes";

pub(in crate::lessons) async fn log_in(
    browser: &mut Browser,
    email: &str,
    password: &str,
) -> Result<Page, Stop> {
    let fields = [("email", email), ("password", password)];
    browser.post("/login", &fields).await
}

pub(in crate::lessons) async fn register(
    browser: &mut Browser,
    email: &str,
    password: &str,
) -> Result<Page, Stop> {
    let fields = [("email", email), ("password", password)];
    browser.post("/register", &fields).await
}

/// A browser of somebody new who is logged in, with the address. Where the users'
/// database can be reached, this is no registration, and their logins with [`PASSWORD`]
/// are quick. A check of what a registration does asks for `registered`.
pub(in crate::lessons) async fn newcomer(app: &App, name: &str) -> Result<(Browser, String), Stop> {
    app.newcomer(name).await
}

/// Wrong credentials: the form again, and no word about which of them is wrong.
pub(in crate::lessons) fn expect_refused(page: &Page) -> Verdict {
    page.expect_status(401)?;
    page.expect_text("Invalid credentials.")
}

/// The home page of somebody who is logged in.
pub(in crate::lessons) async fn expect_user(
    browser: &mut Browser,
    email: &str,
) -> Result<Page, Stop> {
    let page = browser.get("/").await?;
    page.expect_status(200)?;
    page.expect_text(&format!("Logged in as: {email}"))?;
    Ok(page)
}

/// The home page of nobody in particular. Where it is for users alone, they are asked
/// to log in.
pub(in crate::lessons) async fn expect_anonymous(browser: &mut Browser) -> Result<Page, Stop> {
    let page = browser.get("/").await?;
    if is_for_users(&page) {
        return Ok(page);
    }
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

async fn registering_logs_in(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = app.registered("ada").await?;
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
    app.make_cheap(&kept).await;
    for typed in [&email, &kept, &format!(" {email} ")] {
        let mut ada = app.browser();
        expect_home(&log_in(&mut ada, typed, PASSWORD).await?)?;
        expect_user(&mut ada, &kept).await?;
    }
    // An accent makes another address.
    for name in ["rene", "ren\u{e9}"] {
        let mut rene = app.browser();
        let email = email.replace("Ada", name);
        expect_home(&register(&mut rene, &email, PASSWORD).await?)?;
        expect_user(&mut rene, &email.to_lowercase()).await?;
    }
    Ok(())
}

async fn users_survive_kill_9(course: Course) -> Verdict {
    let mut app = course.app_with(&[]).await?;
    let (_, email) = app.registered("ada").await?;
    app.restart().await?;
    let mut ada = app.browser();
    expect_refused(&log_in(&mut ada, &email, "another password").await?)?;
    expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
    expect_user(&mut ada, &email).await?;
    Ok(())
}
