//! What a lesson starts from must not pass it already: it is the program of the step
//! before, and it breaks a promise that is new in the lesson.

use super::{Step, check};
use crate::{
    attack::plan::step_folder,
    case::{Case, Work},
    course::{Course, Place},
    matrix::{Backend, Matrix},
    store::Kind,
    target::Target,
    variants,
};
use std::path::PathBuf;

/// For each lesson a promise that is new in it and cheap to judge, and what is seen
/// instead.
const BROKEN: [(&str, &str, &str); 9] = [
    ("step-00", "the_home_page_offers_to_pour", "status 404"),
    (
        "step-01",
        "a_returning_browser_is_greeted_by_name",
        "What are we having?",
    ),
    (
        "step-02",
        "the_first_visit_is_greeted_by_name",
        "Hello, Guest!",
    ),
    (
        "step-03",
        "the_count_survives_a_restart",
        "No beers viewed yet",
    ),
    ("step-04", "the_store_is_chosen_by_url", "it is not"),
    ("step-05", "registering_logs_in", "status 404"),
    (
        "step-06",
        "a_visit_that_stores_nothing_starts_no_session",
        "beer.sid=",
    ),
    (
        "step-07",
        "the_home_page_is_for_those_who_are_logged_in",
        "status 200",
    ),
    (
        "step-08",
        "metrics_are_for_this_machine_or_for_a_token",
        "status 404",
    ),
];

/// The starter breaks the lesson's promise, and runs as well as in its own lesson: where
/// that has its sessions and users.
pub(super) fn case(step: &Step) -> Result<Case, String> {
    let row = BROKEN.iter().find(|(name, ..)| *name == step.name);
    let (_, row, seen) = row.ok_or_else(|| format!("{}: no row for its starter", step.name))?;
    let matrix = Matrix::of_the_course()?;
    let own = previous(&matrix, step.name).unwrap_or(step.name);
    let backends = matrix.backends(own);
    // Without a server, if it can do without.
    let place = if backends.stores.contains(&Kind::Memory) {
        Place::chosen(Backend::Store(Kind::Memory), backends)
    } else {
        Place::default_of(backends)
    };
    let target = Target::Own(PathBuf::from(step.binary));
    let course = Course::at(target.clone(), place, backends);
    let mut case = check(row, &target, course, |check, course| {
        Work::Start(check, course, *step, seen)
    });
    case.name = format!("fails {row}");
    case.kind = "starter";
    Ok(case)
}

/// The step before, such as `step-02` before `step-03`.
fn previous<'a>(matrix: &'a Matrix, step: &str) -> Option<&'a str> {
    let nth = matrix.steps.iter().position(|name| name == step)?;
    Some(&matrix.steps[nth.checked_sub(1)?])
}

/// What the lesson starts from. It is built if it is not.
pub(crate) fn program(step: &Step) -> Result<PathBuf, String> {
    let matrix = Matrix::of_the_course()?;
    let Some(previous) = previous(&matrix, step.name) else {
        return variants::program(step, variants::STARTER);
    };
    let folder = step_folder(previous);
    let (_, folder) = folder.ok_or_else(|| format!("there is no folder of {previous}"))?;
    let target = Target::app(&folder)?;
    let program = target.program().map(PathBuf::from);
    program.ok_or_else(|| format!("{previous} has no program"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_has_a_promise_that_the_step_before_does_not_keep() {
        let matrix = Matrix::of_the_course().unwrap();
        let steps: Vec<&str> = BROKEN.iter().map(|(step, ..)| *step).collect();
        assert_eq!(steps, matrix.steps);
        for (step, row, _) in BROKEN {
            assert!(matrix.passes(row, step), "{step} and {row}");
            let before = previous(&matrix, step);
            let known = before.is_some_and(|before| matrix.passes(row, before));
            assert!(!known, "{step} and {row}");
        }
    }
}
