//! `COURSE_REPORT=1`: the verdicts as JSON, one object a line, for `cargo course check`.

use crate::{
    abreast,
    case::Case,
    lesson::{Step, to_read},
    matrix::Matrix,
    store::running,
    verdict::{Stop, Verdict},
};
use serde_json::{Value, json};
use std::{
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
};

/// Judges all cases, and tells of them in their order: first how many there are, then
/// of each how it ended. A broken promise is no failure of the report.
pub(crate) fn run(step: &Step, cases: &[Case]) -> ExitCode {
    let matrix = match Matrix::of_the_course() {
        Ok(matrix) => matrix,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let read = to_read(step);
    say(&json!({ "cases": cases.len() }));
    abreast::in_order(cases, judge, |case, verdict| {
        say(&line(case, verdict, &matrix, &read));
    });
    running::stop_shared();
    ExitCode::SUCCESS
}

/// A check that panics says nothing about the app, and ends no other.
fn judge(case: &Case) -> Verdict {
    if let Some(reason) = &case.not_judged {
        return Err(Stop::NotJudged(reason.clone()));
    }
    let verdict = panic::catch_unwind(AssertUnwindSafe(|| case.run()));
    verdict.unwrap_or_else(|_| Err(Stop::harness("the check panicked")))
}

/// `promise` is the matrix's sentence, `expected` what was looked for in particular.
fn line(case: &Case, verdict: Verdict, matrix: &Matrix, read: &str) -> Value {
    // `two_browsers_have_two_counts on redis`
    let check = case.name.split(' ').next().unwrap_or_default();
    let promise = matrix.row(check).map(|row| row.promise.clone());
    let mut line = json!({
        "name": case.name,
        "verdict": "held",
        "promise": promise.unwrap_or_else(|| check.replace('_', " ")),
        "read": read,
    });
    match verdict {
        Ok(()) => {}
        Err(Stop::Broken(broken)) => {
            line["verdict"] = "broken".into();
            line["expected"] = broken.promise.into();
            line["observed"] = broken.observed.into();
            line["exchanges"] = broken.exchanges.into();
        }
        Err(Stop::Harness(reason)) => {
            line["verdict"] = "harness".into();
            line["reason"] = reason.into();
        }
        Err(Stop::NotJudged(reason)) => {
            line["verdict"] = "not judged".into();
            line["reason"] = reason.into();
        }
    }
    line
}

/// At once: whoever reads shows how far it is. They may stop early.
fn say(line: &Value) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Work;

    const ROW: &str = "two_browsers_have_two_counts";

    fn case(name: &str) -> Case {
        Case {
            name: name.to_owned(),
            kind: "",
            not_judged: None,
            work: Work::Impossible("no such check".into()),
        }
    }

    fn told(verdict: Verdict) -> Value {
        let matrix = Matrix::of_the_course().unwrap();
        line(
            &case(&format!("{ROW} on redis")),
            verdict,
            &matrix,
            "task.md",
        )
    }

    #[test]
    fn what_broke_is_told_with_the_promise_and_the_exchanges() {
        let mut broken = Stop::broken("two counts", "one count");
        if let Stop::Broken(broken) = &mut broken {
            broken.exchanges = "> GET /\n< 200 OK\n".into();
        }
        let expected = json!({
            "name": "two_browsers_have_two_counts on redis",
            "verdict": "broken",
            "promise": "Two browsers, two counts, two names.",
            "expected": "two counts",
            "observed": "one count",
            "exchanges": "> GET /\n< 200 OK\n",
            "read": "task.md",
        });
        assert_eq!(told(Err(broken)), expected);
        assert_eq!(told(Ok(()))["verdict"], "held");
    }

    #[test]
    fn what_was_not_judged_has_a_reason_and_is_not_held() {
        let not_judged = told(Err(Stop::NotJudged("needs redis".into())));
        assert_eq!(not_judged["verdict"], "not judged");
        assert_eq!(not_judged["reason"], "needs redis");
        let harness = told(judge(&case(ROW)));
        assert_eq!(harness["verdict"], "harness");
        assert_eq!(harness["reason"], "no such check");
        let mut skipped = case(ROW);
        skipped.not_judged = Some("needs an address".into());
        assert_eq!(told(judge(&skipped))["verdict"], "not judged");
    }
}
