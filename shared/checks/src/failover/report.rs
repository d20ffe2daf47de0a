//! What a run tells at its end.

use crate::{crowd::Book, verdict::Broken};
use std::{
    fmt,
    time::{Duration, Instant},
};

const HEAD: &str = "                        \
    requests  503 cut guest leader first last again slowest";

const LEGEND: &str = "\
    cut: 502, or no answer, because the copy that had the request was killed\n\
    guest: who had logged in, and is taken for a stranger while nobody knows the users\n\
    seconds since the kill: another leads; the first error and the last; everybody is\n\
    served again. And what the slowest answer took";

/// When a trouble began, and when another node led. `None`: there is no such thing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    start: Option<Instant>,
    leader: Option<Instant>,
}

impl Times {
    pub(super) fn since(start: Instant) -> Times {
        Times {
            start: Some(start),
            leader: None,
        }
    }

    pub(super) fn with_leader(self, then: Instant) -> Times {
        Times {
            leader: Some(then),
            ..self
        }
    }
}

/// A part of a run.
#[derive(Debug)]
pub(super) struct Phase {
    pub(super) name: &'static str,
    pub(super) times: Times,
    pub(super) book: Book,
}

/// How a run ended, with its numbers.
#[derive(Debug)]
pub struct Report {
    pub(super) about: String,
    pub(super) time: Duration,
    pub(super) phases: Vec<Phase>,
    pub(super) stopped: bool,
    pub(super) broken: Option<Broken>,
}

impl Report {
    /// Whether every promise held, to the end of the run.
    pub fn held(&self) -> bool {
        self.broken.is_none() && !self.stopped
    }

    /// Whether somebody stopped it before its end.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    fn sum(&self, of: impl Fn(&Book) -> u64) -> u64 {
        self.phases.iter().map(|phase| of(&phase.book)).sum()
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Phase { name, times, book } = self;
        let since = |then: Option<Instant>| match (times.start, then) {
            (Some(start), Some(then)) => seconds(then.saturating_duration_since(start)),
            _ => String::new(),
        };
        let troubles = &book.troubles;
        writeln!(
            f,
            "{name:23}{:>9}{:>5}{:>4}{:>6}{:>7}{:>6}{:>5}{:>6}{:>8}",
            book.requests(),
            book.with_status(503),
            book.with_status(502) + book.unanswered,
            book.strangers,
            since(times.leader),
            since(troubles.first),
            since(troubles.last),
            since(troubles.over),
            seconds(book.slowest),
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.time.as_secs_f64() / 60.0;
        writeln!(f, "{}, {minutes:.1} min", self.about)?;
        writeln!(f, "\n{HEAD}")?;
        for phase in &self.phases {
            write!(f, "{phase}")?;
        }
        writeln!(f, "{LEGEND}\n")?;
        writeln!(
            f,
            "{} counts compared, {} logins, {} logouts, {} new passwords",
            self.sum(|book| book.counts),
            self.sum(|book| book.logins),
            self.sum(|book| book.logouts),
            self.sum(|book| book.passwords),
        )?;
        writeln!(
            f,
            "{} ended sessions tried: nobody's; each page named its own visitor alone",
            self.sum(|book| book.old_cookies),
        )?;
        for phase in &self.phases {
            let (counts, sessions) = (phase.book.lost_counts, phase.book.lost_sessions);
            if counts + sessions > 0 {
                let name = phase.name;
                writeln!(f, "lost when {name}: {counts} counts, {sessions} sessions")?;
            }
        }
        if self.sum(|book| book.lost_counts + book.lost_sessions) == 0 {
            writeln!(f, "nothing lost that was acknowledged")?;
        }
        match &self.broken {
            None if self.stopped => writeln!(f, "stopped before its end"),
            None => writeln!(f, "held"),
            Some(broken) => {
                writeln!(f, "broken: expected {}", broken.promise)?;
                writeln!(f, "        observed {}", broken.observed)
            }
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}
