//! The default limits, in hours and days: under a clock that the check turns on.

use super::remember::log_in_to_stay;
use crate::lessons::{
    Needs,
    login::{expect_anonymous, expect_user, newcomer},
    prelude::*,
};
use std::time::Duration;

checks! {
    Needs::Clock:
        the_idle_timeout_is_15_minutes,
        the_absolute_lifetime_is_12_hours,
        a_login_is_remembered_for_30_days;
}

async fn the_idle_timeout_is_15_minutes(course: Course) -> Verdict {
    let (course, clock) = course.with_a_clock_of_its_own().await?;
    let app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let page = ada.post("/", &[]).await?;
    page.expect_text("Session expires in 900 seconds")?;
    // Twice, as the first visit prolongs it; some seconds early, as time goes by while
    // we ask, and Redis counts whole ones.
    for _ in 0..2 {
        clock.forward(Duration::from_secs(895))?;
        expect_user(&mut ada, &email).await?;
    }
    clock.forward(Duration::from_secs(901))?;
    expect_no_count(&expect_anonymous(&mut ada).await?)
}

async fn the_absolute_lifetime_is_12_hours(course: Course) -> Verdict {
    let (course, clock) = course.with_a_clock_of_its_own().await?;
    let app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    // The last visit is a minute before the end.
    for minutes in [14; 51].into_iter().chain([5]) {
        clock.forward(Duration::from_mins(minutes))?;
        expect_user(&mut ada, &email).await?;
    }
    clock.forward(Duration::from_secs(61))?;
    expect_anonymous(&mut ada).await.map(drop)
}

async fn a_login_is_remembered_for_30_days(course: Course) -> Verdict {
    let (course, clock) = course.with_a_clock_of_its_own().await?;
    let app = course.app_with(&[]).await?;
    let (_, email) = newcomer(&app, "ada").await?;
    let mut ada = app.browser();
    log_in_to_stay(&mut ada, &email).await?;
    // Our own clock stands still, so the browser keeps the cookie.
    clock.forward(Duration::from_hours(29 * 24 + 23))?;
    for _ in 0..5 {
        ada.post("/", &[]).await?.expect_status(200)?;
        expect_user(&mut ada, &email).await?;
        clock.forward(Duration::from_mins(10))?;
    }
    clock.forward(Duration::from_secs(601))?;
    expect_anonymous(&mut ada).await.map(drop)
}
