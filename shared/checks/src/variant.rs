//! Variants: small named changes of a step. Most are mistakes, each with the one
//! check that must catch it:
//!
//! ```text
//! caught by: a_forged_or_altered_count_counts_as_none
//! seen: Beers viewed: 99
//! The count stands in a plain cookie, and the app believes it.
//!
//! file: src/main.rs
//! <<<<<<<
//! old text
//! =======
//! new text
//! >>>>>>>
//! ```
//!
//! More edits of the same file can follow without its name. Without an old text, the new
//! one is a file that the step does not have. A few are circumstances
//! that do not come by themselves, such as an ID that is taken. Their first line is
//! `still holds: a_taken_id_is_never_overwritten`, and there is no `seen:`. A mistake that
//! never runs begins with `refused by: the compiler`, and `seen:` is part of what the
//! compiler says. After the
//! check's name may stand a store or a database: `… on redis`.
//!
//! A solution of a stretch exercise is such a file, too, `solution.txt` in a folder of
//! `lesson/stretch/` that has the exercise's name. Its first line is `solves:` with a
//! check of the exercise's own, which the step itself does not pass.

use crate::matrix::Backend;
use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

/// What judges a mistake that does not compile.
pub const COMPILER: &str = "the compiler";

/// A change, as a file of a step's folder `variants/` or `lesson/stretch/` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The file's name without `.txt`; of a solution, the exercise's.
    pub name: String,
    /// The one check that judges it, or [`COMPILER`].
    pub check: String,
    /// The store or the database on which it is judged; none: the step's default.
    pub backend: Option<Backend>,
    pub outcome: Outcome,
    /// What is wrong or otherwise, in a sentence or two.
    pub about: String,
    pub edits: Vec<Edit>,
}

/// What the check must make of a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is a mistake, and the check must see this, as in a `fail` cell: a
    /// variant that breaks the promise in another way, with a crash for one,
    /// proves nothing.
    Caught(String),
    /// It is a mistake that does not compile, and the compiler must say this.
    Refused(String),
    /// It is a circumstance, and the promise must hold all the same.
    StillHolds,
    /// It solves a stretch exercise: with it the promise must hold, and without it not.
    Solves,
}

/// One text of one file, and what takes its place; or a whole new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Relative to the step's folder.
    pub file: PathBuf,
    /// Empty: there is no such file.
    pub old: String,
    pub new: String,
}

impl Variant {
    pub fn read(path: &Path) -> Result<Variant, String> {
        let text = read_text(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Variant::parse(&name, &text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// All variants of a step, sorted by name.
    pub fn of_step(folder: &Path) -> Result<Vec<Variant>, String> {
        let paths = text_files(&folder.join("variants"))?;
        let read = |path: &PathBuf| match Variant::read(path)? {
            variant if variant.outcome == Outcome::Solves => Err(format!(
                "{}: a solution has its place in lesson/stretch/",
                path.display()
            )),
            variant => Ok(variant),
        };
        paths.iter().map(read).collect()
    }

    /// The solutions of all stretch exercises of a step, sorted by the exercise's name.
    pub fn solutions_of_step(folder: &Path) -> Result<Vec<Variant>, String> {
        let exercises = entries(&folder.join("lesson/stretch"))?;
        let solution = |exercise: &PathBuf| {
            let path = exercise.join("solution.txt");
            let name = exercise.file_name().unwrap_or_default().to_string_lossy();
            let solution = Variant::parse(&name, &read_text(&path)?);
            match solution.map_err(|error| format!("{}: {error}", path.display()))? {
                solution if solution.outcome == Outcome::Solves => Ok(solution),
                _ => Err(format!(
                    "{}: the first line is not `solves: …`",
                    path.display()
                )),
            }
        };
        exercises.iter().map(solution).collect()
    }

    /// What tells it from the step's other variants, and its crate from theirs.
    pub(crate) fn key(&self) -> String {
        match self.outcome {
            Outcome::Solves => format!("stretch-{}", self.name),
            Outcome::Caught(_) | Outcome::Refused(_) | Outcome::StillHolds => self.name.clone(),
        }
    }

    /// The check and where it is judged, such as `it_counts on redis`.
    pub fn judge(&self) -> String {
        match self.backend {
            Some(backend) => format!("{} on {backend}", self.check),
            None => self.check.clone(),
        }
    }

    pub fn parse(name: &str, text: &str) -> Result<Variant, String> {
        let (head, edits_of_files) = text.split_once("\nfile: ").ok_or("no `file:`")?;
        let (first, about) = head.split_once('\n').unwrap_or((head, ""));
        let seen = || {
            let about = about
                .strip_prefix("seen: ")
                .ok_or("the second line is not `seen: …`")?;
            let (seen, about) = about.split_once('\n').unwrap_or((about, ""));
            Ok::<_, &str>((seen.trim().to_owned(), about))
        };
        let (judge, outcome, about) = if let Some(check) = first.strip_prefix("caught by: ") {
            let (seen, about) = seen()?;
            (check, Outcome::Caught(seen), about)
        } else if first.trim_end() == format!("refused by: {COMPILER}") {
            let (seen, about) = seen()?;
            (COMPILER, Outcome::Refused(seen), about)
        } else if let Some(check) = first.strip_prefix("solves: ") {
            (check, Outcome::Solves, about)
        } else {
            let check = first.strip_prefix("still holds: ").ok_or(
                "the first line is not `caught by: …`, `refused by: the compiler`, \
                     `still holds: …` or `solves: …`",
            )?;
            (check, Outcome::StillHolds, about)
        };
        let (check, backend) = match judge.trim().split_once(" on ") {
            Some((check, backend)) => (check, Some(backend.parse()?)),
            None => (judge.trim(), None),
        };
        if about.trim().is_empty() {
            return Err("no sentence about it".into());
        }
        let mut edits = Vec::new();
        let (mut file, mut rest) = first_edit(edits_of_files)?;
        loop {
            let (old, after) = split_block(rest, "=======\n").ok_or("no `=======`")?;
            let (new, after) = split_block(after, ">>>>>>>").ok_or("no `>>>>>>>`")?;
            if old.is_empty() && new.is_empty() {
                return Err(format!("an edit of {file} has no text"));
            }
            edits.push(Edit {
                file: PathBuf::from(file),
                old: old.to_owned(),
                new: new.to_owned(),
            });
            let after = after.trim_start();
            match after.strip_prefix("file: ") {
                Some(more) => (file, rest) = first_edit(more)?,
                None if after.is_empty() => break,
                None => {
                    // Another edit of the same file.
                    let edit = after.strip_prefix("<<<<<<<\n");
                    rest = edit.ok_or("text between two edits")?;
                }
            }
        }
        Ok(Variant {
            name: name.to_owned(),
            check: check.to_owned(),
            backend,
            outcome,
            about: about.split_whitespace().collect::<Vec<_>>().join(" "),
            edits,
        })
    }

    /// The step's files that differ in this variant, as paths relative to the
    /// step's folder and whole new texts.
    ///
    /// # Errors
    ///
    /// An old text that does not stand in the step's file exactly once, edits that
    /// overlap, and a new file that is there already.
    pub fn apply(&self, step_folder: &Path) -> Result<Vec<(PathBuf, String)>, String> {
        let mut files: BTreeMap<&Path, Vec<&Edit>> = BTreeMap::new();
        for edit in &self.edits {
            files.entry(&edit.file).or_default().push(edit);
        }
        files
            .into_iter()
            .map(|(file, edits)| {
                let path = step_folder.join(file);
                let text = match edits.as_slice() {
                    [edit] if edit.old.is_empty() => new_file(&path, edit),
                    edits => replace(read_text(&path)?, edits),
                };
                let text =
                    text.map_err(|error| format!("{}: {}: {error}", self.name, file.display()))?;
                Ok((file.to_owned(), text))
            })
            .collect()
    }
}

fn new_file(path: &Path, edit: &Edit) -> Result<String, String> {
    if path.exists() {
        return Err("an edit without old text, but the file is there".into());
    }
    Ok(format!("{}\n", edit.new))
}

fn replace(mut text: String, edits: &[&Edit]) -> Result<String, String> {
    let mut places: Vec<(Range<usize>, &Edit)> = Vec::new();
    for edit in edits {
        let mut found = text.match_indices(&edit.old);
        match (found.next(), found.count()) {
            (Some((start, old)), 0) => places.push((start..start + old.len(), edit)),
            (None, _) => return Err(format!("0 matches of this text:\n{}", edit.old)),
            (Some(_), more) => {
                let count = more + 1;
                return Err(format!("{count} matches of this text:\n{}", edit.old));
            }
        }
    }
    places.sort_by_key(|(range, _)| range.start);
    if places.windows(2).any(|two| two[0].0.end > two[1].0.start) {
        return Err("two edits overlap".into());
    }
    for (range, edit) in places.into_iter().rev() {
        text.replace_range(range, &edit.new);
    }
    Ok(text)
}

/// The `.txt` files of a folder, sorted; none where there is no such folder.
pub(crate) fn text_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = entries(folder)?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    Ok(files)
}

/// What is in a folder, sorted; nothing where there is no such folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let complain = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in folder.read_dir().map_err(complain)? {
        paths.push(entry.map_err(complain)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// A file's text with the line ends that the repository has, whatever git made
/// of them on Windows.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map(|text| text.replace("\r\n", "\n"))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The file's name, and what follows the mark of its first edit.
fn first_edit(text: &str) -> Result<(&str, &str), String> {
    let edit = text.split_once("\n<<<<<<<\n");
    edit.ok_or_else(|| "no `<<<<<<<` after `file:`".into())
}

/// Splits at a marker that begins a line. The block before it ends without its
/// last newline.
fn split_block<'a>(text: &'a str, marker: &str) -> Option<(&'a str, &'a str)> {
    match text.strip_prefix(marker) {
        Some(rest) => Some(("", rest)),
        None => text.split_once(&format!("\n{marker}")),
    }
}

#[cfg(test)]
mod tests;
