//! What is judged: the step's own app, another one, or a server that runs.

use crate::{cargo, is_on, root, target_folder};
use std::path::{Path, PathBuf};

/// The app that the checks judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The step's own binary, or a variant's.
    Own(PathBuf),
    /// Somebody else's program, which can be started and stopped.
    App(PathBuf),
    /// A server that somebody runs. Without a slash at the end.
    Url(String),
}

impl Target {
    /// `COURSE_URL` or `COURSE_APP` when one of them is set, else `own`.
    pub fn from_env(own: &Path) -> Result<Target, String> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (variable("COURSE_URL"), variable("COURSE_APP")) {
            (Some(_), Some(_)) => Err("set COURSE_URL or COURSE_APP, not both".into()),
            (Some(url), None) => Target::url(&url),
            (None, Some(path)) => Target::app(Path::new(&path)),
            (None, None) => Ok(Target::Own(own.to_owned())),
        }
    }

    pub fn url(url: &str) -> Result<Target, String> {
        if !url.starts_with("http://") {
            return Err(format!("COURSE_URL={url}: expected http://…"));
        }
        Ok(Target::Url(url.trim_end_matches('/').to_owned()))
    }

    /// A program, or a crate that is built first. A relative path is looked up
    /// in the working directory, then in the repository: cargo runs a test in
    /// its package's folder, not where the command was typed.
    pub fn app(path: &Path) -> Result<Target, String> {
        let found = [path.to_owned(), root().join(path)]
            .into_iter()
            .find(|path| path.exists());
        let path = found.ok_or_else(|| format!("COURSE_APP={}: not there", path.display()))?;
        let path = std::path::absolute(&path).map_err(|error| error.to_string())?;
        let manifest = if path.is_dir() {
            path.join("Cargo.toml")
        } else {
            path
        };
        if manifest.file_name().is_none_or(|name| name != "Cargo.toml") {
            return Ok(Target::App(manifest));
        }
        if is_on("COURSE_WHOLE")
            && let Some(program) = built(&manifest)
        {
            return Ok(Target::App(program));
        }
        let build = cargo::build(&manifest, &[])?;
        let programs: Vec<&PathBuf> = build.programs.values().collect();
        match programs.as_slice() {
            [program] => Ok(Target::App((*program).clone())),
            [] => {
                let errors = build.errors.into_values().collect::<String>() + &build.log;
                Err(format!("{} does not build:\n{errors}", manifest.display()))
            }
            _ => Err(format!("{}: more than one program", manifest.display())),
        }
    }

    pub(crate) fn program(&self) -> Option<&Path> {
        match self {
            Target::Own(program) | Target::App(program) => Some(program),
            Target::Url(_) => None,
        }
    }
}

/// The program of one of the course's steps, which the whole workspace's build has made.
fn built(manifest: &Path) -> Option<PathBuf> {
    let folder = manifest.parent()?.canonicalize().ok()?;
    let steps = root().join("steps").canonicalize().ok()?;
    // `step-05-axum-login` makes `step-05`.
    let name = folder.strip_prefix(steps).ok()?.to_str()?.get(..7)?;
    let program = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let program = target_folder().join("debug").join(program);
    program.is_file().then_some(program)
}
