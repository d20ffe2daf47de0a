//! What is checked, and how: black boxes that speak HTTP only.
//!
//! The same checks judge a step of the course, a learner's crate, and any server
//! in any language. [`lesson`] is what a step's `tests/lesson.rs` calls: it turns
//! the [`matrix`], the step's [variants](variant) and its
//! [transcripts](transcript) into tests. [`plan`] is the same list of checks for
//! whoever runs them otherwise.
//!
//! | variable | what is judged |
//! |---|---|
//! | none | the step's own binary |
//! | `COURSE_APP=path` | a program, or a crate that is built first |
//! | `COURSE_URL=http://…` | a server that somebody runs; it is never stopped |
//! | `COURSE_BLESS=1` | transcripts and pictures are recorded anew |
//! | `COURSE_TELL=1` | what was seen of a promise that must break is printed |
//! | `COURSE_STRICT=1` | a missing Chromium is a failure, not a check left out |

pub mod matrix;
pub mod transcript;
pub mod variant;

mod app;
mod beer_api;
mod browser;
mod cargo;
mod case;
#[cfg(feature = "browser")]
mod chromium;
mod course;
mod exit;
mod html;
mod jar;
mod launch;
mod lesson;
mod lessons;
mod page;
#[cfg(feature = "browser")]
mod picture;
mod process;
mod recorder;
mod target;
mod variants;
mod verdict;

pub use app::App;
pub use beer_api::BeerApi;
pub use browser::Browser;
pub use case::Case;
#[cfg(feature = "browser")]
pub use chromium::{Chromium, Tab};
pub use course::Course;
pub use exit::Exit;
pub use lesson::{Step, lesson, plan};
pub use lessons::{Check, Needs};
pub use page::Page;
pub use target::Target;
pub use verdict::{Broken, Stop, Verdict, expect};

use std::path::PathBuf;

/// The repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether a variable such as `COURSE_BLESS` is switched on.
fn is_on(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| value == "1")
}
