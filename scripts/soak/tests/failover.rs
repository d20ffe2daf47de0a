//! A short run, as a person starts it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Output};

fn failover(arguments: &str) -> Output {
    let failover = Command::new(env!("CARGO_BIN_EXE_failover"))
        .args(arguments.split_whitespace())
        .output();
    failover.unwrap()
}

#[test]
fn copies_of_step_08_are_replaced_and_nobody_notices() {
    let output = failover("--only replace --rounds 1 --browsers 8");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.ends_with("\nheld\n"), "{text}");
    assert_eq!(output.status.code(), Some(0), "{text}");
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
