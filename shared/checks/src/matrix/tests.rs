use super::*;
use crate::store::Kind::{Memory, Mongodb, Redis};
use crate::users::Kind::{Mysql, Sqlite};
use Backend::{Store, Users};

fn matrix(cells: &str) -> Result<Matrix, String> {
    with_stores("step-01 = [\"redis\", \"memory\", \"mongodb\"]", cells)
}

fn with_stores(stores: &str, cells: &str) -> Result<Matrix, String> {
    with_tables(&format!("[stores]\n{stores}"), cells)
}

fn with_databases(databases: &str, cells: &str) -> Result<Matrix, String> {
    let stores = "[stores]\nstep-01 = [\"memory\", \"redis\"]";
    with_tables(&format!("{stores}\n[databases]\n{databases}"), cells)
}

fn with_tables(tables: &str, cells: &str) -> Result<Matrix, String> {
    Matrix::parse(&format!(
        "{tables}\n[it_works]\ngroup = \"G\"\npromise = \"P\"\n{cells}\n\
         [and_again]\ngroup = \"G\"\npromise = \"P\"\nstep-00 = \"pass\"\nstep-01 = \"pass\""
    ))
}

#[test]
fn rows_keep_the_order_of_the_file() {
    let cells = "step-00 = \"–\"\nstep-01 = { fail = \"x\" }\nwhy = \"W\"\nattack = \"A\"";
    let matrix = matrix(cells).unwrap();
    assert_eq!(matrix.steps, ["step-00", "step-01"]);
    let names: Vec<&str> = matrix.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["it_works", "and_again"]);
    assert_eq!(matrix.rows[0].why.as_deref(), Some("W"));
    assert_eq!(matrix.rows[0].attack.as_deref(), Some("A"));
    assert_eq!(matrix.rows[1].attack, None);
    assert_eq!(matrix.rows[0].cell("step-00"), Some(&Cell::Absent));
    assert_eq!(
        matrix.rows[0].cell("step-01"),
        Some(&Cell::Fail("x".into()))
    );
}

#[test]
fn a_cell_can_differ_from_store_to_store() {
    let matrix = matrix(
        "step-00 = \"–\"\nstep-01 = { redis = \"pass\", memory = { fail = \"x\" }, mongodb = \"–\" }",
    );
    let cells = vec![
        (Store(Redis), Cell::Pass),
        (Store(Memory), Cell::Fail("x".into())),
        (Store(Mongodb), Cell::Absent),
    ];
    let matrix = matrix.unwrap();
    let cell = matrix.rows[0].cell("step-01");
    assert_eq!(cell, Some(&Cell::PerBackend(cells)));
    let passes = |step, store| matrix.passes_on("it_works", step, Store(store));
    assert!(passes("step-01", Redis));
    assert!(!passes("step-01", Memory));
    assert!(!passes("step-01", Mongodb));
    let default = |store| matrix.passes_on("and_again", "step-01", Store(store));
    assert!(default(Redis));
    assert!(!default(Memory));
}

#[test]
fn a_cell_can_be_alike_on_every_store() {
    let matrix = matrix("step-00 = \"pass\"\nstep-01 = \"pass on every store\"").unwrap();
    assert_eq!(matrix.backends("step-00"), &Backends::NONE);
    let stores = [Redis, Memory, Mongodb];
    assert_eq!(matrix.backends("step-01").stores, stores);
    let cells = stores.map(|kind| (Store(kind), Cell::Pass)).to_vec();
    let cell = matrix.rows[0].cell("step-01");
    assert_eq!(cell, Some(&Cell::PerBackend(cells)));
    assert!(matrix.passes_on("it_works", "step-00", Store(Memory)));
}

#[test]
fn a_cell_can_be_alike_on_every_store_and_database() {
    let databases = "step-01 = [\"sqlite\", \"mysql\"]";
    let cells = |cell: &str| {
        let matrix = with_databases(databases, &format!("step-00 = \"pass\"\nstep-01 = {cell}"));
        let matrix = matrix.unwrap();
        assert_eq!(matrix.backends("step-01").databases, [Sqlite, Mysql]);
        (matrix.rows[0].cells[1].1.clone(), matrix)
    };
    let pass = |backend| (backend, Cell::Pass);
    // The default database is there with each store.
    let stores = [Store(Memory), Store(Redis)].map(pass);
    let mysql = pass(Users(Mysql));
    let all = [stores.as_slice(), std::slice::from_ref(&mysql)].concat();
    let (cell, matrix) = cells("\"pass everywhere\"");
    assert_eq!(cell, Cell::PerBackend(all.clone()));
    assert!(matrix.passes_on("it_works", "step-01", Users(Mysql)));
    assert!(!matrix.passes_on("and_again", "step-01", Users(Mysql)));
    assert_eq!(
        cells("\"pass on every store\"").0,
        Cell::PerBackend(stores.to_vec())
    );
    let databases = [pass(Store(Memory)), mysql];
    assert_eq!(
        cells("\"pass on every database\"").0,
        Cell::PerBackend(databases.to_vec())
    );
    let table = "{ memory = \"pass\", redis = \"pass\" }";
    assert_eq!(cells(table).0, Cell::PerBackend(stores.to_vec()));
    let table = "{ memory = \"pass\", redis = \"pass\", mysql = \"pass\" }";
    assert_eq!(cells(table).0, Cell::PerBackend(all));
    let table = "{ memory = \"pass\", redis = \"pass\", mysql = { fail = \"x\" } }";
    let (_, matrix) = cells(table);
    assert!(!matrix.passes_on("it_works", "step-01", Users(Mysql)));
}

#[test]
fn the_databases_are_steps_that_have_stores_too() {
    let cells = "step-00 = \"–\"\nstep-01 = \"–\"";
    for (databases, complaint) in [
        (
            "step-01 = [\"redis\"]",
            "databases, step-01: no database is called `redis`",
        ),
        (
            "step-00 = [\"sqlite\"]",
            "databases, step-00: its stores are not named",
        ),
        ("step-01 = []", "databases, step-01: expected names"),
    ] {
        let error = with_databases(databases, cells).unwrap_err();
        assert!(error.starts_with(complaint), "{error}");
    }
    let default = "{ memory = \"pass\", redis = \"pass\", sqlite = \"pass\" }";
    let cells = format!("step-00 = \"–\"\nstep-01 = {default}");
    let error = with_databases("step-01 = [\"sqlite\", \"mysql\"]", &cells).unwrap_err();
    let complaint = "it_works, step-01: the step has no store or other database `sqlite`";
    assert!(error.starts_with(complaint), "{error}");
}

#[test]
fn the_stores_are_steps_with_names_of_stores() {
    for (stores, complaint) in [
        (
            "step-01 = [\"disk\"]",
            "stores, step-01: no store is called `disk`",
        ),
        (
            "step-01 = [\"redis\", \"redis\"]",
            "stores, step-01: redis stands there twice",
        ),
        ("step-01 = []", "stores, step-01: expected names"),
        ("step-01 = \"redis\"", "stores, step-01: expected names"),
        (
            "step-09 = [\"redis\"]",
            "stores: no row has a cell for step-09",
        ),
    ] {
        let error = with_stores(stores, "step-00 = \"–\"\nstep-01 = \"–\"").unwrap_err();
        assert!(error.starts_with(complaint), "{error}");
    }
}

#[test]
fn a_row_can_name_the_requirements_that_it_proves() {
    let with = |asvs: &str| matrix(&format!("{asvs}\nstep-00 = \"pass\"\nstep-01 = \"pass\""));
    let rows = with("asvs = [\"7.2.1\", \"11.4.2\"]").unwrap().rows;
    assert_eq!(rows[0].asvs, ["7.2.1", "11.4.2"]);
    assert_eq!(rows[1].asvs, Vec::<String>::new());
    for (asvs, complaint) in [
        ("\"7.2.1\"", "expected numbers"),
        ("[]", "expected numbers"),
        ("[7.2]", "7.2 is no number"),
        ("[\"7.2\"]", "\"7.2\" is no number"),
        ("[\"7.2.1.0\"]", "\"7.2.1.0\" is no number"),
        ("[\"V7.2.1\"]", "\"V7.2.1\" is no number"),
        ("[\"7..1\"]", "\"7..1\" is no number"),
        ("[\"7.2.1\", \"7.2.1\"]", "7.2.1 stands there twice"),
    ] {
        let error = with(&format!("asvs = {asvs}")).unwrap_err();
        let complaint = format!("it_works: asvs: {complaint}");
        assert!(error.starts_with(&complaint), "{error}");
    }
}

#[test]
fn a_mistake_names_the_row_and_the_step() {
    for (cells, complaint) in [
        ("step-00 = \"pass\"", "it_works: no cell for step-01"),
        (
            "step-00 = \"pass\"\nstep-01 = \"maybe\"",
            "it_works, step-01: expected",
        ),
        (
            "step-00 = \"pass\"\nstep-01 = { fail = \"\" }",
            "it_works, step-01: `fail` takes",
        ),
        (
            "step-00 = \"pass\"\nstep-01 = { fail = \"x\", redis = \"pass\" }",
            "it_works, step-01: `fail` takes",
        ),
        (
            "step-00 = \"pass\"\nstep-01 = { redis = \"pass\" }",
            "it_works, step-01: no cell for memory",
        ),
        (
            "step-00 = \"pass\"\nstep-01 = { redis = \"fail\", memory = \"–\", mongodb = \"–\" }",
            "it_works, step-01: redis: expected",
        ),
        (
            "step-00 = \"pass\"\nstep-01 = { disk = \"pass\" }",
            "it_works, step-01: the step has no store or other database `disk`",
        ),
        (
            "step-00 = { redis = \"pass\" }\nstep-01 = \"pass\"",
            "it_works, step-00: expected",
        ),
        (
            "step-00 = \"pass on every store\"\nstep-01 = \"pass\"",
            "it_works, step-00: expected",
        ),
        (
            "step-00 = \"pass\"\nstep-01 = \"pass everywhere\"",
            "it_works, step-01: expected",
        ),
        (
            "step-00 = \"pass\"\nstep-01 = \"pass\"\nnote = \"x\"",
            "it_works: unknown key `note`",
        ),
    ] {
        let error = matrix(cells).unwrap_err();
        assert!(error.starts_with(complaint), "{error}");
    }
}

/// The stores and databases on which a row has been kept so far, step after step, and whether
/// a step lost one. A store that is new in a step has no past.
fn loses(row: &Row, matrix: &Matrix) -> bool {
    let mut kept = BTreeSet::new();
    let mut lost = false;
    for (step, cell) in &row.cells {
        match cell {
            Cell::Pass => drop(kept.insert(matrix.backends(step).default())),
            Cell::Absent | Cell::Fail(_) => {
                lost |= !kept.is_empty();
                kept.clear();
            }
            Cell::PerBackend(cells) => {
                for (backend, cell) in cells {
                    if *cell == Cell::Pass {
                        kept.insert(*backend);
                    } else {
                        lost |= kept.remove(backend);
                    }
                }
            }
        }
    }
    lost
}

#[test]
fn a_promise_is_lost_on_the_store_on_which_it_was_kept() {
    let loses_with = |cells: &str| {
        let row = "[it_works]\ngroup = \"G\"\npromise = \"P\"\n";
        let stores =
            "[stores]\nstep-01 = [\"redis\"]\nstep-02 = [\"mongodb\", \"memory\", \"redis\"]\n";
        let matrix = Matrix::parse(&format!("{stores}{row}{cells}")).unwrap();
        loses(&matrix.rows[0], &matrix)
    };
    let (pass, fail) = ("\"pass\"", "{ fail = \"x\" }");
    let third = |mongodb: &str, memory: &str, redis: &str| {
        format!("{{ mongodb = {mongodb}, memory = {memory}, redis = {redis} }}")
    };
    for (first, second, third, lost) in [
        (pass, pass, pass.to_owned(), false),
        (pass, fail, pass.to_owned(), true),
        (fail, pass, third(pass, fail, pass), false),
        (fail, pass, third(fail, fail, pass), false),
        (fail, pass, third(pass, fail, fail), true),
        (pass, pass, third(pass, fail, pass), true),
        (pass, pass, third(pass, pass, "\"–\""), true),
    ] {
        let cells = format!("step-00 = {first}\nstep-01 = {second}\nstep-02 = {third}\n");
        assert_eq!(loses_with(&cells), lost, "{cells}");
    }
}

#[test]
fn what_passes_in_one_step_passes_in_the_next_or_says_why() {
    let matrix = Matrix::of_the_course().unwrap();
    let silent: Vec<&str> = matrix
        .rows
        .iter()
        .filter(|row| row.why.is_none() && loses(row, &matrix))
        .map(|row| row.name.as_str())
        .collect();
    assert!(silent.is_empty(), "no `why`: {silent:?}");
}
