//! Log in: who is visiting, and how the session knows.
//!
//! `cargo run -p step-05`, then open <http://127.0.0.1:3000>.

mod account;
mod adapter;
mod database;
mod error;
mod login;
mod mongo;
mod next;
mod password;
mod redis;
mod store;
mod users;
mod visit;

use axum::{
    Form, Router,
    extract::{State, rejection::FormRejection},
    middleware::map_response,
    response::{Html, Redirect},
    routing::{get, post},
};
use beer::Beer;
use error::AppError;
use kit::{Pages, SettingError, Settings};
use login::Login;
use minijinja::context;
use serde::Deserialize;
use store::Store;
use time::Duration;
use tower_sessions::{
    Expiry, SessionManagerLayer, cookie::SameSite, service::SignedCookie,
};
use users::Users;
use visit::Visit;

/// The templates, built into the binary.
const TEMPLATES: &[(&str, &str)] = &[
    ("index.html", include_str!("../templates/index.html")),
    ("login.html", include_str!("../templates/login.html")),
    ("nav.html", include_str!("../templates/nav.html")),
    ("panel.html", include_str!("../templates/panel.html")),
    ("profile.html", include_str!("../templates/profile.html")),
    ("register.html", include_str!("../templates/register.html")),
];

/// 400 days: the longest that RFC 6265bis, section 5.5, lets a browser keep a cookie.
const LONGEST_TTL: i64 = 400 * 24 * 60 * 60;

/// The session layer: over our store, with a signed cookie.
type SessionLayer = SessionManagerLayer<Store, SignedCookie>;

/// What every handler can reach. Cloned for each request, so it holds handles.
#[derive(Clone)]
struct App {
    beers: beer::Client,
    pages: Pages,
    users: Users,
}

#[tokio::main]
async fn main() -> Result<(), SettingError> {
    let settings = Settings::load()?;
    let beers = beer::Client::from_settings(&settings).await?;
    let sessions = sessions(&settings).await?;
    let app = App {
        beers,
        pages: Pages::new(&settings, env!("CARGO_MANIFEST_DIR"), TEMPLATES),
        // Last: it may change the database, which a start that fails must not do.
        users: database::open(&settings).await?,
    };
    kit::serve(&settings, router(app, sessions)).await
}

fn router(app: App, sessions: SessionLayer) -> Router {
    Router::new()
        .route("/", get(home).post(pour))
        .route("/name", post(rename))
        .route("/count", get(count))
        .route("/login", get(account::login_form).post(account::log_in))
        .route(
            "/register",
            get(account::register_form).post(account::register),
        )
        .route("/logout", post(account::log_out))
        .route("/profile", get(account::profile))
        .layer(login::layer(app.users.clone(), sessions))
        .layer(map_response(error::with_a_page))
        .with_state(app)
}

/// The layer that finds a request's session by its cookie, and after the
/// handler saves what changed and sends the cookie.
async fn sessions(settings: &Settings) -> Result<SessionLayer, SettingError> {
    let ttl = settings.number("SESSION_TTL_SECS", 1..=LONGEST_TTL, 60)?;
    Ok(SessionManagerLayer::new(store::open(settings).await?)
        .with_name("beer.sid")
        .with_signed(settings.cookie_key()?)
        .with_same_site(SameSite::Lax)
        // We speak plain HTTP here, and a browser returns a Secure cookie only
        // over HTTPS; step 07 turns this on.
        .with_secure(false)
        .with_expiry(Expiry::OnInactivity(Duration::seconds(ttl))))
}

async fn home(
    State(app): State<App>,
    login: Login,
    visit: Visit,
) -> Result<Html<String>, AppError> {
    page(&app, &login, &visit, None).await
}

async fn pour(
    State(app): State<App>,
    login: Login,
    visit: Visit,
) -> Result<Html<String>, AppError> {
    let beer = app.beers.pour().await?;
    visit.count_beer().await?;
    page(&app, &login, &visit, Some(beer)).await
}

#[derive(Deserialize)]
struct NewName {
    name: String,
}

async fn rename(
    visit: Visit,
    form: Result<Form<NewName>, FormRejection>,
) -> Result<Redirect, AppError> {
    let Form(NewName { name }) = form?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 64 {
        return Err(AppError::Name);
    }
    visit.rename(name).await?;
    Ok(Redirect::to("/"))
}

async fn count(visit: Visit) -> Result<String, AppError> {
    Ok(format!("Views: {}", visit.count_view().await?))
}

async fn page(
    app: &App,
    login: &Login,
    visit: &Visit,
    beer: Option<Beer>,
) -> Result<Html<String>, AppError> {
    let (beer, style) = beer.map(|beer| (beer.name, beer.style)).unzip();
    let user = login.user().map(|user| user.email.as_str());
    let values = context! {
        // First, because it may write: the rest then shows what will be saved.
        name => match user {
            Some(email) => email.to_owned(),
            None => visit.name().await?,
        },
        id => visit.id().await?,
        seconds_left => visit.seconds_left().await?,
        viewed => visit.beers().await?,
        user,
        beer,
        style,
    };
    Ok(app.pages.html("index.html", values)?)
}
