//! What is checked, and how: black boxes that speak HTTP only.
//!
//! The same checks judge a step of the course, a learner's crate, and any server
//! in any language. [`lesson`] is what a step's `tests/lesson.rs` calls: it turns
//! the [`matrix`], the step's [variants](variant), its stretch exercises and its
//! [transcripts](transcript) into tests. [`plan`] is the same list of checks for
//! whoever runs them otherwise, [`stretch`] the check of one exercise.
//!
//! | variable | what is judged |
//! |---|---|
//! | none | the step's own binary |
//! | `COURSE_APP=path` | a program, or a crate that is built first |
//! | `COURSE_URL=http://…` | a server that somebody runs; it is never stopped |
//! | `COURSE_STRETCH=last-five` | of those, this stretch exercise alone |
//! | `COURSE_BLESS=1` | transcripts and pictures are recorded anew |
//! | `COURSE_TELL=1` | what was seen of a promise that must break is printed |
//! | `COURSE_REPORT=1` | the verdicts are told as JSON, one object a line, as `cargo course check` reads them |
//! | `COURSE_ROUNDS=200` | how often a check of a race tries it, else a few times |
//! | `COURSE_WHOLE=1` | the whole workspace has been built, and what tests build takes its dependencies from there; checks are run in a mixed order |
//! | `COURSE_STRICT=1` | a missing program, such as Chromium, is a failure, not a check left out |

pub mod attack;
pub mod cargo;
pub mod failover;
pub mod matrix;
pub mod node;
pub mod servers;
pub mod soak;
pub mod store;
pub mod store_suite;
pub mod transcript;
pub mod users;
pub mod variant;

mod abreast;
mod app;
mod beer_api;
mod browser;
mod case;
#[cfg(feature = "browser")]
mod chromium;
mod clock;
mod course;
mod crowd;
mod exit;
mod html;
mod jar;
mod launch;
mod lesson;
mod lessons;
mod newcomer;
mod nodes;
mod page;
#[cfg(feature = "browser")]
mod picture;
mod process;
mod proxy;
mod recorder;
mod report;
mod target;
mod variants;
mod verdict;

pub use app::App;
pub use beer_api::BeerApi;
pub use browser::Browser;
pub use case::Case;
#[cfg(feature = "browser")]
pub use chromium::{Chromium, Tab};
pub use clock::Clock;
pub use course::Course;
pub use exit::Exit;
#[cfg(feature = "store-suite")]
pub use lesson::lesson_with_stores;
pub use lesson::{Step, lesson, plan, stretch};
pub use lessons::{Check, Needs};
pub use newcomer::PASSWORD;
pub use nodes::Nodes;
pub use page::Page;
pub use proxy::Proxy;
pub use target::Target;
pub use verdict::{Broken, Stop, Verdict, expect};

use std::path::PathBuf;

/// The repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where cargo builds the course: `CARGO_TARGET_DIR`, or `target`.
fn target_folder() -> PathBuf {
    let given = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = root().join(given.unwrap_or_else(|| "target".into()));
    // Without `..`, which cargo would keep in its own notes.
    folder.canonicalize().unwrap_or(folder)
}

/// Whether a variable such as `COURSE_BLESS` is switched on.
pub fn is_on(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| value == "1")
}

/// How often a check tries a race that is not lost each time.
fn rounds(usually: usize) -> usize {
    let told = std::env::var("COURSE_ROUNDS").ok();
    told.and_then(|rounds| rounds.parse().ok())
        .unwrap_or(usually)
}

#[cfg(test)]
mod tests {
    use toml::{Table, Value};

    /// Two versions of the sessions' core compile beside each other, and a
    /// handler that extracts the one that is not in its layer answers 500.
    #[test]
    fn there_are_the_two_cores_that_we_know_of_and_no_other() {
        let lock = std::fs::read_to_string(super::root().join("Cargo.lock")).unwrap();
        let lock: Table = lock.parse().unwrap();
        let packages = lock["package"].as_array().unwrap().iter();
        let core = |package: &&Value| package["name"].as_str() == Some("tower-sessions-core");
        let mut cores: Vec<&str> = packages
            .filter(core)
            .filter_map(|package| package["version"].as_str()?.rsplit_once('.'))
            .map(|(version, _)| version)
            .collect();
        cores.sort_unstable();
        assert_eq!(cores, ["0.11", "0.14"]);
    }
}
