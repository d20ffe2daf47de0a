//! A request's answer and what it did to the store go together.
//!
//! The library deletes an old record as soon as its ID is given up, and creates the new
//! one after the handler. Here the old one goes last, and not if the answer is a 5xx.
//! And where the library sends the cookie with every save, here a browser gets it once:
//! with the ID.

use crate::{error::AppError, store::Store};
use axum::{
    extract::{Request, State},
    http::header::SET_COOKIE,
    middleware::Next,
    response::Response,
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

/// The layer around the session layer.
pub async fn commit(
    State(store): State<Store>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let answer = async {
        let response = next.run(request).await;
        (response, WORK.with(RefCell::take))
    };
    let (mut response, work) = WORK.scope(RefCell::default(), answer).await;
    let failed = response.status().is_server_error();
    if failed || !work.cookie {
        // All cookies: here the session's is the only one.
        response.headers_mut().remove(SET_COOKIE);
    }
    if let Some(id) = work.given_up.filter(|_| !failed) {
        store.delete_now(&id).await.map_err(session::Error::from)?;
    }
    Ok(response)
}
