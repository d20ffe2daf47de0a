//! A gate on the way from an app to its store, for races: what the app sends is
//! held up until the check has done what shall come first.

use super::Store;
use crate::verdict::Stop;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::Notify,
    task::JoinHandle,
};

/// Passes everything on in both directions, until it is told to hold.
#[derive(Debug)]
pub struct Gate {
    url: String,
    state: Arc<State>,
    doorman: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Where to hold, until something was held there.
    pattern: Mutex<Option<&'static [&'static [u8]]>>,
    held: Notify,
    released: Notify,
    /// How long everything takes on its way to the store.
    delay: Mutex<Duration>,
}

impl Gate {
    /// In front of this store.
    pub async fn before(store: &Store) -> Result<Gate, Stop> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = store.url_at(listener.local_addr()?.port());
        let server = ("127.0.0.1", store.server()?.port());
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let doorman = tokio::spawn(async move {
            while let Ok((app, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(server).await else {
                        return;
                    };
                    let (from_app, mut to_app) = app.into_split();
                    let (mut from_server, to_server) = server.into_split();
                    // Either end may close at any time: then the other learns it.
                    tokio::select! {
                        () = pass(from_app, to_server, &state) => {}
                        _ = copy(&mut from_server, &mut to_app) => {}
                    }
                });
            }
        });
        Ok(Gate {
            url,
            state,
            doorman,
        })
    }

    /// What the app takes for its store.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next chunk from the app that contains one of these stays here.
    pub fn hold_at(&self, patterns: &'static [&'static [u8]]) {
        *self.state.pattern() = Some(patterns);
    }

    /// Makes the store a slow one.
    pub fn slow_down(&self, delay: Duration) {
        *self.state.delay() = delay;
    }

    /// Waits until something is held.
    pub async fn held(&self) {
        self.state.held.notified().await;
    }

    /// Lets it go.
    pub fn release(&self) {
        self.state.released.notify_one();
    }
}

impl State {
    fn pattern(&self) -> std::sync::MutexGuard<'_, Option<&'static [&'static [u8]]>> {
        self.pattern.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delay(&self) -> std::sync::MutexGuard<'_, Duration> {
        self.delay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True once for what `hold_at` asked for.
    fn holds(&self, chunk: &[u8]) -> bool {
        let mut pattern = self.pattern();
        let found = pattern.is_some_and(|texts| texts.iter().any(|text| contains(chunk, text)));
        if found {
            *pattern = None;
        }
        found
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: &State) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let chunk = &buffer[..count];
        if state.holds(chunk) {
            state.held.notify_one();
            state.released.notified().await;
        }
        let delay = *state.delay();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if to.write_all(chunk).await.is_err() {
            return;
        }
    }
}

fn contains(chunk: &[u8], text: &[u8]) -> bool {
    chunk.windows(text.len()).any(|window| window == text)
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.doorman.abort();
    }
}
