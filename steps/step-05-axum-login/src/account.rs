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
use minijinja::context;
use serde::Deserialize;

/// RFC 5321, section 4.5.3.1.3, lets an address have 254 bytes.
const LONGEST_EMAIL: usize = 254;

/// What the login form was asked for with.
#[derive(Deserialize)]
pub struct Wish {
    #[serde(default)]
    next: String,
}

/// What both forms send.
#[derive(Deserialize)]
pub struct Account {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// The field of a form that is wrong, and a sentence about it.
type Wrong = (&'static str, &'static str);

pub async fn login_form(
    State(app): State<App>,
    login: Login,
    wish: Result<Query<Wish>, QueryRejection>,
) -> Result<Html<String>, AppError> {
    let next = wish.map(|Query(wish)| wish.next).unwrap_or_default();
    form(&app, &login, "login.html", &next, "", None)
}

pub async fn log_in(
    State(app): State<App>,
    mut login: Login,
    visit: Visit,
    account: Result<Form<Account>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(account) = account?;
    let email = normal(&account.email);
    let credentials = Credentials {
        email: email.clone(),
        password: account.password,
    };
    let Some(user) = login.check(credentials).await? else {
        // Which of the two is wrong, a stranger need not know.
        let wrong = Some(("both", "Invalid credentials."));
        let page = form(&app, &login, "login.html", &account.next, &email, wrong)?;
        return Ok((StatusCode::UNAUTHORIZED, page).into_response());
    };
    login.sign_in(&user).await?;
    visit.note_expiry().await?;
    Ok(Redirect::to(path_of_this_site(&account.next)).into_response())
}

pub async fn register_form(
    State(app): State<App>,
    login: Login,
) -> Result<Html<String>, AppError> {
    form(&app, &login, "register.html", "", "", None)
}

pub async fn register(
    State(app): State<App>,
    mut login: Login,
    visit: Visit,
    account: Result<Form<Account>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(account) = account?;
    let email = normal(&account.email);
    let again = |status, wrong| {
        let page = form(&app, &login, "register.html", "", &email, Some(wrong))?;
        Ok((status, page).into_response())
    };
    if let Some(wrong) = wrong_with(&email, &account.password) {
        return again(StatusCode::UNPROCESSABLE_ENTITY, wrong);
    }
    let user = match app.users.add(&email, account.password).await {
        Err(users::Error::Taken) => {
            let sentence = "Registration failed. That e-mail might already be taken.";
            return again(StatusCode::CONFLICT, ("email", sentence));
        }
        added => added?,
    };
    login.sign_in(&user).await?;
    visit.note_expiry().await?;
    Ok(Redirect::to("/").into_response())
}

/// Only by POST: a link, an image or a browser that looks ahead must log nobody out.
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

fn form(
    app: &App,
    login: &Login,
    template: &str,
    next: &str,
    email: &str,
    wrong: Option<Wrong>,
) -> Result<Html<String>, AppError> {
    let user = login.user().map(|user| user.email.as_str());
    let wrong = wrong.map(|(field, sentence)| context! { field, sentence });
    let values = context! { user, next, email, wrong };
    Ok(app.pages.html(template, values)?)
}

/// Addresses are compared without case and without the spaces around them.
fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}

/// What is wrong with a new account. Whether an address exists is for a letter to find
/// out, so little is asked of it.
fn wrong_with(email: &str, new_password: &str) -> Option<Wrong> {
    let parts = email.split_once('@');
    let plausible =
        parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !plausible || email.len() > LONGEST_EMAIL || email.contains(char::is_whitespace)
    {
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
