//! The behaviour matrix: what holds in which step.
//!
//! One table of `matrix.toml` is one row. Its name is the check's name, and the
//! tests of every step are generated from it.

use std::{collections::BTreeSet, path::Path};
use toml::{Table, Value};

/// The whole table, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// The columns, such as `step-02`, from the first step to the last.
    pub steps: Vec<String>,
    pub rows: Vec<Row>,
}

/// One behaviour across all steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The check's name, a sentence with underscores.
    pub name: String,
    /// The heading under which the row stands.
    pub group: String,
    /// What is promised, as a sentence for people.
    pub promise: String,
    /// Why a later step loses what an earlier one had.
    pub why: Option<String>,
    /// One cell for each of the matrix's steps, in the same order.
    pub cells: Vec<(String, Cell)>,
}

/// What a step makes of a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Not part of that step.
    Absent,
    /// The check must hold.
    Pass,
    /// The check must find the promise broken, and observe this text.
    Fail(String),
    /// It depends on the store: name and cell, in the order of the file.
    PerStore(Vec<(String, Cell)>),
}

impl Matrix {
    /// Reads a file such as `shared/checks/matrix.toml`.
    pub fn read(path: &Path) -> Result<Matrix, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Matrix::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The course's own, as it was when this crate was built.
    pub fn of_the_course() -> Result<Matrix, String> {
        Matrix::parse(include_str!("../matrix.toml"))
            .map_err(|error| format!("matrix.toml: {error}"))
    }

    /// Strict: an unknown key or word, or a cell that is missing, is an error
    /// that names the row and the step.
    pub fn parse(text: &str) -> Result<Matrix, String> {
        let tables: Table = toml::from_str(text).map_err(|error| error.to_string())?;
        let steps: Vec<String> = tables
            .values()
            .filter_map(Value::as_table)
            .flat_map(|row| row.keys().filter(|key| is_step(key)).cloned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let rows = tables
            .iter()
            .map(|(name, value)| row(name, value, &steps))
            .collect::<Result<_, _>>()?;
        Ok(Matrix { steps, rows })
    }

    /// Whether a step keeps a promise, on one store at least.
    pub fn passes(&self, name: &str, step: &str) -> bool {
        match self.row(name).and_then(|row| row.cell(step)) {
            Some(Cell::PerStore(stores)) => stores.iter().any(|(_, cell)| *cell == Cell::Pass),
            cell => cell == Some(&Cell::Pass),
        }
    }

    pub fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }
}

impl Row {
    /// This row's cell for a step such as `step-02`.
    pub fn cell(&self, step: &str) -> Option<&Cell> {
        let (_, cell) = self.cells.iter().find(|(name, _)| name == step)?;
        Some(cell)
    }
}

fn is_step(key: &str) -> bool {
    key.starts_with("step-")
}

fn row(name: &str, value: &Value, steps: &[String]) -> Result<Row, String> {
    let table = value
        .as_table()
        .ok_or_else(|| format!("{name}: expected a table"))?;
    if let Some(key) = table
        .keys()
        .find(|key| !is_step(key) && !["group", "promise", "why"].contains(&key.as_str()))
    {
        return Err(format!("{name}: unknown key `{key}`"));
    }
    let text = |key: &str| match table.get(key) {
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name}: `{key}` is not a text")),
        None => Ok(None),
    };
    let needed = |key: &str| text(key)?.ok_or_else(|| format!("{name}: `{key}` is missing"));
    let cells = steps
        .iter()
        .map(|step| {
            let value = table
                .get(step)
                .ok_or_else(|| format!("{name}: no cell for {step}"))?;
            let cell = cell(value).map_err(|error| format!("{name}, {step}: {error}"))?;
            Ok((step.clone(), cell))
        })
        .collect::<Result<_, String>>()?;
    Ok(Row {
        name: name.to_owned(),
        group: needed("group")?,
        promise: needed("promise")?,
        why: text("why")?,
        cells,
    })
}

fn cell(value: &Value) -> Result<Cell, String> {
    match value {
        Value::String(word) if word == "pass" => Ok(Cell::Pass),
        Value::String(word) if word == "–" => Ok(Cell::Absent),
        Value::Table(table) if table.contains_key("fail") => match &table["fail"] {
            Value::String(text) if !text.is_empty() && table.len() == 1 => {
                Ok(Cell::Fail(text.clone()))
            }
            _ => Err("`fail` takes the text that must be observed, and nothing beside it".into()),
        },
        Value::Table(table) if !table.is_empty() => table
            .iter()
            .map(|(store, value)| match cell(value) {
                Ok(Cell::PerStore(_)) => Err(format!("{store}: a table within a table")),
                Ok(cell) => Ok((store.clone(), cell)),
                Err(error) => Err(format!("{store}: {error}")),
            })
            .collect::<Result<_, _>>()
            .map(Cell::PerStore),
        other => Err(format!(
            "expected \"pass\", \"–\", {{ fail = \"…\" }} or one of these per store, found {other}"
        )),
    }
}

#[cfg(test)]
mod tests;
