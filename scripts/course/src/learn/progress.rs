//! How far the learner is: `.course.toml` in my-app.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;
use toml_edit::{Array, DocumentMut, Item, value};

pub const FILE: &str = ".course.toml";

const HEAD: &str = "# How far you are. `cargo course` keeps this file.\n";

/// How far the learner is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The lesson that my-app is at, such as `03`.
    pub lesson: String,
    /// The lessons that have passed.
    pub done: BTreeSet<String>,
    /// The stretch exercises that have passed, such as `03/per-tab`.
    pub stretch: BTreeSet<String>,
    /// How many hints were shown, by lesson.
    pub hints: BTreeMap<String, usize>,
}

impl Progress {
    /// `None` where nobody has begun.
    ///
    /// # Errors
    ///
    /// A file that is not as this program writes it, in one line.
    pub fn read(folder: &Path) -> Result<Option<Progress>, String> {
        let text = match fs::read_to_string(folder.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        Progress::parse(&text).map(Some)
    }

    fn parse(text: &str) -> Result<Progress, String> {
        let file: DocumentMut = text.parse().map_err(|_| "it is no TOML file".to_owned())?;
        let lesson = file.get("lesson").and_then(Item::as_str);
        let mut progress = Progress {
            lesson: lesson.ok_or("it names no lesson")?.to_owned(),
            done: words(&file, "done")?,
            stretch: words(&file, "stretch")?,
            hints: BTreeMap::new(),
        };
        if let Some(hints) = file.get("hints") {
            let hints = hints.as_table_like().ok_or("`hints` is wrong")?;
            for (lesson, count) in hints.iter() {
                let count = count.as_integer().and_then(|count| count.try_into().ok());
                let count = count.ok_or("`hints` is wrong")?;
                progress.hints.insert(lesson.to_owned(), count);
            }
        }
        Ok(progress)
    }

    /// Whole or not at all: the file is never half written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let mut file = NamedTempFile::with_prefix_in(FILE, folder)?;
        file.write_all(self.text().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(folder.join(FILE))?;
        Ok(())
    }

    fn text(&self) -> String {
        let mut file = DocumentMut::new();
        file["lesson"] = value(&self.lesson);
        file["done"] = value(self.done.iter().collect::<Array>());
        file["stretch"] = value(self.stretch.iter().collect::<Array>());
        let mut hints = toml_edit::Table::new();
        for (lesson, count) in &self.hints {
            hints[lesson] = value(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        file["hints"] = Item::Table(hints);
        format!("{HEAD}{file}")
    }
}

/// The name of a stretch exercise in `stretch`.
pub fn exercise(lesson: &str, name: &str) -> String {
    format!("{lesson}/{name}")
}

/// Where the file is.
pub fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

fn words(file: &DocumentMut, key: &str) -> Result<BTreeSet<String>, String> {
    let Some(item) = file.get(key) else {
        return Ok(BTreeSet::new());
    };
    let complaint = || format!("`{key}` is wrong");
    let words = item.as_array().ok_or_else(complaint)?.iter();
    let words = words.map(|word| word.as_str().map(str::to_owned));
    words.collect::<Option<_>>().ok_or_else(complaint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Progress {
        Progress {
            lesson: "03".into(),
            done: ["00".into(), "02".into()].into(),
            stretch: [exercise("02", "per-tab")].into(),
            hints: [("02".into(), 3), ("03".into(), 1)].into(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Progress::read(folder.path()), Ok(None));
        for progress in [Progress::default(), some()] {
            progress.write(folder.path()).unwrap();
            assert_eq!(Progress::read(folder.path()), Ok(Some(progress)));
        }
        // And nothing is left beside it.
        let files = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, 1);
    }

    #[test]
    fn a_file_that_cannot_be_replaced_is_left_whole() {
        let folder = tempfile::tempdir().unwrap();
        some().write(folder.path()).unwrap();
        let gone = folder.path().join("gone");
        assert!(Progress::default().write(&gone).is_err());
        assert_eq!(Progress::read(folder.path()), Ok(Some(some())));
    }

    #[test]
    fn a_damaged_file_is_said_in_a_few_words() {
        for (text, words) in [
            ("lesson = ", "it is no TOML file"),
            ("", "it names no lesson"),
            ("lesson = 3", "it names no lesson"),
            ("lesson = \"03\"\ndone = 1", "`done` is wrong"),
            ("lesson = \"03\"\ndone = [1]", "`done` is wrong"),
            ("lesson = \"03\"\nhints = 1", "`hints` is wrong"),
            ("lesson = \"03\"\n[hints]\n03 = -1", "`hints` is wrong"),
        ] {
            assert_eq!(Progress::parse(text), Err(words.to_owned()), "{text}");
        }
    }
}
