use axum::{
    http::StatusCode,
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
        };
        kit::error_page(status, sentence)
    }
}
