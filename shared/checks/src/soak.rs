//! A long run: many browsers do what people do, while one copy of the app is killed and
//! started again and again, and its databases are paused now and then.
//!
//! Two copies of the app share the sessions and the users, and each request goes to one
//! of them by lot. One is killed every [`kill_every`](Plan::kill_every); the other lives
//! through the whole run, so that its memory can be judged.

mod memory;
mod report;

use crate::{
    app::App,
    attack::plan::Aim,
    course::{Course, Place},
    crowd::{self, Outage, RETURN_LIMIT, Room, Visitor, Way},
    matrix::{Backend, Backends, Matrix},
    store::{self, Store, running},
    target::Target,
    users::{self, Users},
    verdict::{Stop, Verdict},
};
use memory::Memory;
pub use report::Report;
use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// Longer than any app waits for a database.
const PAUSE: Duration = Duration::from_secs(3);

/// How long a person looks at a page, in milliseconds.
const PACE: Range<u64> = 300..900;

/// How often there is something to do beside the browsers.
const TICK: Duration = Duration::from_millis(200);

/// What is run, and how.
#[derive(Debug)]
pub struct Plan {
    /// For how long.
    pub time: Duration,
    /// How often the one copy is killed. At least twice as long as a pause.
    pub kill_every: Duration,
    /// How many people.
    pub browsers: u32,
    name: String,
    app: Target,
    backends: Backends,
    store: store::Kind,
    users: users::Kind,
}

/// What a person may choose of a [`Plan`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choice<'a> {
    /// A variant of the step.
    pub variant: Option<&'a str>,
    /// Where the sessions are, if not in Redis.
    pub store: Option<&'a str>,
    /// Where the users are, if not in the first database of the step.
    pub users: Option<&'a str>,
}

impl Plan {
    /// A plan for a step such as `step-07`, for a program or a crate. What is not built
    /// is built. What is no step is taken for one that can do what the last can.
    ///
    /// # Errors
    ///
    /// One line: there is no such step, store or database, or it does not build.
    pub fn new(target: &str, choice: Choice) -> Result<Plan, String> {
        if target.contains("://") {
            return Err("a server that somebody runs is not killed; name a step".to_owned());
        }
        let matrix = Matrix::of_the_course()?;
        let aim = Aim::at(target, choice.variant, &matrix)?;
        let step = aim.step;
        let backends = matrix.backends(step).clone();
        let first = backends.databases.first().map(ToString::to_string);
        let first = first.ok_or_else(|| format!("{step} has no login"))?;
        let store = chosen(step, "store", choice.store, &backends.stores, "redis")?;
        // Its name alone is that of a store.
        let users = match choice.users {
            Some("mongodb") => Some("mongodb-users"),
            other => other,
        };
        let users = chosen(step, "database", users, &backends.databases, &first)?;
        Ok(Plan {
            time: Duration::from_mins(10),
            kill_every: Duration::from_secs(20),
            browsers: 64,
            name: aim.name(),
            app: aim.app()?,
            backends,
            store,
            users,
        })
    }

    /// What is run, in one line.
    pub fn about(&self) -> String {
        format!(
            "{}, sessions in {}, users in {}: {} browsers",
            self.name, self.store, self.users, self.browsers
        )
    }

    /// Runs it to its end, to the first broken promise, or until Ctrl-C. Tells of each
    /// minute.
    ///
    /// # Errors
    ///
    /// One line: the harness failed, and nothing is known about the app.
    pub fn run(self, tell: impl FnMut(&str)) -> Result<Report, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let report = runtime.block_on(self.soak(tell));
        running::stop_shared();
        report.map_err(|stop| stop.to_string().trim_end().to_owned())
    }

    async fn soak(self, tell: impl FnMut(&str)) -> Result<Report, Stop> {
        let place = Place::chosen(Backend::Store(self.store), &self.backends);
        let mut course = Course::at(self.app.clone(), place, &self.backends);
        if self.store.server().is_some() {
            course = course.with_a_server_of_its_own().await?;
        }
        let users = match self.users.server() {
            Some(_) => Users::alone(self.users).await?,
            None => Users::shared(self.users).await?,
        };
        let url = users.url();
        let settings = [
            ("DATABASE_URL", &*url),
            ("APP_ENV", "production"),
            ("SESSION_SECRET", "not a secret: a long run on loopback"),
            ("RUST_LOG", "warn"),
        ];
        let killed = course.app_with(&settings).await?;
        let steady = killed.second().await?;
        let has_sessions_page = steady.browser().get("/sessions").await?.status() != 404;
        let way = Way::ByLot {
            killed: killed.address(),
            steady: steady.address(),
        };
        // A browser itself gives up after a while.
        let room = Arc::new(Room::new(way, Duration::MAX, PACE, has_sessions_page));
        let mut browsers = JoinSet::new();
        for number in 1..=self.browsers {
            browsers.spawn(Visitor::new(number, steady.browser(), Arc::clone(&room)).run());
        }
        let mut run = Run {
            store: course.store().await?.clone(),
            start: Instant::now(),
            next_kill: self.kill_every,
            // Between two kills.
            next_pause: self.kill_every * 7 / 5,
            paused: None,
            restarts: 0,
            pauses: 0,
            memory: Memory::default(),
            plan: self,
            users,
            killed,
            steady,
            room,
        };
        let verdict = run.go_on(&mut browsers, tell).await;
        // Whatever happened, nothing stays frozen.
        run.thaw()?;
        let verdict = match verdict {
            Ok(()) => run.settle(browsers).await,
            broken => broken,
        };
        run.report(verdict)
    }
}

/// What somebody named, or this. It must be one of those that the step has.
fn chosen<K: Copy + ToString>(
    step: &str,
    what: &str,
    name: Option<&str>,
    kinds: &[K],
    unchosen: &str,
) -> Result<K, String> {
    let name = name.unwrap_or(unchosen);
    let kind = kinds.iter().find(|kind| kind.to_string() == name);
    kind.copied().ok_or_else(|| {
        let there: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let there = there.join(", ");
        format!("{step} has no {what} `{name}`; there is {there}")
    })
}

/// A run under way.
struct Run {
    plan: Plan,
    store: Store,
    users: Users,
    killed: App,
    steady: App,
    room: Arc<Room>,
    start: Instant,
    /// Since the start, as all that is next.
    next_kill: Duration,
    next_pause: Duration,
    /// What stands still, and since when.
    paused: Option<(Outage, Duration)>,
    restarts: u32,
    pauses: u32,
    /// Of the copy that is never killed.
    memory: Memory,
}

impl Run {
    /// Until the time is over, somebody stops us, or a promise is broken.
    async fn go_on(
        &mut self,
        browsers: &mut JoinSet<Verdict>,
        mut tell: impl FnMut(&str),
    ) -> Verdict {
        let mut stop = std::pin::pin!(crowd::stop()?);
        let mut minutes = 0;
        loop {
            tokio::select! {
                Some(ended) = browsers.join_next() => ended.map_err(Stop::harness)??,
                () = &mut stop => return Ok(()),
                () = tokio::time::sleep(TICK) => {}
            }
            let now = self.start.elapsed();
            if now >= self.plan.time {
                return Ok(());
            }
            self.memory.note(now, self.steady.resident_kib()?);
            if self.paused.is_some_and(|(_, since)| now >= since + PAUSE) {
                self.thaw()?;
            }
            if self.paused.is_none() && now >= self.next_kill {
                self.kill().await?;
            } else if self.paused.is_none() && now >= self.next_pause {
                self.pause(now)?;
            }
            if now.as_secs() / 60 > minutes {
                minutes = now.as_secs() / 60;
                tell(&format!("{minutes} min: {}", self.room.line()));
            }
        }
    }

    /// SIGKILL to the one copy, and a new one.
    async fn kill(&mut self) -> Verdict {
        self.killed.expect_no_panic()?;
        self.room.begin(Outage::Killed);
        self.killed.restart().await?;
        self.room.end(Outage::Killed);
        self.restarts += 1;
        self.next_kill += self.plan.kill_every;
        Ok(())
    }

    /// SIGSTOP to the store's server and the users' in turn, if they have any.
    fn pause(&mut self, now: Duration) -> Verdict {
        let of_store = self.plan.store.server().map(|_| Outage::Store);
        let of_users = self.plan.users.server().map(|_| Outage::Users);
        let all: Vec<Outage> = of_store.into_iter().chain(of_users).collect();
        self.next_pause += self.plan.kill_every * 2;
        if all.is_empty() {
            return Ok(());
        }
        let outage = all[self.pauses as usize % all.len()];
        self.room.begin(outage);
        match outage {
            Outage::Users => self.users.freeze()?,
            _ => self.store.freeze()?,
        }
        self.paused = Some((outage, now));
        self.pauses += 1;
        Ok(())
    }

    fn thaw(&mut self) -> Verdict {
        let Some((outage, _)) = self.paused.take() else {
            return Ok(());
        };
        match outage {
            Outage::Users => self.users.thaw()?,
            _ => self.store.thaw()?,
        }
        self.room.end(outage);
        Ok(())
    }

    /// Once all runs again, everybody still has what was acknowledged.
    async fn settle(&mut self, mut browsers: JoinSet<Verdict>) -> Verdict {
        tokio::time::sleep(RETURN_LIMIT).await;
        self.room.close();
        while let Some(ended) = browsers.join_next().await {
            ended.map_err(Stop::harness)??;
        }
        self.killed.expect_no_panic()?;
        self.steady.expect_no_panic()?;
        self.memory.judge()
    }

    /// # Errors
    ///
    /// The harness failed.
    fn report(self, verdict: Verdict) -> Result<Report, Stop> {
        let broken = match verdict {
            Ok(()) => None,
            Err(Stop::Broken(broken)) => Some(broken),
            Err(other) => return Err(other),
        };
        Ok(Report {
            about: self.plan.about(),
            time: self.start.elapsed().min(self.plan.time),
            book: self.room.book(),
            restarts: self.restarts,
            pauses: self.pauses,
            memory: self.memory,
            broken,
        })
    }
}
