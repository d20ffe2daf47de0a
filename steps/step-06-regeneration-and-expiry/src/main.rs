//! A session's life: how it begins, how long it lasts, and that it stays ended.
//!
//! `cargo run -p step-06`, then open <http://127.0.0.1:3000>.

mod account;
mod adapter;
mod commit;
mod database;
mod error;
mod life;
mod login;
mod memory;
mod mongo;
mod next;
mod password;
mod redis;
mod store;
mod users;
mod visit;

use axum::{
    Form, Router,
    extract::{FromRef, State, rejection::FormRejection},
    middleware::{from_fn_with_state, map_response},
    response::{Html, Redirect},
    routing::{get, post},
};
use beer::Beer;
use error::AppError;
use kit::{Pages, SettingError, Settings};
use life::Limits;
use login::Login;
use minijinja::context;
use serde::Deserialize;
use store::Store;
use tower_sessions::{SessionManagerLayer, cookie::SameSite, service::SignedCookie};
use users::Users;
use visit::Visit;

/// The templates, built into the binary.
const TEMPLATES: &[(&str, &str)] = &[
    ("index.html", include_str!("../templates/index.html")),
    ("login.html", include_str!("../templates/login.html")),
    ("nav.html", include_str!("../templates/nav.html")),
    ("panel.html", include_str!("../templates/panel.html")),
    ("password.html", include_str!("../templates/password.html")),
    ("profile.html", include_str!("../templates/profile.html")),
    ("register.html", include_str!("../templates/register.html")),
];

/// The session layer: over our store, with a signed cookie.
type SessionLayer = SessionManagerLayer<Store, SignedCookie>;

/// What every handler can reach. Cloned for each request, so it holds handles. A
/// handler or a layer may take one part of it.
#[derive(Clone, FromRef)]
struct App {
    beers: beer::Client,
    limits: Limits,
    pages: Pages,
    store: Store,
    users: Users,
}

#[tokio::main]
async fn main() -> Result<(), SettingError> {
    let settings = Settings::load()?;
    let beers = beer::Client::from_settings(&settings).await?;
    let limits = Limits::load(&settings)?;
    let store = store::open(&settings).await?;
    let sessions = sessions(&settings, store.clone())?;
    let app = App {
        beers,
        limits,
        pages: Pages::new(&settings, env!("CARGO_MANIFEST_DIR"), TEMPLATES),
        store,
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
        .route(
            "/password",
            get(account::password_form).post(account::change_password),
        )
        .layer(from_fn_with_state(app.clone(), visit::renew_when_due))
        .layer(login::layer(app.users.clone(), sessions))
        .layer(from_fn_with_state(app.clone(), commit::commit))
        .layer(map_response(error::with_a_page))
        .with_state(app)
}

/// The layer that finds a request's session by its cookie, and after the
/// handler saves what changed and sends the cookie.
fn sessions(settings: &Settings, store: Store) -> Result<SessionLayer, SettingError> {
    Ok(SessionManagerLayer::new(store)
        .with_name("beer.sid")
        .with_signed(settings.cookie_key()?)
        .with_same_site(SameSite::Lax)
        // We speak plain HTTP here, and a browser returns a Secure cookie only
        // over HTTPS; step 07 turns this on.
        .with_secure(false))
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
