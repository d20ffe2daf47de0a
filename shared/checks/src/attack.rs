//! The checks that are attacks, carried out against one app to see which get in.
//!
//! What the [`matrix`](crate::matrix) expects of a step plays no part: its cells
//! only say which attacks are about something that the step does not have.

pub(crate) mod plan;

use crate::{
    abreast,
    case::Case,
    course::Course,
    store::running,
    verdict::{self, Stop, Verdict, expect},
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
            abreast::in_order(&self.all, Attack::outcome, tell);
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
