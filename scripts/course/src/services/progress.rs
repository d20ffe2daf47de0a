//! What a person sees while waiting, and Ctrl-C.

use indicatif::{ProgressBar, ProgressStyle};
use std::{
    env,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C and SIGTERM end the waiting, not the program, so that a
/// server half started can be stopped first.
pub fn catch_interrupts() -> Result<(), String> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))
        .map_err(|error| format!("course: {error}"))
}

pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// A spinner on stderr, on a terminal only; gone when it is dropped.
pub struct Spinner(ProgressBar);

impl Spinner {
    pub fn new(name: &str, doing: &str) -> Spinner {
        if env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            return Spinner(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{prefix:8}{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(name.to_owned());
        bar.set_message(doing.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Spinner(bar)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
