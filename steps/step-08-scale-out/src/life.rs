//! How long a session lives.

use kit::{SettingError, Settings};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tower_sessions::session::Record;

/// Without a setting, in seconds: 15 minutes, 12 hours, 30 days. OWASP's Session
/// Management Cheat Sheet has 15 to 30 minutes for the idle timeout.
const IDLE: i64 = 15 * 60;
const MAX: i64 = 12 * 60 * 60;
const REMEMBER: i64 = 30 * 24 * 60 * 60;

/// 400 days: the longest that RFC 6265bis, section 5.5, lets a browser keep a cookie.
const LONGEST: i64 = 400 * 24 * 60 * 60;

/// How many parts the idle timeout has. Reads renew a session as well, but not before
/// one part has gone by since the last write, so that few reads cost one.
const RENEWALS: i64 = 10;

/// The limits for new sessions, in seconds.
#[derive(Clone, Copy)]
pub struct Limits {
    idle: i64,
    max: i64,
    remember: i64,
}

impl Limits {
    pub fn load(settings: &Settings) -> Result<Limits, SettingError> {
        let seconds = |name, unset| settings.number(name, 1..=LONGEST, unset);
        Ok(Limits {
            idle: seconds("SESSION_TTL_SECS", IDLE)?,
            max: seconds("SESSION_MAX_SECS", MAX)?,
            remember: seconds("SESSION_REMEMBER_SECS", REMEMBER)?,
        })
    }
}

/// The limits of one session. They are part of its record, so that what was chosen at
/// login holds for every later write. Dates are milliseconds since 1970. Sums with them
/// saturate, because a record may hold any number.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub struct Life {
    /// The idle timeout, in milliseconds.
    idle: i64,
    /// The end of the absolute lifetime, which nothing puts off.
    latest: i64,
    /// When the idle timeout began. Kept in place of the end, so that every renewal
    /// changes the record, also one that puts no end off.
    renewed_at: i64,
    /// Whether the cookie outlives the browser.
    pub remembered: bool,
}

impl Life {
    /// Where it is in the record.
    pub const KEY: &str = "life";

    pub fn begin(limits: Limits, remembered: bool) -> Life {
        let (idle, max) = if remembered {
            (limits.remember, limits.remember)
        } else {
            (limits.idle, limits.max)
        };
        let now = now();
        Life {
            idle: idle * 1000,
            latest: now + max * 1000,
            renewed_at: now,
            remembered,
        }
    }

    /// Somebody is here: the idle timeout begins anew.
    pub fn renewed(self) -> Life {
        Life {
            renewed_at: now(),
            ..self
        }
    }

    /// When the store forgets the session.
    fn expires_at(self) -> i64 {
        self.renewed_at.saturating_add(self.idle).min(self.latest)
    }

    /// Whether a renewal is worth a write.
    pub fn is_due(self) -> bool {
        let renewed = self.renewed().expires_at();
        let gained = renewed.saturating_sub(self.expires_at());
        gained >= self.idle / RENEWALS
    }

    /// Whether a visit is worth a note, if the last one that has one was then.
    pub fn is_worth_a_note(self, seen_at: i64) -> bool {
        now().saturating_sub(seen_at) >= self.idle / RENEWALS
    }

    /// By when it is over, for those who know of the last visit that has a note.
    pub fn is_over_by(self) -> i64 {
        let end = self.expires_at().saturating_add(self.idle / RENEWALS);
        end.min(self.latest)
    }

    /// Seconds until the store forgets the session, rounded up.
    pub fn seconds_left(self) -> i64 {
        let left = self.expires_at().saturating_sub(now());
        left.max(0).saturating_add(999) / 1000
    }

    pub fn end(self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH
            .saturating_add(Duration::milliseconds(self.expires_at()))
    }
}

/// When a record expires: by its own life. The library's date goes with the cookie,
/// and for one that ends with the browser it is two weeks from now.
pub fn end_of(record: &Record) -> OffsetDateTime {
    life_of(record).map_or(record.expiry_date, Life::end)
}

/// Whether a record has a life, and it is not over.
pub fn is_alive(record: &Record) -> bool {
    life_of(record).is_some_and(|life| life.expires_at() > now())
}

fn life_of(record: &Record) -> Option<Life> {
    Life::deserialize(record.data.get(Life::KEY)?).ok()
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let now = OffsetDateTime::now_utc();
    now.unix_timestamp() * 1000 + i64::from(now.millisecond())
}
