//! Cookies only: the browser remembers, and we decide what to believe.
//!
//! `cargo run -p step-01`, then open <http://127.0.0.1:3000>.

mod error;

use axum::{
    Form, Router,
    extract::{FromRef, State, rejection::FormRejection},
    response::{Html, Redirect},
    routing::{get, post},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, Key, SameSite, SignedCookieJar};
use beer::Beer;
use error::AppError;
use kit::{Pages, SettingError, Settings};
use minijinja::context;
use serde::Deserialize;
use time::Duration;

/// The templates, built into the binary.
const TEMPLATES: &[(&str, &str)] =
    &[("index.html", include_str!("../templates/index.html"))];

/// What every handler can reach. Cloned for each request, so it holds handles.
#[derive(Clone)]
struct App {
    beers: beer::Client,
    pages: Pages,
    key: Key,
}

/// Where `SignedCookieJar` finds the key that makes and checks its signatures.
impl FromRef<App> for Key {
    fn from_ref(app: &App) -> Key {
        app.key.clone()
    }
}

#[tokio::main]
async fn main() -> Result<(), SettingError> {
    let settings = Settings::load()?;
    let app = App {
        beers: beer::Client::from_settings(&settings).await?,
        pages: Pages::new(&settings, env!("CARGO_MANIFEST_DIR"), TEMPLATES),
        key: settings.cookie_key()?,
    };
    kit::serve(&settings, router(app)).await
}

fn router(app: App) -> Router {
    Router::new()
        .route("/", get(home).post(pour))
        .route("/name", post(rename))
        .with_state(app)
}

async fn home(
    State(app): State<App>,
    cookies: CookieJar,
    signed: SignedCookieJar,
) -> Result<(CookieJar, Html<String>), AppError> {
    let html = page(&app, user(&cookies), beers_viewed(&signed), None)?;
    if user(&cookies).is_some() {
        return Ok((cookies, html));
    }
    Ok((cookies.add(cookie("user", "John Doe")), html))
}

async fn pour(
    State(app): State<App>,
    cookies: CookieJar,
    signed: SignedCookieJar,
) -> Result<(SignedCookieJar, Html<String>), AppError> {
    let beer = app.beers.pour().await?;
    let viewed = beers_viewed(&signed).saturating_add(1);
    let html = page(&app, user(&cookies), viewed, Some(beer))?;
    Ok((signed.add(cookie("beers", viewed.to_string())), html))
}

#[derive(Deserialize)]
struct NewName {
    name: String,
}

async fn rename(
    cookies: CookieJar,
    form: Result<Form<NewName>, FormRejection>,
) -> Result<(CookieJar, Redirect), AppError> {
    let Form(NewName { name }) = form?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 64 {
        return Err(AppError::Name);
    }
    let cookies = cookies.add(cookie("user", name.to_owned()));
    Ok((cookies, Redirect::to("/")))
}

fn page(
    app: &App,
    user: Option<&str>,
    viewed: u64,
    beer: Option<Beer>,
) -> Result<Html<String>, AppError> {
    let (beer, style) = beer.map(|beer| (beer.name, beer.style)).unzip();
    let values = context! { user => user.unwrap_or("Guest"), viewed, beer, style };
    Ok(app.pages.html("index.html", values)?)
}

/// The visitor's name, in a plain cookie: whoever holds the browser can make it
/// say anything. That is fine for a greeting, and for nothing else.
fn user(cookies: &CookieJar) -> Option<&str> {
    let name = cookies.get("user").map(Cookie::value);
    name.filter(|name| !name.is_empty())
}

/// How many beers this browser was shown, in a signed cookie: one that was
/// forged or altered counts as none.
fn beers_viewed(signed: &SignedCookieJar) -> u64 {
    let count = signed
        .get("beers")
        .and_then(|cookie| cookie.value().parse().ok());
    count.unwrap_or(0)
}

/// A cookie for the whole site that scripts cannot read (HttpOnly) and that
/// other sites' forms do not carry along (SameSite=Lax).
fn cookie(name: &'static str, value: impl Into<String>) -> Cookie<'static> {
    Cookie::build((name, value.into()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::minutes(15))
        .build()
}
