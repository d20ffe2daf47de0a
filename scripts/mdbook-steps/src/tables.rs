//! The behaviour matrix and the tutorials' items as Markdown tables.

use crate::{html::escape, tree::Steps};
use checks::matrix::{Cell, Matrix};
use serde::Deserialize;

/// A column of the matrix: which step, and what stands above it.
#[derive(Debug)]
pub struct Column {
    pub step: String,
    pub head: String,
}

/// One column for each step of the matrix.
pub fn columns(matrix: &Matrix, head: impl Fn(&str) -> String) -> Vec<Column> {
    let columns = matrix.steps.iter().map(|step| Column {
        head: head(step),
        step: step.clone(),
    });
    columns.collect()
}

/// Behaviours down, steps across, in groups. A behaviour that is absent from
/// all these columns is left out.
pub fn matrix(matrix: &Matrix, columns: &[Column], draw: fn(&Cell) -> String) -> String {
    let heads = columns.iter().map(|column| column.head.clone());
    let mut table = vec![
        line("Behaviour", heads),
        line("---", columns.iter().map(|_| ":-:".to_owned())),
    ];
    let mut group = "";
    for row in &matrix.rows {
        let cells = columns.iter().map(|column| row.cell(&column.step));
        let cells: Vec<&Cell> = cells.map(|cell| cell.unwrap_or(&Cell::Absent)).collect();
        if cells.iter().all(|cell| **cell == Cell::Absent) {
            continue;
        }
        if row.group != group {
            group = &row.group;
            let nothing = columns.iter().map(|_| String::new());
            table.push(line(&format!("**{}**", text(group)), nothing));
        }
        let why = row.why.as_ref().map(|why| format!(" *{}*", text(why)));
        let promise = text(&row.promise) + &why.unwrap_or_default();
        table.push(line(&promise, cells.into_iter().map(draw)));
    }
    table.join("\n")
}

/// One line of a Markdown table.
pub fn line(first: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = std::iter::once(first.to_owned()).chain(cells).collect();
    format!("| {} |", cells.join(" | "))
}

/// ✓, ✗ or –. Stores and databases with the same mark stand together, and one
/// without a part in the promise is left out.
pub fn mark(cell: &Cell) -> String {
    per_backend(cell, |_| "✗".to_owned())
}

/// Like [`mark`], with the text that the check sees where a promise is broken.
pub fn mark_and_text(cell: &Cell) -> String {
    per_backend(cell, |seen| format!("✗ `{}`", seen.replace('|', "\\|")))
}

/// Like [`mark_and_text`] with that text also where the mouse rests.
pub fn mark_with_title(cell: &Cell) -> String {
    per_backend(cell, |seen| {
        let seen = escape(seen).replace('|', "&#124;");
        format!(
            "<span class=\"fails\" title=\"What is seen: {seen}\">✗ <small>“{seen}”</small></span>"
        )
    })
}

/// Whether a promise is kept on one store and broken on another.
pub fn differs(cell: &Cell) -> bool {
    let Cell::PerBackend(cells) = cell else {
        return false;
    };
    let is = |wanted: fn(&Cell) -> bool| cells.iter().any(|(_, cell)| wanted(cell));
    is(|cell| *cell == Cell::Pass) && is(|cell| matches!(cell, Cell::Fail(_)))
}

fn per_backend(cell: &Cell, fail: impl Fn(&str) -> String) -> String {
    let draw = |cell: &Cell| match cell {
        Cell::Fail(seen) => fail(seen),
        Cell::Pass => "✓".to_owned(),
        Cell::Absent | Cell::PerBackend(_) => "–".to_owned(),
    };
    let Cell::PerBackend(cells) = cell else {
        return draw(cell);
    };
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (backend, cell) in cells {
        if *cell == Cell::Absent {
            continue;
        }
        let mark = draw(cell);
        match groups.iter_mut().find(|(known, _)| *known == mark) {
            Some((_, names)) => names.push(backend.to_string()),
            None => groups.push((mark, vec![backend.to_string()])),
        }
    }
    match groups.as_slice() {
        [] => return draw(&Cell::Absent),
        [(mark, names)] if names.len() == cells.len() => return mark.clone(),
        _ => {}
    }
    let groups = groups.iter();
    let groups = groups.map(|(mark, names)| format!("{mark} {}", names.join(", ")));
    groups.collect::<Vec<_>>().join(" · ")
}

/// Text for a cell of a Markdown table: code stays code, and nothing is HTML.
pub fn text(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

/// The same outside of a table.
pub fn prose(text: &str) -> String {
    let parts = (0..).zip(text.split('`')).map(|(nth, part)| {
        let code = nth % 2 == 1;
        if code { part.to_owned() } else { escape(part) }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// A span of code, also when the text has a backtick.
pub fn code(text: &str) -> String {
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

/// shared/checks/tutorials.toml: what the tutorials have, and where we have it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tutorials {
    item: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    tutorial: u8,
    what: String,
    /// The first step that does the same.
    step: String,
    /// The check that proves it, or `todo` until the step exists.
    check: Option<String>,
    /// Instead of a check, or beside it: why, or where to look.
    note: Option<String>,
}

/// One table for each tutorial. The error is every entry that is not true.
pub fn tutorials(
    tutorials: &Tutorials,
    matrix: &Matrix,
    steps: &Steps,
) -> Result<String, Vec<String>> {
    let entries = &tutorials.item;
    let wrong = entries.iter().filter_map(|entry| {
        let error = verify(entry, matrix, steps).err()?;
        Some(format!(
            "tutorial {}, “{}”: {error}",
            entry.tutorial, entry.what
        ))
    });
    let wrong: Vec<String> = wrong.collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut numbers: Vec<u8> = entries.iter().map(|entry| entry.tutorial).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let tables = numbers.iter().map(|number| {
        let rows = entries.iter().filter(|entry| entry.tutorial == *number);
        let rows: Vec<String> = rows.map(|entry| row(entry, steps)).collect();
        let head = "| The tutorial | Here | Proved by |\n|---|---|---|";
        format!("## Tutorial {number}\n\n{head}\n{}\n", rows.join("\n"))
    });
    Ok(tables.collect::<Vec<_>>().join("\n"))
}

fn row(entry: &Entry, steps: &Steps) -> String {
    let step = match steps.find(&entry.step) {
        Some(step) => format!("[{}]({}.md)", entry.step, step.folder),
        None => entry.step.clone(),
    };
    let check = entry.check.as_ref().map(|check| match check.as_str() {
        "todo" => check.clone(),
        check => format!("`{check}`"),
    });
    let proof: Vec<String> = check.into_iter().chain(entry.note.clone()).collect();
    line(
        &text(&entry.what),
        [step, text(&proof.join("; "))].into_iter(),
    )
}

/// The course's steps, built or not.
const PLANNED: [&str; 9] = [
    "step-00", "step-01", "step-02", "step-03", "step-04", "step-05", "step-06", "step-07",
    "step-08",
];

fn verify(entry: &Entry, matrix: &Matrix, steps: &Steps) -> Result<(), String> {
    let step = &entry.step;
    if !PLANNED.contains(&step.as_str()) {
        return Err(format!("there will be no {step}"));
    }
    let Some(check) = &entry.check else {
        return match (&entry.note, steps.find(step)) {
            (None, _) => Err("it names neither a check nor a note".to_owned()),
            (Some(_), None) => Err(format!("{step} does not exist: say todo")),
            (Some(_), Some(_)) => Ok(()),
        };
    };
    if check == "todo" {
        return match steps.find(step) {
            Some(_) => Err(format!("{step} exists, so that todo is no answer any more")),
            None => Ok(()),
        };
    }
    if matrix.passes(check, step) {
        Ok(())
    } else {
        Err(format!("`{check}` is no pass in {step}"))
    }
}
