//! What stands behind `cargo course capacity`.

use crate::{
    need::{Cluster, Load},
    recorded::Store,
};
use std::collections::BTreeMap;

/// What a person gave, by name. The rest has its default.
#[derive(Debug, Default, PartialEq)]
pub struct Options {
    numbers: BTreeMap<&'static str, f64>,
    anonymous: bool,
}

/// An option with a number.
struct Known {
    name: &'static str,
    least: f64,
    most: f64,
    whole: bool,
}

const fn whole(name: &'static str, least: f64, most: f64) -> Known {
    Known {
        name,
        least,
        most,
        whole: true,
    }
}

const fn any(name: &'static str, least: f64, most: f64) -> Known {
    Known {
        whole: false,
        ..whole(name, least, most)
    }
}

/// The upper ends keep every product far below what a number can hold.
const KNOWN: [Known; 11] = [
    whole("--sessions", 1.0, 1e12),
    any("--visits-per-hour", 0.001, 36_000.0),
    any("--writes-percent", 0.0, 100.0),
    whole("--idle", 1.0, 34_560_000.0),
    any("--minutes", 0.1, 576_000.0),
    whole("--bytes", 1.0, 16_777_216.0),
    whole("--replicas", 0.0, 49.0),
    any("--node-memory", 0.1, 100_000.0),
    any("--fill", 1.0, 100.0),
    whole("--cores", 1.0, 1024.0),
    any("--rate", 1.0, 1e9),
];

impl Options {
    /// The error says what was expected, in one line.
    pub fn read(words: &[&str]) -> Result<Options, String> {
        let mut options = Options::default();
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            if word == "--anonymous" {
                options.anonymous = true;
                continue;
            }
            let known = KNOWN.iter().find(|known| known.name == word);
            let known = known.ok_or_else(|| unknown(word))?;
            let number = known.read(words.next().copied().unwrap_or_default())?;
            if options.numbers.insert(known.name, number).is_some() {
                return Err(format!("{word} stands there twice"));
            }
        }
        Ok(options)
    }

    /// As many as were asked for, or 1, 10 and 100 million.
    pub fn sessions(&self) -> Vec<f64> {
        match self.numbers.get("--sessions") {
            Some(sessions) => vec![*sessions],
            None => vec![1e6, 1e7, 1e8],
        }
    }

    pub fn load(&self, sessions: f64) -> Load {
        Load {
            sessions,
            visits_per_hour: self.or("--visits-per-hour", 120.0),
            writes_percent: self.or("--writes-percent", 10.0),
            idle: self.or("--idle", 900.0),
            minutes: self.or("--minutes", 60.0),
            anonymous: self.anonymous,
            record: self.numbers.get("--bytes").copied(),
        }
    }

    /// Redis forks for a snapshot and for a new replica, and may need all its memory once
    /// more meanwhile. One core of a node runs its commands. A replica takes over.
    pub fn redis(&self, store: &Store) -> Cluster {
        Cluster {
            replicas: self.or("--replicas", 1.0),
            fill_percent: self.or("--fill", 50.0),
            busy_percent: self.or("--fill", 50.0),
            rate: self.or("--rate", store.rate),
            fewest: 3.0,
            node_memory: self.node_memory(),
        }
    }

    /// MongoDB's cache is half of a node's memory, and it throws out from 80% on. All
    /// cores run commands. Three members are the fewest that elect a new primary.
    pub fn mongodb(&self, store: &Store) -> Cluster {
        Cluster {
            replicas: self.or("--replicas", 2.0),
            fill_percent: self.or("--fill", 40.0),
            busy_percent: self.or("--fill", 50.0),
            rate: self.or("--rate", store.rate * self.cores()),
            fewest: 1.0,
            node_memory: self.node_memory(),
        }
    }

    /// Of a node.
    pub fn cores(&self) -> f64 {
        self.or("--cores", 4.0)
    }

    fn node_memory(&self) -> f64 {
        self.or("--node-memory", 16.0)
    }

    /// Whether a person gave it.
    pub fn has(&self, name: &str) -> bool {
        self.numbers.contains_key(name)
    }

    fn or(&self, name: &str, unset: f64) -> f64 {
        self.numbers.get(name).copied().unwrap_or(unset)
    }
}

impl Known {
    fn read(&self, word: &str) -> Result<f64, String> {
        let number = word.parse().ok().filter(|number: &f64| {
            (self.least..=self.most).contains(number) && !(self.whole && number.fract() > 0.0)
        });
        number.ok_or_else(|| {
            let Known {
                name, least, most, ..
            } = self;
            let kind = if self.whole {
                "a whole number"
            } else {
                "a number"
            };
            let given = format!("{name} {word}");
            format!(
                "{}: expected {kind} from {least} to {most}",
                given.trim_end()
            )
        })
    }
}

fn unknown(word: &str) -> String {
    let names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
    let names = names.join(", ");
    format!("no option `{word}`; expected {names}, --anonymous, or --measure alone")
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn read(line: &str) -> Result<Options, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        Options::read(&words)
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        let options = read("").unwrap();
        assert_eq!(options.sessions(), [1e6, 1e7, 1e8]);
        assert_eq!(Some(options.load(5.0).idle), Some(900.0));
        let options = read("--idle 60 --sessions 12 --anonymous --bytes 900").unwrap();
        assert_eq!(options.sessions(), [12.0]);
        let load = options.load(12.0);
        assert_eq!(
            (load.idle, load.record, load.anonymous),
            (60.0, Some(900.0), true)
        );
        assert!(options.has("--idle") && !options.has("--fill"));
    }

    #[test]
    fn what_is_wrong_is_told_in_one_line() {
        for (line, told) in [
            ("--fill", "--fill: expected a number from 1 to 100"),
            ("--fill 0", "--fill 0: expected a number from 1 to 100"),
            ("--fill NaN", "--fill NaN: expected a number from 1 to 100"),
            ("--fill -5", "--fill -5: expected a number from 1 to 100"),
            (
                "--replicas 1.5",
                "--replicas 1.5: expected a whole number from 0 to 49",
            ),
            (
                "--sessions 1e13",
                "--sessions 1e13: expected a whole number from 1 to 1000000000000",
            ),
            (
                "--sessions inf",
                "--sessions inf: expected a whole number from 1 to 1000000000000",
            ),
            ("--idle 60 --idle 61", "--idle stands there twice"),
            (
                "--idle --sessions 5",
                "--idle --sessions: expected a whole number from 1 to 34560000",
            ),
        ] {
            assert_eq!(read(line).unwrap_err(), told);
        }
        for line in ["5", "--fast 5", "--measure --fill 5"] {
            let error = read(line).unwrap_err();
            assert!(error.starts_with("no option `"), "{error}");
            assert!(
                error.contains("expected --sessions, ") && !error.contains('\n'),
                "{error}"
            );
        }
    }
}
