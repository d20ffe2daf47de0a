//! The behaviour matrix: what holds in which step.
//!
//! One table of `matrix.toml` is one row. Its name is the check's name, and the
//! tests of every step are generated from it. The tables `stores` and `databases`
//! are none: they say where the sessions and the users of a step's app can be.

mod backends;

pub use backends::{Backend, Backends};

use std::{collections::BTreeSet, path::Path};
use toml::{Table, Value};

/// The whole table, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// The columns, such as `step-02`, from the first step to the last.
    pub steps: Vec<String>,
    /// What those steps have behind them whose app can be told where it is.
    backends: Vec<(String, Backends)>,
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
    /// The requirements of OWASP's ASVS 5.0 that the check is a proof of, such
    /// as `7.2.1`.
    pub asvs: Vec<String>,
    /// Where the check is an attack: what the attacker does, in a short line.
    pub attack: Option<String>,
    /// One cell for each of the matrix's steps, in the same order.
    pub cells: Vec<(String, Cell)>,
}

/// What a step makes of a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Not part of that step.
    Absent,
    /// The check must hold, on the step's default store and database.
    Pass,
    /// The check must find the promise broken, and observe this text.
    Fail(String),
    /// One for each of the step's stores, in the order of `stores`, then those of
    /// other databases than the default.
    PerBackend(Vec<(Backend, Cell)>),
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
        let (stores, databases) = (tables.remove("stores"), tables.remove("databases"));
        let steps: Vec<String> = tables
            .values()
            .filter_map(Value::as_table)
            .flat_map(|row| row.keys().filter(|key| is_step(key)).cloned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut matrix = Matrix {
            backends: backends::read(stores, databases, &steps)?,
            rows: Vec::new(),
            steps,
        };
        matrix.rows = tables
            .iter()
            .map(|(name, value)| row(name, value, &matrix))
            .collect::<Result<_, _>>()?;
        Ok(matrix)
    }

    /// What a step's app can have behind it.
    pub fn backends(&self, step: &str) -> &Backends {
        static NONE: Backends = Backends::NONE;
        let named = self.backends.iter().find(|(name, _)| name == step);
        named.map_or(&NONE, |(_, backends)| backends)
    }

    /// Whether a step keeps a promise, on one store at least.
    pub fn passes(&self, name: &str, step: &str) -> bool {
        match self.row(name).and_then(|row| row.cell(step)) {
            Some(Cell::PerBackend(cells)) => cells.iter().any(|(_, cell)| *cell == Cell::Pass),
            cell => cell == Some(&Cell::Pass),
        }
    }

    /// Whether a step keeps a promise there.
    pub fn passes_on(&self, name: &str, step: &str, backend: Backend) -> bool {
        match self.row(name).and_then(|row| row.cell(step)) {
            Some(Cell::PerBackend(cells)) => cells.contains(&(backend, Cell::Pass)),
            cell => cell == Some(&Cell::Pass) && backend == self.backends(step).default(),
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

    /// The same where the step has this behind it.
    pub fn cell_on(&self, step: &str, backends: &Backends, backend: Backend) -> Cell {
        let of = |(known, cell): &(Backend, Cell)| (*known == backend).then(|| cell.clone());
        match self.cell(step) {
            Some(Cell::PerBackend(cells)) => cells.iter().find_map(of).unwrap_or(Cell::Absent),
            Some(cell) if backend == backends.default() => cell.clone(),
            _ => Cell::Absent,
        }
    }
}

fn is_step(key: &str) -> bool {
    key.starts_with("step-")
}

/// What a row has beside its cells.
const KEYS: [&str; 5] = ["asvs", "attack", "group", "promise", "why"];

fn row(name: &str, value: &Value, matrix: &Matrix) -> Result<Row, String> {
    let table = value
        .as_table()
        .ok_or_else(|| format!("{name}: expected a table"))?;
    let known = |key: &str| is_step(key) || KEYS.contains(&key);
    if let Some(key) = table.keys().find(|key| !known(key)) {
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
            let cell = cell(value, matrix.backends(step))
                .map_err(|error| format!("{name}, {step}: {error}"))?;
            Ok((step.clone(), cell))
        })
        .collect::<Result<_, String>>()?;
    Ok(Row {
        name: name.to_owned(),
        group: needed("group")?,
        promise: needed("promise")?,
        why: text("why")?,
        asvs: asvs(table.get("asvs")).map_err(|error| format!("{name}: {error}"))?,
        attack: text("attack")?,
        cells,
    })
}

/// `asvs = ["7.2.1", "7.2.2"]`: chapter, section and requirement.
fn asvs(value: Option<&Value>) -> Result<Vec<String>, String> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let numbers = value.as_array().filter(|numbers| !numbers.is_empty());
    let numbers = numbers.ok_or("asvs: expected numbers such as \"7.2.1\"")?;
    let mut seen = Vec::new();
    for number in numbers {
        let text = number.as_str().unwrap_or_default().to_owned();
        if text.split('.').count() != 3 || !text.split('.').all(is_number) {
            return Err(format!("asvs: {number} is no number such as \"7.2.1\""));
        }
        if seen.contains(&text) {
            return Err(format!("asvs: {text} stands there twice"));
        }
        seen.push(text);
    }
    Ok(seen)
}

fn cell(value: &Value, backends: &Backends) -> Result<Cell, String> {
    let everywhere = |backends: &[Backend]| {
        let cells = backends.iter().map(|backend| (*backend, Cell::Pass));
        Ok(Cell::PerBackend(cells.collect()))
    };
    let (stores, others) = (backends.of_stores(), backends.of_other_databases());
    match value {
        Value::String(word) if word == "pass" => Ok(Cell::Pass),
        Value::String(word) if word == "–" => Ok(Cell::Absent),
        Value::String(word) if word == "pass on every store" && !stores.is_empty() => {
            everywhere(&stores)
        }
        Value::String(word) if word == "pass everywhere" && !others.is_empty() => {
            everywhere(&[stores, others].concat())
        }
        Value::String(word) if word == "pass on every database" && !others.is_empty() => {
            everywhere(&[&stores[..1], &others].concat())
        }
        Value::Table(table) if table.contains_key("fail") => match &table["fail"] {
            Value::String(text) if !text.is_empty() && table.len() == 1 => {
                Ok(Cell::Fail(text.clone()))
            }
            _ => Err("`fail` takes the text that must be observed, and nothing beside it".into()),
        },
        Value::Table(table) if !stores.is_empty() => per_backend(table, &stores, &others),
        other => Err(format!(
            "expected \"pass\", \"–\" or {{ fail = \"…\" }}, with stores also \
             \"pass on every store\" or one of these per store, and with databases \
             \"pass on every database\" or \"pass everywhere\", found {other}"
        )),
    }
}

/// A store without a cell is an error, another database without one is not judged.
fn per_backend(table: &Table, stores: &[Backend], others: &[Backend]) -> Result<Cell, String> {
    let all = || stores.iter().chain(others);
    let known = |name: &str| all().any(|backend| backend.to_string() == name);
    if let Some(name) = table.keys().find(|name| !known(name)) {
        return Err(format!("the step has no store or other database `{name}`"));
    }
    let one = |backend: &Backend| {
        let value = match table.get(&backend.to_string()) {
            None if others.contains(backend) => return None,
            value => value.ok_or_else(|| format!("no cell for {backend}")),
        };
        // Within one of them there are none.
        let cell = value.and_then(|value| {
            cell(value, &Backends::NONE).map_err(|error| format!("{backend}: {error}"))
        });
        Some(cell.map(|cell| (*backend, cell)))
    };
    Ok(Cell::PerBackend(
        all().filter_map(one).collect::<Result<_, _>>()?,
    ))
}

#[cfg(test)]
mod tests;
