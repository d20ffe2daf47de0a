//! `soak TARGET [--minutes N] [--store NAME] [--users NAME] [--variant NAME]
//! [--browsers N] [--every SECONDS]`: `cargo course soak` runs it.

use checks::soak::{Choice, Plan, Report};
use soak::{number, set};
use std::{
    env,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::Duration,
};

const USAGE: &str = "soak: expected a step or a path, and perhaps --minutes N, --store NAME, \
    --users NAME, --variant NAME, --browsers N, --every SECONDS";

/// Nothing was tried: a wrong command line, or an app that cannot be tried so.
const NOTHING_TRIED: u8 = 2;

/// For how long, how many, and how often the app is killed, if nobody says.
const MINUTES: f64 = 10.0;
const BROWSERS: u32 = 64;
const SECONDS: u64 = 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some(order) = Order::read(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(NOTHING_TRIED);
    };
    match order.carry_out() {
        Ok(report) => {
            // Whoever reads may stop early, as `head` does.
            let _ = write!(io::stdout(), "\n{report}");
            ExitCode::from(u8::from(!report.held()))
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::from(NOTHING_TRIED)
        }
    }
}

/// The command line.
#[derive(Debug, Default, PartialEq)]
struct Order<'a> {
    target: &'a str,
    choice: Choice<'a>,
    minutes: Option<f64>,
    browsers: Option<u32>,
    every: Option<u64>,
}

impl<'a> Order<'a> {
    fn read(arguments: &'a [String]) -> Option<Self> {
        let mut order = Order::default();
        let choice = &mut order.choice;
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let new = match word {
                "--minutes" => set(&mut order.minutes, number(words.next()?, 0.1, 1440.0)?),
                "--browsers" => set(&mut order.browsers, number(words.next()?, 1, 512)?),
                // A pause of a database has its place between two kills.
                "--every" => set(&mut order.every, number(words.next()?, 6, 3600)?),
                "--store" => set(&mut choice.store, words.next()?),
                "--users" => set(&mut choice.users, words.next()?),
                "--variant" => set(&mut choice.variant, words.next()?),
                target if order.target.is_empty() && !target.starts_with('-') => {
                    order.target = target;
                    true
                }
                _ => false,
            };
            if !new {
                return None;
            }
        }
        (!order.target.is_empty()).then_some(order)
    }

    fn carry_out(&self) -> Result<Report, String> {
        if !self.target.contains("://") && !Path::new(self.target).is_file() {
            eprintln!("building {}", self.target);
        }
        let mut plan = Plan::new(self.target, self.choice)?;
        plan.time = Duration::from_secs_f64(60.0 * self.minutes.unwrap_or(MINUTES));
        plan.browsers = self.browsers.unwrap_or(BROWSERS);
        plan.kill_every = Duration::from_secs(self.every.unwrap_or(SECONDS));
        eprintln!("{}", plan.about());
        plan.run(|line| eprintln!("{line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, Order};

    #[test]
    fn a_target_may_have_each_option_once() {
        let read = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            Order::read(&words).map(|order| {
                let Choice {
                    variant,
                    store,
                    users,
                } = order.choice;
                let options = [store, users, variant];
                let options = options.map(|option| option.unwrap_or("none").to_owned());
                (order.target.to_owned(), order.minutes, options.join(" "))
            })
        };
        let plain = ("step-07".to_owned(), None, "none none none".to_owned());
        assert_eq!(read("step-07"), Some(plain));
        let all = ("app".to_owned(), Some(0.5), "redis mysql x".to_owned());
        let line = "--minutes 0.5 --users mysql app --variant x --store redis";
        assert_eq!(read(line), Some(all));
        for wrong in [
            "",
            "a b",
            "a --minutes",
            "a --minutes 0",
            "a --minutes -1",
            "a --minutes NaN",
            "a --minutes 1441",
            "a --minutes 1 --minutes 2",
            "a --browsers 0",
            "a --every 5",
            "a --store",
            "a --store x --store y",
            "a --fast",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
