//! The sheet for a terminal of 80 columns.

use crate::sheet::{Row, Sheet};
use std::fmt;

const LABEL: usize = 30;
const CELL: usize = 8;
const WIDTH: usize = 80;

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.sessions.len() * CELL;
        line(f, "live sessions", self.sessions.iter())?;
        for Row { label, cells } in &self.common {
            line(f, label, cells.iter())?;
        }
        let [(redis, redis_rows), (mongodb, mongodb_rows)] = &self.stores;
        writeln!(f, "\n{:LABEL$}{redis:>columns$}{mongodb:>columns$}", "")?;
        line(
            f,
            "live sessions",
            self.sessions.iter().chain(&self.sessions),
        )?;
        for (row, other) in redis_rows.iter().zip(mongodb_rows) {
            line(f, &row.label, row.cells.iter().chain(&other.cells))?;
        }
        writeln!(f)?;
        for assumption in &self.assumed {
            writeln!(f, "{}", wrapped(assumption))?;
        }
        Ok(())
    }
}

fn line<'a>(
    f: &mut fmt::Formatter<'_>,
    label: &str,
    cells: impl Iterator<Item = &'a String>,
) -> fmt::Result {
    write!(f, "{label:LABEL$}")?;
    for cell in cells {
        write!(f, "{cell:>CELL$}")?;
    }
    writeln!(f)
}

/// In lines that fit, all but the first a little to the right.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::from("-")];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                *line = format!("{line} {word}");
            }
            _ => lines.push(format!("  {word}")),
        }
    }
    lines.join("\n")
}
