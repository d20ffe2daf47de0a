//! `cargo course carry`: a fix to one step belongs in all later ones.

use mdbook_steps::tree::Steps;
use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::Command,
};
use tempfile::NamedTempFile;

/// Carries what changed in a step since the last commit to every later step,
/// and returns one line for each file on what became of it. Conflicts are left in
/// the files, with markers, and are an error.
pub fn run(root: &Path, step: &str) -> Result<String, String> {
    let steps = Steps::read(root).map_err(|error| format!("course: steps/: {error}"))?;
    let from = steps.find(step).map(|step| &step.folder);
    let from = from.ok_or_else(|| format!("course: there is no {step} in steps/"))?;
    let changes = changes(root, from)?;
    if changes.is_empty() {
        return Ok(format!("steps/{from} is as it was committed\n"));
    }
    let folders = steps.iter().map(|step| &step.folder);
    let later: Vec<&String> = folders.filter(|folder| *folder > from).collect();
    let mut report = String::new();
    for path in &changes {
        for later in &later {
            let outcome = carry(root, [from, later], path)?;
            report.extend(["steps/", later, "/", path, ": ", outcome, "\n"]);
        }
    }
    if report.contains(CONFLICT) {
        Err(report + "course: there are conflicts")
    } else {
        Ok(report)
    }
}

const CONFLICT: &str = "conflict, look for <<<<<<<";

/// The files that differ from the last commit, by path inside the step's folder.
fn changes(root: &Path, step: &str) -> Result<Vec<String>, String> {
    let folder = format!("steps/{step}/");
    let changed = git(
        root,
        &[
            "diff",
            "--name-only",
            "--no-renames",
            "-z",
            "HEAD",
            "--",
            &folder,
        ],
    )?;
    let new = git(
        root,
        &[
            "ls-files",
            "--others",
            "--exclude-standard",
            "-z",
            "--",
            &folder,
        ],
    )?;
    let paths = String::from_utf8_lossy(&[changed, new].concat()).into_owned();
    let paths = paths
        .split('\0')
        .filter_map(|path| path.strip_prefix(&folder));
    Ok(paths.map(str::to_owned).collect())
}

/// Carries one file to one later step. Returns what became of it.
fn carry(root: &Path, steps: [&str; 2], path: &str) -> Result<&'static str, String> {
    let [step, later] = steps;
    // A step's exercise is about what this step adds.
    if path.starts_with("lesson/") {
        return Ok("a lesson of its own, left alone");
    }
    let theirs = root.join("steps").join(step).join(path);
    let ours = root.join("steps").join(later).join(path);
    let before = git(root, &["show", &format!("HEAD:steps/{step}/{path}")]).ok();
    match (before, theirs.exists(), ours.exists()) {
        (_, false, false) => Ok("not there either"),
        (Some(_), true, false) => Ok("not there, left alone"),
        // A mistake belongs to the step that it was made for.
        (None, true, _) if path.starts_with("variants/") => Ok("variants of its own, left alone"),
        (None, true, false) => copy(&theirs, &ours),
        (None, true, true) if read(&theirs)? == read(&ours)? => Ok("the same already"),
        (None, true, true) => Ok("has a file of its own, left alone"),
        (Some(before), false, true) if before == read(&ours)? => delete(&ours),
        (_, false, true) => Ok("differs from what was deleted, left alone"),
        (Some(before), true, true) => merge(root, &ours, &before, &theirs, steps),
    }
}

fn copy(theirs: &Path, ours: &Path) -> Result<&'static str, String> {
    let folder = ours.parent().unwrap_or(ours);
    fs::create_dir_all(folder)
        .and_then(|()| fs::copy(theirs, ours))
        .map_err(|error| format!("{}: {error}", ours.display()))?;
    Ok("copied")
}

fn delete(ours: &Path) -> Result<&'static str, String> {
    fs::remove_file(ours).map_err(|error| format!("{}: {error}", ours.display()))?;
    Ok("deleted")
}

/// Merges what happened between `before` and `theirs` into `ours`.
fn merge(
    root: &Path,
    ours: &Path,
    before: &[u8],
    theirs: &Path,
    [step, later]: [&str; 2],
) -> Result<&'static str, String> {
    let untouched = read(ours)?;
    let base = temporary(before).map_err(|error| format!("course: {error}"))?;
    let merged = Command::new("git")
        .current_dir(root)
        .args(["merge-file", "-L", later, "-L", "HEAD", "-L", step])
        .args([ours, base.path(), theirs])
        .status()
        .map_err(|error| format!("course: git: {error}"))?;
    // The exit code counts the conflicts; above 127 it is an error.
    match merged.code() {
        Some(0) if read(ours)? == untouched => Ok("nothing to do"),
        Some(0) => Ok("merged"),
        Some(1..=127) => Ok(CONFLICT),
        _ => Err(format!("course: git could not merge {}", ours.display())),
    }
}

fn temporary(text: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    file.write_all(text)?;
    Ok(file)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// What git prints. The error is its own words.
fn git(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("git")
        .current_dir(root)
        .args(arguments)
        .output();
    let output = output.map_err(|error| format!("course: git: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("course: git: {}", said.trim()))
    }
}
