//! `hint`: one more at a time.

use super::{
    Course,
    lessons::HINTS,
    terminal::{bold, page, say},
};

/// The next hint of the lesson; when there is no more, the last one again.
pub fn hint(course: &Course) -> Result<(), String> {
    let (lesson, mut progress) = course.current()?;
    let number = lesson.number();
    let shown = progress.hints.get(number).copied().unwrap_or_default();
    let nth = (shown + 1).min(HINTS);
    let Some(text) = lesson.hint(nth) else {
        return Err(format!(
            "course: lesson {number} has no hint yet; read book/src/{}.md",
            lesson.step.folder
        ));
    };
    say(&bold(&format!("Hint {nth} of {HINTS}")).to_string());
    say(&format!("\n{}", page(text)));
    say(if nth < HINTS {
        "\n`cargo course hint` says more."
    } else {
        "\nThere is no other; `cargo course solve` shows the reference."
    });
    if nth > shown {
        progress.hints.insert(number.to_owned(), nth);
        course.save(&progress)?;
    }
    Ok(())
}
