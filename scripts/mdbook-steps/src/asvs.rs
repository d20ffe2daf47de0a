//! Which requirements of OWASP's ASVS a step meets, as a Markdown table.

use crate::tables::{line, text};
use checks::matrix::{Cell, Matrix};
use serde::Deserialize;
use std::collections::BTreeMap;

/// shared/checks/asvs.toml: the requirements by number, such as `7.2.1`.
pub type Requirements = BTreeMap<String, Requirement>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// From 1, what every app needs, to 3.
    level: u8,
    /// What it asks for, in our words.
    what: String,
}

/// One line for each requirement and check that is part of the step.
pub fn table(
    requirements: &Requirements,
    matrix: &Matrix,
    step: &str,
    draw: fn(&Cell) -> String,
) -> Result<String, String> {
    let mut lines = Vec::new();
    for row in &matrix.rows {
        let cell = row.cell(step).filter(|cell| **cell != Cell::Absent);
        for number in &row.asvs {
            let Some(Requirement { level, what }) = requirements.get(number) else {
                return Err(format!(
                    "`{}` names {number}, which asvs.toml does not have",
                    row.name
                ));
            };
            if let Some(cell) = cell {
                let check = format!("`{}`", row.name);
                let cells = [format!("{level}"), text(what), check, draw(cell)];
                lines.push((in_order(number), line(number, cells.into_iter())));
            }
        }
    }
    if lines.is_empty() {
        return Err(format!("no check of {step} names a requirement"));
    }
    // Stable: checks of the same requirement stay in the matrix's order.
    lines.sort_by(|(a, _), (b, _)| a.cmp(b));
    let heads = ["Level", "It asks for", "Proved by", step].map(str::to_owned);
    let head = line("ASVS 5.0", heads.into_iter());
    let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    Ok(format!(
        "{head}\n|---|:-:|---|---|:-:|\n{}",
        lines.join("\n")
    ))
}

/// As numbers, so that 11 comes after 7.
fn in_order(number: &str) -> Vec<Option<u32>> {
    number.split('.').map(|part| part.parse().ok()).collect()
}
