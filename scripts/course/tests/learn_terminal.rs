//! A learner at a terminal, in tmux: lesson 02 from step 01's code to passed, and every
//! question answered with yes. What was on the screen is left in target/learner.txt and
//! target/answers.txt.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod learner;

use learner::{Learner, root, step};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};
use toml_edit::{DocumentMut, Item};

/// What nothing here should need, by far: the first build takes minutes.
const HANG: Duration = Duration::from_mins(5);

const STEP: &str = "step-02-memory-sessions";

#[test]
fn a_learner_gets_from_the_step_before_to_the_next_lesson() {
    let learner = Learner::new();
    let screen = Screen::of(&learner, "learner.txt");

    screen.types("course start 02\n");
    screen.waits_for("begins with the code of step-01.");
    screen.waits_for("`cargo course watch` checks each save.");
    with_the_workspaces_features(&learner);

    screen.types("course check; echo code $?\n");
    screen.waits_for("code 1");
    for words in [
        "Lesson 02: ",
        " promise  `GET /` is a page with the button Pour Another.",
        "observed  status 500 ",
        "          > GET /",
        "  advice  Your app's log says why",
        "    read  book/src/step-02-memory-sessions.md",
        " others fail.",
        "`cargo course hint` helps",
    ] {
        screen.shows(words);
    }

    screen.types("clear; course diff\n");
    screen.waits_for("+++ ");
    screen.waits_for("Enter: src/main.rs (2 of 3)  q: enough");
    screen.types("q\n");
    screen.types("course hint\n");
    let hint = root().join("steps").join(STEP).join("lesson/hint-1.md");
    screen.waits_for(if hint.exists() {
        "Hint 1 of 3"
    } else {
        "lesson 02 has no hint yet"
    });

    // A save while a check runs: the one that runs would find what the first one found.
    screen.types("clear; course watch\n");
    screen.waits_for("Lesson 02: [");
    paste_the_reference(&learner);
    screen.waits_for("Lesson 02 holds: ");
    screen.waits_for("Next: lesson 03, ");
    screen.waits_for("h hint  d diff  r reset  n next  q quit");
    screen.never_shows("broken");
    assert!(learner.read(".course.toml").contains("done = [\"02\"]"));

    screen.types("r");
    screen.waits_for("begin lesson 02 anew? [y/N]");
    screen.types("n\n");
    screen.waits_for("Nothing has changed.");
    screen.types("n");
    screen.waits_for("goes on with your code.");
    assert!(learner.read(".course.toml").contains("lesson = \"03\""));
    assert_eq!(
        learner.read("src/visit.rs"),
        step(&format!("{STEP}/src/visit.rs"))
    );
    screen.types("q");
    screen.is_a_shell_again("q");

    // Without colours a line moves nothing, and begins where lines begin. A question takes
    // its own line alone, and Ctrl-C is no yes.
    screen.is_emptied();
    screen.types("NO_COLOR=1 course watch\n");
    screen.waits_for("Lesson 03:");
    screen.shows("\nlooking at it\n");
    screen.types("r");
    screen.waits_for("begin lesson 03 anew? [y/N]");
    screen.types("n\rn");
    screen.waits_for("Nothing has changed.");
    screen.types("h");
    screen.waits_for("Hint 1 of 3");
    screen.never_shows("lesson 03 is not done");
    screen.is_emptied();
    screen.types("r");
    screen.waits_for("begin lesson 03 anew? [y/N]");
    screen.types("\u{3}");
    screen.waits_for("Nothing has changed.");
    screen.is_a_shell_again("no answer");

    // Ctrl-C, too, leaves the terminal as it was, and so does the end that a system or
    // a closed window gives.
    screen.types("clear; course watch\n");
    screen.waits_for_one_of(&["building ", "Lesson 03: ["]);
    screen.types("\u{3}");
    screen.is_a_shell_again("ctrl-c");
    for signal in ["TERM", "HUP"] {
        let pid = learner.folder.path().join("pid");
        let watch = "exec course watch";
        screen.types(&format!(
            "clear; sh -c 'echo $$ >{}; {watch}'\n",
            pid.display()
        ));
        screen.waits_for_one_of(&["building ", "Lesson 03: ["]);
        let mut kill = Command::new("sh");
        kill.args(["-c", &format!("kill -{signal} $(cat {})", pid.display())]);
        assert!(kill.status().unwrap().success());
        screen.is_a_shell_again(signal);
    }
    screen.types("exit\n");
}

#[test]
fn a_yes_is_carried_out_and_what_it_replaces_is_kept() {
    const INDEX: &str = "templates/index.html";
    let learner = Learner::at("05");
    let screen = Screen::of(&learner, "answers.txt");
    let kept =
        |copy: &str, path: &str| fs::read_to_string(learner.folder.path().join(copy).join(path));

    // A template that is the learner's by now, and that the next lesson has another of.
    learner.write(INDEX, "{# mine #}\n");
    screen.types("course start 06\n");
    screen.waits_for(&format!(
        "{INDEX} is not as it was given. Replace yours? [y/N]"
    ));
    screen.types("y\n");
    screen.waits_for("`cargo course watch` checks each save.");
    let given = step(&format!("step-06-regeneration-and-expiry/{INDEX}"));
    assert_eq!(learner.read(INDEX), given);
    assert_eq!(kept("my-app.old-1", INDEX).unwrap(), "{# mine #}\n");

    learner.write("src/main.rs", "// mine\n");
    learner.write("src/own.rs", "// mine, too\n");
    let question = "write these as step-06 has them? [y/N]";
    screen.is_emptied();
    screen.types("course solve --write\n");
    screen.waits_for(question);
    screen.types("n\n");
    screen.waits_for("Nothing has changed.");
    assert_eq!(learner.read("src/main.rs"), "// mine\n");
    screen.is_emptied();
    screen.types("course solve --write\n");
    screen.waits_for(question);
    screen.types("y\n");
    screen.waits_for("Written, as step-06 has them.");
    assert_eq!(kept("my-app.old-2", "src/main.rs").unwrap(), "// mine\n");
    assert_eq!(learner.read("src/own.rs"), "// mine, too\n");
    screen.types("course solve\n");
    screen.waits_for("All of it is as in the reference.");

    learner.write("src/main.rs", "// mine again\n");
    screen.types("course reset\n");
    screen.waits_for("begin lesson 06 anew? [y/N]");
    screen.types("yes\n");
    screen.waits_for("begins anew with the code of step-05.");
    for (path, text) in [
        ("src/main.rs", "// mine again\n"),
        ("src/own.rs", "// mine, too\n"),
    ] {
        assert_eq!(kept("my-app.old-3", path).unwrap(), text);
    }
    assert!(!learner.has("src/own.rs"));
    assert_ne!(learner.read("src/main.rs"), "// mine again\n");
    screen.types("exit\n");
}

fn paste_the_reference(learner: &Learner) {
    let folder = root().join("steps").join(STEP).join("src");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        learner.write(&format!("src/{name}"), &fs::read_to_string(&path).unwrap());
    }
}

/// A dependency of the learner's own that asks for what the whole workspace asks for,
/// where that is built already: then my-app finds its dependencies built.
fn with_the_workspaces_features(learner: &Learner) {
    if env::var_os("COURSE_WHOLE").is_none() {
        return;
    }
    let course = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let course: DocumentMut = course.parse().unwrap();
    let all = course["workspace"]["dependencies"]
        .as_table()
        .unwrap()
        .iter();
    let others = all.filter(|(_, what)| what.get("path").is_none());
    let others: Vec<String> = others
        .map(|(name, what)| format!("{name} = {}", value(what)))
        .collect();
    let others = others.join("\n");
    let together = "[package]\nname = \"together\"\nedition = \"2024\"\n\n[dependencies]\n";
    learner.write("together/Cargo.toml", &format!("{together}{others}"));
    learner.write("together/src/lib.rs", "");
    let mut manifest: DocumentMut = learner.read("Cargo.toml").parse().unwrap();
    manifest["dependencies"]["together"]["path"] = toml_edit::value("together");
    learner.write("Cargo.toml", &manifest.to_string());
}

fn value(what: &Item) -> String {
    what.as_value()
        .unwrap()
        .clone()
        .decorated("", "")
        .to_string()
}

/// A terminal of 80 columns with a shell in it.
struct Screen {
    socket: PathBuf,
    /// For people, and for what was on the screen when a test fails.
    record: PathBuf,
}

impl Screen {
    fn of(learner: &Learner, record: &str) -> Self {
        let folder = learner.folder.path();
        let target = Path::new(env!("CARGO_BIN_EXE_course")).ancestors().nth(2);
        let screen = Self {
            socket: folder.join("tmux"),
            record: target.unwrap().join(record),
        };
        // `course` is this build's, and what it says is not in another language.
        let program = Path::new(env!("CARGO_BIN_EXE_course"));
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::split_paths(&path);
        let path = [program.parent().unwrap().to_owned()]
            .into_iter()
            .chain(path);
        let tmux = Command::new("tmux")
            .arg("-S")
            .arg(&screen.socket)
            .args([
                "-f",
                "/dev/null",
                "new-session",
                "-d",
                "-x",
                "80",
                "-y",
                "50",
            ])
            .arg("env PS1='$ ' sh")
            .current_dir(root())
            .env("PATH", env::join_paths(path).unwrap())
            .env("COURSE_MY_APP", learner.app())
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX")
            .env_remove("NO_COLOR")
            .status()
            .unwrap_or_else(|error| panic!("tmux: {error}; apt-get install tmux"));
        assert!(tmux.success(), "tmux does not start");
        screen
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut tmux = Command::new("tmux");
        let output = tmux.arg("-S").arg(&self.socket).args(arguments).output();
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    }

    fn types(&self, keys: &str) {
        let (text, enter) = match keys.strip_suffix('\n') {
            Some(text) => (text, true),
            None => (keys, false),
        };
        self.tmux(&["send-keys", "-l", text]);
        if enter {
            self.tmux(&["send-keys", "Enter"]);
        }
    }

    /// Of all that was there, above it, too. The shell waits meanwhile.
    fn is_emptied(&self) {
        self.tmux(&["send-keys", "-R", ";", "clear-history"]);
    }

    /// What is on the screen, and what has left it at the top.
    fn text(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-S", "-"])
    }

    #[track_caller]
    fn waits_for(&self, words: &str) {
        self.waits_for_one_of(&[words]);
    }

    #[track_caller]
    fn waits_for_one_of(&self, words: &[&str]) {
        let start = Instant::now();
        while !words.iter().any(|words| self.text().contains(words)) {
            assert!(start.elapsed() < HANG, "no {words:?}:\n{}", self.text());
            thread::sleep(Duration::from_millis(100));
        }
        self.record();
    }

    #[track_caller]
    fn shows(&self, words: &str) {
        let text = self.text();
        assert!(text.contains(words), "no `{words}`:\n{text}");
    }

    /// Not since it was cleared.
    #[track_caller]
    fn never_shows(&self, words: &str) {
        let screen = self.tmux(&["capture-pane", "-p"]);
        assert!(!screen.contains(words), "`{words}`:\n{screen}");
    }

    /// What is typed is shown, and a line is taken at Enter.
    #[track_caller]
    fn is_a_shell_again(&self, after: &str) {
        let start = Instant::now();
        let program = || self.tmux(&["display-message", "-p", "#{pane_current_command}"]);
        while program().trim() != "sh" {
            assert!(start.elapsed() < HANG, "still {}", program());
            thread::sleep(Duration::from_millis(100));
        }
        self.types(&format!(
            "stty -a | grep -ow icanon && echo as before {after}\n"
        ));
        self.waits_for(&format!("icanon\nas before {after}"));
    }

    fn record(&self) {
        let text = self.text();
        let text = text.trim_end().to_owned() + "\n";
        let _ = fs::write(&self.record, text);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // With all that runs in it.
        self.tmux(&["kill-server"]);
    }
}
