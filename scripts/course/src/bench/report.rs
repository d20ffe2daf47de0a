//! What was measured, as a table for the terminal and as the file that the book draws.

use super::{
    apps::BARE,
    load::{Load, Told, wrk},
};
use mdbook_steps::bench::{App, Bench};
use std::fmt;

/// What ours are compared with, too.
const EXPRESS: &str = "Express, 1 process";

/// What was measured of an app.
pub struct Figures {
    pub load: Load,
    /// In MB, at the end.
    pub memory: Option<f64>,
    /// What one more session takes where the sessions are.
    pub session_bytes: Option<f64>,
}

pub struct Report {
    /// Whether stores were compared, and neither with Express.
    pub stores: bool,
    pub figures: Vec<Figures>,
    pub rounds: usize,
    pub record_bytes: String,
    pub cores: usize,
    /// A line for each app that could not be measured.
    pub missing: Vec<String>,
}

impl Report {
    /// What carries to other machines: ratios and counts.
    pub fn record(&self) -> Result<Bench, String> {
        let apps = self.figures.iter().map(|figures| {
            let name = &figures.load.name;
            let lacks = || format!("course: nothing to record: {name} lacks a figure");
            self.app(figures).ok_or_else(lacks)
        });
        let arguments = if self.stores { " stores" } else { "" };
        Ok(Bench {
            measured_by: format!("cargo course bench{arguments}"),
            command: wrk(),
            rounds: self.rounds,
            cores: self.cores,
            apps: apps.collect::<Result<_, _>>()?,
        })
    }

    fn app(&self, figures: &Figures) -> Option<App> {
        let hundredths = |number: f64| (number * 100.0).round() / 100.0;
        Some(App {
            name: figures.load.name.clone(),
            to_bare: hundredths(self.ratio(figures, BARE, |round| round.rate)?),
            to_express: if self.stores {
                None
            } else {
                Some(hundredths(
                    self.ratio(figures, EXPRESS, |round| round.rate)?,
                ))
            },
            p99_to_bare: hundredths(self.ratio(figures, BARE, |round| round.p99)?),
            memory_mb: figures.memory?.round(),
            session_bytes: match figures.load.name.as_str() {
                BARE => None,
                _ if self.stores => Some(figures.session_bytes?.round()),
                _ => None,
            },
            commands: figures.load.commands(),
        })
    }

    /// The median of the rounds' ratios: in a round, all had the same neighbours.
    fn ratio(&self, of: &Figures, to: &str, figure: fn(&Told) -> f64) -> Option<f64> {
        let to = self
            .figures
            .iter()
            .find(|figures| figures.load.name == to)?;
        let rounds = of.load.rounds.iter().zip(&to.load.rounds);
        median(rounds.map(|(of, to)| figure(of) / figure(to)))
    }

    fn row(&self, figures: &Figures) -> String {
        let Figures { load, memory, .. } = figures;
        let rounds = &load.rounds;
        let third = if self.stores {
            number(figures.session_bytes, 0)
        } else {
            number(self.ratio(figures, EXPRESS, |round| round.rate), 1)
        };
        line(
            &load.name,
            [
                number(median(rounds.iter().map(|round| round.rate)), 0),
                number(self.ratio(figures, BARE, |round| round.rate), 2),
                third,
                number(median(rounds.iter().map(|round| round.p99)), 1),
                number(*memory, 0),
                load.commands(),
            ],
        )
    }
}

/// 80 columns.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { rounds, cores, .. } = self;
        let (what, third) = if self.stores {
            ("step 04's GET /count", "a session")
        } else {
            ("GET /count on one Redis", "to Express")
        };
        writeln!(
            f,
            "{what}, {cores} cores, records of {} bytes\n\
             {}, {rounds} rounds, medians; p99 in ms, memory in MB\n",
            self.record_bytes,
            wrk()
        )?;
        let heads = ["a second", "to bare", third, "p99", "memory"];
        let [rate, bare, express, p99, memory] = heads.map(str::to_owned);
        let commands = "commands".to_owned();
        f.write_str(&line("", [rate, bare, express, p99, memory, commands]))?;
        for figures in &self.figures {
            f.write_str(&self.row(figures))?;
        }
        for why in &self.missing {
            write!(f, "\n{why}")?;
        }
        if !self.missing.is_empty() {
            writeln!(f)?;
        }
        Ok(())
    }
}

fn line(name: &str, [rate, bare, express, p99, memory, commands]: [String; 6]) -> String {
    format!("{name:<20}{rate:>9}{bare:>9}{express:>12}{p99:>7}{memory:>8}  {commands}\n")
}

fn number(number: Option<f64>, digits: usize) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.digits$}"))
}

fn median(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    fn figures(name: &str, rounds: &[(f64, f64)]) -> Figures {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut load = Load::new(name.to_owned(), address, None);
        load.rounds = rounds
            .iter()
            .map(|&(rate, p99)| Told {
                rate,
                p99,
                requests: 2.0 * rate,
            })
            .collect();
        Figures {
            load,
            memory: Some(11.6),
            session_bytes: None,
        }
    }

    /// In the second round the machine was busy.
    fn report() -> Report {
        Report {
            stores: false,
            figures: vec![
                figures("step 03", &[(30000.0, 2.0), (9000.0, 8.0), (32000.0, 1.9)]),
                figures(BARE, &[(40000.0, 1.0), (10000.0, 5.0), (40000.0, 1.0)]),
                figures(EXPRESS, &[(5000.0, 9.0), (1000.0, 40.0), (4000.0, 9.0)]),
            ],
            rounds: 3,
            record_bytes: "65".to_owned(),
            cores: 2,
            missing: Vec::new(),
        }
    }

    #[test]
    fn ratios_are_of_rounds_and_lines_have_80_columns_at_most() {
        let mut report = report();
        let table = report.to_string();
        let step = "step 03                 30000     0.80         8.0    2.0      12  none\n";
        assert!(table.contains(step), "{table}");
        report.missing = vec!["actix-web is left out: cargo failed".to_owned()];
        report.figures[0].memory = None;
        let table = report.to_string();
        assert!(table.contains("       -  none\n"), "{table}");
        assert!(table.ends_with("\n\nactix-web is left out: cargo failed\n"));
        assert!(table.lines().all(|line| line.len() <= 80), "{table}");
    }

    #[test]
    fn without_express_its_column_is_empty_and_nothing_is_recorded() {
        let mut report = report();
        let recorded = report.record().unwrap().to_string();
        assert!(recorded.contains("to_express = 8.0\n"), "{recorded}");
        assert_eq!(Bench::parse(&recorded).unwrap(), report.record().unwrap());
        report.figures.pop();
        let table = report.to_string();
        assert!(table.contains("0.80           -"), "{table}");
        let error = report.record().unwrap_err();
        assert_eq!(error, "course: nothing to record: step 03 lacks a figure");
    }

    #[test]
    fn of_stores_what_a_session_takes_is_told() {
        let mut report = report();
        report.stores = true;
        report.figures.pop();
        let lacks = report.record().unwrap_err();
        assert_eq!(lacks, "course: nothing to record: step 03 lacks a figure");
        report.figures[0].session_bytes = Some(512.4);
        let table = report.to_string();
        let step = "step 03                 30000     0.80         512    2.0      12  none\n";
        assert!(table.contains(step), "{table}");
        let recorded = report.record().unwrap().to_string();
        assert!(recorded.contains("session_bytes = 512.0\n"), "{recorded}");
        assert!(!recorded.contains("to_express"), "{recorded}");
        assert_eq!(Bench::parse(&recorded).unwrap(), report.record().unwrap());
    }
}
