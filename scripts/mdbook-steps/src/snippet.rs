//! Pieces of the steps' files, as a chapter shows them.

use crate::{
    cover::{Change, changes},
    diff::{Line, Mark, changed, diff},
    directive::Part,
    items::{File, GAP, Item},
    sources::Changed,
    tree::Step,
};

/// Lines of one file, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The file, from the repository's root.
    pub path: String,
    /// What it shows of the file: item names, or "new file".
    pub what: String,
    pub lines: Vec<Line>,
}

impl Snippet {
    /// `steps/step-01-cookies/src/main.rs: fn home, fn pour`
    pub fn name(&self) -> String {
        let name = [self.path.as_str(), &self.what];
        name.join(": ").trim_end_matches(": ").to_owned()
    }

    /// Whether it has marks to explain, and not code alone.
    pub fn is_diff(&self) -> bool {
        let marks = [Mark::Added, Mark::Removed];
        self.lines.iter().any(|line| marks.contains(&line.mark))
    }

    /// The file's language, in the words of Markdown fences and highlight.js.
    pub fn language(&self) -> &str {
        match self.path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("rs") => "rust",
            Some(ending @ ("toml" | "html" | "sql" | "css" | "yaml" | "json")) => ending,
            _ => "plaintext",
        }
    }
}

/// What changed in a part of a file since the step before. The first step has
/// none, so that its code is shown as it stands.
///
/// The error says in one line why there is nothing to show.
pub fn step_diff(before: Option<&Step>, step: &Step, part: &Part) -> Result<Snippet, String> {
    let Some(before) = before else {
        return code(None, step, part);
    };
    let path = &part.file;
    let (folder, whole) = match (before.files.get(path), step.files.get(path)) {
        (Some(_), Some(_)) => (&step.folder, None),
        (None, Some(_)) => (&step.folder, Some("new file")),
        (Some(_), None) => (&before.folder, Some("removed file")),
        (None, None) => {
            let steps = format!("{} or {}", before.name(), step.name());
            return Err(format!("there is no file {path} in {steps}"));
        }
    };
    let (old, new) = (before.parse(path)?, step.parse(path)?);
    if !part.items.is_empty() {
        let same = part
            .items
            .iter()
            .find(|name| old.find(name).is_some() && !changed(&old.text(name), &new.text(name)));
        if let Some(same) = same {
            let before = before.name();
            return Err(format!("{path} {same} is the same as in {before}"));
        }
        return Ok(Snippet {
            path: format!("steps/{folder}/{path}"),
            what: part.items.join(", "),
            lines: item_lines(&old, &new, path, &part.items, diff)?,
        });
    }
    let whole = whole.ok_or_else(|| {
        let changed = changes(&old, &new).into_iter().map(|change| change.name);
        let changed = changed.collect::<Vec<_>>().join(", ");
        format!("{path} is not a new file: say which of its items ({changed})")
    })?;
    Ok(Snippet {
        path: format!("steps/{folder}/{path}"),
        what: whole.to_owned(),
        lines: diff(&old.lines, &new.lines),
    })
}

/// Code as it stands in a step. Only what is new in it may be shown whole.
pub fn code(before: Option<&Step>, step: &Step, part: &Part) -> Result<Snippet, String> {
    let path = &part.file;
    if !step.files.contains_key(path) {
        return Err(format!("there is no file {path} in {}", step.name()));
    }
    let file = step.parse(path)?;
    if part.items.is_empty() && before.is_some_and(|before| before.files.contains_key(path)) {
        let items = names(&file.items);
        return Err(format!(
            "{path} is not a new file: say which of its items ({items})"
        ));
    }
    let lines = if part.items.is_empty() {
        as_is(&[], &file.lines)
    } else {
        item_lines(&file, &file, path, &part.items, as_is)?
    };
    Ok(Snippet {
        path: format!("steps/{}/{path}", step.folder),
        what: part.items.join(", "),
        lines,
    })
}

/// What a variant changes: one snippet for each of its files.
pub fn variant_diffs(step: &Step, files: &Changed) -> Result<Vec<Snippet>, String> {
    let snippets = files.iter().map(|(path, text)| {
        let path = &path.to_string_lossy();
        let old = step.parse(path)?;
        let new = File::parse(path, text).map_err(|error| format!("{path}: {error}"))?;
        let changes = changes(&old, &new);
        let names: Vec<String> = changes.iter().flat_map(Change::names).cloned().collect();
        Ok(Snippet {
            path: format!("steps/{}/{path}", step.folder),
            what: names.join(", "),
            lines: item_lines(&old, &new, path, &names, diff)?,
        })
    });
    snippets.collect()
}

/// Code as it stands in a variant.
pub fn variant_code(step: &Step, files: &Changed, part: &Part) -> Result<Snippet, String> {
    let mut variant = step.clone();
    let texts = files.iter();
    let texts = texts.map(|(path, text)| (path.to_string_lossy().into_owned(), text.clone()));
    variant.files.extend(texts);
    code(Some(step), &variant, part)
}

fn names(items: &[Item]) -> String {
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    names.join(", ")
}

fn as_is(_: &[&str], new: &[&str]) -> Vec<Line> {
    let lines = new.iter().map(|line| Line::new(Mark::Same, line));
    lines.collect()
}

fn item_lines(
    old: &File,
    new: &File,
    path: &str,
    names: &[String],
    draw: fn(&[&str], &[&str]) -> Vec<Line>,
) -> Result<Vec<Line>, String> {
    let mut lines: Vec<Line> = Vec::new();
    let mut above: Option<&str> = None;
    for name in names {
        if new.find(name).or(old.find(name)).is_none() {
            let file = if new.items.is_empty() { old } else { new };
            let known = self::names(&file.items);
            return Err(format!("there is no `{name}` in {path}, which has {known}"));
        }
        let item = draw(&old.text(name), &new.text(name));
        if let Some(above) = above {
            let between = between(new, above, name).or_else(|| between(old, above, name));
            let mark = lines.last().map_or(Mark::Same, |line| line.mark);
            for line in between.unwrap_or(&[GAP]) {
                lines.push(Line::new(mark, line));
            }
        }
        lines.extend(item);
        above = Some(name);
    }
    Ok(lines)
}

/// What to draw between two items of a file: nothing or a blank line between
/// neighbours, else a gap. None when the file does not have both.
fn between(file: &File, above: &str, below: &str) -> Option<&'static [&'static str]> {
    let end = file.find(above)?.pieces.last()?.end;
    let start = file.find(below)?.pieces.first()?.start;
    Some(match file.lines.get(end..start) {
        Some([]) => &[],
        Some(lines) if lines.iter().all(|line| line.trim().is_empty()) => &[""],
        _ => &[GAP],
    })
}
