//! What the log tells whoever runs the service: who came and went, and who tried to.

use super::{CROSS_SITE, devices::others, field, json};
use crate::browser::JSON;
use crate::lessons::{
    Needs,
    login::{PASSWORD, expect_home, expect_refused, expect_user, log_in, new_email, register},
    password::change,
    prelude::*,
};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::time::sleep;

checks! {
    Needs::Process:
        who_comes_and_goes_is_in_the_log,
        who_is_refused_is_in_the_log;
}

const WRONG: &str = "hush-hush is wrong";
const NEXT: &str = "five little barrels";

const ME: &str = "/api/v1/me";
const SIGNUP: &str = "/api/v1/signup";
const SIGNIN: &str = "/api/v1/signin";
const SIGNOUT: &str = "/api/v1/signout";

/// One JSON object in each line.
pub(in crate::lessons) const AS_JSON: (&str, &str) = ("LOG_FORMAT", "json");

/// The log of an app that answers one request after the other.
pub(in crate::lessons) struct Log<'a> {
    app: &'a App,
    /// Up to here, in bytes, it was read.
    read: usize,
}

impl<'a> Log<'a> {
    /// From now on: without what is said at the start, or of earlier requests.
    pub(in crate::lessons) async fn of(app: &'a App) -> Result<Log<'a>, Stop> {
        let mut log = Log { app, read: 0 };
        let mark = format!("/mark-{:08x}", fastrand::u32(..));
        app.browser().get(&mark).await?.expect_status(404)?;
        log.request(&mark).await?;
        Ok(log)
    }

    /// What was logged for the last request, which went to this path: the line that
    /// every request has, and the others.
    pub(in crate::lessons) async fn request(
        &mut self,
        path: &str,
    ) -> Result<(Value, Vec<Value>), Stop> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(5) {
            let log = self.app.log();
            let new = log.get(self.read..).unwrap_or_default();
            // The last line may be on its way.
            let end = new.rfind('\n').map_or(0, |end| end + 1);
            let parse = |line: &str| {
                let parsed = serde_json::from_str::<Value>(line);
                parsed.map_err(|error| Stop::broken("a line of JSON", format!("{error}: {line}")))
            };
            let lines: Result<Vec<Value>, Stop> = new[..end].lines().map(parse).collect();
            let mut lines = lines?;
            let is_it = |line: &Value| line["message"] == "request" && line["path"] == path;
            if let Some(at) = lines.iter().position(is_it) {
                self.read += end;
                return Ok((lines.remove(at), lines));
            }
            sleep(Duration::from_millis(5)).await;
        }
        let promise = format!("a line in the log about the request of {path}");
        Err(Stop::broken(promise, "there is none"))
    }

    /// One line says so of this user.
    async fn expect(&mut self, path: &str, words: &str, user: &str) -> Verdict {
        let (_, lines) = self.request(path).await?;
        expect_line(&lines, words, user)
    }

    /// One line says that it was refused, and why, and names the user, if the browser
    /// is one's.
    async fn expect_refusal(&mut self, path: &str, words: &str, user: Option<&str>) -> Verdict {
        let (_, lines) = self.request(path).await?;
        let what = words.split(" refused").next().unwrap_or_default();
        let line = only(&lines, what);
        let line =
            line.filter(|line| said(line).starts_with(words) && line["user"].as_str() == user);
        let promise = format!("one line in the log that says `{words}` of the user {user:?}");
        expect(line.is_some(), &promise, all(&lines))
    }
}

fn expect_line(lines: &[Value], words: &str, user: &str) -> Verdict {
    let promise = format!("one line in the log that says `{words}` of the user {user}");
    let line = only(lines, words).filter(|line| said(line) == words && line["user"] == user);
    expect(line.is_some(), &promise, all(lines))
}

/// The one line that begins with these words.
fn only<'a>(lines: &'a [Value], words: &str) -> Option<&'a Value> {
    let mut found = lines.iter().filter(|line| said(line).starts_with(words));
    found.next().filter(|_| found.next().is_none())
}

fn said(line: &Value) -> &str {
    line["message"].as_str().unwrap_or_default()
}

fn all(lines: &[Value]) -> String {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    lines.join("\n")
}

/// The user's ID, as the API tells it.
async fn id(browser: &mut Browser, log: &mut Log<'_>) -> Result<String, Stop> {
    let page = browser.get(ME).await?;
    log.request(ME).await?;
    Ok(field(&json(&page, "application/json")?, "/user/id")?.to_owned())
}

async fn who_comes_and_goes_is_in_the_log(course: Course) -> Verdict {
    let app = course.app_with(&[AS_JSON]).await?;
    let mut log = Log::of(&app).await?;
    let (mut ada, email) = (app.browser(), new_email("ada"));
    let fields = [("email", &*email), ("password", PASSWORD)];
    let mut hidden = vec![email.clone(), PASSWORD.into(), NEXT.into()];

    expect_home(&register(&mut ada, &email, PASSWORD).await?)?;
    let (_, lines) = log.request("/register").await?;
    let user = id(&mut ada, &mut log).await?;
    expect_line(&lines, "sign-up", &user)?;
    hidden.push(session_id(&expect_user(&mut ada, &email).await?)?);
    log.request("/").await?;
    hidden.extend(ada.cookie_values());
    expect_home(&ada.post("/logout", &[]).await?)?;
    log.expect("/logout", "sign-out", &user).await?;
    // Nobody was logged in any more.
    expect_home(&ada.post("/logout", &[]).await?)?;
    let (_, lines) = log.request("/logout").await?;
    let silent = only(&lines, "sign-out").is_none();
    expect(silent, "no sign-out of nobody in the log", all(&lines))?;
    expect_home(&log_in(&mut ada, &email, PASSWORD).await?)?;
    log.expect("/login", "sign-in", &user).await?;

    let mut bob = app.browser();
    let of_bob = [("email", &*new_email("bob")), ("password", PASSWORD)];
    bob.post(SIGNUP, &of_bob).await?.expect_status(201)?;
    let (_, lines) = log.request(SIGNUP).await?;
    expect_line(&lines, "sign-up", &id(&mut bob, &mut log).await?)?;
    let mut program = app.browser();
    program.post(SIGNIN, &fields).await?.expect_status(200)?;
    log.expect(SIGNIN, "sign-in", &user).await?;
    hidden.extend(program.cookie_values());
    let list = ada.get("/sessions").await?;
    log.request("/sessions").await?;
    let ids = others(&list);
    expect(ids.len() == 1, "one other session", list.summary())?;
    let page = ada.post("/sessions/end", &[("id", &ids[0])]).await?;
    page.expect_status(303)?;
    let words = "a session was ended";
    log.expect("/sessions/end", words, &user).await?;
    program.post(SIGNIN, &fields).await?.expect_status(200)?;
    log.request(SIGNIN).await?;
    program.post(SIGNOUT, &[]).await?.expect_status(204)?;
    log.expect(SIGNOUT, "sign-out", &user).await?;
    let page = ada.post("/sessions/end-others", &[]).await?;
    page.expect_status(303)?;
    let words = "all other sessions were ended";
    log.expect("/sessions/end-others", words, &user).await?;
    change(&mut ada, PASSWORD, NEXT).await?.expect_status(303)?;
    log.expect("/password", "password change", &user).await?;
    hidden.extend(ada.cookie_values());
    expect_silence(&app, &hidden)
}

async fn who_is_refused_is_in_the_log(course: Course) -> Verdict {
    let app = course.app_with(&[AS_JSON]).await?;
    let mut log = Log::of(&app).await?;
    let (mut ada, email) = (app.browser(), new_email("ada"));
    expect_home(&register(&mut ada, &email, PASSWORD).await?)?;
    log.request("/register").await?;
    let user = id(&mut ada, &mut log).await?;
    let mut eve = app.browser();

    let refused = "sign-in refused: Invalid credentials.";
    expect_refused(&log_in(&mut eve, &email, WRONG).await?)?;
    log.expect_refusal("/login", refused, None).await?;
    // A password in the wrong field, as it happens.
    let fields = [("email", PASSWORD), ("password", WRONG)];
    eve.post(SIGNIN, &fields).await?.expect_status(401)?;
    log.expect_refusal(SIGNIN, refused, None).await?;
    // JSON of another shape is not quoted.
    let body = "{\"email\": \"eve@example.com\", \"password\": 7700770077}";
    let page = eve.request("POST", SIGNIN, &[JSON], body).await?;
    page.expect_status(422)?;
    log.request(SIGNIN).await?;
    let page = register(&mut eve, &email, PASSWORD).await?;
    page.expect_status(409)?;
    log.expect_refusal("/register", "sign-up refused", None)
        .await?;
    let fields = [("email", &*email), ("password", PASSWORD)];
    eve.post(SIGNUP, &fields).await?.expect_status(409)?;
    log.expect_refusal(SIGNUP, "sign-up refused", None).await?;
    change(&mut ada, WRONG, NEXT).await?.expect_status(422)?;
    log.expect_refusal("/password", "password change refused", Some(&user))
        .await?;

    // What another site sends, and what a stranger asks for.
    let page = ada.request("POST", "/logout", &[FORM, CROSS_SITE], "");
    page.await?.expect_status(403)?;
    let (request, _) = log.request("/logout").await?;
    let told = request["status"] == 403 && request["method"] == "POST";
    expect(told, "the 403 in the log", request.to_string())?;
    eve.get("/profile").await?.expect_status(401)?;
    let (request, _) = log.request("/profile").await?;
    let told = request["status"] == 401;
    expect(told, "the 401 in the log", request.to_string())?;
    let fields = [("id", "00000000-0000-4000-8000-000000000000")];
    let page = ada.post("/sessions/end", &fields).await?;
    page.expect_status(303)?;
    let words = "no session of theirs, so none was ended";
    log.expect("/sessions/end", words, &user).await?;
    let mut hidden = vec![email, PASSWORD.into(), WRONG.into(), NEXT.into()];
    hidden.push("7700770077".into());
    hidden.extend(ada.cookie_values());
    expect_silence(&app, &hidden)?;

    // One attempt a minute from one address.
    let settings = [AS_JSON, ("LOGINS_PER_MINUTE", "1")];
    let app = course.app_with(&settings).await?;
    let mut log = Log::of(&app).await?;
    for words in [refused, "sign-in refused: Too many attempts."] {
        log_in(&mut app.browser(), &new_email("eve"), WRONG).await?;
        log.expect_refusal("/login", words, None).await?;
    }
    Ok(())
}

/// No line of the log holds one of these.
fn expect_silence(app: &App, hidden: &[String]) -> Verdict {
    let log = app.log();
    for text in hidden {
        let mut lines = log.lines();
        let line = lines.find(|line| line.contains(text)).unwrap_or_default();
        let promise = "no password, no address, no ID and no cookie in the log";
        let observed = format!("the log holds {text}: {line}");
        expect(line.is_empty(), promise, observed)?;
    }
    Ok(())
}
