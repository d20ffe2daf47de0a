//! A lesson's stretch exercises. Each has a check of its own, which the lesson's step
//! does not pass, and its solution does.

use super::{Step, case_of, course_of};
use crate::{
    case::{Case, Work},
    lessons,
    matrix::Matrix,
    target::Target,
    variant::Variant,
};
use std::path::{Path, PathBuf};

/// The exercise that `COURSE_STRETCH` asks for, and nothing else.
pub(super) fn named() -> Option<String> {
    let name = std::env::var("COURSE_STRETCH").ok();
    name.filter(|name| !name.is_empty())
}

/// One exercise of a step: its check, against whatever app.
///
/// # Errors
///
/// That there is no such exercise, with those that there are.
pub fn stretch(step: &Step, name: &str, target: &Target) -> Result<Case, String> {
    let solutions = Variant::solutions_of_step(Path::new(step.folder))?;
    let Some(solution) = solutions.iter().find(|solution| solution.name == name) else {
        let names: Vec<&str> = solutions.iter().map(|one| one.name.as_str()).collect();
        let names = names.join(", ");
        return Err(format!("no stretch exercise `{name}`, but: {names}"));
    };
    let mut case = case(step, solution, target, Work::Hold)?;
    case.kind = "stretch";
    Ok(case)
}

/// Of each exercise of the step: that the step itself does not solve it, and that the
/// solution does.
pub(super) fn cases(step: &Step) -> Result<Vec<Case>, String> {
    let target = Target::Own(PathBuf::from(step.binary));
    let mut cases = Vec::new();
    for solution in Variant::solutions_of_step(Path::new(step.folder))? {
        let lack = case(step, &solution, &target, Work::Lack)?;
        let solve = case(step, &solution, &target, |check, course| {
            Work::Vary(check, course, *step, solution.clone())
        })?;
        for (mut case, what) in [
            (lack, ": the reference does not have it"),
            (solve, " is solved"),
        ] {
            case.name += what;
            case.kind = "stretch";
            cases.push(case);
        }
    }
    Ok(cases)
}

fn case(
    step: &Step,
    solution: &Variant,
    target: &Target,
    work: impl FnOnce(&'static lessons::Check, crate::Course) -> Work,
) -> Result<Case, String> {
    let matrix = Matrix::of_the_course()?;
    let course = course_of(solution, target, matrix.backends(step.name));
    let check = lessons::find_stretch(&solution.check);
    let mut case = case_of(check, &solution.check, target, course, work);
    case.name.clone_from(&solution.name);
    Ok(case)
}
