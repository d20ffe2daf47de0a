//! The learner's app: a folder that `cargo course` begins, and the learner fills.

use super::{
    lessons::{Files, PARTS},
    manifest, progress,
};
use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The learner's app.
#[derive(Debug, Clone)]
pub struct MyApp {
    pub folder: PathBuf,
    /// The course's repository.
    root: PathBuf,
}

/// What is in its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing, or no folder.
    Nothing,
    App,
    /// Something that `cargo course` has not made, and does not touch.
    Other,
}

/// What stays in its place when an app is put aside: the learner's history, and what
/// was built.
const STAYS: [&str; 2] = [".git", "target"];

impl MyApp {
    /// Where `COURSE_MY_APP` says, or around the working directory, or `my-app` in the
    /// repository.
    pub fn find(root: &Path) -> Result<MyApp, String> {
        let named = env::var_os("COURSE_MY_APP").filter(|name| !name.is_empty());
        let here = env::current_dir().map_err(|error| error.to_string())?;
        let folder = match named {
            Some(named) => here.join(named),
            None => around(&here).unwrap_or_else(|| root.join(manifest::NAME)),
        };
        Ok(MyApp::at(folder, root))
    }

    pub fn at(folder: PathBuf, root: &Path) -> MyApp {
        MyApp {
            folder,
            root: root.to_owned(),
        }
    }

    pub fn state(&self) -> State {
        let known = || {
            let manifest = fs::read_to_string(self.folder.join("Cargo.toml")).ok();
            let name = manifest.and_then(|manifest| manifest::name(&manifest));
            name.is_some_and(|name| name == manifest::NAME)
        };
        if progress::path(&self.folder).exists() || known() {
            return State::App;
        }
        match fs::read_dir(&self.folder).map(|mut entries| entries.next().is_none()) {
            Ok(true) => State::Nothing,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::Nothing,
            Ok(false) | Err(_) => State::Other,
        }
    }

    /// The folder, as short as people know it.
    pub fn name(&self) -> String {
        self.shown(&self.folder)
    }

    /// A path of it or beside it, the same way.
    pub fn shown(&self, path: &Path) -> String {
        let short = path.strip_prefix(&self.root).unwrap_or(path);
        short.display().to_string()
    }

    /// From my-app to the repository: a short way where there is one, as cargo writes
    /// it.
    pub fn way_to_root(&self) -> String {
        if self.folder.parent() == Some(&self.root) {
            "..".to_owned()
        } else {
            self.root.display().to_string().replace('\\', "/")
        }
    }

    /// The texts in those folders that the steps have, too.
    pub fn files(&self) -> Result<Files, String> {
        let mut files = Files::new();
        for path in self.paths()? {
            let named = PARTS.iter().any(|part| path.starts_with(part));
            // What is no text was not written for a lesson.
            if named && let Ok(text) = fs::read_to_string(self.folder.join(&path)) {
                files.insert(path, text);
            }
        }
        Ok(files)
    }

    /// `None` if it is not there. What cannot be read, or is no text, is the learner's all
    /// the same, and an error.
    pub fn read(&self, path: &str) -> Result<Option<String>, String> {
        let whole = self.folder.join(path);
        match fs::read_to_string(&whole) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("course: {}", self.complaint(&whole, &error))),
        }
    }

    /// Refuses a link: what is written to it lands elsewhere, and no copy has it.
    pub fn expect_no_link(&self) -> Result<(), String> {
        if !self.folder.exists() {
            return Ok(());
        }
        match self.found()?.links.first() {
            Some(link) => Err(format!(
                "course: {} is a link; put what it leads to in its place",
                self.shown(link)
            )),
            None => Ok(()),
        }
    }

    /// Always with the time of now, by which cargo sees that it is new.
    pub fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let whole = self.folder.join(path);
        let folder = whole.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&whole, text))
            .map_err(|error| self.complaint(&whole, &error))
    }

    /// When each file that is built was written last, and how long it is.
    pub fn stamps(&self) -> BTreeMap<String, (Option<SystemTime>, u64)> {
        let mut stamps = BTreeMap::new();
        for path in self.paths().unwrap_or_default() {
            let built = PARTS.iter().any(|part| path.starts_with(part));
            let built = built || ["Cargo.toml", "build.rs"].contains(&&*path);
            if built && let Ok(about) = fs::metadata(self.folder.join(&path)) {
                stamps.insert(path, (about.modified().ok(), about.len()));
            }
        }
        stamps
    }

    /// Copies it to `my-app.old-1`, or the next number that is free. The progress stays,
    /// or the copy would be taken for the app.
    pub fn copy_aside(&self) -> Result<PathBuf, String> {
        self.aside(|file, copy| fs::copy(file, copy).map(drop))
    }

    /// The same, and nothing but the progress is left. What somebody saves meanwhile is in
    /// one of the two.
    pub fn move_aside(&self) -> Result<PathBuf, String> {
        self.aside(|file, to| {
            // Into another file system nothing is renamed.
            fs::rename(file, to).or_else(|_| fs::copy(file, to).and_then(|_| fs::remove_file(file)))
        })
    }

    fn aside(&self, put: impl Fn(&Path, &Path) -> io::Result<()>) -> Result<PathBuf, String> {
        let name = self.folder.file_name().unwrap_or_default();
        let old = |number| {
            let mut name = name.to_owned();
            name.push(format!(".old-{number}"));
            self.folder.with_file_name(name)
        };
        let aside = (1..10_000).map(old).find(|folder| !folder.exists());
        let aside = aside.ok_or("course: no number is free")?;
        for path in self.paths()? {
            if path == progress::FILE {
                continue;
            }
            let to = aside.join(&path);
            fs::create_dir_all(to.parent().unwrap_or(&aside))
                .and_then(|()| put(&self.folder.join(&path), &to))
                .map_err(|error| self.complaint(&to, &error))?;
        }
        Ok(aside)
    }

    /// Deletes the folders that are empty. A terminal or an editor may be in one of the
    /// others, so that they stay.
    pub fn drop_empty_folders(&self) -> Result<(), String> {
        remove_empty(&self.folder).map_err(|error| self.complaint(&self.folder, &error))
    }

    /// Every file.
    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.found()?.files)
    }

    fn found(&self) -> Result<Found, String> {
        let mut found = Found::default();
        collect(&self.folder, "", &mut found)
            .map_err(|error| self.complaint(&self.folder, &error))?;
        Ok(found)
    }

    fn complaint(&self, path: &Path, error: &io::Error) -> String {
        format!("{}: {error}", self.shown(path))
    }
}

/// The folder around this one in which `cargo course` has begun an app.
pub fn around(here: &Path) -> Option<PathBuf> {
    let mut folders = here.ancestors();
    let folder = folders.find(|folder| progress::path(folder).is_file());
    folder.map(Path::to_owned)
}

/// What is in there, but for what stays.
#[derive(Debug, Default)]
struct Found {
    /// With `/` between folders.
    files: Vec<String>,
    /// A link stays where it is, and so does what it leads to.
    links: Vec<PathBuf>,
}

fn collect(folder: &Path, prefix: &str, found: &mut Found) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let kind = entry.file_type()?;
        if prefix.is_empty() && STAYS.iter().any(|stays| name == *stays) {
            continue;
        }
        if kind.is_symlink() {
            found.links.push(entry.path());
        }
        let Some(name) = name.to_str() else {
            continue;
        };
        if kind.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), found)?;
        } else if kind.is_file() {
            found.files.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}

fn remove_empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let stays = STAYS.iter().any(|stays| entry.file_name() == *stays);
        if entry.file_type()?.is_dir() && !stays {
            remove_empty(&entry.path())?;
            // It is not empty, or somebody is in there.
            let _ = fs::remove_dir(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> (tempfile::TempDir, MyApp) {
        let root = tempfile::tempdir().unwrap();
        let app = MyApp::at(root.path().join("my-app"), root.path());
        (root, app)
    }

    #[test]
    fn an_app_is_known_by_its_progress_or_its_name() {
        let (_root, app) = app();
        assert_eq!(app.state(), State::Nothing);
        fs::create_dir(&app.folder).unwrap();
        assert_eq!(app.state(), State::Nothing);
        app.write("Cargo.toml", "[package]\nname = \"other\"\n")
            .unwrap();
        assert_eq!(app.state(), State::Other);
        app.write("Cargo.toml", "[package]\nname = \"my-app\"\n")
            .unwrap();
        assert_eq!(app.state(), State::App);
        app.write("Cargo.toml", "[[").unwrap();
        assert_eq!(app.state(), State::Other);
        app.write(progress::FILE, "").unwrap();
        assert_eq!(app.state(), State::App);
    }

    #[test]
    fn it_is_found_from_its_folders() {
        let (_root, app) = app();
        let deep = app.folder.join("src/deep");
        fs::create_dir_all(&deep).unwrap();
        assert_eq!(around(&deep), None);
        app.write(progress::FILE, "").unwrap();
        for place in [&deep, &app.folder] {
            assert_eq!(around(place).as_ref(), Some(&app.folder));
        }
        assert_eq!(around(app.folder.parent().unwrap()), None);
    }

    #[test]
    fn files_are_those_that_a_step_has_too() {
        let (_root, app) = app();
        for path in [
            "src/deep/a.rs",
            "templates/a.html",
            "notes.txt",
            "target/src/b",
        ] {
            app.write(path, path).unwrap();
        }
        let expected = ["src/deep/a.rs", "templates/a.html"];
        let expected = expected.map(|path| (path.to_owned(), path.to_owned()));
        assert_eq!(app.files().unwrap(), Files::from(expected));
    }

    #[test]
    fn a_copy_aside_has_a_number_that_is_free_and_all_but_what_stays() {
        let (root, app) = app();
        for path in [
            "src/main.rs",
            "notes.txt",
            ".git/HEAD",
            "target/a",
            "src/target/b",
        ] {
            app.write(path, path).unwrap();
        }
        fs::create_dir(root.path().join("my-app.old-1")).unwrap();
        let aside = app.copy_aside().unwrap();
        assert_eq!(aside, root.path().join("my-app.old-2"));
        let copy = MyApp::at(aside, root.path());
        let mut copied = copy.paths().unwrap();
        copied.sort();
        assert_eq!(copied, ["notes.txt", "src/main.rs", "src/target/b"]);
        assert_eq!(
            copy.read("notes.txt").unwrap().as_deref(),
            Some("notes.txt")
        );
    }

    #[test]
    fn what_is_moved_aside_goes_with_its_folders() {
        let (root, app) = app();
        for path in [
            "src/main.rs",
            "src/deep/a.rs",
            "notes/a",
            progress::FILE,
            ".git/HEAD",
            "target/a",
        ] {
            app.write(path, path).unwrap();
        }
        let aside = app.move_aside().unwrap();
        app.drop_empty_folders().unwrap();
        assert_eq!(app.paths().unwrap(), [progress::FILE]);
        let mut moved = MyApp::at(aside, root.path()).paths().unwrap();
        moved.sort();
        assert_eq!(moved, ["notes/a", "src/deep/a.rs", "src/main.rs"]);
        let there = |path: &str| app.folder.join(path).exists();
        assert!(there(".git/HEAD") && there("target/a"));
        assert!(!there("notes") && !there("src/deep"));
    }

    #[test]
    fn a_save_is_seen_and_other_files_are_not() {
        let (_root, app) = app();
        app.write("src/main.rs", "one").unwrap();
        app.write("Cargo.toml", "").unwrap();
        let before = app.stamps();
        assert_eq!(before.len(), 2);
        app.write("notes.txt", "").unwrap();
        app.write(progress::FILE, "").unwrap();
        assert_eq!(app.stamps(), before);
        app.write("src/main.rs", "longer").unwrap();
        assert_ne!(app.stamps(), before);
    }
}
