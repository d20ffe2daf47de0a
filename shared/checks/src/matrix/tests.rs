use super::*;

fn matrix(cells: &str) -> Result<Matrix, String> {
    Matrix::parse(&format!(
        "[it_works]\ngroup = \"G\"\npromise = \"P\"\n{cells}\n\
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
        ("redis".into(), Cell::Pass),
        ("memory".into(), Cell::Fail("x".into())),
        ("mongodb".into(), Cell::Absent),
    ];
    assert_eq!(
        matrix.unwrap().rows[0].cell("step-01"),
        Some(&Cell::PerStore(cells))
    );
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
            "step-00 = \"pass\"\nstep-01 = { redis = \"fail\" }",
            "it_works, step-01: redis: expected",
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

#[test]
fn what_passes_in_one_step_passes_in_the_next_or_says_why() {
    let lost = |row: &&Row| {
        let kept = row.cells.windows(2).all(|pair| {
            let [(_, before), (_, after)] = pair else {
                return true;
            };
            *before != Cell::Pass || *after == Cell::Pass
        });
        !kept && row.why.is_none()
    };
    let matrix = Matrix::of_the_course().unwrap();
    let silent: Vec<&str> = matrix
        .rows
        .iter()
        .filter(lost)
        .map(|row| row.name.as_str())
        .collect();
    assert!(silent.is_empty(), "no `why`: {silent:?}");
}
