//! What a request asked of its store: collected while the request is answered,
//! from what the drivers themselves tell.

use super::{memory, mongo, redis};
use minijinja::{Value, context};
use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

/// One command to the store, as the strip shows it.
#[derive(Debug, Clone)]
pub(super) struct Command {
    /// Such as `GET 5xkLDs…`, as far as it is known by now.
    pub text: String,
    /// Such as `153 bytes`; `None` as long as nothing came back.
    pub answer: Option<Answer>,
    began: Instant,
}

#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub text: String,
    /// From the moment in which the driver was asked.
    pub took: Duration,
}

type Commands = Arc<Mutex<Vec<Command>>>;

tokio::task_local! {
    /// The commands of the request that this task answers.
    static OURS: Commands;
}

/// Whether this app has a store at the other end of a connection.
static HAS_WIRE: AtomicBool = AtomicBool::new(false);

/// Starts listening to the drivers: the log's half. Called once, in development.
pub(crate) fn listen() {
    redis::listen();
}

/// The other half, a layer beside the log.
pub(crate) fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    mongo::layer().and_then(memory::layer())
}

/// A driver said something: there is a store at the other end of a connection.
pub(super) fn found_wire() {
    HAS_WIRE.store(true, Ordering::Relaxed);
}

pub(super) fn has_wire() -> bool {
    HAS_WIRE.load(Ordering::Relaxed)
}

/// Answers a request, and tells which commands that took.
pub(super) async fn watch<T>(request: impl Future<Output = T>) -> (T, Vec<Command>) {
    let commands = Commands::default();
    let answer = OURS.scope(commands.clone(), request).await;
    let commands = lock(&commands).clone();
    (answer, commands)
}

/// The store's part of the strip; none where nothing is known of a store.
pub(super) fn shown(commands: &[Command]) -> Option<Value> {
    if commands.is_empty() && !has_wire() {
        return None;
    }
    let rows: Vec<Value> = commands
        .iter()
        .map(|command| {
            let (answer, took) = match &command.answer {
                Some(answer) => (answer.text.as_str(), milliseconds(answer.took)),
                None => ("no answer", String::new()),
            };
            context! { text => &command.text, answer, took }
        })
        .collect();
    let answers = commands
        .iter()
        .filter_map(|command| command.answer.as_ref());
    let took = answers.map(|answer| answer.took).sum();
    Some(context! { in_memory => !has_wire(), rows, took => milliseconds(took) })
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// A command that waits for its answer.
#[derive(Debug)]
pub(super) struct Open {
    /// Gone when the request was answered without waiting for this one.
    commands: Weak<Mutex<Vec<Command>>>,
    place: usize,
}

impl Open {
    /// Notes that the request of this task sends a command. `None` outside of a
    /// request, such as for a task in the background.
    pub(super) fn begin(text: impl Into<String>) -> Option<Open> {
        Open::begin_at(Instant::now(), text)
    }

    pub(super) fn begin_at(began: Instant, text: impl Into<String>) -> Option<Open> {
        OURS.try_with(|ours| {
            let mut commands = lock(ours);
            commands.push(Command {
                text: text.into(),
                answer: None,
                began,
            });
            Open {
                commands: Arc::downgrade(ours),
                place: commands.len() - 1,
            }
        })
        .ok()
    }

    /// Says more about what was sent.
    pub(super) fn describe(&self, text: String) {
        self.change(|command| command.text = text);
    }

    pub(super) fn finish(self, text: impl Into<String>) {
        self.change(|command| {
            command.answer = Some(Answer {
                text: text.into(),
                took: command.began.elapsed(),
            });
        });
    }

    fn change(&self, change: impl FnOnce(&mut Command)) {
        if let Some(commands) = self.commands.upgrade()
            && let Some(command) = lock(&commands).get_mut(self.place)
        {
            change(command);
        }
    }
}

/// A driver's commands by the numbers that the driver gave them.
#[derive(Debug, Default)]
pub(super) struct Numbered(Option<HashMap<u64, Open>>);

impl Numbered {
    pub(super) const fn new() -> Numbered {
        Numbered(None)
    }

    pub(super) fn insert(&mut self, number: u64, open: Open) {
        let known = self.0.get_or_insert_default();
        // What nobody waits for any more never gets an answer.
        known.retain(|_, open| open.commands.strong_count() > 0);
        known.insert(number, open);
    }

    pub(super) fn get(&self, number: u64) -> Option<&Open> {
        self.0.as_ref()?.get(&number)
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Open> {
        self.0.as_mut()?.remove(&number)
    }
}

/// A session ID as the strip shows it: its first 6 characters.
pub(super) fn shorten(id: &str) -> String {
    match id.char_indices().nth(6) {
        Some((end, _)) => format!("{}…", &id[..end]),
        None => id.to_owned(),
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
