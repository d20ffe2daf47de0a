//! How far it is: a line that moves on a terminal, and elsewhere a line for each part.

use indicatif::{ProgressBar, ProgressStyle};
use std::{
    env,
    io::{self, IsTerminal},
    time::Duration,
};

/// How far it is. Shared by whoever does the work and whoever writes beside it.
#[derive(Debug, Clone)]
pub struct Bar(Option<ProgressBar>);

impl Bar {
    /// On stderr, so that stdout holds the result alone.
    pub fn new() -> Bar {
        let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let moves = io::stderr().is_terminal() && !plain;
        Bar(moves.then(|| ProgressBar::new_spinner().with_style(spinner())))
    }

    /// Something begins whose length nobody knows.
    pub fn begin(&self, doing: &str) {
        let Some(bar) = &self.0 else {
            say(doing);
            return;
        };
        bar.set_style(spinner());
        bar.set_message(doing.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
    }

    /// What it is at.
    pub fn at(&self, what: &str) {
        if let Some(bar) = &self.0 {
            bar.set_prefix(what.to_owned());
        }
    }

    /// Something begins that has so many parts.
    pub fn begin_parts(&self, doing: &str, parts: usize) {
        let Some(bar) = &self.0 else {
            say(doing);
            return;
        };
        bar.set_prefix("");
        bar.set_length(parts as u64);
        bar.set_position(0);
        bar.set_style(parts_style());
        bar.set_message(doing.to_owned());
    }

    pub fn part_is_done(&self) {
        if let Some(bar) = &self.0 {
            bar.inc(1);
        }
    }

    /// Writes beside it.
    pub fn aside<R>(&self, write: impl FnOnce() -> R) -> R {
        match &self.0 {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// A line. While a terminal gives single keys it needs the return, too.
fn say(doing: &str) {
    let end = if io::stderr().is_terminal() { "\r" } else { "" };
    eprintln!("{doing}{end}");
}

fn spinner() -> ProgressStyle {
    style("{spinner} {msg} {prefix} {elapsed}")
}

fn parts_style() -> ProgressStyle {
    style("{spinner} {msg} [{bar:30}] {pos} of {len}, {elapsed}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
