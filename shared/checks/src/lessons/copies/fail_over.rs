//! Stores that are many servers, one of which dies.

use crate::{
    lessons::{
        prelude::*,
        stores::load::{Ledger, Load, settle},
    },
    nodes::Nodes,
    servers::Group,
};
use std::time::{Duration, Instant};
use tokio::{task::JoinSet, time::sleep};

checks! {
    Needs::RedisNodes:
        when_a_redis_master_dies_its_replica_goes_on,
        sentinels_lead_to_the_new_master;
    Needs::MongoNodes:
        when_a_mongodb_primary_dies_nothing_acknowledged_is_lost,
        a_change_is_acknowledged_once_most_of_the_set_have_it;
}

/// So many that each of three masters has some of their sessions, the one that dies, too.
const BROWSERS: usize = 16;

/// Between a browser's requests.
const PAUSE: Duration = Duration::from_millis(20);

/// Longer than any fail-over here takes on a machine that is busy.
const LIMIT: Duration = Duration::from_mins(1);

/// In a Redis Cluster each key has a master. This one has some, and is nobody's.
const KEY: &str = "nobody";

type Visitors = Vec<(Browser, Ledger)>;

async fn when_a_redis_master_dies_its_replica_goes_on(course: Course) -> Verdict {
    goes_on_without_its_leader(&course, Group::RedisCluster).await
}

async fn sentinels_lead_to_the_new_master(course: Course) -> Verdict {
    goes_on_without_its_leader(&course, Group::RedisSentinel).await
}

/// Two copies of the app share the sessions, and the server that leads is killed.
async fn goes_on_without_its_leader(course: &Course, group: Group) -> Verdict {
    let nodes = Nodes::start(group).await?;
    let (app, second) = copies(course, &nodes).await?;
    let load = Load::start(&app, BROWSERS, PAUSE);
    sleep(10 * PAUSE).await;
    let mut visitors = load.end().await?;
    turn_to(&second, &mut visitors);
    settle(&mut visitors).await?;
    // Now the others have what was written.
    nodes.well().await?;
    let leader = nodes.leader(KEY).await?;
    nodes.kill(leader).await?;
    let mut visitors = served_again(visitors).await?;
    let told: u32 = visitors.iter().map(|(_, ledger)| ledger.away).sum();
    expect(told > 0, "503 while nobody leads", format!("{told} × 503"))?;
    nodes.another_leads(KEY, leader).await?;
    // It comes back as one that follows.
    nodes.start_again(leader).await?;
    nodes.well().await?;
    turn_to(&app, &mut visitors);
    settle(&mut served_again(visitors).await?).await?;
    app.browser().get("/count").await?.expect_text("Views: 1")
}

async fn copies(course: &Course, nodes: &Nodes) -> Result<(App, App), Stop> {
    let app = course.app_with(&[("SESSION_STORE", &nodes.url())]).await?;
    let second = app.second().await?;
    Ok((app, second))
}

fn turn_to(app: &App, visitors: &mut Visitors) {
    for (browser, _) in visitors {
        browser.visit(app);
    }
}

/// All ask at the same time, and each until there is an answer that is its count.
async fn served_again(visitors: Visitors) -> Result<Visitors, Stop> {
    let ask = |(mut browser, mut ledger): (Browser, Ledger)| async move {
        let start = Instant::now();
        while ledger.count(&mut browser).await? != Some(200) {
            let promise = format!("everybody is served again within {LIMIT:?}");
            let observed = format!("{} × 503", ledger.away);
            expect(start.elapsed() < LIMIT, &promise, observed)?;
            sleep(5 * PAUSE).await;
        }
        Ok((browser, ledger))
    };
    let mut tasks: JoinSet<Result<_, Stop>> = visitors.into_iter().map(ask).collect();
    let mut visitors = Vec::new();
    while let Some(done) = tasks.join_next().await {
        visitors.push(done.map_err(Stop::harness)??);
    }
    Ok(visitors)
}

async fn when_a_mongodb_primary_dies_nothing_acknowledged_is_lost(course: Course) -> Verdict {
    let nodes = Nodes::start(Group::ReplicaSet).await?;
    let (app, second) = copies(&course, &nodes).await?;
    // Each browser asks without a pause, and holds against every answer what was
    // acknowledged before.
    let loads = [&app, &second].map(|app| Load::start(app, BROWSERS / 2, Duration::ZERO));
    sleep(10 * PAUSE).await;
    let primary = nodes.leader(KEY).await?;
    nodes.kill(primary).await?;
    nodes.another_leads(KEY, primary).await?;
    sleep(10 * PAUSE).await;
    let mut visitors = Visitors::new();
    for load in loads {
        visitors.extend(load.end().await?);
    }
    let mut visitors = served_again(visitors).await?;
    let told: u32 = visitors.iter().map(|(_, ledger)| ledger.away).sum();
    expect(told > 0, "503 while nobody leads", format!("{told} × 503"))?;
    nodes.start_again(primary).await?;
    nodes.well().await?;
    settle(&mut visitors).await
}

async fn a_change_is_acknowledged_once_most_of_the_set_have_it(course: Course) -> Verdict {
    let nodes = Nodes::start(Group::ReplicaSet).await?;
    let (app, _) = copies(&course, &nodes).await?;
    let mut visitor = (app.browser(), Ledger::default());
    let (browser, ledger) = &mut visitor;
    let status = ledger.count(browser).await?;
    expect(status == Some(200), "a count", format!("{status:?}"))?;
    let primary = nodes.leader(KEY).await?;
    let others: Vec<usize> = (0..nodes.ports().len())
        .filter(|node| *node != primary)
        .collect();
    for node in &others {
        nodes.freeze(*node).await?;
    }
    let status = ledger.count(browser).await;
    for node in &others {
        nodes.thaw(*node)?;
    }
    let promise = "no yes to a change that one of three servers has";
    expect(status? == Some(503), promise, "it was acknowledged")?;
    nodes.well().await?;
    settle(&mut served_again(vec![visitor]).await?).await
}
