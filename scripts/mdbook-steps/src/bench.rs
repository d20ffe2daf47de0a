//! What `cargo course bench --record` has measured, as a table and a drawing.

mod svg;

use crate::tables::{line, text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// book/bench.toml.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// What made the load.
    pub command: String,
    /// How often each app had it.
    pub rounds: usize,
    /// Of the machine.
    pub cores: usize,
    #[serde(rename = "app")]
    pub apps: Vec<App>,
}

/// Medians.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    pub name: String,
    /// Requests a second, where those of the bare handler are 1.
    pub to_bare: f64,
    /// The same, where those of Express in one process are 1.
    pub to_express: f64,
    /// How long 99 of 100 answers took at most, where it is 1 for the bare handler.
    pub p99_to_bare: f64,
    /// Of all its processes.
    pub memory_mb: f64,
    /// What Redis counted for each request, such as `1 GET, 1 SET`.
    pub commands: String,
}

impl Bench {
    pub fn parse(text: &str) -> Result<Self, String> {
        let bench: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let is_ratio = |number: f64| number.is_finite() && number > 0.0;
        for app in &bench.apps {
            if ![app.to_bare, app.to_express, app.p99_to_bare]
                .into_iter()
                .all(is_ratio)
            {
                return Err(format!("`{}` has a ratio that is none", app.name));
            }
        }
        if bench.apps.is_empty() {
            return Err("no app is in it".to_owned());
        }
        Ok(bench)
    }

    /// A Markdown table, and how it came about.
    pub fn table(&self) -> String {
        let heads = [
            "Requests a second, to the bare handler's",
            "to Express'",
            "p99, to the bare handler's",
            "Memory",
            "Commands a request",
        ];
        let mut table = vec![
            line("", heads.map(str::to_owned).into_iter()),
            "|---|--:|--:|--:|--:|---|".to_owned(),
        ];
        for app in &self.apps {
            let cells = [
                format!("{:.2}", app.to_bare),
                format!("{:.1}", app.to_express),
                format!("{:.1}", app.p99_to_bare),
                format!("{:.0} MB", app.memory_mb),
                text(&app.commands),
            ];
            table.push(line(&text(&app.name), cells.into_iter()));
        }
        let Self {
            command,
            rounds,
            cores,
            ..
        } = self;
        let how = format!("Medians of {rounds} rounds of `{command}` on {cores} cores.");
        format!("{}\n\n{how}", table.join("\n"))
    }
}

/// As it is written to the file.
impl fmt::Display for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let toml = toml::to_string(self).map_err(|_| fmt::Error)?;
        write!(f, "# Measured by `cargo course bench --record`.\n\n{toml}")
    }
}
