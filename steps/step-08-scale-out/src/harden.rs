//! What a service on the internet says to browsers beside its pages, and to those who
//! run it.

use crate::App;
use axum::{
    extract::State,
    http::{
        HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY,
            STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::Response,
};
use kit::{SettingError, Settings};

/// Every answer has these, pages, files and errors.
const HEADERS: [(HeaderName, &str); 4] = [
    // Scripts, styles and pictures come from here, forms go here, and nobody puts our
    // pages into a frame of theirs.
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    // A file is what its type says, whatever it looks like.
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Other sites do not learn which page a visitor came from.
    (REFERRER_POLICY, "same-origin"),
    // No page from behind a login is kept in a cache.
    (CACHE_CONTROL, "no-store"),
];

/// Two years of HTTPS only, once a browser has been here over HTTPS.
const HTTPS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// The layer around all. What an answer has set itself stays.
pub async fn headers(State(app): State<App>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if app.secure {
        let value = HeaderValue::from_static(HTTPS_ONLY);
        headers.insert(STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

/// What is missing in production, perhaps on purpose.
pub fn warn(settings: &Settings, secure: bool) -> Result<(), SettingError> {
    if !secure {
        tracing::warn!("COOKIE_SECURE is not set: cookies travel over plain HTTP, too");
    }
    let store = settings.text("SESSION_STORE")?;
    if store.is_none_or(|url| url == "memory:") {
        tracing::warn!("SESSION_STORE is memory: sessions end with this process");
    }
    Ok(())
}
