//! A learner with an app in a folder of their own, which is gone with them.

#![allow(dead_code, reason = "each of the tests uses a part")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

pub struct Learner {
    pub folder: TempDir,
}

impl Learner {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// Who has begun this lesson.
    pub fn at(lesson: &str) -> Self {
        let learner = Self::new();
        stdout(&learner.course(&["start", lesson]));
        learner
    }

    pub fn app(&self) -> PathBuf {
        self.folder.path().join("my-app")
    }

    pub fn read(&self, path: &str) -> String {
        let path = self.app().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.app().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn has(&self, path: &str) -> bool {
        self.app().join(path).exists()
    }

    /// Without a terminal, so that nobody is asked.
    pub fn course(&self, arguments: &[&str]) -> Output {
        self.course_in(&root(), arguments)
    }

    pub fn course_in(&self, folder: &Path, arguments: &[&str]) -> Output {
        let mut course = Command::new(env!("CARGO_BIN_EXE_course"));
        course
            .current_dir(folder)
            .args(arguments)
            .stdin(Stdio::null());
        course.env("COURSE_MY_APP", self.app()).output().unwrap()
    }
}

pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.unwrap().to_owned()
}

pub fn step(path: &str) -> String {
    fs::read_to_string(root().join("steps").join(path)).unwrap()
}

pub fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    assert_eq!(stderr(output), "");
    fits(&String::from_utf8_lossy(&output.stdout))
}

pub fn stderr(output: &Output) -> String {
    fits(&String::from_utf8_lossy(&output.stderr))
}

/// Nobody here has a terminal that takes colours, nor one that is wider.
fn fits(text: &str) -> String {
    assert!(!text.contains('\u{1b}'), "{text:?}");
    // The path of a test's folder is longer than that of the course's.
    let folders = std::env::temp_dir().display().to_string();
    let mut parts = text.split(&folders);
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.filter_map(|part| part.splitn(3, ['/', '\\']).nth(2));
    let short = first + &rest.collect::<String>();
    let long = short.lines().find(|line| line.chars().count() > 80);
    assert_eq!(long, None);
    text.to_owned()
}
