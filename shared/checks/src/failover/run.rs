//! A run under way.

use super::{
    Plan, Report, Trouble,
    report::{Phase, Times},
};
use crate::{
    app::App,
    browser,
    course::Course,
    crowd::{self, Outage, Room, Visitor, Way},
    nodes::Nodes,
    process::Signal,
    proxy::Proxy,
    servers::{self, Group},
    store::Kind,
    verdict::{Stop, Verdict, expect},
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::sleep};

const COPIES: u16 = 2;

/// Keys in the first third of a Redis Cluster's slots, in the second and in the last.
const KEYS: [&str; 3] = ["b", "c", "a"];

/// What takes longer hangs: twice what an app may take behind a store that is silent.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a person looks at a page, in milliseconds: the browsers send about one
/// request a second each.
const PACE: Range<u64> = 500..1500;

/// How long nothing happens, before the first trouble and after each.
const QUIET: Duration = Duration::from_secs(10);
const AFTER: Duration = Duration::from_secs(3);

/// How long the cable to a replica is cut before its master is killed: so short that
/// nobody takes the replica for gone.
const CUT: Duration = Duration::from_secs(1);

/// How long it may take until everybody has looked at what they have.
const ROLL_LIMIT: Duration = Duration::from_secs(30);

/// How much of an app's log is shown if a promise is broken.
const LINES: usize = 5;

/// Until everybody has an account and has logged in. Each costs a core some tenths of a
/// second, and a busy machine has few.
const ENTRY_LIMIT: Duration = Duration::from_mins(5);

pub(super) struct Run {
    plan: Plan,
    start: Instant,
    /// `None`: the sessions are in MongoDB, too.
    redis: Option<Nodes>,
    mongo: Nodes,
    copies: Vec<App>,
    proxy: Proxy,
    room: Arc<Room>,
    phases: Vec<Phase>,
}

impl Run {
    /// The servers, the proxy and the copies: all is well when this returns.
    pub(super) async fn start(plan: Plan) -> Result<Run, Stop> {
        let redis = async {
            match plan.sessions {
                Kind::Redis => Nodes::start(Group::RedisCluster).await.map(Some),
                _ => Ok(None),
            }
        };
        let (redis, mongo) = tokio::try_join!(redis, Nodes::start(Group::ReplicaSet))?;
        let (users, sessions) = (mongo.url(), redis.as_ref().unwrap_or(&mongo).url());
        let ports = servers::free_ports(COPIES.into()).map_err(Stop::Harness)?;
        let mut copies = Vec::new();
        for port in &ports {
            // A copy comes back where the proxy looks for it.
            let settings = [
                ("PORT", &*port.to_string()),
                ("SESSION_STORE", &sessions),
                ("DATABASE_URL", &users),
                ("APP_ENV", "production"),
                ("SESSION_SECRET", "not a secret: many copies on loopback"),
                ("TRUSTED_PROXIES", "127.0.0.1"),
                ("RUST_LOG", "warn"),
            ];
            copies.push(Course::new(plan.app.clone()).app_with(&settings).await?);
        }
        let addresses = ports.iter().map(|port| (Ipv4Addr::LOCALHOST, *port).into());
        let proxy = Proxy::before(&addresses.collect::<Vec<SocketAddr>>()).await?;
        proxy.copies_are_up(copies.len()).await?;
        let way = Way::Proxy(App::at(&proxy.url(), browser::client()?).address());
        Ok(Run {
            plan,
            start: Instant::now(),
            redis,
            mongo,
            copies,
            room: Arc::new(Room::new(way, PATIENCE, PACE, true)),
            proxy,
            phases: Vec::new(),
        })
    }

    /// # Errors
    ///
    /// The harness failed.
    pub(super) async fn carry_out(mut self, mut tell: impl FnMut(&str)) -> Result<Report, Stop> {
        let front = App::at(&self.proxy.url(), browser::client()?);
        let mut browsers = JoinSet::new();
        for number in 1..=self.plan.browsers {
            let visitor = Visitor::new(number, front.browser(), Arc::clone(&self.room));
            browsers.spawn(visitor.run());
        }
        let mut stop = std::pin::pin!(crowd::stop()?);
        let went = tokio::select! {
            biased;
            () = &mut stop => None,
            went = one_broken(&mut browsers) => Some(went),
            went = self.meet_all(&mut tell) => Some(went),
        };
        let went = match went {
            Some(Ok(())) => Some(self.leave(browsers).await),
            // From a terminal Ctrl-C reaches the copies and the proxy, too, and who is
            // first is a matter of chance.
            Some(broken) => {
                let stopped = tokio::time::timeout(Duration::from_millis(200), stop).await;
                stopped.is_err().then_some(broken)
            }
            None => None,
        };
        if let Some(Err(_)) = went {
            for copy in &self.copies {
                tell_end(copy, &mut tell);
            }
        }
        self.report(went)
    }

    async fn meet_all(&mut self, tell: &mut impl FnMut(&str)) -> Verdict {
        tell("everybody comes in");
        self.roll(ENTRY_LIMIT).await?;
        self.write_down("everybody comes in", Times::default());
        sleep(QUIET).await;
        self.roll(ROLL_LIMIT).await?;
        self.write_down("nothing happens", Times::default());
        for round in 0..self.plan.rounds as usize {
            for trouble in self.plan.troubles.clone() {
                tell(about(trouble));
                let times = self.meet(trouble, round).await?;
                sleep(AFTER).await;
                self.roll(ROLL_LIMIT).await?;
                self.write_down(about(trouble), times);
            }
        }
        Ok(())
    }

    /// Brings the trouble, and mends it.
    async fn meet(&mut self, trouble: Trouble, round: usize) -> Result<Times, Stop> {
        let key = KEYS[round % KEYS.len()];
        match trouble {
            Trouble::Master | Trouble::CutOff => {
                let redis = self.redis.clone();
                let redis = redis.ok_or_else(|| Stop::harness("there is no Redis"))?;
                let cut = trouble == Trouble::CutOff;
                self.lose_leader(&redis, key, cut).await
            }
            Trouble::Primary => self.lose_leader(&self.mongo.clone(), key, false).await,
            Trouble::Replace => self.replace_copies().await,
            Trouble::Copy => self.lose_copy(round % self.copies.len()).await,
        }
    }

    /// Kills the node that leads for this key, and starts it again once another does.
    async fn lose_leader(&self, nodes: &Nodes, key: &str, cut: bool) -> Result<Times, Stop> {
        let leader = nodes.leader(key).await?;
        let replica = if cut {
            let replica = nodes.cut_off_replica(leader).await?;
            sleep(CUT).await;
            Some(replica)
        } else {
            None
        };
        let away = self.what_is_in(nodes);
        for outage in away {
            self.room.begin(*outage);
        }
        let start = Instant::now();
        nodes.kill(leader).await?;
        if nodes.group() == Group::RedisCluster {
            // It answers before its replica has what it was told.
            self.room.note_loss();
        }
        if let Some(replica) = replica {
            nodes.thaw(replica)?;
        }
        nodes.another_leads(key, leader).await?;
        let times = Times::since(start).with_leader(Instant::now());
        for outage in away {
            self.room.end(*outage);
        }
        self.roll(ROLL_LIMIT).await?;
        nodes.start_again(leader).await?;
        nodes.well().await?;
        Ok(times)
    }

    fn what_is_in(&self, nodes: &Nodes) -> &'static [Outage] {
        match (nodes.group(), &self.redis) {
            (Group::ReplicaSet, Some(_)) => &[Outage::Users],
            (Group::ReplicaSet, None) => &[Outage::Store, Outage::Users],
            _ => &[Outage::Store],
        }
    }

    async fn replace_copies(&mut self) -> Result<Times, Stop> {
        let start = Instant::now();
        for (number, copy) in self.copies.iter_mut().enumerate() {
            self.proxy.drain(number).await?;
            copy.stop(Signal::Terminate).await?.expect_code(0)?;
            copy.expect_no_panic()?;
            copy.start_again().await?;
            self.proxy.take_back(number).await?;
        }
        Ok(Times::since(start))
    }

    async fn lose_copy(&mut self, number: usize) -> Result<Times, Stop> {
        self.copies[number].expect_no_panic()?;
        self.room.begin(Outage::Killed);
        let start = Instant::now();
        self.copies[number].kill()?;
        self.proxy.copies_are_up(self.copies.len() - 1).await?;
        self.room.end(Outage::Killed);
        self.roll(ROLL_LIMIT).await?;
        self.copies[number].start_again().await?;
        self.proxy.copies_are_up(self.copies.len()).await?;
        Ok(Times::since(start))
    }

    /// Everybody looks at what they have, and finds it.
    async fn roll(&self, limit: Duration) -> Verdict {
        self.room.call_roll();
        let start = Instant::now();
        while self.room.present() < self.plan.browsers && start.elapsed() < limit {
            sleep(Duration::from_millis(50)).await;
        }
        let (all, present) = (self.plan.browsers, self.room.present());
        let promise = format!("{all} browsers are served within {limit:?}");
        expect(present >= all, &promise, format!("{present} were"))
    }

    fn write_down(&mut self, name: &'static str, times: Times) {
        let book = self.room.take_book();
        self.phases.push(Phase { name, times, book });
    }

    /// Everybody looks once more, and leaves.
    async fn leave(&mut self, mut browsers: JoinSet<Verdict>) -> Verdict {
        self.room.close();
        while let Some(ended) = browsers.join_next().await {
            ended.map_err(Stop::harness)??;
        }
        self.write_down("everybody leaves", Times::default());
        self.copies.iter().try_for_each(App::expect_no_panic)
    }

    /// `None`: somebody stopped it.
    fn report(mut self, went: Option<Verdict>) -> Result<Report, Stop> {
        let stopped = went.is_none();
        let broken = match went {
            None | Some(Ok(())) => None,
            Some(Err(Stop::Broken(broken))) => Some(broken),
            Some(Err(other)) => return Err(other),
        };
        if stopped || broken.is_some() {
            self.write_down("until then", Times::default());
        }
        Ok(Report {
            about: self.plan.about(),
            time: self.start.elapsed(),
            phases: self.phases,
            stopped,
            broken,
        })
    }
}

/// What an app has said last.
fn tell_end(copy: &App, tell: &mut impl FnMut(&str)) {
    let log = copy.log();
    let lines: Vec<&str> = log.lines().collect();
    let end = lines.len().saturating_sub(LINES);
    tell(&format!("the log of {} ends with:", copy.url()));
    for line in &lines[end..] {
        tell(line);
    }
}

/// The first browser that ends before its time, with why.
async fn one_broken(browsers: &mut JoinSet<Verdict>) -> Verdict {
    match browsers.join_next().await {
        Some(ended) => ended.map_err(Stop::harness)?,
        None => Ok(()),
    }
}

fn about(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Master => "Redis master killed",
        Trouble::CutOff => "replica cut off, killed",
        Trouble::Primary => "MongoDB primary killed",
        Trouble::Replace => "copies replaced",
        Trouble::Copy => "copy killed",
    }
}
