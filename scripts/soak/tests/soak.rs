//! Short runs, as a person starts them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Output};

fn soak(arguments: &str) -> Output {
    let soak = Command::new(env!("CARGO_BIN_EXE_soak"))
        .args(arguments.split_whitespace())
        .output();
    soak.unwrap()
}

#[test]
fn at_step_07_all_holds_while_the_app_is_killed_and_redis_pauses() {
    let output = soak("step-07 --minutes 0.25 --browsers 8 --every 6");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("step 07, sessions in redis, users in sqlite"),
        "{text}"
    );
    assert!(
        text.contains("\n2 × killed and started again, 1 × a database paused\n"),
        "{text}"
    );
    assert!(
        text.contains(" × 503, "),
        "the pause was not noticed: {text}"
    );
    assert!(text.ends_with("\nheld\n"), "{text}");
    assert_eq!(output.status.code(), Some(0), "{text}");
}

#[test]
fn sessions_in_memory_do_not_last_and_the_exit_code_says_so() {
    let output = soak("step-07 --minutes 0.25 --browsers 2 --every 6 --store memory");
    let text = String::from_utf8_lossy(&output.stdout);
    let broken = "\nbroken: expected who has logged in stays so (crowd-";
    assert!(text.contains(broken), "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
}

#[test]
fn what_cannot_be_tried_is_one_line_and_exit_code_2() {
    for (arguments, complaint) in [
        ("", "soak: expected a step or a path"),
        ("step-03", "soak: step-03 has no login"),
        (
            "step-07 --store paper",
            "soak: step-07 has no store `paper`; there is memory",
        ),
        (
            "step-07 --users paper",
            "soak: step-07 has no database `paper`; there is sqlite",
        ),
        (
            "http://127.0.0.1:3000",
            "soak: a server that somebody runs is not killed",
        ),
        ("nowhere", "soak: nowhere: not there"),
    ] {
        let output = soak(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().next_back().unwrap_or_default();
        assert!(last.starts_with(complaint), "{arguments}: {said}");
        assert_eq!(output.status.code(), Some(2), "{arguments}: {said}");
    }
}
