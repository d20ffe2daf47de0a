//! Many copies of one app: behind a proxy, on stores that are many machines.
//!
//! `cargo run -p step-08`, then open <http://127.0.0.1:3000>.

mod access;
mod account;
mod api;
mod attempts;
mod commit;
mod database;
mod error;
mod harden;
mod health;
mod life;
mod login;
mod memory;
mod metrics;
mod mongo;
mod mongo_store;
mod mongo_users;
mod next;
mod password;
mod proxies;
mod redis;
mod rotation;
mod sessions;
mod sql_users;
mod store;
mod timed_store;
mod users;
mod visit;

use attempts::Attempts;
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, State},
    middleware::{from_fn, from_fn_with_state, map_response_with_state},
    response::Html,
    routing::{get, post},
};
use beer::Beer;
use error::AppError;
use kit::{Pages, SettingError, Settings};
use life::Limits;
use login::SignedIn;
use metrics::Metrics;
use minijinja::context;
use proxies::Proxies;
use rotation::Keys;
use std::{ops::Deref, sync::Arc};
use store::Store;
use tower::ServiceBuilder;
use tower_http::csrf::CsrfLayer;
use tower_sessions::{SessionManagerLayer, cookie::SameSite, service::SignedCookie};
use users::{User, Users};
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
    ("sessions.html", include_str!("../templates/sessions.html")),
];

/// No form of ours is longer, nor what a program sends. In bytes.
const LONGEST_BODY: usize = 16 * 1024;

/// The session layer: over our store, with a signed cookie.
type SessionLayer = SessionManagerLayer<Store, SignedCookie>;

/// What every handler can reach. A handle: each layer clones it for each request.
#[derive(Clone)]
struct App(Arc<Parts>);

struct Parts {
    attempts: Attempts,
    beers: beer::Client,
    keys: Keys,
    limits: Limits,
    metrics: Metrics,
    pages: Pages,
    proxies: Proxies,
    /// Whether cookies travel over HTTPS alone.
    secure: bool,
    store: Store,
    users: Users,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// A visit takes them from here.
impl FromRef<App> for Limits {
    fn from_ref(app: &App) -> Limits {
        app.limits
    }
}

#[tokio::main]
async fn main() -> Result<(), SettingError> {
    let settings = Settings::load()?;
    let beers = beer::Client::from_settings(&settings).await?;
    let limits = Limits::load(&settings)?;
    let logins = attempts::per_minute(&settings)?;
    let metrics = Metrics::new(&settings)?;
    let proxies = Proxies::load(&settings)?;
    let secure = settings.switch("COOKIE_SECURE")?;
    let old = settings.old_cookie_key()?;
    let store = store::open(&settings, &metrics).await?;
    let new = settings.cookie_key()?;
    // Last: it may change the database, which a start that fails must not do.
    let users = database::open(&settings).await?;
    let app = App(Arc::new(Parts {
        attempts: Attempts::new(logins, &users),
        beers,
        keys: Keys { new, old },
        limits,
        metrics,
        pages: Pages::new(&settings, env!("CARGO_MANIFEST_DIR"), TEMPLATES),
        proxies,
        secure,
        store,
        users,
    }));
    if settings.production() {
        harden::warn(&settings, secure)?;
    }
    let router = kit::surround(&settings, router(app.clone()))
        .layer(from_fn_with_state(app.clone(), metrics::count))
        .layer(map_response_with_state(app, harden::headers));
    kit::listen(&settings, router).await
}

fn router(app: App) -> Router {
    // In the order in which a request meets them.
    let layers = ServiceBuilder::new()
        .layer(from_fn(error::with_words))
        .layer(from_fn_with_state(app.clone(), proxies::look_behind))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(app.clone(), rotation::read_both))
        .layer(from_fn_with_state(app.clone(), commit::commit))
        .layer(login::layer(app.users.clone(), session_layer(&app)))
        .layer(from_fn_with_state(app.clone(), rotation::send_anew))
        .layer(from_fn_with_state(app.clone(), visit::renew_when_due))
        .layer(from_fn_with_state(app.clone(), sessions::note_visit));
    Router::new()
        .route("/", get(home).post(pour))
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
        .route("/sessions", get(sessions::list))
        .route("/sessions/end", post(sessions::end))
        .route("/sessions/end-others", post(sessions::end_others))
        .nest("/api/v1", api::routes())
        .layer(layers)
        .route("/healthz", get(health::live))
        .route("/healthz/ready", get(health::ready))
        .route("/metrics", get(metrics::show))
        .with_state(app)
}

/// The layer that finds a request's session by its cookie, and after the
/// handler saves what changed and sends the cookie.
fn session_layer(app: &App) -> SessionLayer {
    SessionManagerLayer::new(app.store.clone())
        .with_name(cookie_name(app.secure))
        .with_signed(app.keys.new.clone())
        .with_same_site(SameSite::Lax)
        .with_secure(app.secure)
}

/// With `__Host-` before its name a browser takes a cookie from this host alone, and
/// over HTTPS.
fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-beer.sid"
    } else {
        "beer.sid"
    }
}

async fn home(
    State(app): State<App>,
    SignedIn(user): SignedIn,
    visit: Visit,
) -> Result<Html<String>, AppError> {
    page(&app, &user, &visit, None).await
}

async fn pour(
    State(app): State<App>,
    SignedIn(user): SignedIn,
    visit: Visit,
) -> Result<Html<String>, AppError> {
    let beer = app.beers.pour().await?;
    visit.count_beer().await?;
    page(&app, &user, &visit, Some(beer)).await
}

async fn count(visit: Visit) -> Result<String, AppError> {
    Ok(format!("Views: {}", visit.count_view().await?))
}

async fn page(
    app: &App,
    user: &User,
    visit: &Visit,
    beer: Option<Beer>,
) -> Result<Html<String>, AppError> {
    let (beer, style) = beer.map(|beer| (beer.name, beer.style)).unzip();
    let values = context! {
        id => visit.id().await?,
        seconds_left => visit.seconds_left().await?,
        viewed => visit.beers().await?,
        user => user.email.as_str(),
        beer,
        style,
    };
    Ok(app.pages.html("index.html", values)?)
}
