//! The measurement: real servers of its own, a step's program, and browsers that make
//! sessions over HTTP.

mod costs;
mod mongo;
mod redis;
mod server;
mod stage;

use crate::recorded::{Recorded, Size, Store, Users};
use checks::{Course, Stop, Target, store::Kind};
use costs::Costs;
use server::Holds;
use stage::Stage;
use std::{fs, path::Path, thread, time::Duration};

const STEP: &str = "step-07";
const FOLDER: &str = "steps/step-07-practical-example";

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Sessions of each kind. Redis doubles its tables whenever they are full: three
    /// quarters of a power of two stand for any other number.
    pub sessions: u32,
    /// Each has a password of their own, and so a digest in their sessions.
    pub users: u32,
    /// Of each kind.
    pub requests: u32,
    /// For how long a server is asked as much as it can answer, three times.
    pub rush: Duration,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            sessions: 3072,
            users: 48,
            requests: 500,
            rush: Duration::from_secs(3),
        }
    }
}

/// Measures, and tells what comes next: some minutes. What is not built is built.
///
/// # Errors
///
/// One line.
pub fn run(plan: Plan, tell: impl Fn(&str)) -> Result<Recorded, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    tell("building step 07");
    let course = Target::app(Path::new(FOLDER)).and_then(|app| Course::of_step(STEP, app))?;
    runtime
        .block_on(measure(&course, plan, tell))
        .map_err(|stop| tell_of(&stop))
}

/// Without the exchanges that a broken promise brings, which have cookies in them.
fn tell_of(stop: &Stop) -> String {
    match stop {
        Stop::Broken(broken) => format!("{}: {}", broken.promise, broken.observed),
        stop => stop.to_string().trim_end().to_owned(),
    }
}

async fn measure(course: &Course, plan: Plan, tell: impl Fn(&str)) -> Result<Recorded, Stop> {
    tell("sessions in Redis");
    let (redis, users) = store(course, Kind::Redis, plan).await?;
    tell("sessions in MongoDB");
    let (mongodb, _) = store(course, Kind::Mongodb, plan).await?;
    let cores = thread::available_parallelism()?.get();
    Ok(Recorded {
        command: "cargo course capacity --measure".to_owned(),
        step: STEP.to_owned(),
        processor: processor(),
        cores: cores.try_into().map_err(Stop::harness)?,
        sessions: plan.sessions,
        users,
        redis,
        mongodb,
    })
}

/// All that is measured of one store, and of the users' database beside it.
async fn store(course: &Course, kind: Kind, plan: Plan) -> Result<(Store, Users), Stop> {
    let mut strangers = Stage::open(course, kind).await?;
    strangers.begin(1).await?;
    let before = strangers.server.holds().await?;
    strangers.begin(plan.sessions - before.records).await?;
    let anonymous = size(&mut strangers, &before).await?;
    drop(strangers);

    let mut stage = Stage::open(course, kind).await?;
    let hash_seconds = stage.register(plan.users).await?;
    // Whatever is done for the first time is done: Redis keeps a table for each command.
    let first = stage.log_in(&stage.app, 1).await?;
    stage.pour(first).await?;
    let (before, rows) = (stage.server.holds().await?, stage.users_bytes().await?);
    let logins = plan.sessions - before.records;
    let visitors = stage.log_in(&stage.app, logins).await?;
    stage.pour(visitors).await?;
    let row = (stage.users_bytes().await? - rows) / f64::from(logins);
    let logged_in = size(&mut stage, &before).await?;
    let costs = Costs::measure(&stage, plan.requests).await?;
    let users = Users {
        database: "SQLite".to_owned(),
        row: row.round(),
        hash_seconds: (hash_seconds * 100.0).round() / 100.0,
        login: costs.login.statements,
        read: costs.read.statements,
        write: costs.write.statements,
        renewal: costs.renewal.statements,
    };
    let store = Store {
        server: stage.server.version().await?,
        rate: stage.server.rate(plan.rush).await?,
        anonymous,
        logged_in,
        begin: costs.begin.request,
        login: costs.login.request,
        read: costs.read.request,
        write: costs.write.request,
        renewal: costs.renewal.request,
    };
    Ok((store, users))
}

/// Of those that began since then.
async fn size(stage: &mut Stage, before: &Holds) -> Result<Size, Stop> {
    let holds = stage.server.holds().await?;
    let size = holds.each_since(before);
    Ok(match stage.memory_after_a_restart().await? {
        Some(memory) => Size {
            memory: tenth(memory / f64::from(holds.records)),
            just_written: Some(size.memory),
            ..size
        },
        None => size,
    })
}

/// As Linux calls it.
fn processor() -> String {
    let all = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = all.lines().find_map(|line| line.strip_prefix("model name"));
    let name = name.and_then(|line| line.split_once(": "));
    name.map_or("unknown", |(_, name)| name).to_owned()
}

/// Nobody measures the parts of a byte.
fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
