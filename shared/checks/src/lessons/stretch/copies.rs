//! Lesson 08: what logs and metrics may tell of sessions.

use crate::{
    lessons::{
        login::{PASSWORD, expect_home, expect_refused, log_in, newcomer, register},
        password::change,
        prelude::*,
        service::{
            hardening::{NEW, OLD},
            log::{AS_JSON, Log},
        },
        stores::load::expect_away,
    },
    store::Kind,
};
use serde_json::Value;

checks! {
    Needs::Server:
        a_visitor_can_be_followed_through_all_copies,
        sessions_that_begin_are_counted;
}

async fn a_visitor_can_be_followed_through_all_copies(course: Course) -> Verdict {
    let settings = [AS_JSON, ("SESSION_SECRET", OLD)];
    let mut app = course.app_with(&settings).await?;
    let second = app.second().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let (mut bob, _) = newcomer(&app, "bob").await?;
    let word = followed(&app, &mut ada, "/profile").await?;
    let of_bob = followed(&app, &mut bob, "/profile").await?;
    expect_other(&word, &of_bob, "another session")?;
    for path in ["/count", "/sessions", "/profile?hush=hush"] {
        expect_same(&word, &followed(&app, &mut ada, path).await?)?;
    }
    let is_shared = course.store().await?.kind() != Kind::Memory;
    if is_shared {
        ada.visit(&second);
        expect_same(&word, &followed(&second, &mut ada, "/count").await?)?;
        ada.visit(&app);
        app.restart().await?;
        expect_same(&word, &followed(&app, &mut ada, "/count").await?)?;
    }
    // A login is another session, also of one who was logged in.
    let mut before = ada.copy();
    let id = id_now(&mut ada).await?;
    let mut hidden = vec![id.clone(), email.clone()];
    hidden.extend(ada.cookie_values());
    expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
    let after = followed(&app, &mut ada, "/profile").await?;
    expect_other(&word, &after, "the session after a login")?;
    // Without a session there is nobody to follow.
    let mut forger = app.browser();
    forger.set_cookie("beer.sid", &"A".repeat(66));
    for stranger in [&mut app.browser(), &mut forger, &mut before] {
        let lines = visits_of(&app, stranger, "/login").await?;
        let promise = "no line `visit` for a request without a session";
        expect(lines.is_empty(), promise, format!("{lines:?}"))?;
    }
    for copy in [&app, &second] {
        let log = copy.log();
        for text in &hidden {
            let silent = !log.contains(text.as_str());
            let observed = format!("the log holds {text}");
            expect(
                silent,
                "no ID, no cookie and no address in the log",
                observed,
            )?;
        }
    }
    if is_shared {
        let settings = [
            AS_JSON,
            ("SESSION_SECRET", NEW),
            ("SESSION_SECRET_OLD", OLD),
        ];
        let renewed = course.app_with(&settings).await?;
        ada.visit(&renewed);
        let other = followed(&renewed, &mut ada, "/profile").await?;
        expect_other(&after, &other, "the same session with another secret")?;
    }
    Ok(())
}

/// What stands for this browser's session in the one line about a request for this path.
async fn followed(app: &App, browser: &mut Browser, path: &str) -> Result<String, Stop> {
    let lines = visits_of(app, browser, path).await?;
    let promise = "one line `visit` with `path` and `session`";
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    let [line] = lines.as_slice() else {
        return Err(Stop::broken(promise, format!("{lines:?}")));
    };
    let word = line["session"].as_str().unwrap_or_default();
    let is_word = word.len() >= 16 && word.chars().all(|c| c.is_ascii_alphanumeric());
    let right = is_word && line["path"] == path;
    expect(right, promise, line.to_string())?;
    let cookies = browser.cookie_values();
    let in_cookie = cookies.iter().any(|cookie| cookie.contains(word));
    let promise = "a word that is no part of the cookie";
    expect(!in_cookie, promise, word)?;
    Ok(word.to_owned())
}

/// The lines `visit` that the log has for one request more.
async fn visits_of(app: &App, browser: &mut Browser, path: &str) -> Result<Vec<Value>, Stop> {
    let mut log = Log::of(app).await?;
    browser.get(path).await?.expect_status(200)?;
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    let (_, mut lines) = log.request(path).await?;
    lines.retain(|line| line["message"] == "visit");
    Ok(lines)
}

fn expect_same(word: &str, now: &str) -> Verdict {
    let promise = "one word for each request of a session, in every copy";
    expect(word == now, promise, format!("{word}, then {now}"))
}

fn expect_other(word: &str, other: &str, what: &str) -> Verdict {
    let promise = format!("another word for {what}");
    expect(word != other, &promise, format!("{word} for both"))
}

async fn sessions_that_begin_are_counted(course: Course) -> Verdict {
    let is_away = course.store().await?.kind() != Kind::Memory;
    let course = if is_away {
        course.with_a_server_of_its_own().await?
    } else {
        course
    };
    let app = course.app_with(&[]).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let mut begun = begun(&app).await?;
    let mut stranger = app.browser();
    let mut unknown = app.browser();
    unknown.set_cookie("beer.sid", &"A".repeat(66));

    for browser in [&mut stranger, &mut unknown] {
        browser.get("/login").await?.expect_status(200)?;
        browser.get("/profile").await?.expect_status(401)?;
        expect_refused(&log_in(browser, &email, "guess").await?)?;
        begun.expect(&app, 0, 0, "no session").await?;
        browser.get("/count").await?.expect_text("Views: 1")?;
        begun.expect(&app, 1, 0, "a stranger's first view").await?;
        browser.get("/count").await?.expect_text("Views: 2")?;
        begun.expect(&app, 0, 0, "the second view").await?;
    }
    expect_home(&log_in(&mut stranger, &email, PASSWORD).await?)?;
    begun
        .expect(&app, 0, 1, "a login over a stranger's session")
        .await?;
    expect_home(&log_in(&mut stranger, &email, PASSWORD).await?)?;
    begun.expect(&app, 0, 1, "a login over a login").await?;
    expect_count(&stranger.post("/", &[]).await?, 1)?;
    begun.expect(&app, 0, 0, "a beer").await?;
    let page = change(&mut ada, PASSWORD, PASSWORD).await?;
    page.expect_status(303)?;
    begun.expect(&app, 0, 0, "a change of the password").await?;
    // The other session of this user is over with it.
    stranger.get("/count").await?.expect_text("Views: 1")?;
    begun
        .expect(&app, 1, 0, "a view after the end of a session")
        .await?;
    expect_home(&ada.post("/logout", &[]).await?)?;
    begun.expect(&app, 0, 0, "a logout").await?;
    let new = format!("new-{email}");
    expect_home(&register(&mut ada, &new, PASSWORD).await?)?;
    begun.expect(&app, 0, 1, "a registration").await?;
    let fields = [("email", &*new), ("password", PASSWORD)];
    let page = app.browser().post("/api/v1/signin", &fields).await?;
    page.expect_status(200)?;
    begun.expect(&app, 0, 1, "a login by the API").await?;
    if is_away {
        let store = course.store().await?;
        store.freeze()?;
        let login = log_in(&mut app.browser(), &email, PASSWORD).await;
        let view = app.browser().get("/count").await;
        store.thaw()?;
        for page in [login?, view?] {
            expect_away(&page)?;
        }
        begun.expect(&app, 0, 0, "an error page").await?;
    }
    Ok(())
}

/// How many sessions have begun, as `/metrics` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Begun {
    visits: u64,
    logins: u64,
}

async fn begun(app: &App) -> Result<Begun, Stop> {
    let page = app.browser().get("/metrics").await?;
    page.expect_status(200)?;
    let mut begun = Begun {
        visits: 0,
        logins: 0,
    };
    let mut lines = page.text().lines();
    let promise = "a counter sessions_begun_total";
    let is_there = lines.any(|line| line == "# TYPE sessions_begun_total counter");
    expect(is_there, promise, page.body())?;
    for line in page.text().lines() {
        let Some(rest) = line.strip_prefix("sessions_begun_total") else {
            continue;
        };
        let (labels, value) = rest.rsplit_once(' ').unwrap_or((rest, ""));
        let value = value.parse().map_err(Stop::harness)?;
        match labels {
            "{by=\"visit\"}" => begun.visits = value,
            "{by=\"login\"}" => begun.logins = value,
            _ => return Err(Stop::broken("by=visit and by=login alone", line)),
        }
    }
    Ok(begun)
}

impl Begun {
    /// So many more than before.
    async fn expect(&mut self, app: &App, visits: u64, logins: u64, after: &str) -> Verdict {
        let now = begun(app).await?;
        let due = Begun {
            visits: self.visits + visits,
            logins: self.logins + logins,
        };
        let promise = format!("{visits} visits and {logins} logins more after {after}");
        expect(now == due, &promise, format!("{self:?}, then {now:?}"))?;
        *self = now;
        Ok(())
    }
}
