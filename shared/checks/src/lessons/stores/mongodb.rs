//! How expired sessions leave MongoDB: by its index, and by the app's own task.

use super::gone;
use crate::lessons::{Needs, prelude::*};
use std::time::Duration;

checks! {
    Needs::Server:
        expired_sessions_leave_the_database,
        a_server_that_refuses_the_ttl_index_is_a_warning,
        the_deletion_task_goes_on_after_an_error,
        an_error_of_the_store_puts_no_session_into_the_log;
}

const BRIEF: &[(&str, &str)] = &[("SESSION_TTL_SECS", "1")];

async fn expired_sessions_leave_the_database(course: Course) -> Verdict {
    let store = course.store().await?;
    let app = course.app_with(BRIEF).await?;
    let ids = begin(&app).await?;
    let after = store.ttl_index().await?;
    let observed = after.map_or("no such index".into(), |after| {
        format!("one that waits {after} seconds more")
    });
    let promise = "an index that expires records at their `expireAt`";
    expect(after == Some(0), promise, observed)?;
    gone(store, &ids).await
}

async fn a_server_that_refuses_the_ttl_index_is_a_warning(course: Course) -> Verdict {
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    store.plant_plain_index().await?;
    store.switch_ttl_monitor_off().await?;
    let app = course.app_with(BRIEF).await?;
    let warned = |log: &str| {
        let mut lines = log.lines();
        lines.any(|line| line.contains("WARN") && line.contains("index"))
    };
    let log = app.log_when(warned).await;
    expect(warned(&log), "a warning about the index", log)?;
    gone(store, &begin(&app).await?).await
}

async fn the_deletion_task_goes_on_after_an_error(course: Course) -> Verdict {
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(BRIEF).await?;
    store.switch_ttl_monitor_off().await?;
    gone(store, &begin(&app).await?).await?;
    // Long enough for the task to find nobody.
    store.kill().await?;
    tokio::time::sleep(Duration::from_secs(15)).await;
    store.start_again().await?;
    store.switch_ttl_monitor_off().await?;
    gone(store, &begin(&app).await?).await
}

async fn an_error_of_the_store_puts_no_session_into_the_log(course: Course) -> Verdict {
    let store = course.store().await?;
    let app = course.app_with(&[("RUST_LOG", "debug")]).await?;
    let mut ada = app.visitor().await?;
    ada.post("/name", &[("name", "Ada Lovelace")]).await?;
    let id = id_of(&mut ada).await?;
    store.refuse_new_records().await?;
    super::load::expect_away(&ada.get("/count").await?)?;
    super::load::expect_away(&app.browser().get("/count").await?)?;
    let log = app.log();
    // Names, and what a login leaves in a session.
    let told = [&id, "John Doe", "Ada Lovelace", "auth_hash"]
        .iter()
        .any(|text| log.contains(text));
    let lines = log
        .lines()
        .filter(|line| line.contains("WARN") || line.contains("ERROR"));
    let lines: Vec<&str> = lines.collect();
    let promise = "no session ID and no data in the log";
    expect(
        !told,
        promise,
        format!("the log holds {}", lines.join("\n")),
    )?;
    expect(!lines.is_empty(), "a line about the error", "there is none")
}

/// Sessions of a few visitors. Waits for the store, which may have been away.
async fn begin(app: &App) -> Result<Vec<String>, Stop> {
    super::outages::back_again(&mut app.browser()).await?;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(id_of(&mut app.browser()).await?);
    }
    Ok(ids)
}
