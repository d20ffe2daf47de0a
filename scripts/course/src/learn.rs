//! The learner's commands: a lesson's step is written by whoever reads this course, in
//! my-app, and the same checks judge it.

mod bar;
mod build;
mod check;
mod compare;
mod hint;
mod job;
mod keys;
mod lessons;
mod list;
mod manifest;
mod my_app;
mod progress;
mod report;
mod start;
mod stretch;
mod terminal;
mod watch;

pub use my_app::around;

use lessons::Lesson;
use mdbook_steps::tree::Steps;
use my_app::{MyApp, State};
use progress::Progress;
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The commands, by their first word.
pub const COMMANDS: [&str; 10] = [
    "start", "task", "check", "watch", "hint", "diff", "solve", "stretch", "reset", "next",
];

/// Something is broken: what was judged, or the command line.
const BROKEN: u8 = 1;

/// It could not be judged, or done.
const NOT_DONE: u8 = 2;

/// Runs one of the commands; without arguments, the list of lessons.
pub fn run(root: &Path, arguments: &[&str]) -> ExitCode {
    match command(root, arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(BROKEN),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(NOT_DONE)
        }
    }
}

/// `false`: what was judged does not hold.
fn command(root: &Path, arguments: &[&str]) -> Result<bool, String> {
    let course = &Course::open(root)?;
    let done = match arguments {
        [] => list::list(course),
        ["start", number] => start::start(course, number, false),
        ["start", number, "--fresh"] | ["start", "--fresh", number] => {
            start::start(course, number, true)
        }
        ["task"] => course.current().map(|(lesson, _)| start::task(&lesson)),
        ["check", arguments @ ..] => return check(course, arguments),
        ["watch"] => watch::watch(course, &terminal::interrupts()?),
        ["hint"] => hint::hint(course),
        ["diff"] => compare::diff(course, None),
        ["diff", file] => compare::diff(course, Some(file)),
        ["solve"] => compare::solve(course, None, false),
        ["solve", "--write"] => compare::solve(course, None, true),
        ["solve", file, "--write"] | ["solve", "--write", file] => {
            compare::solve(course, Some(file), true)
        }
        ["solve", file] => compare::solve(course, Some(file), false),
        ["stretch"] => stretch::stretch(course, None),
        ["stretch", name] => stretch::stretch(course, Some(name)),
        ["reset"] => start::reset(course),
        ["next"] => start::next(course),
        ["start"] => Err("course: which lesson? `cargo course start 00`".to_owned()),
        [command, ..] => Err(format!("course: {command} does not take that; see --help")),
    };
    done.map(|()| true)
}

fn check(course: &Course, arguments: &[&str]) -> Result<bool, String> {
    let order = check::Order::read(course, arguments)?;
    let outcome = check::judge(&order, &bar::Bar::new(), &terminal::interrupts()?)?;
    check::tell(course, &order, &outcome)
}

/// The course and the learner's app.
#[derive(Debug)]
pub struct Course {
    root: PathBuf,
    steps: Steps,
    app: MyApp,
}

impl Course {
    fn open(root: &Path) -> Result<Course, String> {
        let steps = Steps::read(root).map_err(|error| format!("course: steps/: {error}"))?;
        if steps.iter().next().is_none() {
            return Err("course: there are no lessons in steps/".to_owned());
        }
        Ok(Course {
            app: MyApp::find(root)?,
            root: root.to_owned(),
            steps,
        })
    }

    fn lessons(&self) -> Vec<Lesson<'_>> {
        lessons::all(&self.steps)
    }

    fn lesson(&self, number: &str) -> Result<Lesson<'_>, String> {
        let lesson = lessons::find(&self.steps, number);
        lesson.ok_or_else(|| {
            format!("course: there is no lesson `{number}`; `cargo course` shows all")
        })
    }

    fn after(&self, lesson: &Lesson<'_>) -> Option<Lesson<'_>> {
        let mut lessons = self.lessons().into_iter();
        lessons.find(|other| other.number() > lesson.number())
    }

    /// A file of the repository.
    fn text(&self, path: &str) -> Result<String, String> {
        fs::read_to_string(self.root.join(path)).map_err(|error| format!("course: {path}: {error}"))
    }

    /// The lesson that my-app is at, and how far the learner is.
    fn current(&self) -> Result<(Lesson<'_>, Progress), String> {
        self.expect_app()?;
        let progress = self.progress()?.ok_or_else(|| {
            let name = self.app.name();
            format!("course: {name} is at no lesson; `cargo course start 00` keeps your code")
        })?;
        Ok((self.at(&progress)?, progress))
    }

    fn at(&self, progress: &Progress) -> Result<Lesson<'_>, String> {
        let lesson = lessons::find(&self.steps, &progress.lesson);
        lesson.ok_or_else(|| self.damaged(&format!("there is no lesson `{}`", progress.lesson)))
    }

    fn expect_app(&self) -> Result<(), String> {
        match self.app.state() {
            State::App => Ok(()),
            State::Nothing => Err(format!(
                "course: there is no {} yet; `cargo course start 00` begins it",
                self.app.name()
            )),
            State::Other => Err(self.not_an_app()),
        }
    }

    fn not_an_app(&self) -> String {
        let name = self.app.name();
        format!("course: {name} holds something else; move it, or set COURSE_MY_APP")
    }

    fn progress(&self) -> Result<Option<Progress>, String> {
        Progress::read(&self.app.folder).map_err(|why| self.damaged(&why))
    }

    fn damaged(&self, why: &str) -> String {
        let name = self.app.name();
        format!(
            "course: {name}/{}: {why}; delete it, `start` again",
            progress::FILE
        )
    }

    fn save(&self, progress: &Progress) -> Result<(), String> {
        let saved = progress.write(&self.app.folder);
        saved.map_err(|error| format!("course: {}/{}: {error}", self.app.name(), progress::FILE))
    }
}

#[cfg(test)]
fn test_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[cfg(test)]
fn test_steps() -> Steps {
    Steps::read(&test_root()).unwrap()
}
