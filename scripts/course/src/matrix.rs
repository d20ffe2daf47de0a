//! `cargo course matrix`: the behaviour matrix in the terminal.

use checks::matrix::{Matrix, Row};
use mdbook_steps::tables;
use std::path::Path;

/// One line for each behaviour: a mark for each step, then the promise.
pub fn run(root: &Path) -> Result<String, String> {
    let matrix = read(root)?;
    let heads = matrix.steps.iter().map(|step| step.replace("step-", ""));
    let heads: Vec<String> = heads.collect();
    let groups = matrix.rows.chunk_by(|a, b| a.group == b.group).map(|rows| {
        let lines: Vec<String> = rows.iter().map(line).collect();
        format!(
            "{}  {}\n{}\n",
            heads.join(" "),
            rows[0].group,
            lines.join("\n")
        )
    });
    Ok(groups.collect::<Vec<_>>().join("\n"))
}

/// The table that stands between the marks in README.md.
pub fn run_markdown(root: &Path) -> Result<String, String> {
    let matrix = read(root)?;
    let columns = tables::columns(&matrix, |step| step.replace("step-", ""));
    Ok(tables::matrix(&matrix, &columns, tables::mark) + "\n")
}

fn read(root: &Path) -> Result<Matrix, String> {
    Matrix::read(&root.join("shared/checks/matrix.toml"))
}

/// What differs per store has a ± and is told behind the promise.
fn line(row: &Row) -> String {
    let marks = row.cells.iter().map(|(_, cell)| match cell {
        cell if tables::differs(cell) => "± ".to_owned(),
        // Without the names of the stores.
        cell => tables::mark(cell).chars().take(1).collect::<String>() + " ",
    });
    let differing = row.cells.iter().filter(|(_, cell)| tables::differs(cell));
    let notes = differing.map(|(step, cell)| format!(" ({step}: {})", tables::mark(cell)));
    let (marks, notes) = (marks.collect::<Vec<_>>(), notes.collect::<String>());
    format!("{}  {}{notes}", marks.join(" "), row.promise)
}
