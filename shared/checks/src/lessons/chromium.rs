//! The same in a browser that people use.

use super::prelude::*;
use crate::chromium::{Chromium, Tab};

checks! {
    Needs::Browser:
        two_chromium_profiles_have_two_counts,
        a_person_registers_logs_out_logs_in_and_is_sent_back;
}

async fn two_chromium_profiles_have_two_counts(course: Course) -> Verdict {
    let app = course.app().await?;
    let chromium = Chromium::start().await?;
    let (ada, bob) = (chromium.profile().await?, chromium.profile().await?);
    enter(&app, &ada, "ada@example.com").await?;
    pour(&ada, 1).await?;
    pour(&ada, 2).await?;
    enter(&app, &bob, "bob@example.com").await?;
    pour(&bob, 1).await?;
    pour(&ada, 3).await?;
    let (of_ada, of_bob) = (id(&ada).await?, id(&bob).await?);
    let promise = "each profile has a session ID of its own";
    expect(of_ada != of_bob, promise, format!("{of_ada} and {of_bob}"))
}

/// Opens the home page. Where it is for users alone, this person becomes one first.
async fn enter(app: &App, tab: &Tab, email: &str) -> Verdict {
    tab.open(&app.url()).await?;
    if app.is_open().await? {
        return Ok(());
    }
    expect_path(tab, "/login?next=/").await?;
    tab.click_link("Register").await?;
    tab.wait_for_text("Register").await?;
    send(tab, email, "Register").await
}

/// Waits for the count, because a click returns before the next page is there.
async fn pour(tab: &Tab, count: u32) -> Verdict {
    tab.click_button("Pour Another").await?;
    tab.wait_for_text(&format!("Beers viewed in this session: {count}"))
        .await
}

async fn id(tab: &Tab) -> Result<String, Stop> {
    let text = tab.text().await?;
    let id = text
        .lines()
        .find_map(|line| line.strip_prefix("Session ID: "));
    id.map(str::to_owned)
        .ok_or_else(|| Stop::broken("the page shows the session ID", text.as_str()))
}

async fn a_person_registers_logs_out_logs_in_and_is_sent_back(course: Course) -> Verdict {
    let app = course.app().await?;
    let chromium = Chromium::start().await?;
    let tab = chromium.profile().await?;
    let profile = format!("{}/profile", app.url());
    tab.open(&profile).await?;
    tab.wait_for_text("Log In").await?;
    expect_path(&tab, "/login?next=/profile").await?;

    tab.click_link("Register").await?;
    tab.wait_for_text("Register").await?;
    send(&tab, EMAIL, "Register").await?;
    tab.wait_for_text(&format!("Logged in as: {EMAIL}")).await?;
    expect_path(&tab, "/").await?;
    tab.click_button("Log Out").await?;
    tab.wait_for_text(logged_out(&app).await?).await?;

    tab.open(&profile).await?;
    send(&tab, EMAIL, "Log In").await?;
    tab.wait_for_text(&format!("Hello {EMAIL}")).await?;
    expect_path(&tab, "/profile").await
}

const EMAIL: &str = "ada@example.com";

/// The form of the page, with what this person sends in both.
async fn send(tab: &Tab, email: &str, button: &str) -> Verdict {
    tab.fill("E-mail", email).await?;
    tab.fill("Password", "correct horse").await?;
    tab.click_button(button).await
}

/// What the home page says to somebody who is logged out, or the form that takes its
/// place.
pub(super) async fn logged_out(app: &App) -> Result<&'static str, Stop> {
    Ok(if app.is_open().await? {
        "Not logged in"
    } else {
        "Log In"
    })
}

async fn expect_path(tab: &Tab, path: &str) -> Verdict {
    let seen = tab.path().await?;
    expect(seen == path, &format!("the page at {path}"), seen)
}
