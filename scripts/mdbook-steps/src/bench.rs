//! What `cargo course bench --record` has measured, as a table and a drawing.

mod svg;

use crate::tables::{line, text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// `book/bench.toml`, or `book/stores.toml`.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// The command that repeats it.
    pub measured_by: String,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_express: Option<f64>,
    /// How long 99 of 100 answers took at most, where it is 1 for the bare handler.
    pub p99_to_bare: f64,
    /// Of all its processes.
    pub memory_mb: f64,
    /// By how much the process that holds the sessions grows with each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_bytes: Option<f64>,
    /// What the servers counted for each request, such as `1 GET, 1 SET`.
    pub commands: String,
}

impl Bench {
    pub fn parse(text: &str) -> Result<Self, String> {
        let bench: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let is_ratio = |number: f64| number.is_finite() && number > 0.0;
        for app in &bench.apps {
            let ratios = [app.to_bare, app.p99_to_bare];
            if !ratios.into_iter().chain(app.to_express).all(is_ratio) {
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
        let has = |of: fn(&App) -> Option<f64>| self.apps.iter().any(|app| of(app).is_some());
        let (express, session) = (has(|app| app.to_express), has(|app| app.session_bytes));
        let columns = |all: [String; 6]| {
            let shown = [true, express, true, session, true, true];
            let columns = all.into_iter().zip(shown);
            columns.filter_map(|(cell, shown)| shown.then_some(cell))
        };
        let heads = [
            "Requests a second, to the bare handler's",
            "to Express'",
            "p99, to the bare handler's",
            "A session",
            "The app's memory",
            "Commands a request",
        ];
        let rules = ["--:", "--:", "--:", "--:", "--:", "---"];
        let mut table = vec![
            line("", columns(heads.map(str::to_owned))),
            line("---", columns(rules.map(str::to_owned))).replace(' ', ""),
        ];
        for app in &self.apps {
            let or_none = |number: Option<String>| number.unwrap_or_else(|| "–".to_owned());
            let cells = [
                format!("{:.2}", app.to_bare),
                or_none(app.to_express.map(|ratio| format!("{ratio:.1}"))),
                format!("{:.1}", app.p99_to_bare),
                or_none(app.session_bytes.map(|bytes| format!("{bytes:.0} bytes"))),
                format!("{:.0} MB", app.memory_mb),
                text(&app.commands),
            ];
            table.push(line(&text(&app.name), columns(cells)));
        }
        let Self {
            measured_by,
            command,
            rounds,
            cores,
            ..
        } = self;
        let how =
            format!("`{measured_by}`: medians of {rounds} rounds of `{command}` on {cores} cores.");
        format!("{}\n\n{how}", table.join("\n"))
    }
}

/// As it is written to the file.
impl fmt::Display for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let toml = toml::to_string(self).map_err(|_| fmt::Error)?;
        write!(f, "# Written with --record.\n\n{toml}")
    }
}
