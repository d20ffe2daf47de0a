//! Wrong command lines. The troubles themselves are rows of the matrix, group "Many
//! copies", and a run of the command takes minutes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Output};

fn failover(arguments: &str) -> Output {
    let failover = Command::new(env!("CARGO_BIN_EXE_failover"))
        .args(arguments.split_whitespace())
        .output();
    failover.unwrap()
}

#[test]
fn what_cannot_be_tried_is_one_line_and_exit_code_2() {
    for (arguments, complaint) in [
        ("--only earthquake", "failover: expected a step or a path"),
        ("--browsers 0", "failover: expected a step or a path"),
        (
            "step-07",
            "failover: step-07 knows no clusters; name step-08",
        ),
        (
            "step-08 --sessions paper",
            "failover: no sessions in `paper`; redis or mongodb",
        ),
        (
            "--sessions mongodb --only master",
            "failover: that is a trouble of Redis",
        ),
        (
            "http://127.0.0.1:3000",
            "failover: a server that somebody runs is not killed",
        ),
        ("nowhere", "failover: nowhere: not there"),
    ] {
        let output = failover(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().next_back().unwrap_or_default();
        assert!(last.starts_with(complaint), "{arguments}: {said}");
        assert_eq!(output.status.code(), Some(2), "{arguments}: {said}");
    }
}
