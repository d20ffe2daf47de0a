//! `check`: builds my-app, and has a lesson's checks judge it.

use super::{
    Course,
    bar::Bar,
    build::{self, Built},
    job::{self, Cancel, Ended},
    lessons::Lesson,
    my_app::{MyApp, State},
    progress,
    report::Report,
    terminal::{good, page, say},
};
use std::{
    net::{TcpStream, ToSocketAddrs},
    path::PathBuf,
    process::Command,
    time::Duration,
};
use tempfile::TempDir;
use url::Url;

/// What is judged, and by which checks.
#[derive(Debug, Clone)]
pub struct Order {
    root: PathBuf,
    app: MyApp,
    /// The lesson's number, and its step's folder.
    lesson: String,
    folder: String,
    /// A stretch exercise alone.
    stretch: Option<String>,
    /// A server that somebody runs, in the place of my-app.
    url: Option<String>,
}

/// How it ended.
#[derive(Debug)]
pub enum Outcome {
    /// With what cargo said.
    DoesNotCompile(String),
    Judged(Report),
    Cancelled,
}

/// The arguments of `check`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked<'a> {
    lesson: Option<&'a str>,
    stretch: Option<&'a str>,
    url: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn read(arguments: &[&'a str]) -> Result<Asked<'a>, String> {
        let mut asked = Asked::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let place = match *argument {
                "--url" => {
                    let url = arguments.next().ok_or("course: --url takes http://…")?;
                    asked.url = Some(url);
                    continue;
                }
                option if option.starts_with('-') => {
                    return Err(format!("course: check has no `{option}`"));
                }
                number if number.starts_with(|c: char| c.is_ascii_digit()) => &mut asked.lesson,
                number if number.starts_with("step-") => &mut asked.lesson,
                _ => &mut asked.stretch,
            };
            if place.replace(argument).is_some() {
                return Err(format!(
                    "course: check takes one lesson, what is `{argument}`?"
                ));
            }
        }
        Ok(asked)
    }
}

impl Order {
    /// The lesson that my-app is at, as it is.
    pub fn of_my_app(course: &Course) -> Result<Order, String> {
        Order::read(course, &[])
    }

    pub fn read(course: &Course, arguments: &[&str]) -> Result<Order, String> {
        let asked = Asked::read(arguments)?;
        let lesson = match asked.lesson {
            Some(number) => course.lesson(number)?,
            None if asked.url.is_some() && course.app.state() != State::App => {
                return Err("course: which lesson? `cargo course check 02 --url …`".to_owned());
            }
            None => course.current()?.0,
        };
        if let Some(name) = asked.stretch {
            super::stretch::find(&lesson, name)?;
        }
        match asked.url {
            Some(url) => expect_an_answer(url)?,
            None => course.expect_app()?,
        }
        Ok(Order {
            root: course.root.clone(),
            app: course.app.clone(),
            lesson: lesson.number().to_owned(),
            folder: lesson.step.folder.clone(),
            stretch: asked.stretch.map(str::to_owned),
            url: asked.url.map(str::to_owned),
        })
    }

    /// `Lesson 02`, for people.
    fn what(&self) -> String {
        match &self.stretch {
            Some(name) => format!("Stretch exercise {name}"),
            None => format!("Lesson {}", self.lesson),
        }
    }
}

/// Builds and judges. Whoever cancels it ends all that it has started.
pub fn judge(order: &Order, bar: &Bar, cancel: &Cancel) -> Result<Outcome, String> {
    let outcome = build_and_judge(order, bar, cancel);
    bar.end();
    outcome
}

fn build_and_judge(order: &Order, bar: &Bar, cancel: &Cancel) -> Result<Outcome, String> {
    let program = match order.url {
        Some(_) => None,
        None => match build::my_app(&order.app, bar, cancel)? {
            Built::Program(program) => Some(program),
            Built::Not(why) => return Ok(Outcome::DoesNotCompile(why)),
            Built::Cancelled => return Ok(Outcome::Cancelled),
        },
    };
    let checks = match build::checks(&order.root, &order.folder, bar, cancel)? {
        Built::Program(checks) => checks,
        Built::Not(why) => {
            return Err(format!(
                "{why}course: the checks do not build; is steps/ as it was?"
            ));
        }
        Built::Cancelled => return Ok(Outcome::Cancelled),
    };

    // Of whatever the checks leave behind when they are ended.
    let scratch = scratch().map_err(|error| format!("course: {error}"))?;
    let mut command = Command::new(checks);
    command.current_dir(order.root.join("steps").join(&order.folder));
    for variable in ["COURSE_APP", "COURSE_URL", "COURSE_STRETCH", "COURSE_BLESS"] {
        command.env_remove(variable);
    }
    for variable in ["TMPDIR", "TMP", "TEMP"] {
        command.env(variable, scratch.path());
    }
    command.env("COURSE_REPORT", "1");
    command.envs(program.map(|program| ("COURSE_APP", program)));
    command.envs(order.url.as_ref().map(|url| ("COURSE_URL", url)));
    command.envs(order.stretch.as_ref().map(|name| ("COURSE_STRETCH", name)));

    let mut report = Report::default();
    bar.begin("looking at it");
    let ended = job::run(&mut command, cancel, |line| {
        let begun = report.total.is_some();
        if report.read(line) {
            bar.part_is_done();
        }
        if let (false, Some(total)) = (begun, report.total) {
            bar.begin_parts(&format!("{}:", order.what()), total);
        }
    });
    match ended.map_err(|error| format!("course: {error}"))? {
        Ended::Cancelled => Ok(Outcome::Cancelled),
        Ended::Badly(why) => Err(format!("{why}course: the checks ended early")),
        Ended::Well if !report.is_whole() => Err("course: the checks ended early".to_owned()),
        Ended::Well => Ok(Outcome::Judged(report)),
    }
}

fn scratch() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    // Started by root, MariaDB is another user, who has to get through.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711));
    builder.prefix("course-").tempdir()
}

/// Says how it ended, and keeps what was reached. `true`: all holds.
pub fn tell(course: &Course, order: &Order, outcome: &Outcome) -> Result<bool, String> {
    let report = match outcome {
        Outcome::DoesNotCompile(why) => {
            eprint!("{why}");
            say("my-app does not compile: mend that, then `cargo course check`");
            return Ok(false);
        }
        Outcome::Cancelled => return Err("course: interrupted".to_owned()),
        Outcome::Judged(report) => report,
    };
    if !report.holds() {
        say(&report.tell_broken(&order.what()));
        if report.has_judged() {
            say(match order.stretch {
                Some(_) => "`cargo course stretch NAME` has the task, and a hint at its end.",
                None => "`cargo course hint` helps, `cargo course task` has the task.",
            });
        }
        return Ok(false);
    }
    let held = report.held();
    let promises = if held == 1 { "promise" } else { "promises" };
    if report.misses_a_server() {
        let what = order.what();
        say(&format!(
            "{what} is not done yet. So far it keeps {held} {promises}."
        ));
        say(&report.tell_not_judged());
        return Ok(false);
    }
    say(&good(&format!("{} holds: {held} {promises}.", order.what())).to_string());
    let not_judged = report.tell_not_judged();
    if !not_judged.is_empty() {
        say(&not_judged);
    }
    // Who judges another server has no app, or it is at another place.
    if order.url.is_none() {
        let lesson = course.lesson(&order.lesson)?;
        match &order.stretch {
            Some(name) => solved(course, &lesson, name)?,
            None => passed(course, &lesson)?,
        }
    }
    Ok(true)
}

fn passed(course: &Course, lesson: &Lesson<'_>) -> Result<(), String> {
    let mut progress = course.progress()?.unwrap_or_default();
    let first = progress.done.insert(lesson.number().to_owned());
    course.save(&progress)?;
    match lesson.text("passed.md") {
        Some(text) if first => say(&format!("\n{}", page(text))),
        Some(_) => say(&format!("What it was about: {}", lesson.path("passed.md"))),
        None => {}
    }
    say("");
    if !lesson.stretch().is_empty() {
        say("`cargo course stretch` has more to do for this lesson.");
    }
    match course.after(lesson) {
        Some(next) => say(&format!(
            "Next: {}: `cargo course next`",
            super::list::about(&next)
        )),
        None => say("That was the last lesson."),
    }
    Ok(())
}

fn solved(course: &Course, lesson: &Lesson<'_>, name: &str) -> Result<(), String> {
    let mut progress = course.progress()?.unwrap_or_default();
    progress
        .stretch
        .insert(progress::exercise(lesson.number(), name));
    course.save(&progress)
}

/// A server that is not there would fail every check.
fn expect_an_answer(url: &str) -> Result<(), String> {
    let parsed = Url::parse(url)
        .ok()
        .filter(|url| url.scheme() == "http" && url.has_host());
    let parsed = parsed.ok_or_else(|| format!("course: `{url}` is no address; --url http://…"))?;
    let complaint = || format!("course: no server answers at {url}; start it and try again");
    let host = parsed
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']']);
    let port = parsed.port_or_known_default().unwrap_or(80);
    let mut addresses = (host, port).to_socket_addrs().map_err(|_| complaint())?;
    let limit = Duration::from_secs(5);
    let answers = addresses.any(|address| TcpStream::connect_timeout(&address, limit).is_ok());
    if answers { Ok(()) } else { Err(complaint()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::{progress::Progress, report, test_root, test_steps};

    #[test]
    fn a_lesson_is_done_once_all_its_servers_were_there() {
        let root = test_root();
        let folder = tempfile::tempdir().unwrap();
        let course = Course {
            app: MyApp::at(folder.path().to_owned(), &root),
            steps: test_steps(),
            root,
        };
        let progress = Progress {
            lesson: "03".to_owned(),
            ..Progress::default()
        };
        course.save(&progress).unwrap();
        let order = Order {
            root: course.root.clone(),
            app: course.app.clone(),
            lesson: "03".to_owned(),
            folder: "step-03-redis-store".to_owned(),
            stretch: None,
            url: None,
        };
        let ends = |not_judged: &str| {
            let not_judged =
                format!(r#"{{"name":"b","verdict":"not judged","reason":"needs {not_judged}"}}"#);
            let lines = [r#"{"name":"a","verdict":"held"}"#, &not_judged];
            let outcome = Outcome::Judged(report::tests::report(&lines));
            let holds = tell(&course, &order, &outcome).unwrap();
            (holds, course.progress().unwrap().unwrap().done.len())
        };
        assert_eq!(ends("redis-server"), (false, 0));
        assert_eq!(ends("Chromium"), (true, 1));
    }

    #[test]
    fn a_lesson_an_exercise_and_an_address_come_in_any_order() {
        let all = Asked {
            lesson: Some("02"),
            stretch: Some("per-tab"),
            url: Some("http://x"),
        };
        for line in ["02 per-tab --url http://x", "--url http://x per-tab 02"] {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(Asked::read(&words).as_ref(), Ok(&all), "{line}");
        }
        assert_eq!(Asked::read(&[]), Ok(Asked::default()));
        for wrong in [&["--url"][..], &["02", "03"], &["a", "b"], &["--fast"]] {
            assert!(Asked::read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_address_at_which_nobody_answers_is_refused() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(
            expect_an_answer(&format!("http://127.0.0.1:{port}/")),
            Ok(())
        );
        drop(listener);
        let nobody = expect_an_answer(&format!("http://127.0.0.1:{port}"));
        assert!(nobody.unwrap_err().contains("no server answers at"));
        for wrong in ["localhost:3000", "https://localhost", "x", ""] {
            let refused = expect_an_answer(wrong).unwrap_err();
            assert!(refused.contains("is no address"), "{refused}");
        }
    }
}
