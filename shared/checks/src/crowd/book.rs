//! What is counted.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};

/// What was counted, in a run or in a part of one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book {
    /// Answers by status.
    statuses: BTreeMap<u16, u64>,
    /// Requests that an app which was killed did not answer.
    pub(crate) unanswered: u64,
    /// What the slowest answer took.
    pub(crate) slowest: Duration,
    pub(crate) troubles: Troubles,
    /// Pages for strangers to who had logged in, while nobody knows the users.
    pub(crate) strangers: u64,
    /// Counts that were compared with the ones before.
    pub(crate) counts: u64,
    pub(crate) logins: u64,
    pub(crate) remembered: u64,
    pub(crate) logouts: u64,
    pub(crate) passwords: u64,
    /// Cookies of ended sessions that were tried.
    pub(crate) old_cookies: u64,
    /// What was acknowledged and is gone, where that may be: counts, and sessions with
    /// all that was in them.
    pub(crate) lost_counts: u64,
    pub(crate) lost_sessions: u64,
}

impl Book {
    pub(super) fn count(&mut self, status: u16, took: Duration) {
        *self.statuses.entry(status).or_default() += 1;
        self.slowest = self.slowest.max(took);
    }

    pub(super) fn note_unanswered(&mut self, email: &str) {
        self.unanswered += 1;
        self.troubles.note(email, false);
    }

    pub(super) fn take_for_stranger(&mut self, email: &str) {
        self.strangers += 1;
        self.troubles.note(email, false);
    }

    pub(crate) fn with_status(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.statuses.values().sum::<u64>() + self.unanswered
    }

    /// All requests, and their answers by status.
    pub(crate) fn answers(&self) -> String {
        let each = self.statuses.iter();
        let mut each: Vec<String> = each.map(|(status, n)| format!("{n} × {status}")).collect();
        each.push(format!("{} unanswered", self.unanswered));
        format!("{} requests: {}", self.requests(), each.join(", "))
    }
}

/// Who was turned away, and until when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Troubles {
    pub(crate) first: Option<Instant>,
    pub(crate) last: Option<Instant>,
    /// When the last of them was served again.
    pub(crate) over: Option<Instant>,
    waiting: HashSet<String>,
}

impl Troubles {
    pub(super) fn note(&mut self, email: &str, served: bool) {
        let now = Instant::now();
        if !served {
            self.first.get_or_insert(now);
            self.last = Some(now);
            self.over = None;
            self.waiting.insert(email.to_owned());
        } else if self.waiting.remove(email) && self.waiting.is_empty() {
            self.over = Some(now);
        }
    }
}
