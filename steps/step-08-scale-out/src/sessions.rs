//! Where a user is logged in, and how they end it from elsewhere.

use crate::{
    App,
    error::AppError,
    life::{Life, now},
    login::{Login, SignedIn},
    users::{self, User, UserSession, Users},
    visit::Visit,
};
use axum::{
    Form,
    extract::{FromRequestParts, Request, State, rejection::FormRejection},
    http::{header::USER_AGENT, request::Parts},
    middleware::Next,
    response::{Html, Redirect, Response},
};
use minijinja::{Value, context};
use serde::Deserialize;
use std::convert::Infallible;

/// A browser's word for itself, up to this length.
const LONGEST_BROWSER: usize = 200;

pub struct Browser(String);

impl<S: Sync> FromRequestParts<S> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Browser, Infallible> {
        let agent = parts.headers.get(USER_AGENT);
        let agent = agent
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        // Headers that are text have nothing but ASCII.
        Ok(Browser(agent.chars().take(LONGEST_BROWSER).collect()))
    }
}

impl Users {
    /// Notes a login.
    pub async fn begin_session(
        &self,
        user: &User,
        Browser(browser): &Browser,
        life: Life,
    ) -> users::Result<()> {
        let session = UserSession {
            id: user.session.clone(),
            user: user.id.clone(),
            browser: browser.clone(),
            seen_at: now(),
            expires_at: life.is_over_by(),
        };
        self.store.begin_session(&session).await
    }
}

/// A layer: the last visit is written as rarely as a renewal.
pub async fn note_visit(
    State(app): State<App>,
    login: Login,
    visit: Visit,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    if let (Some(user), Some(life)) = (login.user(), visit.life().await?)
        && life.is_worth_a_note(user.seen_at)
    {
        let store = &app.users.store;
        store
            .see_session(&user.session, now(), life.renewed().is_over_by())
            .await?;
    }
    Ok(next.run(request).await)
}

pub async fn list(
    State(app): State<App>,
    SignedIn(user): SignedIn,
) -> Result<Html<String>, AppError> {
    let sessions = app.users.store.sessions(&user.id, now()).await?;
    let sessions = sessions.iter().map(|session| {
        context! {
            id => session.id.as_str(),
            browser => name(&session.browser),
            ago => ago(now() - session.seen_at),
            here => session.id == user.session,
        }
    });
    let sessions: Vec<Value> = sessions.collect();
    let values = context! { user => user.email.as_str(), sessions };
    Ok(app.pages.html("sessions.html", values)?)
}

/// Which one to end.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

pub async fn end(
    State(app): State<App>,
    SignedIn(user): SignedIn,
    which: Result<Form<Which>, FormRejection>,
) -> Result<Redirect, AppError> {
    let Form(Which { id }) = which?;
    if app.users.store.end_session(&user.id, &id).await? {
        tracing::info!(user = user.id, "a session was ended");
    } else {
        tracing::warn!(user = user.id, "no session of theirs, so none was ended");
    }
    Ok(Redirect::to("/sessions"))
}

pub async fn end_others(
    State(app): State<App>,
    SignedIn(user): SignedIn,
) -> Result<Redirect, AppError> {
    let store = &app.users.store;
    store.end_other_sessions(&user.id, &user.session).await?;
    tracing::info!(user = user.id, "all other sessions were ended");
    Ok(Redirect::to("/sessions"))
}

/// `Firefox on Linux`, as far as a browser's word for itself says so. More than one
/// may fit: Edge calls itself Chrome, too, and Chrome Safari, so the order counts.
fn name(browser: &str) -> String {
    let first = |words: &[(&str, &'static str)]| {
        let found = words.iter().find(|(word, _)| browser.contains(word));
        found.map(|(_, name)| *name)
    };
    let program = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

fn ago(millis: i64) -> String {
    let minutes = millis / 60_000;
    match minutes {
        ..1 => "just now".to_owned(),
        1..120 => format!("{minutes} min ago"),
        120..2880 => format!("{} hours ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}
