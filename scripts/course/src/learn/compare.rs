//! `diff` and `solve`: mine and the reference, side by side.

use super::{
    Course,
    lessons::{Files, Lesson},
    terminal::{answer, ask, bad, bold, good, say},
};
use similar::{ChangeTag, TextDiff};

/// A file that is not the same in both.
#[derive(Debug, PartialEq, Eq)]
struct Pair {
    path: String,
    mine: String,
    reference: String,
}

/// From the reference to mine, one file at a time.
pub fn diff(course: &Course, file: Option<&str>) -> Result<(), String> {
    let (lesson, _) = course.current()?;
    let pairs = pairs(course, &lesson, file)?;
    if pairs.is_empty() {
        say(&the_same(file));
    }
    let (reference, mine) = (lesson.step.name(), course.app.name());
    show(&pairs, |pair| {
        let names = [
            format!("{reference}/{}", pair.path),
            format!("{mine}/{}", pair.path),
        ];
        told(&pair.reference, &pair.mine, &names)
    });
    Ok(())
}

/// From mine to the reference; and if it is to `write`, over mine, which is copied
/// first, once the learner has said so.
pub fn solve(course: &Course, file: Option<&str>, write: bool) -> Result<(), String> {
    let (lesson, _) = course.current()?;
    let pairs = pairs(course, &lesson, file)?;
    // What the learner has beside the reference is in nobody's way.
    let pairs: Vec<Pair> = pairs
        .into_iter()
        .filter(|pair| !pair.reference.is_empty())
        .collect();
    if pairs.is_empty() {
        say(&the_same(file));
        return Ok(());
    }
    if write {
        return write_reference(course, &lesson, &pairs);
    }
    let (reference, mine) = (lesson.step.name(), course.app.name());
    for pair in &pairs {
        let names = [
            format!("{mine}/{}", pair.path),
            format!("{reference}/{}", pair.path),
        ];
        say(&told(&pair.mine, &pair.reference, &names));
    }
    say("`cargo course solve --write` makes my-app the reference, and keeps a copy.");
    Ok(())
}

fn write_reference(course: &Course, lesson: &Lesson<'_>, pairs: &[Pair]) -> Result<(), String> {
    for pair in pairs {
        say(&pair.path);
    }
    let step = lesson.step.name();
    match ask(&format!(
        "Copy my-app aside, and write these as {step} has them?"
    )) {
        Some(true) => {}
        Some(false) => {
            say("Nothing has changed.");
            return Ok(());
        }
        None => return Err("course: solve --write asks first, and nobody is there".to_owned()),
    }
    course.app.expect_no_link()?;
    let aside = course.app.copy_aside()?;
    say(&format!("Yours is in {}.", course.app.shown(&aside)));
    for pair in pairs {
        course.app.write(&pair.path, &pair.reference)?;
    }
    say(&format!("Written, as {step} has them."));
    Ok(())
}

fn the_same(file: Option<&str>) -> String {
    format!("{} is as in the reference.", file.unwrap_or("All of it"))
}

/// What differs, in all files or in one.
fn pairs(course: &Course, lesson: &Lesson<'_>, file: Option<&str>) -> Result<Vec<Pair>, String> {
    let (mine, reference) = (course.app.files()?, lesson.reference());
    let mut pairs = differing(&mine, &reference);
    if let Some(file) = file {
        // As it is typed in the repository, in my-app or in src/, on any system.
        let file = file.replace('\\', "/");
        let is_it = |path: &str| {
            let around = format!("/{path}");
            path == file || path.ends_with(&format!("/{file}")) || file.ends_with(&around)
        };
        if !mine.keys().chain(reference.keys()).any(|path| is_it(path)) {
            return Err(format!(
                "course: neither my-app nor the reference has `{file}`"
            ));
        }
        pairs.retain(|pair| is_it(&pair.path));
    }
    Ok(pairs)
}

/// What differs; a file that one of them does not have is empty there.
fn differing(mine: &Files, reference: &Files) -> Vec<Pair> {
    let text = |files: &Files, path: &str| {
        let text = files.get(path).map(|text| text.replace("\r\n", "\n"));
        text.unwrap_or_default()
    };
    let mut paths: Vec<&String> = mine.keys().chain(reference.keys()).collect();
    paths.sort();
    paths.dedup();
    let pairs = paths.into_iter().map(|path| Pair {
        path: path.clone(),
        mine: text(mine, path),
        reference: text(reference, path),
    });
    pairs.filter(|pair| pair.mine != pair.reference).collect()
}

/// One after the other. On a terminal the next one comes when the reader has asked
/// for it.
fn show(pairs: &[Pair], told: impl Fn(&Pair) -> String) {
    for (nth, pair) in pairs.iter().enumerate() {
        say(&told(pair));
        let Some(next) = pairs.get(nth + 1) else {
            break;
        };
        let (number, all) = (nth + 2, pairs.len());
        let prompt = format!("Enter: {} ({number} of {all})  q: enough ", next.path);
        if answer(&prompt).is_some_and(|answer| answer == "q") {
            break;
        }
    }
}

/// A unified diff.
fn told(old: &str, new: &str, [old_name, new_name]: &[String; 2]) -> String {
    let names = format!("--- {old_name}\n+++ {new_name}");
    let mut lines = vec![bold(&names).to_string()];
    let diff = TextDiff::from_lines(old, new);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        lines.push(hunk.header().to_string());
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches('\n');
            lines.push(match change.tag() {
                ChangeTag::Insert => good(&format!("+{line}")).to_string(),
                ChangeTag::Delete => bad(&format!("-{line}")).to_string(),
                ChangeTag::Equal => format!(" {line}"),
            });
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        let files = files.iter();
        files
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn only_what_differs_is_shown_whoever_has_it() {
        let mine = files(&[("a", "1\r\n"), ("b", "1\n"), ("c", "1\n")]);
        let reference = files(&[("a", "1\n"), ("b", "2\n"), ("d", "2\n")]);
        let pair = |path: &str, mine: &str, reference: &str| Pair {
            path: path.to_owned(),
            mine: mine.to_owned(),
            reference: reference.to_owned(),
        };
        let expected = [
            pair("b", "1\n", "2\n"),
            pair("c", "1\n", ""),
            pair("d", "", "2\n"),
        ];
        assert_eq!(differing(&mine, &reference), expected);
    }

    #[test]
    fn a_diff_leads_from_the_first_to_the_second() {
        console::set_colors_enabled(false);
        let names = ["old".to_owned(), "new".to_owned()];
        let diff = told("a\nb\n", "a\nc\n", &names);
        assert_eq!(diff, "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
    }
}
