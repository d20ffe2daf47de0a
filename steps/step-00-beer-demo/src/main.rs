//! The beer demo: a button, a beer API, and no memory at all.
//!
//! `cargo run -p step-00`, then open <http://127.0.0.1:3000>.

mod error;

use axum::{Router, extract::State, response::Html, routing::get};
use error::AppError;
use kit::{Pages, SettingError, Settings};
use minijinja::context;

/// The templates, built into the binary.
const TEMPLATES: &[(&str, &str)] =
    &[("index.html", include_str!("../templates/index.html"))];

/// What every handler can reach. Cloned for each request, so it holds handles.
#[derive(Clone)]
struct App {
    beers: beer::Client,
    pages: Pages,
}

#[tokio::main]
async fn main() -> Result<(), SettingError> {
    let settings = Settings::load()?;
    let app = App {
        beers: beer::Client::from_settings(&settings).await?,
        pages: Pages::new(&settings, env!("CARGO_MANIFEST_DIR"), TEMPLATES),
    };
    kit::serve(&settings, router(app)).await
}

fn router(app: App) -> Router {
    Router::new()
        .route("/", get(home).post(pour))
        .with_state(app)
}

async fn home(State(app): State<App>) -> Result<Html<String>, AppError> {
    Ok(app.pages.html("index.html", context! {})?)
}

async fn pour(State(app): State<App>) -> Result<Html<String>, AppError> {
    let beer = app.beers.pour().await?;
    let values = context! { beer => beer.name, style => beer.style };
    Ok(app.pages.html("index.html", values)?)
}
