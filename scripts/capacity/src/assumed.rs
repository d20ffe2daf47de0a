//! What a calculation rests on, in words, so that nobody has to guess.

use crate::{
    figure::whole,
    need::{Cluster, Load},
    options::Options,
    recorded::{Recorded, Size, Store},
};

/// Each a sentence or two. A word that begins with `--` is an option.
pub(crate) fn assumed(
    recorded: &Recorded,
    options: &Options,
    clusters: [Cluster; 2],
) -> Vec<String> {
    // All but how many there are.
    let load = options.load(1.0);
    let mut all = vec![measured(recorded), sessions(recorded, &load)];
    all.extend(visits(&load));
    if !load.anonymous {
        all.push(users(recorded));
    }
    all.extend(nodes(recorded, options, clusters));
    all.push(
        "All are averages, so give the numbers of your busiest hour. Nothing is kept free for \
         nodes that fail."
            .to_owned(),
    );
    all
}

fn measured(recorded: &Recorded) -> String {
    let Recorded {
        redis,
        mongodb,
        sessions,
        ..
    } = recorded;
    format!(
        "Measured with {}: {sessions} sessions of each kind over HTTP, in {} and in {}, on {} \
         cores ({}).",
        recorded.step, redis.server, mongodb.server, recorded.cores, recorded.processor
    )
}

fn sessions(recorded: &Recorded, load: &Load) -> String {
    let [redis, mongodb] = [&recorded.redis, &recorded.mongodb].map(|store| load.size(store));
    let of = |size: Size| {
        format!(
            "a record of {} bytes takes {}",
            whole(size.record),
            whole(size.memory)
        )
    };
    let whose = match (load.record, load.anonymous) {
        (Some(_), _) => "--bytes, with as much around it as was measured",
        (None, true) => "--anonymous, a stranger's session",
        (None, false) => "A session of somebody who is logged in",
    };
    let (redis, in_mongodb) = (of(redis), of(mongodb));
    let end = match (mongodb.just_written, load.record) {
        (Some(written), None) => format!(
            " once it was read from the disk. (Just after it was written, the cache had {} for \
             it, old versions included.)",
            whole(written)
        ),
        _ => ".".to_owned(),
    };
    format!("{whose}: in Redis {redis}, in MongoDB {in_mongodb}{end}")
}

fn visits(load: &Load) -> Vec<String> {
    let Load {
        visits_per_hour,
        writes_percent,
        idle,
        minutes,
        ..
    } = *load;
    let part = load.part();
    vec![
        format!("--visits-per-hour {visits_per_hour}: requests of each live session."),
        format!("--writes-percent {writes_percent}: so many of them change the session."),
        format!(
            "--idle {idle}: the idle timeout in seconds. The other requests renew the session: \
             each of them, or with the throttle once in {part} s at most. Visits that come in \
             bursts write less."
        ),
        format!(
            "--minutes {minutes}: how long a session lives, the silence at its end included. As \
             many begin as end, and the servers themselves delete what has expired."
        ),
    ]
}

fn users(recorded: &Recorded) -> String {
    let users = &recorded.users;
    format!(
        "Each session begins with a login: {} s of a core for the password, {} statements for \
         the users' database ({}), and a row of {} bytes there. A request has {}, and {} if it \
         renews.",
        users.hash_seconds, users.login, users.database, users.row, users.read, users.renewal
    )
}

fn nodes(recorded: &Recorded, options: &Options, [redis, mongodb]: [Cluster; 2]) -> Vec<String> {
    let rate = |store: &Store| whole(store.rate);
    let rates = if options.has("--rate") {
        format!(
            "--rate {}: commands a second that a node can answer",
            whole(redis.rate)
        )
    } else {
        format!(
            "--rate: unset, what a node can answer is what was measured for one core, nine reads \
             to a write: {} commands a second in Redis, which runs them on one core, and {} in \
             MongoDB, times --cores {}",
            rate(&recorded.redis),
            rate(&recorded.mongodb),
            options.cores()
        )
    };
    let fill = if options.has("--fill") {
        format!(
            "--fill {}: percent of it are for sessions",
            redis.fill_percent
        )
    } else {
        format!(
            "--fill: unset, {}% of it are for sessions in Redis, which may need all of it twice \
             while it forks for a snapshot or a new replica; {}% in MongoDB, whose cache is half \
             of the memory and throws out from 80% on",
            redis.fill_percent, mongodb.fill_percent
        )
    };
    let replicas = if options.has("--replicas") {
        format!("--replicas {}", redis.replicas)
    } else {
        format!(
            "--replicas: unset, {} in Redis, {} in MongoDB",
            redis.replicas, mongodb.replicas
        )
    };
    vec![
        format!("--node-memory {}: GiB of one node.", redis.node_memory),
        format!("{fill}."),
        format!(
            "{rates}. A node is asked for {}% of that.",
            redis.busy_percent
        ),
        format!(
            "{replicas}. A replica keeps all that its primary does, and gets each write as that \
             did. Apps read from primaries alone. What was measured had no replica. A Redis of \
             more than one primary has {} or more.",
            redis.fewest
        ),
    ]
}
