//! The service: `GET /` answers one beer, in the shape that the tutorials read.
//!
//! ```json
//! {"status":200,"data":{"name":"Emergency Surpring","style":"Pilsner"}}
//! ```

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Json, Router, extract::State, routing::get};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::model::{Beer, Brewery};

/// What the API answers: the HTTP status once more, and the beer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) data: Beer,
}

/// Serves a brewery on a free port of the loopback address for as long as the
/// runtime lives, and says on which. Fails when no port can be had.
pub async fn start(seed: Option<u64>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, app(Brewery::new(seed))).into_future());
    Ok(address)
}

fn app(brewery: Brewery) -> Router {
    Router::new()
        .route("/", get(pour))
        .with_state(Arc::new(Mutex::new(brewery)))
}

async fn pour(State(brewery): State<Arc<Mutex<Brewery>>>) -> Json<Answer> {
    // A brewery is never left half-changed, so a poisoned lock is as good.
    let mut brewery = brewery.lock().unwrap_or_else(PoisonError::into_inner);
    Json(Answer {
        status: 200,
        data: brewery.pour(),
    })
}
