//! `cargo course`: what there is to do with the course. Each command is a
//! module of its own.

mod bench;
mod book;
mod capacity;
mod carry;
mod learn;
mod matrix;
mod package;
mod peek;
mod services;

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

const HELP: &str = "\
cargo course                     where am I: the lessons, those done, the next
cargo course start LESSON        begins a lesson, such as 03, in my-app with the
                                 step before it, or with your code once there is
                                 some (with --fresh: puts that aside first)
cargo course task                the task of the lesson that my-app is at
cargo course check [LESSON]      builds my-app, and the lesson's checks judge it
                                 (with --url URL: a server, in any language)
cargo course check NAME          the same with the check of a stretch exercise
cargo course watch               checks on every save, and takes single keys
cargo course hint                one more hint, of three
cargo course diff [FILE]         yours against the reference, a file at a time
cargo course solve [FILE]        the way from yours to the reference (with
                                 --write: goes it, and keeps a copy of yours)
cargo course stretch [NAME]      the lesson's stretch exercises, or the task of
                                 one
cargo course reset               begins the lesson anew, with a copy of yours
cargo course next                goes on with the next lesson

  COURSE_MY_APP=/a/folder has your app there, not in my-app

cargo course up [SERVER]...      finds or starts the servers that steps need:
                                 redis, mongo, mysql; without a name, all three
cargo course up cluster          two copies of step 08 behind a proxy, on a
                                 Redis Cluster and a replica set; `down` stops
                                 them, too
cargo course up --programs       finds or installs all their programs, no more
cargo course down [SERVER]...    stops what `up` started, and nothing else
cargo course status [SERVER]...  what runs where, and whose it is
cargo course peek STORE [ID]     the sessions in a store: redis, mongo or sql;
                                 with an ID, that one in full
cargo course attack TARGET       which attacks get in: at a step such as step-05
                                 (with --variant NAME or --store NAME), a crate,
                                 a program, or a server that runs, http://…
cargo course soak TARGET         64 browsers for ten minutes, while the app is
                                 killed and its store paused: does all hold?
                                 (with --minutes N, --store NAME, --users NAME)
cargo course failover            64 browsers on step 08 as many, while a master,
                                 a primary and the copies are killed or replaced
                                 (with --sessions redis or mongodb)
cargo course https [APP_PORT]    https://localhost:3443 in front of the app on
                                 that port, else 3000 (with --port PORT)
cargo course bench [stores]      what sessions cost, under load, beside Express
                                 and actix-web, or on each of the stores (with
                                 --rounds N; --record: for the book)
cargo course capacity            what 1, 10 and 100 million live sessions need,
                                 or --sessions N, with --visits-per-hour X and
                                 more; --measure measures one session anew
cargo course book                builds the book and says where it is (with --to
                                 FOLDER: an offline copy there)
cargo course matrix              shows which step keeps which promise
cargo course matrix --markdown   the same, as the README has it
cargo course carry STEP          carries the uncommitted changes of a step, such
                                 as step-01, to all later steps
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["--help" | "-h" | "help"] => Ok(HELP.to_owned()),
        [] => return with_root(|root| learn::run(root, &[])),
        [command, ..] if learn::COMMANDS.contains(command) => {
            return with_root(|root| learn::run(root, &arguments));
        }
        ["up", servers @ ..] => root().and_then(|root| services::up(&root, servers)),
        ["down", servers @ ..] => root().and_then(|root| services::down(&root, servers)),
        ["status", servers @ ..] => root().and_then(|root| services::status(&root, servers)),
        ["peek", arguments @ ..] => return with_root(|root| peek::run(root, arguments)),
        ["capacity", arguments @ ..] => return with_root(|root| capacity::run(root, arguments)),
        [package @ ("attack" | "https" | "soak"), arguments @ ..] => {
            return with_root(|root| package::run(root, package, arguments));
        }
        ["failover", arguments @ ..] => {
            return with_root(|root| package::run_program(root, "soak", "failover", arguments));
        }
        ["bench", arguments @ ..] => {
            bench::Options::parse(arguments).and_then(|options| bench::run(&root()?, &options))
        }
        ["book"] => root().and_then(|root| book::run(&root, None)),
        ["book", "--to", folder] => root().and_then(|root| book::run(&root, Some(folder))),
        ["matrix"] => root().and_then(|root| matrix::run(&root)),
        ["matrix", "--markdown"] => root().and_then(|root| matrix::run_markdown(&root)),
        ["carry", step] => root().and_then(|root| carry::run(&root, step)),
        unknown => {
            let unknown = unknown.join(" ");
            eprintln!("course: no command `{unknown}`; see `cargo course --help`");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(report) => {
            // Whoever reads may stop early, as `head` does.
            let _ = io::stdout().write_all(report.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn with_root(run: impl FnOnce(&Path) -> ExitCode) -> ExitCode {
    match root() {
        Ok(root) => run(&root),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The course's repository: the folder around the working directory that holds
/// the steps. A learner's app may be elsewhere: around that it is where this program
/// comes from.
fn root() -> Result<PathBuf, String> {
    let here = env::current_dir().map_err(|error| error.to_string())?;
    let is_root = |folder: &&Path| folder.join("steps").is_dir();
    let around = here.ancestors().find(is_root);
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let ours = ours.filter(|root| is_root(root) && learn::around(&here).is_some());
    let root = around.or(ours).map(Path::to_owned);
    root.ok_or_else(|| "course: run this inside of the course's repository".to_owned())
}
