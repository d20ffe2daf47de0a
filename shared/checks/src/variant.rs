//! Variants: small named mistakes of a step, each with the one check that must
//! catch it.
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

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

/// A mistake, as a file of a step's folder `variants/` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The file's name without `.txt`.
    pub name: String,
    /// The one check that must catch it.
    pub caught_by: String,
    /// What the check must see, as in a `fail` cell: a variant that breaks the
    /// promise in another way, with a crash for one, proves nothing.
    pub seen: String,
    /// What is wrong, in a sentence or two.
    pub mistake: String,
    pub edits: Vec<Edit>,
}

/// One text of one file, and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Relative to the step's folder.
    pub file: PathBuf,
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
        paths.iter().map(|path| Variant::read(path)).collect()
    }

    pub fn parse(name: &str, text: &str) -> Result<Variant, String> {
        let (head, mut rest) = text.split_once("\nfile: ").ok_or("no `file:`")?;
        let head = head
            .strip_prefix("caught by: ")
            .ok_or("the first line is not `caught by: …`")?;
        let (caught_by, head) = head
            .split_once("\nseen: ")
            .ok_or("the second line is not `seen: …`")?;
        let (seen, mistake) = head
            .split_once('\n')
            .ok_or("no sentence about the mistake")?;
        let mut edits = Vec::new();
        loop {
            let (file, after) = rest
                .split_once("\n<<<<<<<\n")
                .ok_or("no `<<<<<<<` after `file:`")?;
            let (old, after) = split_block(after, "=======\n").ok_or("no `=======`")?;
            let (new, after) = split_block(after, ">>>>>>>").ok_or("no `>>>>>>>`")?;
            if old.is_empty() {
                return Err(format!("an edit of {file} has no old text"));
            }
            edits.push(Edit {
                file: PathBuf::from(file),
                old: old.to_owned(),
                new: new.to_owned(),
            });
            match after.trim_start().strip_prefix("file: ") {
                Some(more) => rest = more,
                None if after.trim().is_empty() => break,
                None => return Err("text between two edits".into()),
            }
        }
        Ok(Variant {
            name: name.to_owned(),
            caught_by: caught_by.trim().to_owned(),
            seen: seen.trim().to_owned(),
            mistake: mistake.split_whitespace().collect::<Vec<_>>().join(" "),
            edits,
        })
    }

    /// The step's files that differ in this variant, as paths relative to the
    /// step's folder and whole new texts.
    ///
    /// # Errors
    ///
    /// An old text that does not stand in the step's file exactly once, and
    /// edits that overlap.
    pub fn apply(&self, step_folder: &Path) -> Result<Vec<(PathBuf, String)>, String> {
        let mut files: BTreeMap<&Path, Vec<&Edit>> = BTreeMap::new();
        for edit in &self.edits {
            files.entry(&edit.file).or_default().push(edit);
        }
        files
            .into_iter()
            .map(|(file, edits)| {
                let text = read_text(&step_folder.join(file))?;
                let text = replace(text, &edits)
                    .map_err(|error| format!("{}: {}: {error}", self.name, file.display()))?;
                Ok((file.to_owned(), text))
            })
            .collect()
    }
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
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let complain = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in folder.read_dir().map_err(complain)? {
        let path = entry.map_err(complain)?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A file's text with the line ends that the repository has, whatever git made
/// of them on Windows.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map(|text| text.replace("\r\n", "\n"))
        .map_err(|error| format!("{}: {error}", path.display()))
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
