//! The learner's commands on the course as it is, with an app in a folder of each
//! test's own. Nothing is built here: tests/learn_check.rs judges.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod learner;

use learner::{Learner, root, stderr, stdout, step};
use std::{
    fs,
    process::{Command, Output},
};

/// One clear line, and an exit code that says so.
#[track_caller]
fn refused(output: &Output, words: &str) {
    let told = stderr(output);
    assert!(told.contains(words), "{told}");
    assert!(told.starts_with("course: "), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    assert_eq!(output.status.code(), Some(2), "{told}");
}

// ---- start ------------------------------------------------------------------

#[test]
fn a_start_is_the_step_before_with_what_the_lesson_gives() {
    let learner = Learner::at("03");
    let before = step("step-02-memory-sessions/src/visit.rs");
    assert_eq!(learner.read("src/visit.rs"), before);
    let given = step("step-03-redis-store/templates/index.html");
    assert_eq!(learner.read("templates/index.html"), given);
    assert!(!learner.has("src/redis.rs"));
    let manifest = learner.read("Cargo.toml");
    for line in [
        "name = \"my-app\"",
        "tower-sessions-redis-store = ",
        "[workspace]",
    ] {
        assert!(manifest.contains(line), "{line}: {manifest}");
    }
    let kit = root().join("shared/kit").display().to_string();
    assert!(manifest.contains(&kit.replace('\\', "/")), "{manifest}");
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    assert_eq!(learner.read("Cargo.lock"), lock);
    let format = fs::read_to_string(root().join("steps/rustfmt.toml")).unwrap();
    assert_eq!(learner.read("rustfmt.toml"), format);
    assert!(learner.read(".course.toml").contains("lesson = \"03\""));
    // The code that it begins with may need more than the reference.
    let manifest = Learner::at("02").read("Cargo.toml");
    assert!(manifest.contains("axum-extra = "), "{manifest}");
}

#[test]
fn migrations_and_the_databases_name_come_along() {
    let learner = Learner::at("06");
    assert!(learner.has("migrations/sqlite/1_users.sql"));
    let database = learner.read("src/database.rs");
    assert!(database.contains("sqlite:target/my-app.db"), "{database}");
    let main = learner.read("src/main.rs");
    assert!(main.contains("//! `cargo run`,"), "{main}");
}

#[test]
fn the_code_goes_on_with_the_next_lesson() {
    let learner = Learner::at("02");
    learner.write("src/main.rs", "// mine\n");
    learner.write("src/deep/own.rs", "// mine, too\n");
    let manifest = learner.read("Cargo.toml") + "# mine as well\n";
    learner.write("Cargo.toml", &manifest);
    learner.write("Cargo.lock", "# an older one\n");
    let told = stdout(&learner.course(&["start", "3"]));
    assert!(told.contains("goes on with your code"), "{told}");
    assert!(told.contains("Added to Cargo.toml: "), "{told}");
    assert_eq!(learner.read("src/main.rs"), "// mine\n");
    assert_eq!(learner.read("src/deep/own.rs"), "// mine, too\n");
    let manifest = learner.read("Cargo.toml");
    for line in ["# mine as well", "tower-sessions-redis-store = ", "fred = "] {
        assert!(manifest.contains(line), "{line}: {manifest}");
    }
    assert_ne!(learner.read("Cargo.lock"), "# an older one\n");
    assert!(learner.read(".course.toml").contains("lesson = \"03\""));

    // Once more changes nothing.
    learner.write("Cargo.lock", "# with mine in it\n");
    let told = stdout(&learner.course(&["start", "03"]));
    assert!(!told.contains("Added"), "{told}");
    assert_eq!(learner.read("Cargo.toml"), manifest);
    assert_eq!(learner.read("Cargo.lock"), "# with mine in it\n");
}

#[test]
fn what_is_given_is_replaced_where_it_is_as_it_was_given_and_only_there() {
    let learner = Learner::at("05");
    let mine = "{# mine #}\n";
    learner.write("templates/index.html", mine);
    let old = learner.read("templates/profile.html");
    fs::remove_file(learner.app().join("templates/nav.html")).unwrap();
    let told = stdout(&learner.course(&["start", "06"]));
    assert_eq!(learner.read("templates/index.html"), mine);
    assert!(told.contains("templates/index.html stays yours"), "{told}");
    let given = "step-06-regeneration-and-expiry/templates";
    let profile = step(&format!("{given}/profile.html"));
    assert_ne!(old, profile);
    assert_eq!(learner.read("templates/profile.html"), profile);
    assert_eq!(
        learner.read("templates/nav.html"),
        step(&format!("{given}/nav.html"))
    );
    assert!(learner.has("templates/password.html"));
}

#[test]
fn what_is_no_utf_8_is_the_learners_too() {
    let learner = Learner::at("05");
    for (path, mine) in [
        ("templates/profile.html", &b"{# caf\xe9 #}\n"[..]),
        ("Cargo.toml", b"# caf\xe9\n[package]\n"),
    ] {
        let before = fs::read(learner.app().join(path)).unwrap();
        fs::write(learner.app().join(path), mine).unwrap();
        refused(&learner.course(&["start", "06"]), path);
        assert_eq!(fs::read(learner.app().join(path)).unwrap(), mine);
        assert!(learner.read(".course.toml").contains("lesson = \"05\""));
        fs::write(learner.app().join(path), before).unwrap();
    }
    fs::remove_file(learner.app().join("Cargo.toml")).unwrap();
    refused(&learner.course(&["start", "06"]), "has no Cargo.toml");
    assert!(!learner.has("Cargo.toml"));
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let learner = Learner::at("02");
    let mine = learner.folder.path().join("mine.rs");
    let link = learner.app().join("src/main.rs");
    fs::write(&mine, "// mine\n").unwrap();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&mine, &link).unwrap();
    for arguments in [&["start", "02", "--fresh"][..], &["start", "03"]] {
        refused(&learner.course(arguments), "src/main.rs is a link");
    }
    assert_eq!(fs::read_to_string(&mine).unwrap(), "// mine\n");
    assert!(link.is_symlink());
}

#[test]
fn a_fresh_start_puts_the_code_aside_and_keeps_the_progress() {
    let learner = Learner::at("01");
    learner.write("src/main.rs", "// mine\n");
    learner.write("notes.txt", "mine\n");
    learner.write(".git/HEAD", "history\n");
    let progress = "lesson = \"01\"\ndone = [\"00\"]\nstretch = [\"00/x\"]\n\n[hints]\n01 = 2\n";
    learner.write(".course.toml", progress);
    let told = stdout(&learner.course(&["start", "02", "--fresh"]));
    assert!(told.contains("my-app.old-1"), "{told}");
    let old = learner.folder.path().join("my-app.old-1");
    for (path, text) in [("src/main.rs", "// mine\n"), ("notes.txt", "mine\n")] {
        assert_eq!(fs::read_to_string(old.join(path)).unwrap(), text);
    }
    assert_eq!(
        learner.read("src/main.rs"),
        step("step-01-cookies/src/main.rs").replace(" -p step-01", "")
    );
    assert!(!learner.has("notes.txt"));
    assert_eq!(learner.read(".git/HEAD"), "history\n");
    let kept = learner.read(".course.toml");
    for line in [
        "lesson = \"02\"",
        "done = [\"00\"]",
        "stretch = [\"00/x\"]",
        "01 = 2",
    ] {
        assert!(kept.contains(line), "{line}: {kept}");
    }
    stdout(&learner.course(&["start", "--fresh", "02"]));
    assert!(
        learner
            .folder
            .path()
            .join("my-app.old-2/src/main.rs")
            .exists()
    );
}

// ---- The list, hints and exercises ------------------------------------------

#[test]
fn the_list_says_what_is_done_and_what_is_next() {
    let learner = Learner::new();
    let told = stdout(&learner.course(&[]));
    assert!(told.contains("next  00  "), "{told}");
    assert!(told.contains("`cargo course start 00` begins"), "{told}");
    let learner = Learner::at("03");
    learner.write(".course.toml", "lesson = \"03\"\ndone = [\"00\", \"03\"]\n");
    let told = stdout(&learner.course(&[]));
    for line in [
        "done  00  ",
        "      01  ",
        "done  03  ",
        "next  04  ",
        "is at lesson 03.",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
}

/// The hints of a lesson whose texts are there.
#[test]
fn hints_come_one_at_a_time_and_the_last_one_stays() {
    let Some(lesson) = with_text("hint-3.md") else {
        return;
    };
    let learner = Learner::at(&lesson);
    for nth in [1, 2, 3, 3] {
        let told = stdout(&learner.course(&["hint"]));
        assert!(told.starts_with(&format!("Hint {nth} of 3\n")), "{told}");
    }
    // Another lesson has hints of its own.
    stdout(&learner.course(&["start", "08"]));
    stdout(&learner.course(&["start", &lesson]));
    let told = stdout(&learner.course(&["hint"]));
    assert!(told.starts_with("Hint 3 of 3\n"), "{told}");
}

#[test]
fn a_stretch_exercise_is_listed_and_its_task_shown() {
    let learner = Learner::at("00");
    let told = stdout(&learner.course(&["stretch"]));
    assert!(told.contains("      json-for-programs"), "{told}");
    learner.write(
        ".course.toml",
        "lesson = \"00\"\nstretch = [\"00/json-for-programs\"]\n",
    );
    let told = stdout(&learner.course(&["stretch"]));
    assert!(told.contains("done  json-for-programs"), "{told}");
    let told = stdout(&learner.course(&["stretch", "json-for-programs"]));
    assert!(told.starts_with("# "), "{told}");
    refused(
        &learner.course(&["stretch", "flying"]),
        "has no exercise `flying`",
    );
    refused(
        &learner.course(&["check", "flying"]),
        "has no exercise `flying`",
    );
}

/// A lesson that has this text.
fn with_text(name: &str) -> Option<String> {
    let steps = fs::read_dir(root().join("steps")).unwrap();
    let mut folders: Vec<String> = steps
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let has = |folder: &&String| {
        root()
            .join("steps")
            .join(folder)
            .join("lesson")
            .join(name)
            .exists()
    };
    let folder = folders.iter().find(has)?;
    Some(folder[5..7].to_owned())
}

// ---- diff, solve, reset, next -----------------------------------------------

#[test]
fn a_diff_leads_to_mine_and_solve_to_the_reference() {
    let learner = Learner::at("02");
    let diff = stdout_of_code(&learner.course(&["diff", "src/main.rs"]));
    assert!(diff.starts_with("--- step-02/src/main.rs\n+++ "), "{diff}");
    assert!(diff.contains("-mod visit;"), "{diff}");
    let typed =
        stdout_of_code(&learner.course_in(&learner.app().join("src"), &["diff", "main.rs"]));
    assert_eq!(typed, diff);
    let solve = stdout_of_code(&learner.course(&["solve"]));
    for line in ["+mod visit;", "+++ step-02/src/visit.rs"] {
        assert!(solve.contains(line), "{line}: {solve}");
    }
    let whole = stdout_of_code(&learner.course(&["diff"]));
    for path in ["src/error.rs", "src/main.rs", "src/visit.rs"] {
        assert!(
            whole.contains(&format!("--- step-02/{path}")),
            "{path}: {whole}"
        );
    }
    // The template is given, and so is the same.
    let same = stdout(&learner.course(&["diff", "templates/index.html"]));
    assert_eq!(same, "templates/index.html is as in the reference.\n");
    refused(
        &learner.course(&["diff", "src/none.rs"]),
        "neither my-app nor the reference has",
    );
}

/// Code may be wider than text.
fn stdout_of_code(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn without_a_terminal_nothing_is_overwritten() {
    let learner = Learner::at("02");
    let before = learner.read("src/main.rs");
    refused(
        &learner.course(&["reset"]),
        "`cargo course start 02 --fresh` does it",
    );
    let solve = learner.course(&["solve", "--write"]);
    assert_eq!(solve.status.code(), Some(2));
    assert_eq!(
        stderr(&solve),
        "course: solve --write asks first, and nobody is there\n"
    );
    assert_eq!(learner.read("src/main.rs"), before);
    assert!(!learner.folder.path().join("my-app.old-1").exists());
    refused(&learner.course(&["watch"]), "watch needs a terminal");
}

#[test]
fn next_goes_on_once_the_lesson_is_done() {
    let learner = Learner::at("02");
    refused(
        &learner.course(&["next"]),
        "`cargo course start 03` goes on all the same",
    );
    learner.write(".course.toml", "lesson = \"02\"\ndone = [\"02\"]\n");
    stdout(&learner.course(&["next"]));
    assert!(learner.read(".course.toml").contains("lesson = \"03\""));
    learner.write(".course.toml", "lesson = \"08\"\n");
    let told = stdout(&learner.course(&["next"]));
    assert!(told.starts_with("That was the last lesson."), "{told}");
}

// ---- Wrong use --------------------------------------------------------------

#[test]
fn a_lesson_that_is_not_there_is_one_line() {
    let learner = Learner::new();
    refused(
        &learner.course(&["start", "12"]),
        "there is no lesson `12`; `cargo course` shows all",
    );
    refused(
        &learner.course(&["start"]),
        "which lesson? `cargo course start 00`",
    );
    refused(
        &learner.course(&["start", "02", "03"]),
        "start does not take that",
    );
    assert!(!learner.has(""));
}

#[test]
fn without_an_app_every_command_says_how_to_begin() {
    let learner = Learner::new();
    for command in [
        "task", "check", "hint", "diff", "solve", "stretch", "reset", "next",
    ] {
        let output = learner.course(&[command]);
        let told = stderr(&output);
        assert!(told.contains("`cargo course start 00` begins it"), "{told}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let learner = Learner::new();
    learner.write("notes.txt", "mine");
    for arguments in [&["start", "02"][..], &["start", "02", "--fresh"], &["hint"]] {
        let told = stderr(&learner.course(arguments));
        assert!(told.contains("holds something else"), "{told}");
    }
    assert!(!learner.has("Cargo.toml"));
    assert_eq!(learner.read("notes.txt"), "mine");
}

#[test]
fn a_damaged_progress_is_one_line_and_nothing_is_touched() {
    let learner = Learner::at("02");
    for text in [
        "lesson = ",
        "lesson = \"12\"\n",
        "lesson = \"02\"\nstretch = 1\n",
    ] {
        learner.write(".course.toml", text);
        for command in ["hint", "next", "check"] {
            let told = stderr(&learner.course(&[command]));
            assert!(told.contains(".course.toml: "), "{told}");
            assert!(told.ends_with("delete it, `start` again\n"), "{told}");
        }
        assert_eq!(learner.read(".course.toml"), text);
    }
    let again = learner.course(&["start", "02", "--fresh"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(!learner.folder.path().join("my-app.old-1").exists());
    fs::remove_file(learner.app().join(".course.toml")).unwrap();
    refused_at_no_lesson(&learner);
    learner.write("src/main.rs", "// mine\n");
    stdout(&learner.course(&["start", "02"]));
    assert_eq!(learner.read("src/main.rs"), "// mine\n");
}

fn refused_at_no_lesson(learner: &Learner) {
    let told = stderr(&learner.course(&["hint"]));
    assert!(
        told.contains("is at no lesson; `cargo course start 00`"),
        "{told}"
    );
}

#[test]
fn a_cargo_toml_that_is_none_is_one_line() {
    let learner = Learner::at("02");
    learner.write("Cargo.toml", "[package\n");
    let output = learner.course(&["start", "03"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("/Cargo.toml: "), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    assert_eq!(learner.read("Cargo.toml"), "[package\n");
    assert!(learner.read(".course.toml").contains("lesson = \"02\""));
}

#[test]
fn a_server_that_is_not_there_is_one_line() {
    let learner = Learner::new();
    let url = "http://127.0.0.1:1";
    let output = learner.course(&["check", "02", "--url", url]);
    refused(&output, "no server answers at http://127.0.0.1:1; start it");
    refused(&learner.course(&["check", "--url", url]), "which lesson?");
    refused(
        &learner.course(&["check", "02", "--url"]),
        "--url takes http://…",
    );
    refused(
        &learner.course(&["check", "02", "--url", "localhost"]),
        "`localhost` is no address",
    );
}

#[test]
fn outside_of_the_repository_an_app_knows_its_course() {
    let learner = Learner::at("02");
    let mut course = Command::new(env!("CARGO_BIN_EXE_course"));
    let inside = course
        .current_dir(learner.app().join("src"))
        .env_remove("COURSE_MY_APP");
    let told = stdout(&inside.output().unwrap());
    assert!(told.contains("is at lesson 02."), "{told}");
    let outside = learner.course_in(learner.folder.path(), &["task"]);
    assert_eq!(outside.status.code(), Some(1));
    let line = "course: run this inside of the course's repository\n";
    assert_eq!(stderr(&outside), line);
}
