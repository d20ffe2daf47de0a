//! Everything in the repository that chapters are made from.

use crate::{
    asvs::Requirements,
    bench::Bench,
    scene::Scene,
    tables::Tutorials,
    tree::{Step, Steps},
};
use ::capacity::recorded::Recorded;
use checks::{
    matrix::Matrix,
    transcript,
    variant::{Outcome, Variant},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

#[derive(Debug)]
pub struct Sources {
    root: PathBuf,
    pub steps: Steps,
    pub matrix: Matrix,
}

impl Sources {
    /// Reads the repository at `root`.
    pub fn read(root: &Path) -> Result<Self, String> {
        Ok(Self {
            root: root.to_owned(),
            steps: Steps::read(root).map_err(|error| format!("steps/: {error}"))?,
            matrix: parse(root, "shared/checks/matrix.toml", Matrix::parse)?,
        })
    }

    /// A variant of a step, named like its file in `variants/`, and the files
    /// that it changes.
    pub fn variant(&self, step: &Step, name: &str) -> Result<(Variant, Changed), String> {
        let folder = format!("steps/{}", step.folder);
        let path = format!("{folder}/variants/{name}.txt");
        let variant = parse(&self.root, &path, |text| Variant::parse(name, text))?;
        let passes = match variant.backend {
            _ if matches!(variant.outcome, Outcome::Refused(_)) => true,
            Some(backend) => self.matrix.passes_on(&variant.check, step.name(), backend),
            None => self.matrix.passes(&variant.check, step.name()),
        };
        if passes {
            let changed = variant.apply(&self.root.join(folder))?;
            Ok((variant, changed))
        } else {
            let (check, step) = (variant.judge(), step.name());
            Err(format!("{path}: its check `{check}` is no pass in {step}"))
        }
    }

    /// Whether a step has a variant of this name.
    pub fn has_variant(&self, step: &Step, name: &str) -> bool {
        let path = format!("steps/{}/variants/{name}.txt", step.folder);
        self.root.join(path).is_file()
    }

    /// A test of this name in the file in which the checks look at the repository.
    pub fn unit_test(&self, name: &str) -> Result<(), String> {
        let path = "shared/checks/src/lib.rs";
        parse(&self.root, path, |text| {
            if text.contains(&format!("#[test]\n    fn {name}()")) {
                Ok(())
            } else {
                Err(format!("no test is called `{name}`"))
            }
        })
    }

    /// What was recorded of a step in `book/transcripts/`.
    pub fn scene(&self, step: &Step, name: &str) -> Result<Scene, String> {
        let path = format!("book/transcripts/{}/{name}.txt", step.folder);
        parse(&self.root, &path, |text| {
            Scene::new(transcript::parse(text)?)
        })
    }

    /// What the session stores keep, with a column for each store.
    pub fn stores(&self) -> Result<Matrix, String> {
        parse(&self.root, "shared/checks/stores.toml", Matrix::parse)
    }

    pub fn asvs(&self) -> Result<Requirements, String> {
        parse(&self.root, "shared/checks/asvs.toml", |text| {
            toml::from_str(text).map_err(|error| error.message().to_owned())
        })
    }

    /// `bench` or `stores`.
    pub fn bench(&self, name: &str) -> Result<Bench, String> {
        parse(&self.root, &format!("book/{name}.toml"), Bench::parse)
    }

    /// What was measured of one session.
    pub fn capacity(&self) -> Result<Recorded, String> {
        Recorded::read(&self.root)
    }

    pub fn tutorials(&self) -> Result<Tutorials, String> {
        parse(&self.root, "shared/checks/tutorials.toml", |text| {
            toml::from_str(text).map_err(|error| error.message().to_owned())
        })
    }
}

/// Files of a step as a variant has them.
pub type Changed = Vec<(PathBuf, String)>;

/// Reads a file and parses it; either way an error names the file.
fn parse<T>(
    root: &Path,
    path: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, String> {
    let text = fs::read_to_string(root.join(path)).map_err(|error| error.to_string());
    text.and_then(|text| parse(&text.replace("\r\n", "\n")))
        .map_err(|error| format!("{path}: {error}"))
}
