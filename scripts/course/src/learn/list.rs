//! `cargo course` alone: where am I.

use super::{
    Course,
    lessons::{HINTS, Lesson},
    my_app::State,
    progress::{self, Progress},
    terminal::{WIDTH, bold, cut, good, say},
};

/// The lessons, and what there is to do now.
pub fn list(course: &Course) -> Result<(), String> {
    let known = match course.app.state() {
        State::App => course.progress()?,
        State::Nothing | State::Other => None,
    };
    let progress = known.clone().unwrap_or_default();
    let lessons = course.lessons();
    let next = next(&lessons, &progress);
    say("Sessions in Rust, step by step");
    say("");
    for lesson in &lessons {
        let is_next = next == Some(lesson.number());
        say(&line(lesson, &progress, is_next));
    }
    say("");
    match known {
        None => say("`cargo course start 00` begins; any lesson can be the first."),
        Some(progress) => here(course, &progress)?,
    }
    say("`cargo course --help` shows all commands.");
    Ok(())
}

/// `lesson 03, Sessions in Redis (2 hours)`
pub fn about(lesson: &Lesson<'_>) -> String {
    let time = lesson.time().map(|time| format!(" ({time})"));
    let (number, title) = (lesson.number(), lesson.title());
    format!("lesson {number}, {title}{}", time.unwrap_or_default())
}

/// The lesson to do now: that of my-app, or once it is done the first after it that is
/// not.
fn next<'a>(lessons: &[Lesson<'a>], progress: &Progress) -> Option<&'a str> {
    let numbers = lessons.iter().map(Lesson::number);
    let open = numbers.filter(|number| !progress.done.contains(*number));
    let open: Vec<&str> = open.collect();
    let after = open.iter().find(|number| **number >= &*progress.lesson);
    after.or(open.first()).copied()
}

fn line(lesson: &Lesson<'_>, progress: &Progress, is_next: bool) -> String {
    let done = progress.done.contains(lesson.number());
    let state = match (done, is_next) {
        (true, _) => good("done").to_string(),
        (false, true) => bold("next").to_string(),
        (false, false) => "    ".to_owned(),
    };
    let (number, title) = (lesson.number(), lesson.title());
    let time = lesson.time().unwrap_or_default();
    let line = cut(&format!("  {number}  {title:<50}{time}"), WIDTH - 4);
    format!("{state}{}", line.trim_end())
}

/// Where my-app is.
fn here(course: &Course, progress: &Progress) -> Result<(), String> {
    let lesson = course.at(progress)?;
    let (number, exercises) = (lesson.number(), lesson.stretch());
    let done = |name| progress.stretch.contains(&progress::exercise(number, name));
    let solved = exercises
        .iter()
        .filter(|exercise| done(exercise.name))
        .count();
    let hints = progress.hints.get(number).copied().unwrap_or_default();
    say(&format!("{} is at lesson {number}.", course.app.name()));
    say(&format!(
        "Hints read: {hints} of {HINTS}. Stretch exercises: {solved} of {}.",
        exercises.len()
    ));
    if progress.done.contains(number) {
        say("`cargo course next` goes on, `cargo course stretch` has more of this one.");
    } else {
        say("`cargo course task` shows the task, `cargo course watch` checks each save.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::{lessons, test_steps};

    #[test]
    fn what_is_next_is_the_lesson_of_my_app_until_it_is_done() {
        let steps = test_steps();
        let lessons = lessons::all(&steps);
        let last = lessons.last().unwrap().number();
        for (at, done, expected) in [
            ("", &[][..], Some("00")),
            ("03", &["00"], Some("03")),
            ("03", &["00", "03"], Some("04")),
            (last, &[last], Some("00")),
            (last, &[last, "00", "01"], Some("02")),
        ] {
            let progress = Progress {
                lesson: at.to_owned(),
                done: done.iter().map(ToString::to_string).collect(),
                ..Progress::default()
            };
            assert_eq!(next(&lessons, &progress), expected, "{at} {done:?}");
        }
        let all = lessons.iter().map(|lesson| lesson.number().to_owned());
        let progress = Progress {
            done: all.collect(),
            ..Progress::default()
        };
        assert_eq!(next(&lessons, &progress), None);
    }
}
