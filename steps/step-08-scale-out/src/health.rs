//! For whoever runs the app: is it alive, and is it ready for visitors?

use crate::App;
use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};
use tower_sessions::{SessionStore, session::Id};

/// It answers, and need not be started anew, even if a store or a database is away.
pub async fn live() -> &'static str {
    "live"
}

/// Whether the session store and the users' database answer. If not, visitors had
/// better be sent to another copy.
pub async fn ready(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let nobody = Id::default();
    let (sessions, users) = tokio::join!(
        app.store.load(&nobody),
        app.users.store.find_by_session("nobody"),
    );
    let (sessions, users) = (sessions.is_ok(), users.is_ok());
    let status = if sessions && users {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "sessions": sessions, "users": users })),
    )
}
