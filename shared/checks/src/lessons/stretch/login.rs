//! Lesson 05: what a login leaves in the session, and what it looks up.

use crate::lessons::{
    login::{PASSWORD, expect_home, log_in},
    prelude::*,
};
use std::time::Duration;
use tokio::time::sleep;

checks! {
    Needs::Url:
        each_login_tells_when_the_one_before_was;
}

/// What is told to the second differs after this.
const MORE_THAN_A_SECOND: Duration = Duration::from_millis(1100);

async fn each_login_tells_when_the_one_before_was(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut first, email) = app.registered("ada").await?;
    expect_first(&mut first).await?;
    // In each of these seconds somebody logs in, and only the last of them is new.
    let (mut second, mut third) = (app.browser(), app.browser());
    let mut told = Vec::new();
    for browser in [&mut second, &mut third] {
        told.push(log_in_later(browser, &email).await?);
    }
    // Nobody learns of what came after their own login.
    expect_first(&mut first).await?;
    expect_told(&mut second, &told[0]).await?;
    expect_told(&mut third, &told[1]).await?;
    // A login over a login, in a browser that was told something before.
    told.push(log_in_later(&mut second, &email).await?);
    told.push(log_in_later(&mut first, &email).await?);
    expect_told(&mut third, &told[1]).await?;
    for (nth, time) in told.iter().enumerate() {
        let new = !told[..nth].contains(time);
        let promise = "each login tells another time, that of the one before";
        expect(new, promise, told.join(", then "))?;
    }
    // Somebody else has never been here.
    let (mut bob, _) = app.registered("bob").await?;
    expect_first(&mut bob).await
}

async fn expect_first(browser: &mut Browser) -> Verdict {
    let page = browser.get("/profile").await?;
    page.expect_text("This is your first login.")?;
    page.expect_no_text("Last login")
}

async fn expect_told(browser: &mut Browser, time: &str) -> Verdict {
    let page = browser.get("/profile").await?;
    page.expect_text(&format!("Last login: {time}"))
}

/// Logs in, and answers what the profile says of the login before.
async fn log_in_later(browser: &mut Browser, email: &str) -> Result<String, Stop> {
    sleep(MORE_THAN_A_SECOND).await;
    expect_home(&log_in(browser, email, PASSWORD).await?)?;
    let page = browser.get("/profile").await?;
    page.expect_no_text("This is your first login.")?;
    page.expect_text_after("Last login: ")
}
