//! Which requirements of OWASP's ASVS a step meets, as a Markdown table.

use crate::tables::{line, text};
use checks::matrix::{Cell, Matrix};
use serde::Deserialize;
use std::{collections::BTreeMap, mem::take};

/// shared/checks/asvs.toml: the requirements by number, such as `7.2.1`.
pub type Requirements = BTreeMap<String, Requirement>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// From 1, what every app needs, to 3.
    level: u8,
    /// What it asks for, in our words.
    what: String,
    /// Where no check proves it: why not.
    why_not: Option<String>,
}

/// One line for each check that is part of the step, below its requirement. What no
/// check proves stands where the course ends, with the reason.
pub fn table(
    requirements: &Requirements,
    matrix: &Matrix,
    step: &str,
    draw: fn(&Cell) -> String,
) -> Result<String, String> {
    for row in &matrix.rows {
        if let Some(number) = row.asvs.iter().find(|it| !requirements.contains_key(*it)) {
            let name = &row.name;
            return Err(format!(
                "`{name}` names {number}, which asvs.toml does not have"
            ));
        }
    }
    for (number, requirement) in requirements {
        let has_check = matrix.rows.iter().any(|row| row.asvs.contains(number));
        match (has_check, &requirement.why_not) {
            (false, None) => return Err(format!("{number} has neither a check nor a why_not")),
            (true, Some(_)) => return Err(format!("{number} has a check and a why_not")),
            _ => {}
        }
    }
    let is_last = matrix.steps.last().is_some_and(|last| last == step);
    let mut requirements: Vec<_> = requirements.iter().collect();
    requirements.sort_by_key(|(number, _)| in_order(number));
    let heads = ["It asks for", "Proved by", step].map(str::to_owned);
    let mut table = vec![
        line("ASVS 5.0", heads.into_iter()),
        "|---|---|---|:-:|".to_owned(),
    ];
    let mut is_proved = false;
    for (number, requirement) in requirements {
        let mut number_and_level = format!("{number} (level {})", requirement.level);
        let mut what = text(&requirement.what);
        if let Some(why_not) = requirement.why_not.as_ref().filter(|_| is_last) {
            let cells = [take(&mut what), text(why_not), "–".to_owned()];
            table.push(line(&take(&mut number_and_level), cells.into_iter()));
        }
        for row in matrix.rows.iter().filter(|row| row.asvs.contains(number)) {
            if let Some(cell) = row.cell(step).filter(|cell| **cell != Cell::Absent) {
                let cells = [take(&mut what), format!("`{}`", row.name), draw(cell)];
                table.push(line(&take(&mut number_and_level), cells.into_iter()));
                is_proved = true;
            }
        }
    }
    if !is_proved {
        return Err(format!("no check of {step} names a requirement"));
    }
    Ok(table.join("\n"))
}

/// As numbers, so that 11 comes after 7.
fn in_order(number: &str) -> Vec<Option<u32>> {
    number.split('.').map(|part| part.parse().ok()).collect()
}
