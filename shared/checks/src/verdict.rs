//! How a check ends.

use std::{cell::RefCell, collections::VecDeque, fmt};

/// Held, or why not.
pub type Verdict = Result<(), Stop>;

/// Why a check ended before its last line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The app did not do what was promised. Only this satisfies a `fail` cell.
    Broken(Broken),
    /// The harness failed, and nothing is known about the app.
    Harness(String),
    /// What the check needs is not there, and why.
    NotJudged(String),
}

/// A promise, and what was seen instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub promise: String,
    pub observed: String,
    /// The last requests and answers before it, for people.
    pub exchanges: String,
}

impl Stop {
    /// A broken promise, with the last exchanges of this check.
    pub fn broken(promise: impl Into<String>, observed: impl Into<String>) -> Stop {
        Stop::Broken(Broken {
            promise: promise.into(),
            observed: observed.into(),
            exchanges: RECENT.with_borrow(|recent| {
                let recent: Vec<&str> = recent.iter().map(String::as_str).collect();
                recent.join("\n")
            }),
        })
    }

    /// For anything that fails and is not the app.
    pub fn harness(error: impl fmt::Display) -> Stop {
        Stop::Harness(error.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        Stop::harness(error)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Broken(broken) => {
                writeln!(f, "expected: {}", broken.promise)?;
                writeln!(f, "observed: {}", broken.observed)?;
                write!(f, "\n{}", broken.exchanges)
            }
            Stop::Harness(error) => writeln!(f, "the harness failed: {error}"),
            Stop::NotJudged(reason) => writeln!(f, "not judged: {reason}"),
        }
    }
}

/// Broken, unless `holds`.
pub fn expect(holds: bool, promise: &str, observed: impl Into<String>) -> Verdict {
    if holds {
        return Ok(());
    }
    Err(Stop::broken(promise, observed))
}

/// How many exchanges a failure shows: the one that broke the promise, and what
/// led to it.
const SHOWN: usize = 3;

thread_local! {
    // Per thread, because a check with all its tasks runs on one thread: so a
    // failure can show the exchanges without every helper passing them on.
    static RECENT: RefCell<VecDeque<String>> = const { RefCell::new(VecDeque::new()) };
}

pub(crate) fn remember(exchange: String) {
    RECENT.with_borrow_mut(|recent| {
        if recent.len() == SHOWN {
            recent.pop_front();
        }
        recent.push_back(exchange);
    });
}

pub(crate) fn forget_exchanges() {
    RECENT.with_borrow_mut(VecDeque::clear);
}
