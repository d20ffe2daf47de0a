//! A request's answer and what it did to the store go together.
//!
//! The library deletes an old record as soon as its ID is given up, and creates the new
//! one after the handler. Here the old one goes last, and not if the answer is a 5xx.
//! And where the library sends the cookie with every save, here a browser gets it once:
//! with the ID.

use crate::{App, error::AppError, users::User};
use axum::{
    extract::{Request, State},
    http::header::{HeaderMap, HeaderValue, SET_COOKIE},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::cell::RefCell;
use tokio::task_local;
use tower_sessions::session::{self, Id};

task_local! {
    /// What the request that is being answered did so far.
    static WORK: RefCell<Work>;
}

#[derive(Default)]
struct Work {
    /// Whether a cookie is due: a session began, or somebody logged out.
    cookie: bool,
    /// The ID that the request came with, if it was given up.
    given_up: Option<Id>,
    /// The user whose session was left for another one.
    left: Option<User>,
    /// The user whose session begins.
    begun: Option<User>,
}

pub fn note_cookie() {
    // An error means that no request is being answered, and nobody gets a cookie.
    let _ = WORK.try_with(|work| work.borrow_mut().cookie = true);
}

/// Says whether there is a request, at whose end the record will be deleted.
pub fn note_given_up(id: Id) -> bool {
    // What comes after the first was drawn in this request and never stored.
    let noted = WORK.try_with(|work| {
        work.borrow_mut().given_up.get_or_insert(id);
    });
    noted.is_ok()
}

pub fn note_left(user: User) {
    // As above.
    let _ = WORK.try_with(|work| work.borrow_mut().left = Some(user));
}

pub fn note_begun(user: User) {
    // As above.
    let _ = WORK.try_with(|work| work.borrow_mut().begun = Some(user));
}

/// The layer around the session layer.
pub async fn commit(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let answer = async {
        let response = next.run(request).await;
        (response, WORK.with(RefCell::take))
    };
    let (mut response, work) = WORK.scope(RefCell::default(), answer).await;
    let mut failed = response.status().is_server_error();
    if !failed
        && let Some(id) = work.given_up
        && let Err(error) = app.store.delete_now(&id).await
    {
        response = AppError::from(session::Error::from(error)).into_response();
        failed = true;
    }
    if failed || !work.cookie {
        // All cookies: here the session's is the only one.
        response.headers_mut().remove(SET_COOKIE);
    }
    if app.secure {
        complete(response.headers_mut());
    }
    let over = if failed { work.begun } else { work.left };
    if let Some(user) = over {
        let store = &app.users.store;
        store.end_session(&user.id, &user.session).await?;
    }
    Ok(response)
}

/// Where the library removes a cookie, it leaves out `Secure`, without which a browser
/// neither takes nor removes one whose name begins with `__Host-`.
fn complete(headers: &mut HeaderMap) {
    let cookie = headers
        .get(SET_COOKIE)
        .and_then(|value| value.to_str().ok());
    if let Some(cookie) = cookie.filter(|cookie| !cookie.contains("; Secure")) {
        let cookie = format!("{cookie}; HttpOnly; SameSite=Lax; Secure");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.insert(SET_COOKIE, cookie);
        }
    }
}
