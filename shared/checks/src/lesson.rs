//! From the matrix to tests: what a step has to show, one case each.

use crate::{
    case::{Case, Work},
    course::Course,
    is_on,
    lessons::{self, Check, Needs},
    matrix::{Cell, Matrix, Row},
    recorder,
    target::Target,
    variant::{Variant, text_files},
    verdict::Stop,
};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// A step, as its `tests/lesson.rs` introduces it.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Such as `step-02`.
    pub name: &'static str,
    /// The step's folder, `env!("CARGO_MANIFEST_DIR")`.
    pub folder: &'static str,
    /// The step's program, `env!("CARGO_BIN_EXE_step-02")`.
    pub binary: &'static str,
}

impl Step {
    /// The last part of the folder, such as `step-02-memory-sessions`.
    pub(crate) fn folder_name(&self) -> &'static str {
        Path::new(self.folder)
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or(self.name)
    }
}

/// The checks of a step such as `step-02`, one for each cell that says pass.
/// Cells that say fail are for the step's own app alone.
pub fn plan(step: &str, target: &Target) -> Result<Vec<Case>, String> {
    let matrix = Matrix::of_the_course()?;
    if !matrix.steps.iter().any(|name| name == step) {
        return Err(format!("{step}: the matrix has no such step"));
    }
    let own = matches!(target, Target::Own(_));
    let case = |row: &Row| {
        let case = match row.cell(step)? {
            Cell::Absent => return None,
            Cell::Fail(_) if !own => return None,
            Cell::Fail(text) => {
                let mut case = check(&row.name, target, |check, course| {
                    Work::Break(check, course, text.clone())
                });
                case.kind = "must fail";
                case
            }
            Cell::Pass => check(&row.name, target, Work::Hold),
            Cell::PerStore(_) => {
                let mut case = check(&row.name, target, Work::Hold);
                case.not_judged = Some("needs a store".into());
                case
            }
        };
        Some(case)
    };
    Ok(matrix.rows.iter().filter_map(case).collect())
}

fn check(name: &str, target: &Target, work: impl FnOnce(&'static Check, Course) -> Work) -> Case {
    // A check that this build does not have is one that needs Chromium: a unit
    // test holds that every row has its check.
    let check = lessons::find(name);
    let needs = check.map_or(Needs::Browser, |check| check.needs);
    let work = match check {
        Some(check) => work(check, Course::new(target.clone())),
        None => Work::Impossible(format!("there is no check `{name}`")),
    };
    Case {
        name: name.to_owned(),
        kind: "",
        not_judged: missing(needs, target),
        work,
    }
}

/// Why something with these needs cannot be judged here.
fn missing(needs: Needs, target: &Target) -> Option<String> {
    let there = match needs {
        Needs::Url => true,
        Needs::Process => target.program().is_some(),
        Needs::Memory => target.program().is_some() && cfg!(unix),
        Needs::Browser if !cfg!(feature = "browser") => false,
        Needs::Browser => is_on("COURSE_STRICT") || on_path("chromedriver"),
    };
    (!there).then(|| needs.to_string())
}

fn on_path(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| {
        folder
            .join(program)
            .with_extension(std::env::consts::EXE_EXTENSION)
            .exists()
    })
}

fn variants(step: &Step) -> Result<Vec<Case>, String> {
    let target = Target::Own(PathBuf::from(step.binary));
    let matrix = Matrix::of_the_course()?;
    let catch = |variant: Variant| {
        let caught_by = variant.caught_by.clone();
        let name = format!("{} is caught by {caught_by}", variant.name);
        let mut case = check(&caught_by, &target, |check, _| {
            Work::Catch(check, *step, variant)
        });
        if !matrix.passes(&caught_by, step.name) {
            case.not_judged = None;
            case.work = Work::Impossible(format!("{caught_by} does not pass in {}", step.name));
        }
        (case.name, case.kind) = (name, "variant");
        case
    };
    let variants = Variant::of_step(Path::new(step.folder))?;
    Ok(variants.into_iter().map(catch).collect())
}

fn transcripts(step: &Step) -> Result<Vec<Case>, String> {
    let play = |path: PathBuf| Case {
        name: path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        kind: "transcript",
        not_judged: None,
        work: Work::Play(path, *step),
    };
    Ok(text_files(&recorder::folder(step))?
        .into_iter()
        .map(play)
        .collect())
}

fn picture(step: &Step) -> Case {
    Case {
        name: "the page as it is in the book".into(),
        kind: "picture",
        not_judged: missing(Needs::Browser, &Target::Own(PathBuf::from(step.binary))),
        #[cfg(feature = "browser")]
        work: Work::Picture(*step),
        #[cfg(not(feature = "browser"))]
        work: Work::Impossible(Needs::Browser.to_string()),
    }
}

/// What a step's `tests/lesson.rs` does: judges the step, and takes the
/// arguments that `cargo test` passes on.
pub fn lesson(step: &Step) -> ExitCode {
    match cases(step) {
        Ok(cases) => {
            let trials = cases.into_iter().map(|case| trial(case, step)).collect();
            libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
        }
        Err(error) => {
            eprintln!("{}: {error}", step.name);
            ExitCode::FAILURE
        }
    }
}

fn cases(step: &Step) -> Result<Vec<Case>, String> {
    let target = Target::from_env(Path::new(step.binary))?;
    let mut cases = plan(step.name, &target)?;
    if matches!(target, Target::Own(_)) {
        cases.extend(variants(step)?);
        cases.extend(transcripts(step)?);
        cases.push(picture(step));
    }
    Ok(cases)
}

fn trial(case: Case, step: &Step) -> Trial {
    let kind = match &case.not_judged {
        Some(reason) => format!("not judged: {reason}"),
        None => case.kind.to_owned(),
    };
    let (name, ignored) = (case.name.clone(), case.not_judged.is_some());
    let chapter = format!("book/src/{}.md", step.folder_name());
    let judge = move || match case.run() {
        Ok(()) => Ok(Completion::Completed),
        Err(Stop::NotJudged(reason)) => Ok(Completion::ignored_with(reason)),
        Err(broken @ Stop::Broken(_)) => Err(format!("{broken}\nRead: {chapter}").into()),
        Err(harness) => Err(Failed::from(harness.to_string())),
    };
    Trial::ignorable_test(name, judge)
        .with_kind(kind)
        .with_ignored_flag(ignored)
}
