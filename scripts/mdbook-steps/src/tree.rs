//! What the book is made from: the steps' files.

use crate::items::File;
use std::{collections::BTreeMap, fs, io, path::Path};

/// One step, with every text file in its folder.
#[derive(Debug, Default, Clone)]
pub struct Step {
    /// `step-02-memory-sessions`, also the name of its chapter.
    pub folder: String,
    /// By path inside the folder, with `/` on every system: `src/main.rs`.
    pub files: BTreeMap<String, String>,
}

impl Step {
    /// `step-02`
    pub fn name(&self) -> &str {
        let end = self.folder.match_indices('-').nth(1);
        end.map_or(&self.folder, |(at, _)| &self.folder[..at])
    }

    /// A file taken apart; an empty one when the step does not have it.
    pub fn parse(&self, path: &str) -> Result<File<'_>, String> {
        let text = self.files.get(path).map_or("", String::as_str);
        File::parse(path, text).map_err(|error| format!("steps/{}/{path}: {error}", self.folder))
    }
}

/// All steps in their order.
#[derive(Debug)]
pub struct Steps(Vec<Step>);

impl Steps {
    /// Reads `steps/` in the repository at `root`.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut steps = Vec::new();
        for entry in fs::read_dir(root.join("steps"))? {
            let entry = entry?;
            let folder = entry.file_name().to_string_lossy().into_owned();
            // Without a manifest it is what a deleted step left behind.
            if folder.starts_with("step-") && entry.path().join("Cargo.toml").exists() {
                let mut files = BTreeMap::new();
                read_files(&entry.path(), "", &mut files)?;
                steps.push(Step { folder, files });
            }
        }
        steps.sort_by(|a, b| a.folder.cmp(&b.folder));
        Ok(Self(steps))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Step> {
        self.0.iter()
    }

    /// The step of this name, `step-02` or the whole folder's.
    pub fn find(&self, name: &str) -> Option<&Step> {
        self.iter()
            .find(|step| step.folder == name || step.name() == name)
    }

    /// The step that this one grew from; none for the first.
    pub fn before(&self, step: &Step) -> Option<&Step> {
        self.iter()
            .take_while(|other| other.folder != step.folder)
            .last()
    }
}

fn read_files(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            read_files(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
            files.insert(format!("{prefix}{name}"), text);
        }
    }
    Ok(())
}
