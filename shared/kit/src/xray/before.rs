//! The requests before this one, so that a page shows what became of what they saved.
//! Those whose answer is no page are among them, such as a login that leads on.

use super::store::{Command, lock, shorten};
use axum::http::StatusCode;
use minijinja::{Value, context};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Instant,
};

/// How many are kept.
const KEPT: usize = 5;

/// The last requests of this app, the oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Before(Arc<Mutex<VecDeque<Past>>>);

/// A request that was answered, in short.
#[derive(Debug)]
pub(super) struct Past {
    began: Instant,
    line: String,
    status: StatusCode,
    came_in: Vec<String>,
    commands: Vec<String>,
    were_set: Vec<String>,
}

impl Past {
    /// Cookies are pairs of name and value.
    pub(super) fn new(
        (began, line): (Instant, String),
        status: StatusCode,
        came_in: &[(String, String)],
        commands: &[Command],
        were_set: &[(String, String)],
    ) -> Past {
        let cookies = |cookies: &[(String, String)]| cookies.iter().map(short).collect();
        Past {
            began,
            line,
            status,
            came_in: cookies(came_in),
            commands: commands
                .iter()
                .map(|command| command.text.clone())
                .collect(),
            were_set: cookies(were_set),
        }
    }
}

impl Before {
    /// What touched neither a cookie nor the store tells nothing of a session, and a
    /// browser asks by itself for files that are not there.
    pub(super) fn add(&self, past: Past) {
        let is_quiet = [&past.came_in, &past.commands, &past.were_set]
            .iter()
            .all(|part| part.is_empty());
        if is_quiet || past.status == StatusCode::NOT_FOUND {
            return;
        }
        let mut kept = lock(&self.0);
        kept.push_back(past);
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }

    pub(super) fn shown(&self) -> Vec<Value> {
        let kept = lock(&self.0);
        let shown = kept.iter().map(|past| {
            context! {
                ago => ago(past.began),
                line => &past.line,
                status => past.status.as_u16(),
                came_in => &past.came_in,
                commands => &past.commands,
                were_set => &past.were_set,
            }
        });
        shown.collect()
    }
}

/// The name, and where the value is an ID, its first characters: `beer.sid 5xkLDs…`.
fn short((name, value): &(String, String)) -> String {
    if value.is_empty() {
        return format!("{name} is taken away");
    }
    // A signature stands in front.
    let value = value
        .rsplit_once('=')
        .map_or(value.as_str(), |(_, value)| value);
    let value = value.rsplit_once("%3D").map_or(value, |(_, value)| value);
    format!("{name} {}", shorten(value))
}

fn ago(began: Instant) -> String {
    format!("{:.1} s ago", began.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(number: usize, status: u16, cookies: &[(String, String)]) -> Past {
        let line = (Instant::now(), format!("GET /{number}"));
        let status = StatusCode::from_u16(status).unwrap();
        Past::new(line, status, cookies, &[], &[])
    }

    fn lines(before: &Before) -> Vec<String> {
        let shown = before.shown();
        let lines = shown.iter().map(|past| past.get_attr("line").unwrap());
        lines.map(|line| line.to_string()).collect()
    }

    #[test]
    fn the_last_five_are_kept_that_touched_a_session() {
        let cookie = [("beer.sid".to_owned(), "5xkLDsAAAAAAAAAAAAAAAA".to_owned())];
        let before = Before::default();
        before.add(past(0, 404, &cookie));
        before.add(past(0, 200, &[]));
        assert!(before.shown().is_empty());
        for number in 1..=7 {
            before.add(past(number, 200, &cookie));
        }
        assert_eq!(
            lines(&before),
            ["GET /3", "GET /4", "GET /5", "GET /6", "GET /7"]
        );
    }

    #[test]
    fn an_id_is_short_and_has_no_signature() {
        let short = |value: &str| short(&("beer.sid".to_owned(), value.to_owned()));
        let signature = "Q2yEb6xLlfzyQ4r4Q4Tq/aR1Fc2lz2lQ0xD4h3NzMHc";
        let expected = "beer.sid krVBw7…";
        assert_eq!(
            short(&format!("{signature}=krVBw71MAH7YnLYv04Sp7A")),
            expected
        );
        assert_eq!(
            short(&format!("{signature}%3DkrVBw71MAH7YnLYv04Sp7A")),
            expected
        );
        assert_eq!(short("Ada"), "beer.sid Ada");
        assert_eq!(short(""), "beer.sid is taken away");
    }
}
