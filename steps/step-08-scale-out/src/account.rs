//! The pages with forms: who you are here.

use crate::{
    App,
    access::{Account, Door, Refusal, normalized},
    error::AppError,
    login::{Login, SignedIn},
    next::path_of_this_site,
};
use axum::{
    Form,
    extract::{
        Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    response::{Html, IntoResponse, Redirect, Response},
};
use minijinja::{Value, context};
use serde::Deserialize;

/// What the login form was asked for with.
#[derive(Deserialize)]
pub struct LoginQuery {
    #[serde(default)]
    next: String,
}

/// What the login form sends.
#[derive(Deserialize)]
pub struct LoginForm {
    #[serde(flatten)]
    account: Account,
    #[serde(default)]
    next: String,
    /// A checkbox, which a browser sends only when it is ticked.
    remember: Option<String>,
}

/// What the form for a new password sends.
#[derive(Deserialize)]
pub struct PasswordForm {
    current: String,
    new: String,
}

pub async fn login_form(
    State(app): State<App>,
    login: Login,
    query: Result<Query<LoginQuery>, QueryRejection>,
) -> Result<Html<String>, AppError> {
    let next = query.map(|Query(query)| query.next).unwrap_or_default();
    let values = context! { next, email => "", remember => false, error => "" };
    form(&app, &login, "login.html", values)
}

pub async fn log_in(
    State(app): State<App>,
    login: Login,
    mut door: Door,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(LoginForm {
        account,
        next,
        remember,
    }) = form?;
    let (email, remember) = (normalized(&account.email), remember.is_some());
    match door.sign_in(account, remember).await {
        Ok(_) => Ok(Redirect::to(path_of_this_site(&next)).into_response()),
        Err(refusal) => {
            let values = context! { next, email, remember };
            again(&app, &login, "login.html", values, refusal)
        }
    }
}

pub async fn register_form(
    State(app): State<App>,
    login: Login,
) -> Result<Html<String>, AppError> {
    let values = context! { email => "", field => "", error => "" };
    form(&app, &login, "register.html", values)
}

pub async fn register(
    State(app): State<App>,
    login: Login,
    mut door: Door,
    account: Result<Form<Account>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(account) = account?;
    let email = normalized(&account.email);
    match door.sign_up(account).await {
        Ok(_) => Ok(Redirect::to("/").into_response()),
        Err(refusal) => {
            again(&app, &login, "register.html", context! { email }, refusal)
        }
    }
}

/// Only by POST: a link, or a browser that looks ahead, must log nobody out.
pub async fn log_out(mut door: Door) -> Result<Redirect, AppError> {
    door.sign_out().await?;
    Ok(Redirect::to("/"))
}

pub async fn profile(
    State(app): State<App>,
    SignedIn(user): SignedIn,
) -> Result<Html<String>, AppError> {
    let values = context! { user => user.email, role => user.role };
    Ok(app.pages.html("profile.html", values)?)
}

pub async fn password_form(
    State(app): State<App>,
    _: SignedIn,
    login: Login,
) -> Result<Html<String>, AppError> {
    let values = context! { field => "", error => "" };
    form(&app, &login, "password.html", values)
}

pub async fn change_password(
    State(app): State<App>,
    SignedIn(user): SignedIn,
    login: Login,
    mut door: Door,
    passwords: Result<Form<PasswordForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(PasswordForm { current, new }) = passwords?;
    match door.change_password(&user, current, new).await {
        Ok(_) => Ok(Redirect::to("/profile").into_response()),
        Err(refusal) => again(&app, &login, "password.html", context! {}, refusal),
    }
}

/// A page with a form, which has these values in it.
fn form(
    app: &App,
    login: &Login,
    template: &str,
    values: Value,
) -> Result<Html<String>, AppError> {
    let user = login.user().map(|user| user.email.as_str());
    Ok(app.pages.html(template, context! { user, ..values })?)
}

/// The form once more, and why.
fn again(
    app: &App,
    login: &Login,
    template: &str,
    values: Value,
    refusal: Refusal,
) -> Result<Response, AppError> {
    if let Refusal::Failed(error) = refusal {
        return Err(error);
    }
    let (field, error) = (refusal.field(), refusal.to_string());
    let page = form(app, login, template, context! { field, error, ..values })?;
    Ok((refusal.status(), refusal.retry_after(), page).into_response())
}
