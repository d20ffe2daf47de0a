//! The one page for everything that goes wrong.

use crate::pages;
use axum::{
    http::{Method, StatusCode},
    response::{Html, IntoResponse, Response},
};
use minijinja::{Environment, context};
use std::sync::LazyLock;

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = pages::environment();
    pages
        .add_template("error.html", include_str!("../templates/error.html"))
        .expect("the template is part of this crate");
    pages
});

/// A page with one sentence for the visitor and a way back.
pub fn error_page(status: StatusCode, sentence: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let page = PAGES
        .get_template("error.html")
        .and_then(|template| template.render(context! { title, sentence, code => status.as_u16() }))
        // A page that cannot be drawn is no reason to lose the sentence.
        .unwrap_or_else(|_| sentence.to_owned());
    (status, Html(page)).into_response()
}

pub(crate) async fn not_found() -> Response {
    error_page(StatusCode::NOT_FOUND, "There is nothing here.")
}

pub(crate) async fn method_not_allowed(method: Method) -> Response {
    let sentence = format!("This page does not answer to {method}.");
    error_page(StatusCode::METHOD_NOT_ALLOWED, &sentence)
}
