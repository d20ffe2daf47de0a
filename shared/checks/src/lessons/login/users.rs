//! The users' database, and what happens to it behind the app's back.

use super::{
    PASSWORD, SECRET, expect_anonymous, expect_home, expect_refused, expect_user, log_in,
    new_email, newcomer, register,
};
use crate::{
    lessons::{Needs, prelude::*, stores::load},
    store::Kind,
};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

checks! {
    Needs::Users:
        of_eight_registrations_at_once_one_makes_an_account,
        a_password_is_kept_as_a_bcrypt_hash,
        no_password_no_hash_and_no_session_in_log_or_record,
        users_that_cannot_be_looked_up_stay_logged_in,
        a_frozen_users_database_hangs_no_page,
        deleting_a_user_ends_the_session,
        an_id_that_was_given_up_is_not_used_again,
        a_login_after_the_account_was_deleted_has_a_new_id;
}

async fn of_eight_registrations_at_once_one_makes_an_account(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let users = course.users().await?;
    let before = users.count().await?;
    let email = new_email("ada");
    let one = |nth| {
        let mut browser = app.browser();
        let email = if nth % 2 == 0 {
            email.clone()
        } else {
            email.to_uppercase()
        };
        async move { Ok::<_, Stop>(register(&mut browser, &email, PASSWORD).await?.status()) }
    };
    let mut tasks: JoinSet<_> = (0..8).map(one).collect();
    let mut statuses = Vec::new();
    while let Some(done) = tasks.join_next().await {
        statuses.push(done.map_err(Stop::harness)??);
    }
    statuses.sort_unstable();
    let one_of_them = statuses[0] == 303 && statuses[1..].iter().all(|status| *status == 409);
    let promise = "one registers, and seven are told that the address is taken";
    expect(one_of_them, promise, format!("{statuses:?}"))?;
    let more = users.count().await? - before;
    expect(more == 1, "one more user", format!("{more} more users"))
}

async fn a_password_is_kept_as_a_bcrypt_hash(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let users = course.users().await?;
    let mut hashes = Vec::new();
    for name in ["ada", "bob"] {
        let (_, email) = app.registered(name).await?;
        let hash = users.password_hash(&email).await?.unwrap_or_default();
        let cost = hash.strip_prefix("$2b$").or(hash.strip_prefix("$2y$"));
        let cost = cost.and_then(|rest| rest.split('$').next()?.parse().ok());
        let strong = hash.len() == 60 && cost.is_some_and(|cost: u8| cost >= 10);
        expect(strong, "bcrypt's text, of cost 10 or more", &hash)?;
        hashes.push(hash);
    }
    let salted = hashes[0] != hashes[1];
    expect(salted, "one password, two hashes", &hashes[0])
}

async fn no_password_no_hash_and_no_session_in_log_or_record(course: Course) -> Verdict {
    const RIGHT: &str = "hushHushPassword77";
    const WRONG: &str = "hushHushMistake88";
    let settings = [("RUST_LOG", "trace"), ("SESSION_SECRET", SECRET)];
    let app = course.app_with(&settings).await?;
    let (mut ada, email) = (app.browser(), new_email("ada"));
    let mut hidden = vec![SECRET.to_owned(), RIGHT.into(), WRONG.into()];
    expect_home(&register(&mut ada, &email, RIGHT).await?)?;
    register(&mut app.browser(), &email, RIGHT)
        .await?
        .expect_status(409)?;
    for (password, right) in [(WRONG, false), (RIGHT, true)] {
        expect_home(&ada.post("/logout", &[]).await?)?;
        let page = log_in(&mut ada, &email, password).await?;
        if right {
            expect_home(&page)
        } else {
            expect_refused(&page)
        }?;
        hidden.extend(ada.cookie_values());
    }
    ada.get("/profile").await?.expect_text(&email)?;
    let id = session_id(&expect_user(&mut ada, &email).await?)?;
    let hash = course.users().await?.password_hash(&email).await?;
    let hash = hash.ok_or_else(|| Stop::broken("a user with a hash", "there is none"))?;
    if course.store().await?.kind() != Kind::Memory {
        let record = course.store().await?.record(&id).await?;
        let record = String::from_utf8_lossy(&record);
        for (what, text) in [
            ("password", RIGHT),
            ("hash", &hash),
            ("bcrypt text", "$2b$"),
        ] {
            let observed = format!("the record holds the {what}");
            expect(
                !record.contains(text),
                "a record without password and hash",
                observed,
            )?;
        }
    }
    hidden.extend([id, hash]);
    expect_home(&ada.post("/logout", &[]).await?)?;
    let log = app.terminate().await?.stderr;
    expect(!log.is_empty(), "a log", "it is empty")?;
    hidden.extend(["$2b$".to_owned(), "$2y$".to_owned()]);
    for text in hidden {
        let line = log
            .lines()
            .find(|line| line.contains(&text))
            .unwrap_or_default();
        let promise = "no password, no hash, no session and no secret in the log";
        expect(
            line.is_empty(),
            promise,
            format!("the log holds {text}: {line}"),
        )?;
    }
    Ok(())
}

async fn users_that_cannot_be_looked_up_stay_logged_in(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let users = course.users().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    let id = session_id(&expect_user(&mut ada, &email).await?)?;
    let log = app.log().len();
    users.hide().await?;
    expect_served_as_a_stranger(&mut ada).await?;
    let page = ada.get("/").await?;
    if !is_for_users(&page) {
        expect_count(&page, 1)?;
        page.expect_text(&format!("Session ID: {id}"))?;
    }
    for path in ["/login", "/register"] {
        let fields = [("email", &*email), ("password", PASSWORD)];
        load::expect_away(&app.browser().post(path, &fields).await?)?;
    }
    let log = app.log().split_off(log);
    expect(log.contains("ERROR"), "a line with ERROR in the log", log)?;
    users.show().await?;
    let page = expect_user(&mut ada, &email).await?;
    expect_count(&page, 1)?;
    page.expect_text(&format!("Session ID: {id}"))
}

/// Nobody is known for the moment, and that is no error.
async fn expect_served_as_a_stranger(browser: &mut Browser) -> Verdict {
    for path in ["/count", "/login", "/style.css"] {
        load::in_time(ANSWER_LIMIT, path, browser.get(path))
            .await?
            .expect_status(200)?;
    }
    let start = Instant::now();
    expect_anonymous(browser).await?;
    let took = start.elapsed();
    let promise = format!("the home page within {ANSWER_LIMIT:?}");
    expect(took < ANSWER_LIMIT, &promise, format!("it took {took:.1?}"))?;
    let page = browser.request("GET", "/profile", &[PAGES], "");
    let page = load::in_time(ANSWER_LIMIT, "/profile", page).await?;
    page.expect_status(303)?;
    page.expect_header("location", "/login?next=/profile")
}

/// A limit for hangs only.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

async fn a_frozen_users_database_hangs_no_page(course: Course) -> Verdict {
    let course = course.with_a_database_server_of_its_own().await?;
    let app = course.app_with(&[]).await?;
    let users = course.users().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    users.freeze()?;
    expect_served_as_a_stranger(&mut ada).await?;
    for path in ["/login", "/register"] {
        let fields = [("email", &*email), ("password", PASSWORD)];
        // With a hash in it, which takes as long as the machine is busy.
        load::expect_away(&app.browser().post(path, &fields).await?)?;
    }
    users.thaw()?;
    let thaw = Instant::now();
    while expect_user(&mut ada, &email).await.is_err() {
        let waited = thaw.elapsed();
        let promise = "logged in again soon after the database is back";
        let observed = format!("not after {waited:.1?}");
        expect(waited < ANSWER_LIMIT, promise, observed)?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    expect_home(&log_in(&mut app.browser(), &email, PASSWORD).await?)
}

async fn deleting_a_user_ends_the_session(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    let old = session_id(&expect_user(&mut ada, &email).await?)?;
    let mut copy = ada.copy();
    course.users().await?.delete(&email).await?;
    let page = ada.get("/profile").await?;
    page.expect_status(401)?;
    if course.store().await?.kind() != Kind::Memory {
        let there = course.store().await?.record_exists(&old).await?;
        expect(!there, "the record is gone", "it is still in the store")?;
    }
    for browser in [&mut ada, &mut copy] {
        expect_no_count(&expect_anonymous(browser).await?)?;
        expect_another_id(browser, &old).await?;
    }
    expect_refused(&log_in(&mut ada, &email, PASSWORD).await?)
}

async fn an_id_that_was_given_up_is_not_used_again(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let old = session_id(&expect_user(&mut ada, &email).await?)?;
    course.users().await?.delete(&email).await?;
    // One request that ends a session, and begins the next.
    ada.get("/count").await?.expect_text("Views: 1")?;
    let id = id_now(&mut ada).await?;
    expect(id != old, "a new ID", format!("the same ID: {id}"))
}

async fn a_login_after_the_account_was_deleted_has_a_new_id(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let (mut mallory, hers) = newcomer(&app, "mallory").await?;
    let (_, email) = newcomer(&app, "victim").await?;
    mallory.post("/", &[]).await?;
    let old = session_id(&expect_user(&mut mallory, &hers).await?)?;
    let mut victim = mallory.copy();
    course.users().await?.delete(&hers).await?;
    expect_home(&log_in(&mut victim, &email, PASSWORD).await?)?;
    let page = expect_user(&mut victim, &email).await?;
    let new = session_id(&page)?;
    expect(
        new != old,
        "a new ID",
        format!("the ID of the deleted user's session: {new}"),
    )?;
    expect_count(&page, 0)?;
    expect_anonymous(&mut mallory).await?;
    Ok(())
}
