//! `SESSION_SECRET_OLD`: a secret that still reads cookies, and signs none.

use crate::{App, commit, cookie_name, error::AppError, visit::Visit};
use axum::{
    extract::{Request, State},
    http::header::{COOKIE, HeaderMap, HeaderValue},
    middleware::Next,
    response::Response,
};
use tower_sessions::cookie::{Cookie, CookieJar, Key};

/// The secrets, as keys.
#[derive(Clone)]
pub struct Keys {
    pub new: Key,
    pub old: Option<Key>,
}

/// What a request bears whose cookie the old secret had signed.
#[derive(Clone)]
struct SignedByTheOld;

/// The layer outside the session layer: for the layers inside, the new secret has
/// signed every cookie.
pub async fn read_both(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(old) = &app.keys.old
        && let Some(cookies) = signed_anew(
            request.headers(),
            cookie_name(app.secure),
            old,
            &app.keys.new,
        )
    {
        request.headers_mut().insert(COOKIE, cookies);
        request.extensions_mut().insert(SignedByTheOld);
    }
    next.run(request).await
}

/// The layer inside it: such a browser gets its cookie anew.
pub async fn send_anew(
    visit: Visit,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    if request.extensions().get::<SignedByTheOld>().is_some()
        && visit.has_begun().await?
    {
        visit.renew().await?;
        commit::note_cookie();
    }
    Ok(next.run(request).await)
}

/// The cookies of a request with the one of this name signed anew, if the old key had
/// signed it, and the new one has not.
fn signed_anew(
    headers: &HeaderMap,
    name: &str,
    old: &Key,
    new: &Key,
) -> Option<HeaderValue> {
    let mut jar = CookieJar::new();
    for header in headers.get_all(COOKIE) {
        let header = String::from_utf8_lossy(header.as_bytes()).into_owned();
        for cookie in Cookie::split_parse(header).flatten() {
            jar.add_original(cookie);
        }
    }
    if jar.signed(new).get(name).is_some() {
        return None;
    }
    let cookie = jar.signed(old).get(name)?;
    jar.signed_mut(new).add(cookie);
    let cookies: Vec<String> = jar
        .iter()
        .map(|cookie| cookie.stripped().to_string())
        .collect();
    HeaderValue::from_bytes(cookies.join("; ").as_bytes()).ok()
}
