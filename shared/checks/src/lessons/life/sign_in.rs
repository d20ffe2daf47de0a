//! What a new ID leaves behind: at each login, after an error, and under a request
//! that is slow.

use super::expect_no_cookie;
use crate::{
    lessons::{
        Needs,
        login::{
            PASSWORD, expect_anonymous, expect_home, expect_user, log_in, new_email, newcomer,
            register,
        },
        password::change,
        prelude::*,
        service::devices::others,
        stores::load::expect_away,
    },
    rounds,
    store::Kind,
};
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinHandle, time::sleep};

checks! {
    Needs::Process:
        every_login_drops_what_was_there_before,
        a_slow_request_does_not_put_a_browser_back_on_its_old_id;
    Needs::Server:
        an_error_after_a_new_id_loses_nothing;
}

async fn every_login_drops_what_was_there_before(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let (mut ada, email) = (app.browser(), new_email("ada"));
    let (open, names) = (app.is_open().await?, has_names(&app).await?);
    for door in ["/register", "/login", "/login over a login"] {
        for count in 1..=2 {
            if open || door == "/login over a login" {
                expect_count(&ada.post("/", &[]).await?, count)?;
            }
            ada.get("/count")
                .await?
                .expect_text(&format!("Views: {count}"))?;
        }
        if names {
            let page = ada.post("/name", &[("name", "Countess")]).await?;
            page.expect_status(303)?;
        }
        let page = match door {
            "/register" => register(&mut ada, &email, PASSWORD).await?,
            _ => log_in(&mut ada, &email, PASSWORD).await?,
        };
        expect_home(&page)?;
        let page = expect_user(&mut ada, &email).await?;
        expect_count(&page, 0)?;
        if course.store().await?.kind() != Kind::Memory {
            let record = course.store().await?.record(&session_id(&page)?).await?;
            let kept = String::from_utf8_lossy(&record).contains("Countess");
            let promise = format!("nothing of the time before {door} in the record");
            expect(!kept, &promise, "the name is in it")?;
        }
        ada.get("/count").await?.expect_text("Views: 1")?;
        if door == "/register" {
            expect_home(&ada.post("/logout", &[]).await?)?;
            app.make_cheap(&email).await;
        } else {
            log_in(&mut ada, &email, PASSWORD).await?;
        }
    }
    Ok(())
}

async fn an_error_after_a_new_id_loses_nothing(course: Course) -> Verdict {
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let mut stranger = app.browser();
    let open = app.is_open().await?;
    if open {
        expect_count(&stranger.post("/", &[]).await?, 1)?;
    } else {
        stranger.get("/count").await?.expect_text("Views: 1")?;
    }
    expect_count(&ada.post("/", &[]).await?, 1)?;
    let mut remembered = app.browser();
    let fields = [
        ("email", &*email),
        ("password", PASSWORD),
        ("remember", "on"),
    ];
    expect_home(&remembered.post("/login", &fields).await?)?;
    expect_count(&remembered.post("/", &[]).await?, 1)?;
    for (who, what) in [
        (&stranger, "a login"),
        (&ada, "a login over a login"),
        (&ada, "a change of the password"),
        (&remembered, "a change of the password"),
    ] {
        let (mut tab, mut before) = (who.copy(), who.copy());
        store.refuse_new_records().await?;
        let page = match what {
            "a change of the password" => change(&mut tab, PASSWORD, "five little barrels").await,
            _ => log_in(&mut tab, &email, PASSWORD).await,
        };
        store.take_new_records().await?;
        let page = page?;
        expect_away(&page)?;
        expect_no_cookie(&page, &format!("{what} that failed"))?;
        if what == "a login" && !open {
            before.get("/count").await?.expect_text("Views: 2")?;
            continue;
        }
        let page = before.get("/").await?;
        expect_count(&page, 1)?;
        if what != "a login" {
            page.expect_text(&format!("Logged in as: {email}"))?;
        }
    }
    // The password is the one of before.
    expect_home(&log_in(&mut stranger, &email, PASSWORD).await?)?;
    expect_user(&mut stranger, &email).await?;
    // Where a user sees their logins, those that failed are none.
    let list = stranger.get("/sessions").await?;
    let promise = "the two other logins on the list";
    let right = list.status() != 200 || others(&list).len() == 2;
    expect(right, promise, list.summary())
}

async fn a_slow_request_does_not_put_a_browser_back_on_its_old_id(course: Course) -> Verdict {
    let api = BeerApi::held().await?;
    let app = course.app_with(&[("BEER_API_URL", api.url())]).await?;
    let (_, email) = newcomer(&app, "ada").await?;
    for what in ["logs out and in", "logs in again", "changes its password"] {
        let mut ada = app.browser();
        expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
        let old = session_id(&expect_user(&mut ada, &email).await?)?;
        let (mut before, mut slow) = (ada.copy(), ada.copy());
        let pour: JoinHandle<Result<Page, Stop>> =
            tokio::spawn(async move { slow.post("/", &[]).await });
        // Now the app has the session, and waits for the beer.
        api.asked().await;
        if what == "logs out and in" {
            expect_home(&ada.post("/logout", &[]).await?)?;
        }
        if what == "changes its password" {
            let page = change(&mut ada, PASSWORD, PASSWORD).await?;
            page.expect_status(303)?;
        } else {
            expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
        }
        api.release();
        let page = pour.await.map_err(Stop::harness)??;
        // A browser would take it in place of the new one, or throw the new one away.
        let request = format!("a request from before its browser {what}");
        expect_no_cookie(&page, &request)?;
        let page = expect_user(&mut ada, &email).await?;
        let new = session_id(&page)?;
        expect(
            new != old,
            "the new ID stays",
            format!("the old one: {new}"),
        )?;
        // A page that was asked for with the old cookie, and comes late.
        let page = before.get("/").await?;
        expect_no_cookie(&page, &request)?;
        expect_anonymous(&mut before).await?;
    }
    app.make_cheap(&email).await;
    for _ in 0..rounds(12) {
        logs_in_under_a_pour(&app, &api, &email).await?;
    }
    Ok(())
}

/// A beer that comes at the very moment of a login, in the same browser: it keeps the
/// cookies in the order in which they arrive.
async fn logs_in_under_a_pour(app: &App, api: &BeerApi, email: &str) -> Verdict {
    let mut ada = app.browser();
    expect_home(&log_in(&mut ada, email, PASSWORD).await?)?;
    let (arrivals, mut arrived) = mpsc::unbounded_channel();
    let (mut slow, mut tab, told) = (ada.copy(), ada.copy(), arrivals.clone());
    tokio::spawn(async move { told.send(slow.post("/", &[]).await) });
    api.asked().await;
    let email_of_ada = email.to_owned();
    tokio::spawn(async move { arrivals.send(log_in(&mut tab, &email_of_ada, PASSWORD).await) });
    sleep(Duration::from_micros(fastrand::u64(..15_000))).await;
    api.release();
    while let Some(page) = arrived.recv().await {
        ada.take_cookies(&page?, "/");
    }
    expect_user(&mut ada, email).await.map(drop)
}
