//! Which tests show a symptom, and the command that runs each.

use crate::{sources::Sources, tables, tree::Step};
use checks::{
    matrix::{Cell, Row},
    variant::{Outcome, Variant},
};

/// A list with one item for each name. The error is every name that stands for
/// nothing, each in one line.
pub fn list(sources: &Sources, package: &str, names: &[String]) -> Result<String, String> {
    let (mut items, mut wrong) = (Vec::new(), Vec::new());
    for name in names {
        match told(sources, package, name) {
            Ok(told) => items.push(format!("- `cargo test -p {package} {name}`: {told}\n")),
            Err(error) => wrong.push(error),
        }
    }
    if wrong.is_empty() {
        Ok(items.concat())
    } else {
        Err(wrong.join("\n"))
    }
}

fn told(sources: &Sources, package: &str, name: &str) -> Result<String, String> {
    if package == "checks" {
        sources.unit_test(name)?;
        return Ok("a test of the checks' own package.".to_owned());
    }
    let step = sources.steps.find(package);
    let step = step.ok_or_else(|| format!("there is no {package}"))?;
    match sources.matrix.row(name) {
        Some(row) => of_check(row, step),
        None if sources.has_variant(step, name) => Ok(of_variant(&sources.variant(step, name)?.0)),
        None => Err(format!(
            "{package} has neither a variant nor a check `{name}`"
        )),
    }
}

fn of_variant(variant: &Variant) -> String {
    let (about, check) = (tables::prose(&variant.about), variant.judge());
    match &variant.outcome {
        Outcome::Caught(_) => format!("{about} `{check}` finds it."),
        Outcome::Refused(seen) => format!("{about} And {check} says {}.", tables::code(seen)),
        Outcome::StillHolds => format!("{about} `{check}` holds all the same."),
        Outcome::Solves => format!("{about} `{check}` holds."),
    }
}

fn of_check(row: &Row, step: &Step) -> Result<String, String> {
    let promise = tables::prose(&row.promise);
    match row.cell(step.name()) {
        None | Some(Cell::Absent) => {
            Err(format!("`{}` is not judged in {}", row.name, step.name()))
        }
        Some(Cell::Pass) => Ok(format!("{promise} It holds.")),
        Some(Cell::Fail(_)) => Ok(format!("{promise} It does not hold.")),
        Some(cell @ Cell::PerBackend(_)) => {
            let mark = tables::mark_and_text(cell);
            Ok(format!("{promise} Store by store: {mark}"))
        }
    }
}
