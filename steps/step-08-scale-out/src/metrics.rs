//! `/metrics`: what is worth watching, as Prometheus reads it.
//!
//! Each number is this process's own. No label holds what a visitor has sent: every
//! value of a label is a series that is kept, and read by whoever may read this.

use crate::{App, proxies::FORWARDED_FOR};
use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{
        HeaderMap, Method, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use kit::{SettingError, Settings};
use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use sha2::{Digest, Sha256};
use std::{net::SocketAddr, sync::Arc, time::Instant};

/// In bytes. A shorter token could be guessed.
const SHORTEST_TOKEN: usize = 32;

/// How often something took how long, by labels.
type Times<L> = Family<L, Histogram, fn() -> Histogram>;

/// From a millisecond to eight seconds: the page that waits longest takes three.
fn times() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 14))
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Answer {
    method: &'static str,
    /// As `router` has it, such as `/login`.
    path: String,
    status: u16,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub struct Command {
    pub command: &'static str,
    pub failed: bool,
}

#[derive(Clone)]
pub struct Metrics {
    requests: Times<Answer>,
    commands: Times<Command>,
    registry: Arc<Registry>,
    /// Of the token, if one is asked for.
    token: Option<[u8; 32]>,
}

impl Metrics {
    pub fn new(settings: &Settings) -> Result<Metrics, SettingError> {
        let requests = Times::new_with_constructor(times as fn() -> Histogram);
        let commands = Times::new_with_constructor(times as fn() -> Histogram);
        let mut registry = Registry::default();
        let help = "Requests, and how long their answers took";
        registry.register_with_unit(
            "http_request",
            help,
            Unit::Seconds,
            requests.clone(),
        );
        let help = "Commands to the session store, and how long they took";
        registry.register_with_unit(
            "session_store",
            help,
            Unit::Seconds,
            commands.clone(),
        );
        Ok(Metrics {
            requests,
            commands,
            registry: Arc::new(registry),
            token: token(settings)?,
        })
    }

    fn note_answer(&self, answer: &Answer, start: Instant) {
        let times = self.requests.get_or_create(answer);
        times.observe(start.elapsed().as_secs_f64());
    }

    pub fn note_command(&self, command: &Command, start: Instant) {
        let times = self.commands.get_or_create(command);
        times.observe(start.elapsed().as_secs_f64());
    }

    /// Whether somebody may read the numbers: who has the token, or, where none is set,
    /// who is on this machine. A proxy on this machine brings others, too, so it gets
    /// none.
    fn are_for(&self, client: SocketAddr, headers: &HeaderMap) -> bool {
        match self.token {
            // Hashes, because how long it takes to compare them tells nothing.
            Some(token) => sent(headers).is_some_and(|sent| hash(sent) == token),
            None => client.ip().is_loopback() && !headers.contains_key(FORWARDED_FOR),
        }
    }
}

fn token(settings: &Settings) -> Result<Option<[u8; 32]>, SettingError> {
    match settings.text("METRICS_TOKEN")? {
        Some(token) if token.len() < SHORTEST_TOKEN => {
            let advice = "too short; `openssl rand -hex 32` makes a good one";
            Err(SettingError::unset("METRICS_TOKEN", advice))
        }
        token => Ok(token.map(hash)),
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn sent(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}

pub async fn show(
    State(app): State<App>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !app.metrics.are_for(client, &headers) {
        let refusal = "The metrics are for whoever has METRICS_TOKEN.";
        return (
            StatusCode::UNAUTHORIZED,
            [(WWW_AUTHENTICATE, "Bearer")],
            refusal,
        )
            .into_response();
    }
    let mut text = String::new();
    match prometheus_text::encode(&mut text, &app.metrics.registry) {
        Ok(()) => {
            ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The layer around all.
pub async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = match *request.method() {
        Method::GET => "GET",
        Method::POST => "POST",
        _ => "other",
    };
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("other", MatchedPath::as_str).to_owned();
    let start = Instant::now();
    let response = next.run(request).await;
    let answer = Answer {
        method,
        path,
        status: response.status().as_u16(),
    };
    app.metrics.note_answer(&answer, start);
    response
}
