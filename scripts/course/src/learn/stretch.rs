//! `stretch`: more to do, for those who want it.

use super::{
    Course,
    lessons::{Exercise, Lesson},
    progress,
    terminal::{good, page, say},
};

/// The stretch exercises of the lesson, or the task of one.
pub fn stretch(course: &Course, name: Option<&str>) -> Result<(), String> {
    let (lesson, progress) = course.current()?;
    if let Some(name) = name {
        say(&page(find(&lesson, name)?.task));
        say(&format!("\n`cargo course check {name}` judges it."));
        return Ok(());
    }
    let exercises = lesson.stretch();
    if exercises.is_empty() {
        say(&format!(
            "Lesson {} has no stretch exercises yet.",
            lesson.number()
        ));
        return Ok(());
    }
    for exercise in exercises {
        let done = progress::exercise(lesson.number(), exercise.name);
        let done = if progress.stretch.contains(&done) {
            good("done").to_string()
        } else {
            "    ".to_owned()
        };
        say(&format!(
            "{done}  {:<24} {}",
            exercise.name,
            exercise.title()
        ));
    }
    say("\n`cargo course stretch NAME` shows the task, `cargo course check NAME` judges.");
    Ok(())
}

/// The exercise of this name.
pub fn find<'a>(lesson: &Lesson<'a>, name: &str) -> Result<Exercise<'a>, String> {
    let exercises = lesson.stretch();
    let found = exercises.into_iter().find(|exercise| exercise.name == name);
    found.ok_or_else(|| {
        let number = lesson.number();
        format!("course: lesson {number} has no exercise `{name}`; see `cargo course stretch`")
    })
}
