use crate::users::{self, Users};
use axum::{
    extract::rejection::FormRejection,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

/// Everything that can go wrong in a handler. `?` turns a library's error into
/// one of these, and axum turns one of these into a page.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("the beer API failed: {0}")]
    Beer(#[from] beer::Error),
    #[error("a template failed: {0}")]
    Template(#[from] minijinja::Error),
    #[error("a form could not be read: {0}")]
    Form(#[from] FormRejection),
    #[error("a name was empty or too long")]
    Name,
    #[error("the session store failed: {0}")]
    Session(#[from] tower_sessions::session::Error),
    #[error("the login failed: {0}")]
    Login(#[from] axum_login::Error<Users>),
    #[error(transparent)]
    Users(#[from] users::Error),
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        // The log gets the details, the visitor a sentence: an error's text can
        // tell a stranger more about the inside than a stranger should know.
        tracing::warn!("{self}");
        let (status, sentence) = match self {
            // 502: we are fine, the server that we asked is not.
            AppError::Beer(_) => (StatusCode::BAD_GATEWAY, "Error, please try again"),
            AppError::Template(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "This page is broken.")
            }
            AppError::Form(rejection) => (
                rejection.status(),
                "The form is not the one this site sends.",
            ),
            AppError::Name => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "A name has 1 to 64 characters.",
            ),
            // 503: what we need is away for the moment.
            AppError::Session(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "We cannot reach your session. Please try again.",
            ),
            AppError::Login(_) | AppError::Users(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "We cannot reach your account. Please try again.",
            ),
        };
        kit::error_page(status, sentence)
    }
}

/// When the store fails before the handler or after it, a layer answers 500 with
/// nothing in it. The visitor gets the page that a handler would have sent.
pub async fn with_a_page(response: Response) -> Response {
    let failed = response.status() == StatusCode::INTERNAL_SERVER_ERROR;
    if failed && !response.headers().contains_key(CONTENT_TYPE) {
        let sentence = "We cannot reach your session. Please try again.";
        return kit::error_page(StatusCode::SERVICE_UNAVAILABLE, sentence);
    }
    response
}
