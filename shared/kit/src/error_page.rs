//! The one page for everything that goes wrong.

use crate::pages;
use axum::{
    http::{Method, StatusCode},
    response::{Html, IntoResponse, Response},
};
use minijinja::context;

/// A page with one sentence for the visitor and a way back.
pub fn error_page(status: StatusCode, sentence: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let values = context! { title, sentence, code => status.as_u16() };
    // A page that cannot be drawn is no reason to lose the sentence.
    let page = pages::render("error.html", values).unwrap_or_else(|_| sentence.to_owned());
    (status, Html(page)).into_response()
}

pub(crate) async fn not_found() -> Response {
    error_page(StatusCode::NOT_FOUND, "There is nothing here.")
}

pub(crate) async fn method_not_allowed(method: Method) -> Response {
    let sentence = format!("This page does not answer to {method}.");
    error_page(StatusCode::METHOD_NOT_ALLOWED, &sentence)
}
