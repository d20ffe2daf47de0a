//! The lessons: each is a step of the course, with the texts for whoever writes it.

use mdbook_steps::tree::{Step, Steps};
use std::collections::BTreeMap;

/// Texts by path inside a step or my-app, with `/` on every system: `src/main.rs`.
pub type Files = BTreeMap<String, String>;

/// What a step and my-app have in common.
pub const PARTS: [&str; 3] = ["src/", "templates/", "migrations/"];

/// The same without what the learner writes.
const GIVEN: [&str; 2] = ["templates/", "migrations/"];

/// How many hints a lesson has.
pub const HINTS: usize = 3;

/// One lesson.
#[derive(Debug, Clone, Copy)]
pub struct Lesson<'a> {
    pub step: &'a Step,
    before: Option<&'a Step>,
}

/// A stretch exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise<'a> {
    pub name: &'a str,
    pub task: &'a str,
}

/// All lessons in their order.
pub fn all(steps: &Steps) -> Vec<Lesson<'_>> {
    let lesson = |step| Lesson {
        step,
        before: steps.before(step),
    };
    steps.iter().map(lesson).collect()
}

/// The lesson of this number: `3`, `03`, `step-03` or the whole folder's name.
pub fn find<'a>(steps: &'a Steps, number: &str) -> Option<Lesson<'a>> {
    let mut lessons = all(steps).into_iter();
    lessons.find(|lesson| {
        let short = lesson.number().strip_prefix('0').unwrap_or_default();
        let names = [
            lesson.number(),
            short,
            lesson.step.name(),
            &lesson.step.folder,
        ];
        !number.is_empty() && names.contains(&number)
    })
}

impl<'a> Lesson<'a> {
    /// Such as `03`.
    pub fn number(&self) -> &'a str {
        self.step.name().trim_start_matches("step-")
    }

    /// The step that it begins with.
    pub fn before(&self) -> Option<&'a Step> {
        self.before
    }

    /// A text of the lesson's folder, such as `task.md`.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let text = self.step.files.get(&format!("lesson/{name}"));
        text.map(|text| text.trim_end())
    }

    /// Where that text is, for people.
    pub fn path(&self, name: &str) -> String {
        format!("steps/{}/lesson/{name}", self.step.folder)
    }

    pub fn hint(&self, nth: usize) -> Option<&'a str> {
        self.text(&format!("hint-{nth}.md"))
    }

    /// `Sessions in Redis` of `# Lesson 03: Sessions in Redis`. Without a task, what
    /// the folder's name says.
    pub fn title(&self) -> String {
        let heading = self.text("task.md").and_then(heading);
        let title = heading.map(|heading| match heading.split_once(": ") {
            Some((_, title)) => title.to_owned(),
            None => heading.to_owned(),
        });
        title.unwrap_or_else(|| {
            let name = self.step.folder.strip_prefix(self.step.name());
            name.unwrap_or_default().trim_matches('-').replace('-', " ")
        })
    }

    /// `3 hours` of the line `Time: 3 hours, in two parts`.
    pub fn time(&self) -> Option<&'a str> {
        let mut lines = self.text("task.md")?.lines();
        let time = lines.find_map(|line| line.strip_prefix("Time: "))?;
        time.split(',').next()
    }

    /// The stretch exercises, by name.
    pub fn stretch(&self) -> Vec<Exercise<'a>> {
        let exercise = |(path, task): (&'a String, &'a String)| {
            let name = path.strip_prefix("lesson/stretch/")?;
            let name = name.strip_suffix("/task.md")?;
            Some(Exercise { name, task })
        };
        self.step.files.iter().filter_map(exercise).collect()
    }

    /// The reference, as it would be in my-app.
    pub fn reference(&self) -> Files {
        files(self.step, &PARTS)
    }

    /// The part of it that the learner is given.
    pub fn given(&self) -> Files {
        files(self.step, &GIVEN)
    }

    /// What my-app begins with: the step before, and what is given. The first lesson
    /// has no step before it, and a starter of its own.
    pub fn start(&self) -> Files {
        let mut start = match (self.before, self.text("starter.rs")) {
            (Some(before), _) => files(before, &PARTS),
            (None, Some(text)) => Files::from([("src/main.rs".to_owned(), format!("{text}\n"))]),
            (None, None) => Files::new(),
        };
        start.extend(self.given());
        start
    }
}

impl Exercise<'_> {
    /// `Per-tab counters` of `# Per-tab counters`.
    pub fn title(&self) -> &str {
        heading(self.task).unwrap_or(self.name)
    }
}

/// Whether a step of the course has this file with this text: then nobody loses
/// anything when it is replaced.
pub fn is_of_the_course(steps: &Steps, path: &str, text: &str) -> bool {
    steps.iter().any(|step| {
        let theirs = step.files.get(path);
        theirs.is_some_and(|theirs| same(&as_my_app(step, theirs), text))
    })
}

/// The same text, whatever git made of the line ends on Windows.
pub fn same(one: &str, other: &str) -> bool {
    one.lines().eq(other.lines())
}

fn heading(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("# "))
}

fn files(step: &Step, parts: &[&str]) -> Files {
    let files = step.files.iter();
    let files = files.filter(|(path, _)| parts.iter().any(|part| path.starts_with(part)));
    files
        .map(|(path, text)| (path.clone(), as_my_app(step, text)))
        .collect()
}

/// A step's text with my-app's names: that of its database, and how it is run.
fn as_my_app(step: &Step, text: &str) -> String {
    let name = step.name();
    text.replace(&format!("{name}.db"), "my-app.db")
        .replace(&format!("cargo run -p {name}"), "cargo run")
}

#[cfg(test)]
mod tests;
