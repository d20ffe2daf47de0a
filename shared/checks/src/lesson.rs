//! From the matrix to tests: what a step has to show, one case each.

use crate::{
    abreast,
    case::{Case, Work},
    clock::Clock,
    course::{Course, Place},
    is_on,
    lessons::{self, Check, Needs},
    matrix::{Backends, Cell, Matrix, Row},
    recorder, report,
    servers::{self, Server, proxy},
    store::running,
    store_suite,
    target::Target,
    variant::{Outcome, Variant, text_files},
    verdict::Stop,
};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::ExitCode,
};

pub(crate) mod starter;
mod stretch;

pub use stretch::stretch;

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

/// What is in a picture of the book.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pages {
    Home,
    /// Of a step that has users.
    Login,
}

/// The checks of a step such as `step-02`, one for each cell that says pass.
/// Cells that say fail are for the step's own app alone. A server that somebody
/// runs has its sessions in one place, and is judged once.
pub fn plan(step: &str, target: &Target) -> Result<Vec<Case>, String> {
    let matrix = Matrix::of_the_course()?;
    if !matrix.steps.iter().any(|name| name == step) {
        return Err(format!("{step}: the matrix has no such step"));
    }
    let backends = matrix.backends(step);
    let mut cases = Vec::new();
    for row in &matrix.rows {
        match row.cell(step) {
            Some(Cell::PerBackend(cells)) if target.program().is_none() => {
                let some = |wanted: fn(&Cell) -> bool| cells.iter().any(|(_, cell)| wanted(cell));
                if some(|cell| *cell == Cell::Pass) {
                    let place = Place::default_of(backends);
                    let mut case = case(row, &Cell::Pass, target, place, backends);
                    if let Some(case) = &mut case
                        && some(|cell| matches!(cell, Cell::Fail(_)))
                    {
                        case.not_judged = Some("depends on the store or the database".into());
                    }
                    cases.extend(case);
                }
            }
            Some(Cell::PerBackend(cells)) => {
                for (backend, cell) in cells {
                    let place = Place::chosen(*backend, backends);
                    let mut case = case(row, cell, target, place, backends);
                    if let Some(case) = &mut case {
                        case.name = format!("{} on {backend}", row.name);
                    }
                    cases.extend(case);
                }
            }
            Some(cell) => {
                cases.extend(case(
                    row,
                    cell,
                    target,
                    Place::default_of(backends),
                    backends,
                ));
            }
            None => {}
        }
    }
    Ok(cases)
}

fn case(
    row: &Row,
    cell: &Cell,
    target: &Target,
    place: Place,
    backends: &Backends,
) -> Option<Case> {
    let course = Course::at(target.clone(), place, backends);
    match cell {
        Cell::Pass => Some(check(&row.name, target, course, Work::Hold)),
        Cell::Fail(text) if matches!(target, Target::Own(_)) => {
            let work = |check, course| Work::Break(check, course, text.clone());
            let mut case = check(&row.name, target, course, work);
            case.kind = "must fail";
            Some(case)
        }
        _ => None,
    }
}

pub(crate) fn check(
    name: &str,
    target: &Target,
    course: Course,
    work: impl FnOnce(&'static Check, Course) -> Work,
) -> Case {
    // A unit test holds that every row has its check where all are built.
    case_of(lessons::find(name), name, target, course, work)
}

/// The case of a check, which is there if this build has it.
fn case_of(
    check: Option<&'static Check>,
    name: &str,
    target: &Target,
    course: Course,
    work: impl FnOnce(&'static Check, Course) -> Work,
) -> Case {
    let not_judged = match check {
        Some(check) => missing(check.needs, target, course.servers(check.needs)),
        None if cfg!(all(feature = "sql", feature = "tls")) => None,
        None => Some("needs the features browser, sql and tls of the crate checks".into()),
    };
    let work = match check {
        Some(check) => work(check, course),
        None => Work::Impossible(format!("there is no check `{name}`")),
    };
    Case {
        name: name.to_owned(),
        kind: "",
        not_judged,
        work,
    }
}

/// Why something with these needs cannot be judged here.
fn missing(needs: Needs, target: &Target, servers: Vec<Server>) -> Option<String> {
    let strict = is_on("COURSE_STRICT");
    let there = match needs {
        Needs::Url => true,
        Needs::Process
        | Needs::Server
        | Needs::Stores
        | Needs::RedisNodes
        | Needs::MongoNodes
        | Needs::Users => target.program().is_some(),
        Needs::Proxy => target.program().is_some() && (strict || on_path(proxy::PROGRAM)),
        Needs::Memory => target.program().is_some() && cfg!(unix),
        Needs::Linux => target.program().is_some() && cfg!(target_os = "linux"),
        Needs::Clock => {
            target.program().is_some() && cfg!(target_os = "linux") && (strict || Clock::is_there())
        }
        Needs::Browser if !cfg!(feature = "browser") => false,
        Needs::Browser => strict || on_path("chromedriver"),
    };
    if !there {
        return Some(needs.to_string());
    }
    // Where somebody else started the app, its servers are there.
    target.program()?;
    let absent = |server: &Server| !strict && server.program().is_none();
    let server = servers.into_iter().find(absent)?;
    Some(format!("needs {}", server.needs()))
}

fn on_path(program: &str) -> bool {
    servers::find(program).is_some()
}

/// The way to the app that judges a variant: on its store or database, if it has one.
fn course_of(variant: &Variant, target: &Target, backends: &Backends) -> Course {
    let place = match variant.backend {
        Some(backend) => Place::chosen(backend, backends),
        None => Place::default_of(backends),
    };
    Course::at(target.clone(), place, backends)
}

fn variants(step: &Step) -> Result<Vec<Case>, String> {
    let target = Target::Own(PathBuf::from(step.binary));
    let matrix = Matrix::of_the_course()?;
    let backends = matrix.backends(step.name);
    let vary = |variant: Variant| {
        if let Outcome::Refused(_) = variant.outcome {
            return Case {
                name: format!("{} is refused by {}", variant.name, variant.check),
                kind: "variant",
                not_judged: None,
                work: Work::Refuse(*step, variant),
            };
        }
        let backend = variant.backend.unwrap_or(backends.default());
        let judge = variant.judge();
        let name = match variant.outcome {
            Outcome::StillHolds => format!("{}: {judge} still holds", variant.name),
            _ => format!("{} is caught by {judge}", variant.name),
        };
        let passes = matrix.passes_on(&variant.check, step.name, backend);
        let course = course_of(&variant, &target, backends);
        let mut case = check(&variant.check.clone(), &target, course, |check, course| {
            Work::Vary(check, course, *step, variant)
        });
        if !passes {
            case.not_judged = None;
            case.work = Work::Impossible(format!("{judge} does not pass in {}", step.name));
        }
        (case.name, case.kind) = (name, "variant");
        case
    };
    let variants = Variant::of_step(Path::new(step.folder))?;
    Ok(variants.into_iter().map(vary).collect())
}

fn transcripts(step: &Step) -> Result<Vec<Case>, String> {
    let target = Target::Own(PathBuf::from(step.binary));
    let course = Course::of_step(step.name, target.clone())?;
    let not_judged = missing(Needs::Process, &target, course.servers(Needs::Process));
    let play = |path: PathBuf| Case {
        name: path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        kind: "transcript",
        not_judged: not_judged.clone(),
        work: Work::Play(path, *step),
    };
    Ok(text_files(&recorder::folder(step))?
        .into_iter()
        .map(play)
        .collect())
}

fn pictures(step: &Step) -> Result<Vec<Case>, String> {
    let target = Target::Own(PathBuf::from(step.binary));
    let course = Course::of_step(step.name, target.clone())?;
    let not_judged = missing(Needs::Browser, &target, course.servers(Needs::Browser));
    #[cfg(feature = "browser")]
    let work = |pages| Work::Picture(*step, pages);
    #[cfg(not(feature = "browser"))]
    let work = |_| Work::Impossible(Needs::Browser.to_string());
    let case = |(name, pages): (&str, Pages)| Case {
        name: name.to_owned(),
        kind: "picture",
        not_judged: not_judged.clone(),
        work: work(pages),
    };
    let home = ("the page as it is in the book", Pages::Home);
    let login = ("the login pages as they are in the book", Pages::Login);
    let login = course.has_users().then_some(login);
    Ok([home].into_iter().chain(login).map(case).collect())
}

/// What a step's `tests/lesson.rs` does: judges the step, and takes the
/// arguments that `cargo test` passes on.
pub fn lesson(step: &Step) -> ExitCode {
    let stores = store_suite::expect_all_stores(step, &[]);
    judge(step, stores.and_then(|()| cases(step)))
}

/// The same for a step that brings session stores: they are judged, too.
#[cfg(feature = "store-suite")]
pub fn lesson_with_stores(step: &Step, stores: &[store_suite::Subject]) -> ExitCode {
    let with_stores = || {
        let mut cases = cases(step)?;
        // Another app has a store of its own.
        let is_own = matches!(Target::from_env(Path::new(step.binary))?, Target::Own(_));
        if is_own && stretch::named().is_none() {
            cases.extend(store_suite::cases_of_step(step, stores)?);
        }
        Ok(cases)
    };
    judge(step, with_stores())
}

fn judge(step: &Step, cases: Result<Vec<Case>, String>) -> ExitCode {
    match cases {
        Ok(cases) if is_on("COURSE_REPORT") => report::run(step, &cases),
        Ok(mut cases) => {
            if is_on("COURSE_WHOLE") {
                cases.sort_by_key(mixed);
            }
            let trials = cases.into_iter().map(|case| trial(case, step)).collect();
            let mut arguments = Arguments::from_args();
            arguments.test_threads.get_or_insert_with(abreast::threads);
            let conclusion = libtest_mimic::run(&arguments, trials);
            running::stop_shared();
            conclusion.exit_code()
        }
        Err(error) => {
            eprintln!("{}: {error}", step.name);
            ExitCode::FAILURE
        }
    }
}

/// A place in an order that has nothing to do with the matrix's. There those that wait
/// are neighbours, and those that hash passwords: the machine is idle, then crowded.
fn mixed(case: &Case) -> u64 {
    let mut hasher = DefaultHasher::new();
    case.name.hash(&mut hasher);
    hasher.finish()
}

fn cases(step: &Step) -> Result<Vec<Case>, String> {
    let target = Target::from_env(Path::new(step.binary))?;
    if let Some(name) = stretch::named() {
        return Ok(vec![stretch(step, &name, &target)?]);
    }
    let mut cases = plan(step.name, &target)?;
    if matches!(target, Target::Own(_)) {
        cases.push(starter::case(step)?);
        cases.extend(variants(step)?);
        cases.extend(stretch::cases(step)?);
        cases.extend(transcripts(step)?);
        cases.extend(pictures(step)?);
    }
    Ok(cases)
}

/// What explains the promises: the chapter, or the task of the exercise that is judged.
pub(crate) fn to_read(step: &Step) -> String {
    let folder = step.folder_name();
    match stretch::named() {
        Some(name) => format!("steps/{folder}/lesson/stretch/{name}/task.md"),
        None => format!("book/src/{folder}.md"),
    }
}

fn trial(case: Case, step: &Step) -> Trial {
    let kind = match &case.not_judged {
        Some(reason) => format!("not judged: {reason}"),
        None => case.kind.to_owned(),
    };
    let (name, ignored) = (case.name.clone(), case.not_judged.is_some());
    let read = to_read(step);
    let judge = move || match case.run() {
        Ok(()) => Ok(Completion::Completed),
        Err(Stop::NotJudged(reason)) => Ok(Completion::ignored_with(reason)),
        Err(broken @ Stop::Broken(_)) => Err(format!("{broken}\nRead: {read}").into()),
        Err(harness) => Err(Failed::from(harness.to_string())),
    };
    Trial::ignorable_test(name, judge)
        .with_kind(kind)
        .with_ignored_flag(ignored)
}

#[cfg(test)]
mod tests;
