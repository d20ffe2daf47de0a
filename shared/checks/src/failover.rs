//! What visitors see of it when a Redis master is killed, a MongoDB primary, or a copy
//! of the app, and when the copies are replaced one by one.
//!
//! Two copies of the app stand behind a proxy. Their users are in a replica set of
//! MongoDB, their sessions there, too, or in a Redis Cluster. Many browsers go through
//! the proxy, while one thing after another is taken away and given back. An error page
//! is excused while something is away, and nothing else is; what was acknowledged is
//! there afterwards, and what a Redis master took with it is counted.

mod report;
mod run;

use crate::{
    attack::plan::Aim,
    matrix::Matrix,
    store::Kind,
    target::Target,
    verdict::{Broken, Stop},
};
pub use report::Report;
use run::Run;

/// What happens to the servers and the copies, each in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// SIGKILL to a master of the Redis Cluster.
    Master,
    /// The same, a second after the cable to its replica was cut.
    CutOff,
    /// SIGKILL to the primary of the replica set.
    Primary,
    /// Each copy of the app in turn: no more requests, SIGTERM, a new one.
    Replace,
    /// SIGKILL to a copy of the app.
    Copy,
}

impl Trouble {
    pub const ALL: [Trouble; 5] = [
        Trouble::Master,
        Trouble::CutOff,
        Trouble::Primary,
        Trouble::Replace,
        Trouble::Copy,
    ];

    /// What a command line calls it.
    pub fn name(self) -> &'static str {
        match self {
            Trouble::Master => "master",
            Trouble::CutOff => "cut-off",
            Trouble::Primary => "primary",
            Trouble::Replace => "replace",
            Trouble::Copy => "copy",
        }
    }

    fn is_of_redis(self) -> bool {
        matches!(self, Trouble::Master | Trouble::CutOff)
    }
}

/// The row of the matrix that a step must keep to be tried.
const PROMISE: &str = "when_a_redis_master_dies_its_replica_goes_on";

/// What is run, and how.
#[derive(Debug)]
pub struct Plan {
    /// How many people.
    pub browsers: u32,
    /// How often each of the troubles comes.
    pub rounds: u32,
    name: String,
    app: Target,
    sessions: Kind,
    troubles: Vec<Trouble>,
}

impl Plan {
    /// A plan for a step such as `step-08`, for a program or a crate, which is built if
    /// it is not. The sessions are in `redis`, a cluster, or in `mongodb`, a replica
    /// set. Of the troubles this one comes, or all.
    ///
    /// # Errors
    ///
    /// One line: there is no such step or store, the step has no clusters, or it does not
    /// build.
    pub fn new(target: &str, sessions: &str, only: Option<Trouble>) -> Result<Plan, String> {
        if target.contains("://") {
            return Err("a server that somebody runs is not killed; name a step".to_owned());
        }
        let Ok(sessions @ (Kind::Redis | Kind::Mongodb)) = sessions.parse() else {
            return Err(format!("no sessions in `{sessions}`; redis or mongodb"));
        };
        let troubles: Vec<Trouble> = Trouble::ALL
            .into_iter()
            .filter(|trouble| sessions == Kind::Redis || !trouble.is_of_redis())
            .filter(|trouble| only.is_none_or(|only| only == *trouble))
            .collect();
        if troubles.is_empty() {
            return Err("that is a trouble of Redis, which has no sessions here".to_owned());
        }
        let matrix = Matrix::of_the_course()?;
        let aim = Aim::at(target, None, &matrix)?;
        if !matrix.passes(PROMISE, aim.step) {
            return Err(format!("{} knows no clusters; name step-08", aim.step));
        }
        Ok(Plan {
            browsers: 64,
            rounds: 1,
            name: aim.name(),
            app: aim.app()?,
            sessions,
            troubles,
        })
    }

    /// What is run, in one line.
    pub fn about(&self) -> String {
        let places = match self.sessions {
            Kind::Redis => "sessions in a Redis Cluster, users in a replica set",
            _ => "sessions and users in a replica set",
        };
        format!("{}, {places}, {} browsers", self.name, self.browsers)
    }

    /// Runs it to its end, to the first broken promise, or until Ctrl-C. Tells of what
    /// happens.
    ///
    /// # Errors
    ///
    /// One line: the harness failed, or the app does not start so, and nothing is known
    /// about it.
    pub fn run(self, tell: impl FnMut(&str)) -> Result<Report, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let report = runtime.block_on(async {
            let run = Run::start(self).await.map_err(one_line)?;
            run.carry_out(tell).await.map_err(one_line)
        });
        // Whoever is still looking for a leader when somebody stops us looks in vain.
        runtime.shutdown_background();
        report
    }
}

/// Before there is a report, a broken promise is one that the app does not start.
fn one_line(stop: Stop) -> String {
    match stop {
        Stop::Broken(Broken { observed, .. }) => observed.trim_end().to_owned(),
        other => other.to_string().trim_end().to_owned(),
    }
}
