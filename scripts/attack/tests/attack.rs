//! The attacks on whole steps, as a person runs them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use checks::matrix::{Backend, Cell, Matrix, Row};
use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, Output},
};

fn attack(arguments: &[&str]) -> Output {
    let attack = Command::new(env!("CARGO_BIN_EXE_attack"))
        .args(arguments)
        .output();
    attack.unwrap()
}

/// The stories of the lines that begin like this.
fn stories(output: &Output, outcome: &str) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter_map(|line| line.strip_prefix(outcome));
    let told = lines.map(|line| line.trim_start().split(": ").next().unwrap_or_default());
    told.map(str::to_owned).collect()
}

/// What the chapter shows of this command: its lines, without what was seen, which
/// differs from run to run.
fn expect_as_in_the_chapter(output: &Output, command: &str) {
    let path = "../../book/src/step-06-regeneration-and-expiry.md";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let chapter = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let block = chapter.split_once(&format!("$ cargo course {command}\n"));
    let block = block.and_then(|(_, after)| after.split_once("```"));
    let shown = block.map(|(block, _)| block).unwrap_or_default();
    let text = String::from_utf8_lossy(&output.stdout);
    let bare = |text: &str| {
        let lines = text.lines().map(|line| line.split(": ").next());
        lines
            .map(Option::unwrap_or_default)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(
        bare(shown),
        bare(&text),
        "the chapter has it otherwise:\n{text}"
    );
}

/// The stories of the attacks that are expected to get in at a step.
fn expected(step: &str) -> BTreeSet<String> {
    let matrix = Matrix::of_the_course().unwrap();
    let default = Backend::Store(matrix.backends(step).stores[0]);
    let fails = |row: &&Row| match row.cell(step) {
        Some(Cell::Fail(_)) => true,
        Some(Cell::PerBackend(cells)) => cells
            .iter()
            .any(|(at, cell)| *at == default && matches!(cell, Cell::Fail(_))),
        _ => false,
    };
    let rows = matrix.rows.iter().filter(fails);
    rows.filter_map(|row| row.attack.clone()).collect()
}

/// The attacks that are a fixation.
fn fixations() -> BTreeSet<String> {
    let matrix = Matrix::of_the_course().unwrap();
    let rows = [
        "a_planted_cookie_does_not_become_the_victims_login",
        "a_first_login_gives_the_session_a_new_id",
        "logging_in_over_a_login_drops_the_others_data",
    ];
    let story = |name: &str| matrix.row(name).and_then(|row| row.attack.clone());
    rows.into_iter().map(|name| story(name).unwrap()).collect()
}

#[test]
fn at_step_05_those_get_in_that_the_matrix_expects() {
    let output = attack(&["step-05"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stories(&output, "gets in"), expected("step-05"), "{text}");
    assert!(
        text.contains(": Mallory is logged in as victim\n"),
        "{text}"
    );
    expect_as_in_the_chapter(&output, "attack step-05");
    assert_eq!(stories(&output, "not tried"), BTreeSet::new(), "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
}

#[test]
fn at_step_06_nobody_gets_in() {
    let output = attack(&["step-06"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stories(&output, "gets in"), BTreeSet::new(), "{text}");
    assert_eq!(stories(&output, "not tried"), BTreeSet::new(), "{text}");
    let last = text.lines().next_back().unwrap_or_default();
    assert!(last.starts_with("0 get in, "), "{text}");
    assert_eq!(output.status.code(), Some(0), "{text}");
}

#[test]
fn at_a_sign_in_that_keeps_the_session_the_fixations_get_in_again() {
    let output = attack(&["step-06", "--variant", "sign-in-keeps-the-session"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let gets_in = stories(&output, "gets in");
    assert!(gets_in.is_superset(&fixations()), "{text}");
    assert!(!stories(&output, "kept out").is_empty(), "{text}");
    let command = "attack step-06 --variant sign-in-keeps-the-session";
    expect_as_in_the_chapter(&output, command);
    assert_eq!(output.status.code(), Some(1), "{text}");
}

#[test]
fn where_there_is_no_login_nothing_is_tried_and_the_exit_code_says_so() {
    let output = attack(&["step-02"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let not_tried = stories(&output, "not tried");
    assert!(not_tried.is_superset(&fixations()), "{text}");
    assert_eq!(
        text.matches(": step 02 has no login\n").count(),
        not_tried.len()
    );
    let last = text.lines().next_back().unwrap_or_default();
    assert!(last.starts_with("0 get in, 0 kept out, "), "{text}");
    assert_eq!(output.status.code(), Some(2), "{text}");
}

#[test]
fn a_server_that_does_not_answer_is_one_line_and_exit_code_2() {
    let output = attack(&["http://127.0.0.1:1"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let complaint = "attack: no login that could be attacked: nobody answers at http://127.0.0.1:1";
    assert!(said.starts_with(complaint), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(output.status.code(), Some(2));
}
