//! `cargo course bench`: what sessions cost. `GET /count`, which reads a session and
//! writes it, in our steps, in Express and in actix-web, and a bare handler, which does
//! one GET and one SET: under the same load in turn, on a Redis of their own. The ratios
//! are what carries to other machines.
//!
//! `cargo course bench stores`: one step of ours on each of the stores, in the same way.

mod apps;
mod below;
mod load;
mod memory;
mod report;
mod runs;

use apps::{Ready, Setting, Store};
use below::Below;
use checks::servers::Server;
use load::Load;
use report::{Figures, Report};
use runs::App;
use std::{fs, path::Path};

const ROUNDS: usize = 11;

/// So many sessions are begun to see how the process grows that holds them, or as many
/// as there is time for.
const SESSIONS: f64 = 100_000.0;

/// What was asked for.
pub struct Options {
    /// Our stores, in the place of ours and others' apps.
    pub stores: bool,
    pub rounds: usize,
    /// Whether the figures go to the book.
    pub record: bool,
}

impl Options {
    /// The error is one line.
    pub fn parse(arguments: &[&str]) -> Result<Options, String> {
        let mut options = Options {
            stores: false,
            rounds: ROUNDS,
            record: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match *argument {
                "stores" => options.stores = true,
                "--record" => options.record = true,
                "--rounds" => {
                    let rounds = arguments.next().and_then(|rounds| rounds.parse().ok());
                    let rounds = rounds.filter(|rounds| (1..=1000).contains(rounds));
                    options.rounds = rounds.ok_or("course: --rounds takes a number, 1 to 1000")?;
                }
                other => return Err(format!("course: bench has no `{other}`")),
            }
        }
        Ok(options)
    }

    /// What the book draws.
    fn file(&self) -> &'static str {
        if self.stores {
            "book/stores.toml"
        } else {
            "book/bench.toml"
        }
    }

    fn expect_servers(&self) -> Result<(), String> {
        let missing = |server: Server| match server.program() {
            Some(_) => Ok(()),
            None => Err(format!(
                "course: no {}; `cargo course up --programs {}`",
                server.program_names()[0],
                server.name()
            )),
        };
        missing(Server::Redis)?;
        if self.stores {
            missing(Server::Mongo)
        } else {
            Ok(())
        }
    }
}

/// The report, when it is done: some minutes for the first build, then two and a half.
pub fn run(root: &Path, options: &Options) -> Result<String, String> {
    load::find_wrk()?;
    options.expect_servers()?;
    let ready = if options.stores {
        apps::prepare_stores(root)
    } else {
        apps::prepare(root)
    };
    let Ready { apps, missing } = ready?;
    for why in &missing {
        eprintln!("{why}");
    }
    if options.record && !missing.is_empty() {
        return Err("course: nothing to record while one of them is left out".to_owned());
    }

    let mut below = Below::start(options.stores)?;
    let (mut running, mut loads) = (Vec::new(), Vec::new());
    let mut record_bytes = String::new();
    for (database, app) in apps.into_iter().enumerate() {
        let setting = Setting {
            redis: below.redis(database),
            mongo: below.mongo(),
            folder: below.folder(),
            record_bytes: &record_bytes,
        };
        let started = App::start(&mut app.command(&setting))?;
        let mut cookie = None;
        if app.has_session() {
            cookie = Some(load::cookie(&app.name, started.address)?);
        }
        if record_bytes.is_empty() {
            record_bytes = below.size_of_the_record()?;
        }
        let holder = app.store.and_then(|store| match store {
            Store::Redis => Some(below.redis_process()),
            Store::Mongo => below.mongo_process(),
            Store::Memory => Some(started.process()),
        });
        loads.push(Load::new(app.name, started.address, cookie));
        running.push((started, holder));
    }
    measure(&mut loads, &mut below, options.rounds)?;

    let mut figures = Vec::new();
    for (load, (app, holder)) in loads.into_iter().zip(&running) {
        figures.push(Figures {
            memory: memory::of(app.process()),
            session_bytes: match holder {
                Some(holder) => bytes_a_session(&load, *holder, &mut below)?,
                None => None,
            },
            load,
        });
    }
    let report = Report {
        stores: options.stores,
        figures,
        rounds: options.rounds,
        record_bytes,
        cores: apps::cores(),
        missing,
    };
    if options.record {
        let record = options.file();
        let written = fs::write(root.join(record), report.record()?.to_string());
        written.map_err(|error| format!("course: {record}: {error}"))?;
    }
    Ok(report.to_string())
}

/// In turn and in short rounds, so that a neighbour's load meets all of them; each
/// second round backwards, so that none is always the one after another.
fn measure(loads: &mut [Load], below: &mut Below, rounds: usize) -> Result<(), String> {
    for load in loads.iter_mut() {
        // Once unmeasured: connections, caches, the compiler of Node.
        load.run(below)?;
        load.forget();
    }
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for load in loads.iter_mut() {
            load.run(below)?;
        }
        loads.reverse();
    }
    if rounds % 2 == 1 {
        loads.reverse();
    }
    Ok(())
}

/// By how much the process that holds the sessions grows with each that is begun. None
/// without `ps`.
fn bytes_a_session(load: &Load, holder: u32, below: &mut Below) -> Result<Option<f64>, String> {
    const ROUNDS: usize = 20;
    eprintln!("beginning sessions: {}", load.name);
    let mut strangers = load.of_strangers();
    // Once unmeasured: what the process needs whenever sessions are begun.
    strangers.run(below)?;
    strangers.forget();
    let before = memory::of(holder);
    while strangers.requests() < SESSIONS && strangers.rounds.len() < ROUNDS {
        strangers.run(below)?;
    }
    let grown = memory::of(holder)
        .zip(before)
        .map(|(after, before)| after - before);
    Ok(grown.map(|megabytes| megabytes * 1024.0 * 1024.0 / strangers.requests()))
}
