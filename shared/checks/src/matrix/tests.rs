use super::*;

fn matrix(cells: &str) -> Result<Matrix, String> {
    with_stores("step-01 = [\"redis\", \"memory\", \"mongodb\"]", cells)
}

fn with_stores(stores: &str, cells: &str) -> Result<Matrix, String> {
    Matrix::parse(&format!(
        "[stores]\n{stores}\n[it_works]\ngroup = \"G\"\npromise = \"P\"\n{cells}\n\
         [and_again]\ngroup = \"G\"\npromise = \"P\"\nstep-00 = \"pass\"\nstep-01 = \"pass\""
    ))
}

#[test]
fn rows_keep_the_order_of_the_file() {
    let matrix = matrix("step-00 = \"–\"\nstep-01 = { fail = \"x\" }\nwhy = \"W\"").unwrap();
    assert_eq!(matrix.steps, ["step-00", "step-01"]);
    let names: Vec<&str> = matrix.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["it_works", "and_again"]);
    assert_eq!(matrix.rows[0].why.as_deref(), Some("W"));
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
        (Kind::Redis, Cell::Pass),
        (Kind::Memory, Cell::Fail("x".into())),
        (Kind::Mongodb, Cell::Absent),
    ];
    let matrix = matrix.unwrap();
    let cell = matrix.rows[0].cell("step-01");
    assert_eq!(cell, Some(&Cell::PerStore(cells)));
    let passes = |step, store| matrix.passes_on("it_works", step, store);
    assert!(passes("step-01", Kind::Redis));
    assert!(!passes("step-01", Kind::Memory));
    assert!(!passes("step-01", Kind::Mongodb));
    let default = |store| matrix.passes_on("and_again", "step-01", store);
    assert!(default(Kind::Redis));
    assert!(!default(Kind::Memory));
}

#[test]
fn a_cell_can_be_alike_on_every_store() {
    let matrix = matrix("step-00 = \"pass\"\nstep-01 = \"pass on every store\"").unwrap();
    assert_eq!(matrix.stores("step-00"), []);
    let stores = [Kind::Redis, Kind::Memory, Kind::Mongodb];
    assert_eq!(matrix.stores("step-01"), stores);
    let cells = stores.map(|kind| (kind, Cell::Pass)).to_vec();
    let cell = matrix.rows[0].cell("step-01");
    assert_eq!(cell, Some(&Cell::PerStore(cells)));
    assert!(matrix.passes_on("it_works", "step-00", Kind::Memory));
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
            "it_works, step-01: the step has no store `disk`",
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
            "step-00 = \"pass\"\nstep-01 = \"pass\"\nnote = \"x\"",
            "it_works: unknown key `note`",
        ),
    ] {
        let error = matrix(cells).unwrap_err();
        assert!(error.starts_with(complaint), "{error}");
    }
}

/// The stores on which a row has been kept so far, step after step, and whether
/// a step lost one. A store that is new in a step has no past.
fn loses(row: &Row, matrix: &Matrix) -> bool {
    let mut kept = BTreeSet::new();
    let mut lost = false;
    for (step, cell) in &row.cells {
        let default = matrix.stores(step).first().copied();
        match cell {
            Cell::Pass => drop(kept.insert(default.unwrap_or(Kind::Memory))),
            Cell::Absent | Cell::Fail(_) => {
                lost |= !kept.is_empty();
                kept.clear();
            }
            Cell::PerStore(cells) => {
                for (kind, cell) in cells {
                    if *cell == Cell::Pass {
                        kept.insert(*kind);
                    } else {
                        lost |= kept.remove(kind);
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
