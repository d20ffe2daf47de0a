//! What a run tells at its end.

use super::memory::Memory;
use crate::{crowd::Book, verdict::Broken};
use std::{fmt, time::Duration};

/// How a run ended, with its numbers.
#[derive(Debug)]
pub struct Report {
    pub(super) about: String,
    pub(super) time: Duration,
    pub(super) book: Book,
    pub(super) restarts: u32,
    pub(super) pauses: u32,
    pub(super) memory: Memory,
    pub(super) broken: Option<Broken>,
}

impl Report {
    /// Whether every promise held.
    pub fn held(&self) -> bool {
        self.broken.is_none()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Book {
            counts,
            logins,
            remembered,
            logouts,
            passwords,
            old_cookies,
            ..
        } = self.book;
        let minutes = self.time.as_secs_f64() / 60.0;
        writeln!(f, "{}, {minutes:.1} min", self.about)?;
        writeln!(f, "{}", self.book.answers())?;
        writeln!(
            f,
            "{} × killed and started again, {} × a database paused",
            self.restarts, self.pauses
        )?;
        writeln!(
            f,
            "{logins} logins ({remembered} with Remember me), {logouts} logouts, \
             {passwords} new passwords"
        )?;
        writeln!(
            f,
            "{counts} counts compared, {old_cookies} ended sessions tried"
        )?;
        let by_minute = self.memory.by_minute();
        let by_minute: Vec<String> = by_minute.into_iter().map(mib).collect();
        writeln!(
            f,
            "MiB by the minute, never killed: {}",
            by_minute.join(" ")
        )?;
        match self.memory.growth() {
            Some(growth) => writeln!(f, "growth after two minutes: {} MiB", mib(growth))?,
            None => writeln!(
                f,
                "growth after two minutes: not judged, the run is too short"
            )?,
        }
        match &self.broken {
            None => writeln!(f, "held"),
            Some(broken) => {
                writeln!(f, "broken: expected {}", broken.promise)?;
                writeln!(f, "        observed {}", broken.observed)
            }
        }
    }
}

/// KiB as MiB.
fn mib(kib: u64) -> String {
    let tenths = kib * 10 / 1024;
    format!("{}.{}", tenths / 10, tenths % 10)
}
