//! The behaviour matrix: what holds in which step.
//!
//! One table of `matrix.toml` is one row. Its name is the check's name, and the
//! tests of every step are generated from it. The table `stores` is none: it says
//! where the sessions of a step's app can be.

use crate::store::Kind;
use std::{collections::BTreeSet, path::Path};
use toml::{Table, Value};

/// The whole table, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// The columns, such as `step-02`, from the first step to the last.
    pub steps: Vec<String>,
    /// The stores of those steps whose app can be told which, the default first.
    pub stores: Vec<(String, Vec<Kind>)>,
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
    /// The check must hold, on the step's default store.
    Pass,
    /// The check must find the promise broken, and observe this text.
    Fail(String),
    /// One for each of the step's stores, in the order of `stores`.
    PerStore(Vec<(Kind, Cell)>),
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
        let mut tables: Table = toml::from_str(text).map_err(|error| error.to_string())?;
        let stores = tables.remove("stores");
        let steps: Vec<String> = tables
            .values()
            .filter_map(Value::as_table)
            .flat_map(|row| row.keys().filter(|key| is_step(key)).cloned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut matrix = Matrix {
            stores: stores.map_or(Ok(Vec::new()), |stores| read_stores(&stores, &steps))?,
            rows: Vec::new(),
            steps,
        };
        matrix.rows = tables
            .iter()
            .map(|(name, value)| row(name, value, &matrix))
            .collect::<Result<_, _>>()?;
        Ok(matrix)
    }

    /// Where the sessions of a step's app can be, the default first. Empty: in
    /// its memory, or it has none.
    pub fn stores(&self, step: &str) -> &[Kind] {
        let named = self.stores.iter().find(|(name, _)| name == step);
        named.map_or(&[], |(_, stores)| stores)
    }

    /// Whether a step keeps a promise, on one store at least.
    pub fn passes(&self, name: &str, step: &str) -> bool {
        match self.row(name).and_then(|row| row.cell(step)) {
            Some(Cell::PerStore(stores)) => stores.iter().any(|(_, cell)| *cell == Cell::Pass),
            cell => cell == Some(&Cell::Pass),
        }
    }

    /// Whether a step keeps a promise on this store.
    pub fn passes_on(&self, name: &str, step: &str, store: Kind) -> bool {
        let default = self.stores(step).first().copied().unwrap_or(Kind::Memory);
        match self.row(name).and_then(|row| row.cell(step)) {
            Some(Cell::PerStore(stores)) => stores.contains(&(store, Cell::Pass)),
            cell => cell == Some(&Cell::Pass) && store == default,
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

/// `step-04 = ["mongodb", "redis"]`, …
fn read_stores(value: &Value, steps: &[String]) -> Result<Vec<(String, Vec<Kind>)>, String> {
    let table = value.as_table().ok_or("stores: expected a table")?;
    let one_step = |(step, value): (&String, &Value)| {
        if !steps.contains(step) {
            return Err(format!("stores: no row has a cell for {step}"));
        }
        let names = value.as_array().filter(|names| !names.is_empty());
        let names = names.ok_or_else(|| format!("stores, {step}: expected names of stores"))?;
        let mut stores = Vec::new();
        for name in names {
            let kind = name.as_str().unwrap_or_default().parse();
            let kind = kind.map_err(|error| format!("stores, {step}: {error}"))?;
            if stores.contains(&kind) {
                return Err(format!("stores, {step}: {kind} stands there twice"));
            }
            stores.push(kind);
        }
        Ok((step.clone(), stores))
    };
    table.iter().map(one_step).collect()
}

fn row(name: &str, value: &Value, matrix: &Matrix) -> Result<Row, String> {
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
    let cells = matrix
        .steps
        .iter()
        .map(|step| {
            let value = table
                .get(step)
                .ok_or_else(|| format!("{name}: no cell for {step}"))?;
            let cell = cell(value, matrix.stores(step))
                .map_err(|error| format!("{name}, {step}: {error}"))?;
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

fn cell(value: &Value, stores: &[Kind]) -> Result<Cell, String> {
    match value {
        Value::String(word) if word == "pass" => Ok(Cell::Pass),
        Value::String(word) if word == "–" => Ok(Cell::Absent),
        Value::String(word) if word == "pass on every store" && !stores.is_empty() => {
            let cells = stores.iter().map(|kind| (*kind, Cell::Pass));
            Ok(Cell::PerStore(cells.collect()))
        }
        Value::Table(table) if table.contains_key("fail") => match &table["fail"] {
            Value::String(text) if !text.is_empty() && table.len() == 1 => {
                Ok(Cell::Fail(text.clone()))
            }
            _ => Err("`fail` takes the text that must be observed, and nothing beside it".into()),
        },
        Value::Table(table) if !stores.is_empty() => per_store(table, stores),
        other => Err(format!(
            "expected \"pass\", \"–\" or {{ fail = \"…\" }}, with stores also \
             \"pass on every store\" or one of these per store, found {other}"
        )),
    }
}

fn per_store(table: &Table, stores: &[Kind]) -> Result<Cell, String> {
    let known = |name: &str| stores.iter().any(|kind| kind.to_string() == name);
    if let Some(name) = table.keys().find(|name| !known(name)) {
        return Err(format!("the step has no store `{name}`"));
    }
    let one_store = |kind: &Kind| {
        let value = table.get(&kind.to_string());
        let value = value.ok_or_else(|| format!("no cell for {kind}"))?;
        // Within a store there are no stores.
        let cell = cell(value, &[]).map_err(|error| format!("{kind}: {error}"))?;
        Ok((*kind, cell))
    };
    let cells = stores
        .iter()
        .map(one_store)
        .collect::<Result<_, String>>()?;
    Ok(Cell::PerStore(cells))
}

#[cfg(test)]
mod tests;
