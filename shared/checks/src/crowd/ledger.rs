//! What a person knows of their session.

use crate::verdict::{Stop, expect};
use std::time::Instant;

/// What a session must have counted since the login.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) beers: Count,
    pub(super) views: Count,
    /// When that was asked for which has last shown the session to be there.
    pub(super) known_at: Instant,
}

impl Ledger {
    /// Of a session that a request of this time has begun.
    pub(super) fn begun(at: Instant) -> Ledger {
        Ledger {
            beers: Count::begun(at),
            views: Count::begun(at),
            known_at: at,
        }
    }
}

#[derive(Debug)]
pub(super) struct Count {
    /// The last one that was answered, and when it was asked for.
    seen: i64,
    seen_at: Instant,
    /// How many were asked for: some may have been counted and not answered.
    pub(super) sent: i64,
}

impl Count {
    fn begun(at: Instant) -> Count {
        Count {
            seen: 0,
            seen_at: at,
            sent: 0,
        }
    }

    /// Holds if this many are possible, and at least this many more than before. What
    /// was seen before a loss may be gone: says how many are.
    pub(super) fn take(
        &mut self,
        told: i64,
        more: i64,
        asked_at: Instant,
        loss: Option<Instant>,
    ) -> Result<u64, Stop> {
        let Count { seen, sent, .. } = *self;
        let may_be_gone = loss.is_some_and(|loss| self.seen_at <= loss);
        let least = if may_be_gone { more } else { seen + more };
        let promise = format!("a count of {least} to {sent}");
        expect((least..=sent).contains(&told), &promise, told.to_string())?;
        (self.seen, self.seen_at) = (told, asked_at);
        Ok(u64::try_from(seen + more - told).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::Count;
    use std::time::{Duration, Instant};

    fn count(seen_at: Instant) -> Count {
        Count {
            seen: 3,
            seen_at,
            sent: 5,
        }
    }

    #[test]
    fn a_count_goes_up_and_no_further_than_was_asked_for() {
        let now = Instant::now();
        let mut count = count(now);
        assert!(count.take(2, 0, now, None).is_err(), "it goes back");
        assert!(count.take(3, 1, now, None).is_err(), "it stands still");
        assert!(count.take(6, 1, now, None).is_err(), "another's");
        assert_eq!(count.take(3, 0, now, None), Ok(0));
        assert_eq!(count.take(5, 1, now, None), Ok(0));
        assert_eq!(count.seen, 5);
    }

    #[test]
    fn what_was_seen_before_a_loss_may_be_gone_and_is_counted() {
        let before = Instant::now();
        let loss = before + Duration::from_secs(1);
        let after = loss + Duration::from_secs(1);
        assert!(count(after).take(2, 0, after, Some(loss)).is_err());
        assert!(count(before).take(0, 1, after, Some(loss)).is_err());
        assert!(count(before).take(6, 1, after, Some(loss)).is_err());
        let mut count = count(before);
        assert_eq!(count.take(2, 1, after, Some(loss)), Ok(2));
        // Once, and no more.
        assert!(count.take(1, 0, after, Some(loss)).is_err());
        assert_eq!(count.take(3, 1, after, Some(loss)), Ok(0));
    }
}
