//! `check`: a lesson's own checks judge apps that work, that do not, and that somebody
//! else runs. Lesson 00 is the lightest.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod learner;

use learner::{Learner, stderr};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// An app without the course's crates, which compiles in no time.
const MANIFEST: &str = "[package]\nname = \"my-app\"\nedition = \"2024\"\n\n[workspace]\n";

fn with_app(main: &str) -> Learner {
    let learner = Learner::at("00");
    learner.write("Cargo.toml", MANIFEST);
    learner.write("src/main.rs", main);
    learner
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn what_does_not_compile_is_shown_as_cargo_says_it_and_in_one_line() {
    let learner = with_app("fn main() { let beers: u8 = \"two\"; }\n");
    let output = learner.course(&["check"]);
    let complaint = stderr(&output);
    for words in ["error[E0308]", "main.rs:1", "could not compile `my-app`"] {
        assert!(complaint.contains(words), "{complaint}");
    }
    let line = "my-app does not compile: mend that, then `cargo course check`\n";
    assert_eq!(told(&output), line);
    assert_eq!(output.status.code(), Some(1));
}

/// It wants one port, whatever PORT says, and somebody else has it.
#[test]
fn a_port_that_is_taken_is_told_with_a_way_on() {
    let main = r#"
fn main() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap();
    match std::net::TcpListener::bind(port) {
        Ok(_) => println!("listening on http://{port}"),
        Err(error) => {
            eprintln!("{port}: {error}");
            std::process::exit(1);
        }
    }
}
"#;
    let learner = with_app(main);
    let output = learner.course(&["check"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told = told(&output);
    for words in [
        "Lesson 00: 0 hold, ",
        "expected  the first line on stdout is `listening on http://…`",
        "  advice  A port is taken.",
        "    read  book/src/step-00-beer-demo.md",
        " others fail.",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(
        told.lines().all(|line| line.chars().count() <= 80),
        "{told}"
    );
    assert!(learner.read(".course.toml").contains("done = []"));
}

#[test]
fn a_server_that_somebody_runs_is_judged_by_its_url() {
    let learner = Learner::new();
    // The lesson's checks are built with the step's own program beside them.
    let server = Server::start(&learner);
    let output = learner.course(&["check", "00", "--url", &server.url]);
    let told = told(&output);
    assert!(output.status.success(), "{told}{}", stderr(&output));
    assert!(told.starts_with("Lesson 00 holds: "), "{told}");
    assert!(
        told.contains(" not judged: needs a process of its own"),
        "{told}"
    );
    assert!(!learner.has(""), "nobody has an app here");
    // It has no such exercise solved.
    let output = learner.course(&["check", "00", "json-for-programs", "--url", &server.url]);
    let told = self::told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}{}", stderr(&output));
    assert!(
        told.contains("Stretch exercise json-for-programs: 0 hold, 1 broken"),
        "{told}"
    );
    assert!(told.contains("          < 200 OK\n"), "{told}");
}

/// Step 00's own program.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(learner: &Learner) -> Self {
        let program = built("step-00");
        if !program.exists() {
            // Whoever tests this crate alone: the checks' build makes it.
            with_app("fn main() {}").course(&["check"]);
        }
        let mut child = Command::new(&program)
            .current_dir(learner.folder.path())
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = BufReader::new(child.stdout.take().unwrap()).read_line(&mut line);
        stdout.unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .to_owned();
        Self { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program of the workspace's, beside ours.
fn built(name: &str) -> PathBuf {
    let ours = Path::new(env!("CARGO_BIN_EXE_course"));
    let program = ours.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX));
    fs::canonicalize(&program).unwrap_or(program)
}
