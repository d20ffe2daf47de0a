//! How long a session lives: the idle timeout, and the absolute lifetime.

use crate::lessons::{
    Needs,
    login::{PASSWORD, expect_anonymous, expect_home, expect_user, new_email, newcomer, register},
    prelude::*,
    stores::outages::tell,
};
use std::time::{Duration, Instant};
use tokio::time::sleep;

checks! {
    Needs::Process:
        an_idle_session_ends_and_reads_keep_one_alive,
        an_active_session_ends_at_its_absolute_lifetime,
        a_bad_limit_of_a_session_is_refused_in_one_line;
    Needs::Server:
        a_renewal_is_written_once_in_a_tenth_of_the_idle_time;
}

async fn an_idle_session_ends_and_reads_keep_one_alive(course: Course) -> Verdict {
    let app = course.app_with(&[("SESSION_TTL_SECS", "6")]).await?;
    let (mut ada, email) = if course.has_users() {
        let (ada, email) = newcomer(&app, "ada").await?;
        (ada, Some(email))
    } else {
        (app.visitor().await?, None)
    };
    expect_count(&ada.post("/", &[]).await?, 1)?;
    // Three times as long as a session lives, and nothing changes. A page that says no
    // is a visit, too.
    for (method, path, status) in [
        ("GET", "/", 200),
        ("GET", "/login", 200),
        ("GET", "/", 200),
        ("POST", "/register", 422),
        ("GET", "/", 200),
        ("GET", "/login", 200),
        ("GET", "/", 200),
        ("POST", "/register", 422),
        ("GET", "/", 200),
    ] {
        sleep(Duration::from_secs(2)).await;
        let page = ada.request(method, path, &[FORM], "email=").await?;
        if path == "/" {
            expect_count(&page, 1)?;
            if let Some(email) = &email {
                page.expect_text(&format!("Logged in as: {email}"))?;
            }
        } else if course.has_users() {
            page.expect_status(status)?;
        }
    }
    let cookie = ada.cookie("beer.sid").unwrap_or_default();
    sleep(Duration::from_millis(7500)).await;
    // A browser may forget the cookie by itself; a thief would not.
    ada.set_cookie("beer.sid", &cookie);
    if email.is_none() {
        expect_count(&ada.get("/").await?, 0)?;
    } else {
        expect_no_count(&expect_anonymous(&mut ada).await?)?;
        let page = ada.request("GET", "/profile", &[PAGES], "").await?;
        page.expect_status(303)?;
    }
    Ok(())
}

/// The absolute lifetime of these sessions, which is longer than their idle timeout.
const LIFETIME: Duration = Duration::from_secs(6);

/// What the checks allow for a machine that is busy, and for a store that counts whole
/// seconds.
const SLACK: Duration = Duration::from_secs(1);

async fn an_active_session_ends_at_its_absolute_lifetime(course: Course) -> Verdict {
    let settings = [("SESSION_TTL_SECS", "4"), ("SESSION_MAX_SECS", "6")];
    let app = course.app_with(&settings).await?;
    let mut stranger = app.browser();
    // A stranger reads the panel and pours, or views: what is for everybody.
    let visits = if app.is_open().await? {
        HOME
    } else {
        [("GET", "/count"); 2]
    };
    let mut tasks = vec![tokio::spawn(async move {
        let began = Instant::now();
        stranger.get("/count").await?.expect_status(200)?;
        lives_until(stranger, visits, began, LIFETIME)
            .await
            .map(drop)
    })];
    if course.has_users() {
        let (mut ada, email) = (app.browser(), new_email("ada"));
        tasks.push(tokio::spawn(async move {
            ada.get("/count").await?.expect_status(200)?;
            sleep(Duration::from_secs(2)).await;
            // A login begins a life of its own.
            expect_home(&register(&mut ada, &email, PASSWORD).await?)?;
            let began = Instant::now();
            expect_user(&mut ada, &email).await?;
            let mut ada = lives_until(ada, HOME, began, LIFETIME).await?;
            ada.get("/profile").await?.expect_status(401)
        }));
    }
    for task in tasks {
        task.await.map_err(Stop::harness)??;
    }
    Ok(())
}

/// What is asked for by turns: a read, and a write.
const HOME: [(&str, &str); 2] = [("GET", "/"), ("POST", "/")];

/// Visits until the session is another: neither earlier than a session ends that began
/// then, nor later.
async fn lives_until(
    mut browser: Browser,
    visits: [(&str, &str); 2],
    began: Instant,
    lifetime: Duration,
) -> Result<Browser, Stop> {
    let id = id_now(&mut browser).await?;
    for (method, path) in visits.into_iter().cycle() {
        sleep(Duration::from_millis(500)).await;
        let asked = began.elapsed();
        let page = browser.request(method, path, &[FORM], "").await?;
        if !is_for_users(&page) {
            page.expect_status(200)?;
        }
        let now = match path {
            "/" => page.text_after("Session ID: "),
            _ => Some(id_now(&mut browser).await?),
        };
        if now.as_ref() != Some(&id) {
            let ended = began.elapsed();
            tell(&format!("{lifetime:?} ended after {ended:.1?}"));
            let promise = format!("a session in use lives for {lifetime:?}");
            let observed = format!("it ended after {ended:.1?}");
            expect(ended + SLACK > lifetime, &promise, observed)?;
            break;
        }
        let promise = format!("a session ends after {lifetime:?}, in use or not");
        let observed = format!("it lives on after {asked:.1?}");
        expect(asked < lifetime + SLACK, &promise, observed)?;
    }
    Ok(browser)
}

async fn a_renewal_is_written_once_in_a_tenth_of_the_idle_time(course: Course) -> Verdict {
    // The server counts, whoever asks.
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(&[("SESSION_TTL_SECS", "20")]).await?;
    let mut ada = app.visitor().await?;
    let began = Instant::now();
    ada.post("/", &[]).await?.expect_status(200)?;
    let before = store.commands().await?.writes;
    for _ in 0..40 {
        sleep(Duration::from_millis(125)).await;
        expect_count(&ada.get("/").await?, 1)?;
    }
    // One is due every two seconds.
    let due = began.elapsed().as_secs() / 2;
    let after = store.commands().await?.writes;
    let writes = after - before;
    tell(&format!("{writes} renewals, {due} due"));
    let promise = "in 40 reads a renewal every two seconds, a tenth of the 20";
    let observed = format!("{writes} writes in 40 reads");
    expect((1..=due + 1).contains(&writes), promise, observed)?;
    // What a page stores is not put off.
    for count in 2..=4 {
        expect_count(&ada.post("/", &[]).await?, count)?;
    }
    let writes = store.commands().await?.writes - after;
    let promise = "three pours are three writes";
    expect(writes == 3, promise, format!("{writes} writes"))
}

async fn a_bad_limit_of_a_session_is_refused_in_one_line(course: Course) -> Verdict {
    for variable in ["SESSION_MAX_SECS", "SESSION_REMEMBER_SECS"] {
        for seconds in ["0", "-1", "34560001", "1.5", "soon"] {
            let exit = course.run_to_exit(&[(variable, seconds)]).await?;
            exit.expect_refusal(&[&format!("{variable}={seconds}"), "34560000"])?;
        }
        let app = course.app_with(&[(variable, "34560000")]).await?;
        app.visitor().await?.get("/").await?.expect_status(200)?;
    }
    Ok(())
}
