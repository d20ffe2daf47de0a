//! What goes wrong, and how a visitor or a program is told.

use crate::users::{self, Users};
use axum::{
    Extension, Json,
    extract::{
        Request,
        rejection::{FormRejection, JsonRejection},
    },
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// Everything that can go wrong in a handler. `?` turns a library's error into
/// one of these, and axum turns one of these into an answer.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("the beer API failed: {0}")]
    Beer(#[from] beer::Error),
    #[error("a template failed: {0}")]
    Template(#[from] minijinja::Error),
    #[error("a form could not be read: {0}")]
    Form(#[from] FormRejection),
    // Why not is not for the log: serde quotes what it finds, here a password.
    #[error("JSON could not be read")]
    Json(#[from] JsonRejection),
    #[error("the session store failed: {0}")]
    Session(#[from] tower_sessions::session::Error),
    #[error("the login failed: {0}")]
    Login(#[from] axum_login::Error<Users>),
    #[error(transparent)]
    Users(#[from] users::Error),
}

impl AppError {
    pub fn status(&self) -> StatusCode {
        match self {
            // 502: we are fine, the server that we asked is not.
            AppError::Beer(_) => StatusCode::BAD_GATEWAY,
            AppError::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
            AppError::Form(rejection) => rejection.status(),
            AppError::Json(rejection) => rejection.status(),
            // 503: what we need is away for the moment.
            AppError::Session(_) | AppError::Login(_) | AppError::Users(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    fn sentence(&self) -> &'static str {
        match self {
            AppError::Beer(_) => "Error, please try again",
            AppError::Template(_) => "This page is broken.",
            AppError::Form(_) => "The form is not the one this site sends.",
            AppError::Json(_) => "That is not the JSON which is expected here.",
            AppError::Session(_) => NO_SESSION,
            AppError::Login(_) | AppError::Users(_) => {
                "We cannot reach your account. Please try again."
            }
        }
    }
}

const NO_SESSION: &str = "We cannot reach your session. Please try again.";

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        // The log gets the details, the visitor a sentence: an error's text can
        // tell a stranger more about the inside than a stranger should know.
        tracing::warn!("{self}");
        let sentence = self.sentence().to_owned();
        (self.status(), Extension(Words { sentence })).into_response()
    }
}

/// What an answer has to say that has no body yet.
#[derive(Clone)]
pub struct Words {
    pub sentence: String,
}

/// The layer around all others. An answer that failed and has no body gets one: for a
/// person a page, for a program a problem.
pub async fn with_words(request: Request, next: Next) -> Response {
    let for_a_program = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let mut status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || response.headers().contains_key(CONTENT_TYPE) {
        return response;
    }
    let sentence = match (response.extensions_mut().remove::<Words>(), status) {
        (Some(words), _) => words.sentence,
        // The session layer says no more, whatever failed.
        (None, StatusCode::INTERNAL_SERVER_ERROR) => {
            status = StatusCode::SERVICE_UNAVAILABLE;
            NO_SESSION.to_owned()
        }
        // Nor does the one against forged requests.
        (None, StatusCode::FORBIDDEN) => "Another site sent this request.".to_owned(),
        (None, status) => status.to_string(),
    };
    let (mut parts, body) = if for_a_program {
        problem(status, &sentence)
    } else {
        kit::error_page(status, &sentence)
    }
    .into_parts();
    parts.headers.extend(response.into_parts().0.headers);
    Response::from_parts(parts, body)
}

/// RFC 9457.
fn problem(status: StatusCode, sentence: &str) -> Response {
    let problem = Json(json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": sentence,
    }));
    let content = HeaderValue::from_static("application/problem+json");
    (status, [(CONTENT_TYPE, content)], problem).into_response()
}
