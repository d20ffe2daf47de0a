//! The checks that are attacks, carried out against one app to see which get in.
//!
//! What the [`matrix`](crate::matrix) expects of a step plays no part: its cells
//! only say which attacks are about something that the step does not have.

pub(crate) mod plan;

use crate::{
    case::Case,
    course::Course,
    store::running,
    verdict::{self, Stop, Verdict, expect},
};
use std::{
    num::NonZero,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// The attacks on one app.
#[derive(Debug)]
pub struct Attacks {
    /// What is attacked, and where it has its sessions.
    pub about: String,
    all: Vec<Attack>,
    /// The way to the app; none where there is nothing that an attack could try.
    course: Option<Course>,
}

/// One attack.
#[derive(Debug)]
pub struct Attack {
    /// The name of its check, and of its row in the matrix.
    pub row: String,
    /// What the attacker does.
    pub story: String,
    /// Or why it is not tried.
    case: Result<Case, String>,
}

/// How an attack ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With what was seen.
    GetsIn(String),
    KeptOut,
    /// With the reason.
    NotTried(String),
}

impl Attacks {
    /// Tries all of them, several at a time, and tells of each in their order.
    ///
    /// # Errors
    ///
    /// That nobody can register at this app, so that there is nothing to attack.
    pub fn run(self, tell: impl FnMut(&Attack, Outcome)) -> Result<(), String> {
        let open = self.course.as_ref().map_or(Ok(()), is_open);
        if open.is_ok() {
            try_all(&self.all, tell);
        }
        running::stop_shared();
        open
    }
}

/// Whether somebody can register at the app, is logged in by it, and sees the ID.
fn is_open(course: &Course) -> Result<(), String> {
    verdict::forget_exchanges();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(register(course)).map_err(|stop| {
        let why = match stop {
            Stop::Broken(broken) => {
                let seen = first_line(&broken.observed);
                format!("expected {}, observed {seen}", broken.promise)
            }
            Stop::Harness(why) | Stop::NotJudged(why) => why,
        };
        format!("no login that could be attacked: {why}")
    })
}

async fn register(course: &Course) -> Verdict {
    let app = course.app().await?;
    let mut mallory = app.browser();
    let email = format!("mallory-{:08x}@example.com", fastrand::u32(..));
    let fields = [("email", &*email), ("password", "four little barrels")];
    let page = mallory.post("/register", &fields).await?;
    let promise = "status 303 after POST /register";
    expect(page.status() == 303, promise, page.status_line())?;
    let page = mallory.get("/").await?;
    page.expect_text(&format!("Logged in as: {email}"))?;
    page.expect_text("Session ID: ")
}

fn try_all(attacks: &[Attack], mut tell: impl FnMut(&Attack, Outcome)) {
    // They wait for most of their time, as all checks do.
    let threads = 2 * thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let (sender, outcomes) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (next, sender) = (&next, sender.clone());
            scope.spawn(move || {
                while let Some((nth, attack)) = take(attacks, next) {
                    let _ = sender.send((nth, attack.outcome()));
                }
            });
        }
        drop(sender);
        let mut ended: Vec<Option<Outcome>> = attacks.iter().map(|_| None).collect();
        let mut told = 0;
        for (nth, outcome) in outcomes {
            ended[nth] = Some(outcome);
            while let Some(outcome) = ended.get_mut(told).and_then(Option::take) {
                tell(&attacks[told], outcome);
                told += 1;
            }
        }
    });
}

fn take<'a>(attacks: &'a [Attack], next: &AtomicUsize) -> Option<(usize, &'a Attack)> {
    let nth = next.fetch_add(1, Ordering::Relaxed);
    Some((nth, attacks.get(nth)?))
}

impl Attack {
    fn outcome(&self) -> Outcome {
        match &self.case {
            Ok(case) => outcome(case.run()),
            Err(reason) => Outcome::NotTried(reason.clone()),
        }
    }
}

/// Promises of which a check is sure before it looks for the attacker: an app that
/// breaks them works otherwise, which lets nobody in.
const ASSUMED: [&str; 6] = [
    "status ",
    "location: ",
    "an answer to ",
    "the first line on stdout ",
    "the page says `Session ID: ",
    "the page says `Logged in as: ",
];

fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Ok(()) => Outcome::KeptOut,
        Err(Stop::Broken(broken)) => {
            let seen = first_line(&broken.observed);
            let promise = broken.promise;
            if ASSUMED.iter().any(|assumed| promise.starts_with(assumed)) {
                return Outcome::NotTried(format!("expected {promise}, observed {seen}"));
            }
            Outcome::GetsIn(seen)
        }
        Err(Stop::Harness(reason) | Stop::NotJudged(reason)) => {
            Outcome::NotTried(first_line(&reason))
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
