use crate::{
    App,
    error::AppError,
    login::{Credentials, Login, SignedIn},
    next::path_of_this_site,
    password, users,
    visit::Visit,
};
use axum::{
    Form,
    extract::{
        Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use minijinja::{Value, context};
use serde::Deserialize;

/// RFC 5321, section 4.5.3.1.3, lets an address have 254 bytes.
const LONGEST_EMAIL: usize = 254;

const NOT_CURRENT: &str = "That is not your current password.";

/// What the login form was asked for with.
#[derive(Deserialize)]
pub struct LoginQuery {
    #[serde(default)]
    next: String,
}

/// What both forms send, but for `remember`: the login form has it.
#[derive(Deserialize)]
pub struct AccountForm {
    email: String,
    password: String,
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
    mut login: Login,
    visit: Visit,
    account: Result<Form<AccountForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(account) = account?;
    let email = normalized(&account.email);
    let remember = account.remember.is_some();
    let credentials = Credentials {
        email: email.clone(),
        password: account.password,
    };
    let Some(user) = login.check(credentials).await? else {
        let error = "Invalid credentials.";
        let values = context! { next => account.next, email, remember, error };
        let page = form(&app, &login, "login.html", values)?;
        return Ok((StatusCode::UNAUTHORIZED, page).into_response());
    };
    login.sign_in(&user, &visit, remember).await?;
    Ok(Redirect::to(path_of_this_site(&account.next)).into_response())
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
    mut login: Login,
    visit: Visit,
    account: Result<Form<AccountForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(account) = account?;
    let email = normalized(&account.email);
    let again = |status, field, error| {
        let values = context! { email => &*email, field, error };
        let page = form(&app, &login, "register.html", values)?;
        Ok((status, page).into_response())
    };
    if let Some((field, error)) = wrong_with(&email, &account.password) {
        return again(StatusCode::UNPROCESSABLE_ENTITY, field, error);
    }
    let user = match app.users.add(&email, account.password).await {
        Err(users::Error::Taken) => {
            let error = "Registration failed. That e-mail might already be taken.";
            return again(StatusCode::CONFLICT, "email", error);
        }
        added => added?,
    };
    login.sign_in(&user, &visit, false).await?;
    Ok(Redirect::to("/").into_response())
}

/// Only by POST: a link, or a browser that looks ahead, must log nobody out.
pub async fn log_out(mut login: Login) -> Result<Redirect, AppError> {
    login.sign_out().await?;
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
    mut login: Login,
    visit: Visit,
    passwords: Result<Form<PasswordForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(PasswordForm { current, new }) = passwords?;
    let again = |field, error| {
        let values = context! { field, error };
        let page = form(&app, &login, "password.html", values)?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    if let Some((_, error)) = wrong_with(&user.email, &new) {
        return again("new", error);
    }
    // With a cookie alone nobody takes the account over (ASVS 5.0, 6.2.3).
    let Some(changed) = app.users.verify_and_hash(&user, current, new).await? else {
        return again("current", NOT_CURRENT);
    };
    // Before the password changes: can the session's store write? MongoDB says yes to
    // what it has already, so the record is renewed.
    visit.renew().await?;
    visit.save().await?;
    if !app.users.replace_password(&user, &changed).await? {
        return again("current", NOT_CURRENT);
    }
    login.change_id(&changed, &visit).await?;
    Ok(Redirect::to("/profile").into_response())
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

/// Addresses are compared without case and without the spaces around them.
fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Which field of a new account is wrong, and a sentence about it. Whether an address
/// exists is for an e-mail to find out, so little is asked of it.
fn wrong_with(email: &str, new_password: &str) -> Option<(&'static str, &'static str)> {
    let parts = email.split_once('@');
    let plausible =
        parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    let odd = |c: char| c.is_whitespace() || c.is_control();
    if !plausible || email.len() > LONGEST_EMAIL || email.contains(odd) {
        return Some(("email", "That is not an e-mail address."));
    }
    let sentence = if new_password.chars().count() < 8 {
        "A password has at least 8 characters."
    } else if new_password.contains('\0') {
        "A password has no zero byte."
    } else if new_password.len() > password::LONGEST {
        "A password has at most 72 bytes, and some letters take two to four."
    } else {
        return None;
    };
    Some(("password", sentence))
}
