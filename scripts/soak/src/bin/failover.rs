//! `failover [TARGET] [--sessions redis|mongodb] [--browsers N] [--rounds N]
//! [--only TROUBLE]`: `cargo course failover` runs it.

use checks::failover::{Plan, Report, Trouble};
use soak::{number, set};
use std::{
    env,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

const USAGE: &str = "failover: expected a step or a path, and perhaps --sessions redis|mongodb, \
    --browsers N, --rounds N, --only master|cut-off|primary|replace|copy";

/// Nothing is known: a wrong command line, an app that cannot be tried so, or somebody
/// stopped it.
const NOTHING_KNOWN: u8 = 2;

/// What is tried if nobody says, and where its sessions are.
const TARGET: &str = "step-08";
const SESSIONS: &str = "redis";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some(order) = Order::read(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(NOTHING_KNOWN);
    };
    match order.carry_out() {
        Ok(report) => {
            // Whoever reads may stop early, as `head` does.
            let _ = write!(io::stdout(), "\n{report}");
            if report.stopped() {
                return ExitCode::from(NOTHING_KNOWN);
            }
            ExitCode::from(u8::from(!report.held()))
        }
        Err(error) => {
            eprintln!("failover: {error}");
            ExitCode::from(NOTHING_KNOWN)
        }
    }
}

/// The command line.
#[derive(Debug, Default, PartialEq)]
struct Order<'a> {
    target: Option<&'a str>,
    sessions: Option<&'a str>,
    browsers: Option<u32>,
    rounds: Option<u32>,
    only: Option<Trouble>,
}

impl<'a> Order<'a> {
    fn read(arguments: &'a [String]) -> Option<Self> {
        let mut order = Order::default();
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let new = match word {
                "--sessions" => set(&mut order.sessions, words.next()?),
                "--browsers" => set(&mut order.browsers, number(words.next()?, 1, 512)?),
                "--rounds" => set(&mut order.rounds, number(words.next()?, 1, 100)?),
                "--only" => set(&mut order.only, trouble(words.next()?)?),
                target if !target.starts_with('-') => set(&mut order.target, target),
                _ => false,
            };
            if !new {
                return None;
            }
        }
        Some(order)
    }

    fn carry_out(&self) -> Result<Report, String> {
        let target = self.target.unwrap_or(TARGET);
        if !target.contains("://") && !Path::new(target).is_file() {
            eprintln!("building {target}");
        }
        let mut plan = Plan::new(target, self.sessions.unwrap_or(SESSIONS), self.only)?;
        plan.browsers = self.browsers.unwrap_or(plan.browsers);
        plan.rounds = self.rounds.unwrap_or(plan.rounds);
        eprintln!("{}", plan.about());
        plan.run(|line| eprintln!("{line}"))
    }
}

fn trouble(name: &str) -> Option<Trouble> {
    Trouble::ALL
        .into_iter()
        .find(|trouble| trouble.name() == name)
}
