//! `cargo course bench`: what sessions cost. `GET /count`, which reads a session and
//! writes it, in our steps, in Express and in actix-web, and a bare handler, which does
//! one GET and one SET: under the same load in turn, on a Redis of their own. The ratios
//! are what carries to other machines.

mod apps;
mod load;
mod memory;
mod redis;
mod report;
mod runs;

use apps::{Ready, Setting};
use checks::servers::{self, Redis, Server};
use load::Load;
use report::{Figures, Report};
use runs::{App, Runs};
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

const ROUNDS: usize = 11;

/// What the book draws.
const RECORD: &str = "book/bench.toml";

/// What was asked for.
pub struct Options {
    pub rounds: usize,
    /// Whether the figures go to the book.
    pub record: bool,
}

impl Options {
    /// The error is one line.
    pub fn parse(arguments: &[&str]) -> Result<Options, String> {
        let mut options = Options {
            rounds: ROUNDS,
            record: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match *argument {
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
}

/// The report, when it is done: some minutes for the first build, then two and a half.
pub fn run(root: &Path, options: &Options) -> Result<String, String> {
    load::find_wrk()?;
    if Server::Redis.program().is_none() {
        return Err("course: no redis-server; `cargo course up --programs redis`".to_owned());
    }
    let Ready { apps, missing } = apps::prepare(root)?;
    for why in &missing {
        eprintln!("{why}");
    }
    if options.record && !missing.is_empty() {
        return Err("course: nothing to record while one of them is left out".to_owned());
    }

    let data = tempfile::tempdir().map_err(|error| format!("course: {error}"))?;
    let port = servers::free_ports(1)?[0];
    let mut command = Server::Redis.command(port, data.path())?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let _server = Runs::start(&mut command, || Server::Redis.answers(address))?;
    let mut redis = Redis::connect(address)?;

    let (mut running, mut loads) = (Vec::new(), Vec::new());
    let mut record_bytes = String::new();
    for (database, app) in apps.into_iter().enumerate() {
        let setting = Setting {
            redis: format!("{}/{database}", Server::Redis.url(port)),
            folder: data.path(),
            record_bytes: &record_bytes,
        };
        let started = App::start(&mut app.command(&setting))?;
        let mut cookie = None;
        if app.has_session() {
            cookie = Some(load::cookie(&app.name, started.address)?);
        }
        if record_bytes.is_empty() {
            record_bytes = redis::size_of_the_record(&mut redis)?;
        }
        loads.push(Load::new(app.name, started.address, cookie));
        running.push(started);
    }
    measure(&mut loads, &mut redis, options.rounds)?;

    let mut figures = Vec::new();
    for (load, app) in loads.into_iter().zip(&running) {
        figures.push(Figures {
            load,
            memory: memory::of(app.process()),
        });
    }
    let report = Report {
        figures,
        rounds: options.rounds,
        record_bytes,
        cores: apps::cores(),
        missing,
    };
    if options.record {
        let path = root.join(RECORD);
        let written = fs::write(&path, report.record()?.to_string());
        written.map_err(|error| format!("course: {RECORD}: {error}"))?;
    }
    Ok(report.to_string())
}

/// In turn and in short rounds, so that a neighbour's load meets all of them; each
/// second round backwards, so that none is always the one after another.
fn measure(loads: &mut [Load], redis: &mut Redis, rounds: usize) -> Result<(), String> {
    for load in loads.iter_mut() {
        // Once unmeasured: connections, caches, the compiler of Node.
        load.run(redis)?;
        load.forget();
    }
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for load in loads.iter_mut() {
            load.run(redis)?;
        }
        loads.reverse();
    }
    if rounds % 2 == 1 {
        loads.reverse();
    }
    Ok(())
}
