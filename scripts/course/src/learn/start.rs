//! `start`, `next` and `reset`: my-app begins, goes on, or begins anew.

use super::{
    Course,
    lessons::{self, Lesson},
    manifest,
    my_app::State,
    progress::Progress,
    terminal::{WIDTH, ask, page, say, wrap},
};
use mdbook_steps::tree::Step;
use std::path::Path;

const CONFIG: &str = ".cargo/config.toml";
const FORMAT: &str = "rustfmt.toml";
const LOCK: &str = "Cargo.lock";
const MANIFEST: &str = "Cargo.toml";

/// Begins the lesson, with the learner's code or, if it is to be `fresh`, with that of
/// the step before.
pub fn start(course: &Course, number: &str, fresh: bool) -> Result<(), String> {
    let lesson = course.lesson(number)?;
    let name = course.app.name();
    // Before anything is done: it may be damaged.
    course.progress()?;
    course.app.expect_no_link()?;
    match course.app.state() {
        State::Other => return Err(course.not_an_app()),
        State::Nothing => {
            begin(course, &lesson)?;
            say(&format!("{name} begins with {}.", origin(&lesson)));
        }
        State::App if fresh => {
            begin(course, &lesson)?;
            say(&format!("{name} begins anew with {}.", origin(&lesson)));
        }
        State::App => {
            go_on(course, &lesson)?;
            say(&format!("{name} goes on with your code."));
        }
    }
    say("");
    task(&lesson);
    say(&format!(
        "\nYour code is in {}; `cargo course watch` checks each save.",
        course.app.name()
    ));
    Ok(())
}

/// The lesson after this one, with the learner's code.
pub fn next(course: &Course) -> Result<(), String> {
    let (lesson, progress) = course.current()?;
    let Some(next) = course.after(&lesson) else {
        say("That was the last lesson. `cargo course` shows what is left.");
        return Ok(());
    };
    if !progress.done.contains(lesson.number()) {
        let (this, next) = (lesson.number(), next.number());
        return Err(format!(
            "course: lesson {this} is not done; `cargo course start {next}` goes on all the same"
        ));
    }
    start(course, next.number(), false)
}

/// Back to where the lesson began, once the learner has said so.
pub fn reset(course: &Course) -> Result<(), String> {
    let (lesson, _) = course.current()?;
    let number = lesson.number();
    match ask(&format!(
        "Put your code aside, and begin lesson {number} anew?"
    )) {
        Some(true) => start(course, number, true),
        Some(false) => {
            say("Nothing has changed.");
            Ok(())
        }
        None => Err(format!(
            "course: nobody is there to ask; `cargo course start {number} --fresh` does it"
        )),
    }
}

/// The lesson's task.
pub fn task(lesson: &Lesson<'_>) {
    let missing = || {
        let (number, title, folder) = (lesson.number(), lesson.title(), &lesson.step.folder);
        format!(
            "# Lesson {number}: {title}\n\n\
             The task is not written yet; read book/src/{folder}.md"
        )
    };
    let task = lesson.text("task.md").map_or_else(missing, str::to_owned);
    say(&page(&task));
}

fn origin(lesson: &Lesson<'_>) -> String {
    match lesson.before() {
        Some(before) => format!("the code of {}", before.name()),
        None => "an app without pages".to_owned(),
    }
}

/// Before anything else can fail.
fn say_where(course: &Course, aside: &Path) {
    let aside = course.app.shown(aside);
    say(&format!("Your code of before is in {aside}."));
}

/// All files anew. What was there before is put aside.
fn begin(course: &Course, lesson: &Lesson<'_>) -> Result<(), String> {
    // The step before may need what the lesson's reference has no more use for.
    let mut needed = dependencies(course, lesson.step)?;
    if let Some(before) = lesson.before() {
        needed.extend(dependencies(course, before)?);
    }
    needed.sort_by(|(one, _), (other, _)| one.cmp(other));
    needed.dedup_by(|(one, _), (other, _)| one == other);
    let about = manifest::new(&course.text(MANIFEST)?, &needed)
        .map_err(|error| format!("Cargo.toml: {error}"))?;
    let mut files = lesson.start();
    if !files.contains_key("src/main.rs") {
        return Err(format!("course: there is no {}", lesson.path("starter.rs")));
    }
    files.insert(MANIFEST.to_owned(), about);
    files.insert(CONFIG.to_owned(), config(course, None)?);
    files.extend(course.text(LOCK).ok().map(|text| (LOCK.to_owned(), text)));
    let format = course.text("steps/rustfmt.toml").ok();
    files.extend(format.map(|text| (FORMAT.to_owned(), text)));
    // What was reached stays, whatever it is that begins anew.
    let mut progress = course.progress()?.unwrap_or_default();
    // First, as `Visit.rs` and `visit.rs` are one file on some systems.
    if course.app.state() == State::App {
        say_where(course, &course.app.move_aside()?);
    }
    for (path, text) in &files {
        course.app.write(path, text)?;
    }
    at(&mut progress, lesson);
    course.save(&progress)?;
    course.app.drop_empty_folders()
}

/// The learner's code stays. What the lesson gives is laid over it, where nothing of
/// the learner's is lost, or the learner says so.
fn go_on(course: &Course, lesson: &Lesson<'_>) -> Result<(), String> {
    let app = &course.app;
    let mut progress = course.progress()?.unwrap_or_default();
    // All that is to be read, before anything is written.
    let given = lesson.given();
    let mine: Vec<Option<String>> = given
        .keys()
        .map(|path| app.read(path))
        .collect::<Result<_, _>>()?;
    let old = app.read(MANIFEST)?.ok_or_else(|| {
        let name = app.name();
        format!(
            "course: {name} has no Cargo.toml; `cargo course start {} --fresh` begins anew",
            lesson.number()
        )
    })?;
    let (new, added) = manifest::add_missing(&old, &dependencies(course, lesson.step)?)
        .map_err(|error| format!("course: {}/Cargo.toml: {error}", app.name()))?;
    let old_config = app.read(CONFIG)?;
    let new_config = config(course, old_config.as_deref())?;
    if old_config.as_ref() != Some(&new_config) {
        app.write(CONFIG, &new_config)?;
    }
    if app.read(FORMAT)?.is_none()
        && let Ok(format) = course.text("steps/rustfmt.toml")
    {
        app.write(FORMAT, &format)?;
    }
    if !added.is_empty() {
        app.write(MANIFEST, &new)?;
        // With the versions of the course; cargo adds to it what the learner has added.
        if let Ok(lock) = course.text(LOCK) {
            app.write(LOCK, &lock)?;
        }
        let added = format!(
            "Added to Cargo.toml: {}; Cargo.lock is the course's.",
            added.join(", ")
        );
        say(&wrap(&added, WIDTH).join("\n"));
    }
    give(course, given.iter().zip(mine))?;
    at(&mut progress, lesson);
    course.save(&progress)
}

/// The lesson's templates and migrations, each with what the learner has there.
fn give<'a>(
    course: &Course,
    given: impl Iterator<Item = ((&'a String, &'a String), Option<String>)>,
) -> Result<(), String> {
    let mut is_copied = false;
    for ((path, text), mine) in given {
        match mine {
            Some(mine) if lessons::same(&mine, text) => continue,
            Some(mine) if !lessons::is_of_the_course(&course.steps, path, &mine) => {
                let question = format!("{path} is not as it was given. Replace yours?");
                if ask(&question) != Some(true) {
                    say(&format!("{path} stays yours; the lesson has another one."));
                    say(&format!("  `cargo course diff {path}` shows both"));
                    continue;
                }
                if !is_copied {
                    say_where(course, &course.app.copy_aside()?);
                    is_copied = true;
                }
            }
            _ => {}
        }
        course.app.write(path, text)?;
    }
    Ok(())
}

fn at(progress: &mut Progress, lesson: &Lesson<'_>) {
    lesson.number().clone_into(&mut progress.lesson);
}

fn dependencies(course: &Course, step: &Step) -> Result<manifest::Dependencies, String> {
    let about = step.files.get(MANIFEST).map_or("", String::as_str);
    manifest::dependencies(&course.text(MANIFEST)?, about, &course.app.way_to_root())
        .map_err(|error| format!("steps/{}/Cargo.toml: {error}", step.folder))
}

fn config(course: &Course, old: Option<&str>) -> Result<String, String> {
    let target = format!("{}/target", course.app.way_to_root());
    manifest::config(old, &course.text(MANIFEST)?, &course.root, &target)
        .map_err(|error| format!("course: {}/{CONFIG}: {error}", course.app.name()))
}
