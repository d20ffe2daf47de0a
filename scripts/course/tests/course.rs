//! The commands, run as a person runs them, in small repositories made for the
//! purpose. Only the README's table is the real one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

const STEP: &str = "steps/step-01-cookies";
const LATER: &str = "steps/step-02-memory-sessions";

struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let repository = Self { folder };
        for (path, text) in files {
            repository.write(path, text);
        }
        repository
    }

    /// With everything committed.
    fn committed(files: &[(&str, &str)]) -> Self {
        let repository = Self::new(files);
        repository.git(&["init", "--quiet"]);
        repository.git(&["add", "--all"]);
        repository.git(&["commit", "--quiet", "--message", "Begin"]);
        repository
    }

    fn git(&self, arguments: &[&str]) {
        let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
        let calm = ["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"];
        let git = Command::new("git")
            .current_dir(self.folder.path())
            .args([who, calm].concat())
            .args(arguments)
            .status();
        assert!(git.unwrap().success(), "git {arguments:?}");
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn course(&self, arguments: &[&str]) -> Output {
        let course = Command::new(env!("CARGO_BIN_EXE_course"))
            .current_dir(self.folder.path())
            .args(arguments)
            .output();
        course.unwrap()
    }
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn help_names_every_command() {
    let help = stdout(&Repository::new(&[]).course(&["--help"]));
    let commands = [
        "up", "down", "status", "peek", "attack", "soak", "failover", "https", "bench", "capacity",
        "book", "matrix", "carry", "start", "task", "check", "watch", "hint", "diff", "solve",
        "stretch", "reset", "next",
    ];
    for command in commands {
        assert!(help.contains(&format!("cargo course {command} ")), "{help}");
    }
    assert!(help.lines().all(|line| line.len() <= 80), "{help}");
}

#[test]
fn an_unknown_command_is_one_line_and_exit_code_2() {
    let output = Repository::new(&[]).course(&["brew", "beer"]);
    assert_eq!(output.status.code(), Some(2));
    let line = "course: no command `brew beer`; see `cargo course --help`\n";
    assert_eq!(stderr(&output), line);
}

#[test]
fn outside_of_the_repository_it_says_so() {
    let output = Repository::new(&[]).course(&["matrix"]);
    assert_eq!(output.status.code(), Some(1));
    let line = "course: run this inside of the course's repository\n";
    assert_eq!(stderr(&output), line);
}

#[test]
fn what_a_bench_and_a_peek_cannot_do_is_one_line() {
    let repository = Repository::new(&[("steps/README", "")]);
    let mut course = Command::new(env!("CARGO_BIN_EXE_course"));
    let course = course.current_dir(repository.folder.path()).env("PATH", "");
    let output = course.arg("bench").output().unwrap();
    let line = "course: no wrk on the PATH; apt-get install wrk\n";
    assert_eq!(stderr(&output), line);
    for (arguments, line) in [
        (
            &["bench", "--rounds", "0"][..],
            "course: --rounds takes a number, 1 to 1000\n",
        ),
        (&["bench", "step-03"], "course: bench has no `step-03`\n"),
    ] {
        assert_eq!(stderr(&repository.course(arguments)), line);
    }
    let output = repository.course(&["peek"]);
    assert_eq!(output.status.code(), Some(1));
    let line = "course: expected peek redis, mongo or sql, and perhaps an ID\n";
    assert_eq!(stderr(&output), line);
}

// ---- capacity ---------------------------------------------------------------

#[test]
fn capacity_is_calculated_from_what_the_book_has_recorded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let recorded = fs::read_to_string(root.join("book/capacity.toml")).unwrap();
    let files = [("steps/README", ""), ("book/capacity.toml", &*recorded)];
    let repository = Repository::new(&files);
    let sheet = stdout(&repository.course(&["capacity"]));
    assert!(sheet.contains("100 M"), "{sheet}");
    // 3600 sessions, and a visit of each in a second.
    let asked = [
        "capacity",
        "--sessions",
        "3600",
        "--visits-per-hour",
        "3600",
    ];
    let sheet = stdout(&repository.course(&asked));
    let requests = "requests a second                3,600\n";
    assert!(sheet.contains(requests), "{sheet}");
}

#[test]
fn an_option_of_capacity_that_is_wrong_is_one_line_and_exit_code_2() {
    let repository = Repository::new(&[("steps/README", "")]);
    let output = repository.course(&["capacity", "--fill", "101"]);
    assert_eq!(output.status.code(), Some(2));
    let line = "capacity: --fill 101: expected a number from 1 to 100\n";
    assert_eq!(stderr(&output), line);
    let output = repository.course(&["capacity"]);
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(
        told.starts_with("book/capacity.toml: ") && told.lines().count() == 1,
        "{told}"
    );
}

// ---- book -------------------------------------------------------------------

const BOOK: &[(&str, &str)] = &[
    ("steps/README", ""),
    ("shared/checks/matrix.toml", ""),
    (
        "book/book.toml",
        "[build]\nbuild-dir = \"../target/book\"\n",
    ),
    ("book/src/SUMMARY.md", "# Summary\n\n- [A page](page.md)\n"),
];

#[test]
fn the_book_is_built_and_its_first_page_named() {
    let repository = Repository::new(BOOK);
    repository.write("book/src/page.md", "# A page\n");
    let index = stdout(&repository.course(&["book"]));
    let page = fs::read_to_string(index.trim_end()).unwrap();
    assert!(page.contains("A page"), "{page}");
}

/// mdBook empties the folder that it writes to.
#[test]
fn an_offline_copy_goes_to_a_folder_that_is_empty() {
    let repository = Repository::new(BOOK);
    repository.write("book/src/page.md", "# A page\n");
    let copy = repository.folder.path().join("a copy");
    let index = stdout(&repository.course(&["book", "--to", "a copy"]));
    let page = fs::read_to_string(copy.join("index.html")).unwrap();
    assert!(page.contains("A page"), "{index}");
    repository.write("mine/notes.txt", "mine\n");
    let refused = repository.course(&["book", "--to", "mine"]);
    assert_eq!(stderr(&refused), "course: mine is not empty\n");
    assert!(repository.folder.path().join("mine/notes.txt").exists());
}

#[test]
fn a_book_with_problems_is_not_built_and_each_is_one_line() {
    let repository = Repository::new(BOOK);
    repository.write("book/src/page.md", "{{#draw}}\n\n{{#code step-09 a.rs}}\n");
    let output = repository.course(&["book"]);
    assert_eq!(output.status.code(), Some(1));
    let problems = "\
book/src/page.md:1: unknown directive `draw`
book/src/page.md:3: there is no step-09
";
    assert_eq!(stderr(&output), problems);
}

#[test]
fn a_link_that_leads_nowhere_and_a_picture_without_words_are_one_line_each() {
    let repository = Repository::new(BOOK);
    let links = "[here](#a-page) [there](http://127.0.0.1/) [gone](#gone) [other](other.html)";
    let picture = "<img src=\"page.html\">";
    repository.write(
        "book/src/page.md",
        &format!("# A page\n\n{links}\n{picture}\n"),
    );
    let output = repository.course(&["book"]);
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    let told: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("page.html"))
        .collect();
    let expected = [
        "page.html: nothing is at `#gone`",
        "page.html: nothing is at `other.html`",
        "page.html: `page.html` has no words",
    ];
    assert_eq!(told, expected);
}

// ---- matrix -----------------------------------------------------------------

#[test]
fn the_matrix_is_printed_with_a_mark_for_each_step() {
    let repository = Repository::new(&[
        ("steps/README", ""),
        (
            "shared/checks/matrix.toml",
            r#"
[stores]
step-02 = ["memory", "redis", "mongodb"]

[it_greets]
group = "Manners"
promise = "It greets."
step-00 = "–"
step-01 = { fail = "Guest" }
step-02 = { memory = "pass", redis = { fail = "gone" }, mongodb = "pass" }

[it_counts]
group = "Manners"
promise = "It counts."
step-00 = "–"
step-01 = "pass"
step-02 = "pass on every store"

[it_lasts]
group = "Manners"
promise = "It lasts."
step-00 = "–"
step-01 = "–"
step-02 = { memory = "–", redis = "pass", mongodb = "pass" }
"#,
        ),
    ]);
    let expected = "\
00 01 02  Manners
–  ✗  ±   It greets. (step-02: ✓ memory, mongodb · ✗ redis)
–  ✓  ✓   It counts.
–  –  ✓   It lasts.
";
    assert_eq!(stdout(&repository.course(&["matrix"])), expected);
}

/// The table in README.md is made, not written: COURSE_BLESS=1 makes it anew.
#[test]
fn the_readme_has_the_matrix_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let matrix = Command::new(env!("CARGO_BIN_EXE_course"))
        .current_dir(&root)
        .args(["matrix", "--markdown"])
        .output();
    let table = stdout(&matrix.unwrap());

    let path = root.join("README.md");
    let readme = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let marks = ["<!-- matrix -->\n", "<!-- /matrix -->"];
    let (before, rest) = readme
        .split_once(marks[0])
        .expect("README.md has no <!-- matrix -->");
    let (between, after) = rest
        .split_once(marks[1])
        .expect("README.md has no <!-- /matrix -->");
    let expected = format!("\n{table}\n");
    if env::var_os("COURSE_BLESS").is_some_and(|bless| bless == "1") {
        fs::write(
            path,
            [before, marks[0], &expected, marks[1], after].concat(),
        )
        .unwrap();
    } else {
        let advice = "README.md's matrix is out of date: scripts/test --bless makes it anew";
        assert_eq!(between, expected, "{advice}");
    }
}

// ---- carry ------------------------------------------------------------------

/// Two functions, with room between them for git to tell changes apart.
fn program(first: &str, last: &str) -> String {
    let between = "// one\n// two\n// three\n";
    format!("fn first() {{ {first} }}\n{between}fn last() {{ {last} }}\n")
}

fn two_steps() -> Repository {
    Repository::committed(&[
        // A folder is a step once it has a manifest.
        ("steps/step-00-beer-demo/Cargo.toml", ""),
        (&format!("{STEP}/Cargo.toml"), ""),
        (&format!("{LATER}/Cargo.toml"), ""),
        (&format!("{STEP}/src/main.rs"), &program("1", "1")),
        (&format!("{LATER}/src/main.rs"), &program("1", "2")),
        (&format!("{STEP}/src/error.rs"), "// error\n"),
        (&format!("{LATER}/src/error.rs"), "// error\n"),
        ("steps/step-00-beer-demo/src/main.rs", "// first\n"),
    ])
}

#[test]
fn a_change_is_merged_into_the_later_steps_and_not_the_earlier() {
    let repository = two_steps();
    repository.write(&format!("{STEP}/src/main.rs"), &program("fixed", "1"));
    let report = stdout(&repository.course(&["carry", "step-01"]));
    assert_eq!(report, format!("{LATER}/src/main.rs: merged\n"));
    let later = repository.read(&format!("{LATER}/src/main.rs"));
    assert_eq!(later, program("fixed", "2"));
    let earlier = repository.read("steps/step-00-beer-demo/src/main.rs");
    assert_eq!(earlier, "// first\n");

    let report = stdout(&repository.course(&["carry", "step-01"]));
    assert_eq!(report, format!("{LATER}/src/main.rs: nothing to do\n"));
}

#[test]
fn a_new_file_is_copied_and_a_deleted_one_deleted() {
    let repository = two_steps();
    repository.write(&format!("{STEP}/src/deep/new.rs"), "// new\n");
    fs::remove_file(repository.path(&format!("{STEP}/src/error.rs"))).unwrap();
    let report = stdout(&repository.course(&["carry", "step-01"]));
    let expected = format!("{LATER}/src/error.rs: deleted\n{LATER}/src/deep/new.rs: copied\n");
    assert_eq!(report, expected);
    assert!(!repository.path(&format!("{LATER}/src/error.rs")).exists());
    assert_eq!(
        repository.read(&format!("{LATER}/src/deep/new.rs")),
        "// new\n"
    );
}

#[test]
fn what_a_later_step_has_made_its_own_is_left_alone() {
    let repository = two_steps();
    repository.write(&format!("{STEP}/src/new.rs"), "// new\n");
    repository.write(&format!("{STEP}/variants/rude.txt"), "a mistake\n");
    repository.write(&format!("{STEP}/lesson/task.md"), "what to build\n");
    repository.write(&format!("{LATER}/src/new.rs"), "// its own\n");
    repository.write(&format!("{LATER}/src/error.rs"), "// its own\n");
    fs::remove_file(repository.path(&format!("{STEP}/src/error.rs"))).unwrap();
    let report = stdout(&repository.course(&["carry", "step-01"]));
    assert!(
        report.lines().all(|line| line.ends_with("left alone")),
        "{report}"
    );
    assert_eq!(
        repository.read(&format!("{LATER}/src/new.rs")),
        "// its own\n"
    );
    assert_eq!(
        repository.read(&format!("{LATER}/src/error.rs")),
        "// its own\n"
    );
    assert!(!repository.path(&format!("{LATER}/variants")).exists());
    assert!(!repository.path(&format!("{LATER}/lesson")).exists());
}

#[test]
fn a_conflict_is_left_with_markers_and_is_an_error() {
    let repository = two_steps();
    repository.write(&format!("{STEP}/src/main.rs"), &program("1", "3"));
    let output = repository.course(&["carry", "step-01"]);
    assert_eq!(output.status.code(), Some(1));
    let report = stderr(&output);
    assert!(
        report.starts_with(&format!("{LATER}/src/main.rs: conflict")),
        "{report}"
    );
    let later = repository.read(&format!("{LATER}/src/main.rs"));
    let sides = ["<<<<<<< step-02-memory-sessions", ">>>>>>> step-01-cookies"];
    assert!(sides.iter().all(|side| later.contains(side)), "{later}");
}

#[test]
fn an_unknown_step_and_nothing_to_carry_are_one_line() {
    let repository = two_steps();
    let unknown = repository.course(&["carry", "step-09"]);
    assert_eq!(stderr(&unknown), "course: there is no step-09 in steps/\n");
    let half = repository.course(&["carry", "step"]);
    assert_eq!(stderr(&half), "course: there is no step in steps/\n");
    let nothing = stdout(&repository.course(&["carry", "step-01"]));
    assert_eq!(nothing, format!("{STEP} is as it was committed\n"));
}
