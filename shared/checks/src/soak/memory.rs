//! Whether memory grows.

use crate::verdict::{Verdict, expect};
use std::{collections::BTreeMap, time::Duration};

/// Which minutes fill pools and caches: the first two. Growth counts from the second.
const WARM: u64 = 1;

/// What an allocator may keep for itself between two minutes that are alike. A run of
/// ten minutes has some hundred thousand requests: what one of them loses may be 40
/// bytes or so and stay unseen.
const NOISE_KIB: u64 = 4096;

/// Resident memory of one process, in KiB, by the minute.
#[derive(Debug, Default)]
pub(super) struct Memory(BTreeMap<u64, Vec<u64>>);

impl Memory {
    pub(super) fn note(&mut self, since_start: Duration, kib: u64) {
        let minute = since_start.as_secs() / 60;
        self.0.entry(minute).or_default().push(kib);
    }

    /// The median of each minute. The last may be a part of one.
    pub(super) fn by_minute(&self) -> Vec<u64> {
        let medians = self.0.values().map(|samples| {
            let mut samples = samples.clone();
            samples.sort_unstable();
            samples[samples.len() / 2]
        });
        medians.collect()
    }

    /// By how much the last minute is above the second. `None`: the run was too short
    /// to tell, less than four minutes.
    pub(super) fn growth(&self) -> Option<u64> {
        let second = median(self, WARM)?;
        let (last, _) = self.0.last_key_value()?;
        let last = median(self, *last).filter(|_| *last >= WARM + 2)?;
        Some(last.saturating_sub(second))
    }

    pub(super) fn judge(&self) -> Verdict {
        let growth = self.growth().unwrap_or_default();
        let promise = format!("memory grows by {NOISE_KIB} KiB at most after two minutes");
        expect(growth <= NOISE_KIB, &promise, format!("by {growth} KiB"))
    }
}

fn median(memory: &Memory, minute: u64) -> Option<u64> {
    let place = memory.0.keys().position(|known| *known == minute)?;
    memory.by_minute().get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Once a second, this much in KiB.
    fn memory(seconds: u64, kib: impl Fn(u64) -> u64) -> Memory {
        let mut memory = Memory::default();
        for second in 0..seconds {
            memory.note(Duration::from_secs(second), kib(second));
        }
        memory
    }

    #[test]
    fn what_the_first_minutes_fill_is_no_growth() {
        let warm = memory(600, |second| 20_000 + 200 * second.min(60));
        assert_eq!(warm.growth(), Some(0));
        assert_eq!(warm.judge(), Ok(()));
        assert_eq!(warm.by_minute().len(), 10);
    }

    #[test]
    fn what_grows_for_ever_is() {
        // 10 KiB a second: 64 bytes each of 160 requests.
        let leak = memory(600, |second| 20_000 + 10 * second);
        assert_eq!(leak.growth(), Some(4800));
        let broken = leak.judge().unwrap_err().to_string();
        assert!(broken.contains("observed: by 4800 KiB"), "{broken}");
    }

    #[test]
    fn a_short_run_tells_nothing() {
        assert_eq!(memory(180, |second| 1000 * second).growth(), None);
        assert!(memory(200, |second| 1000 * second).growth().is_some());
        assert_eq!(memory(0, |_| 0).growth(), None);
    }
}
