//! Every number here was worked out by hand.

#![expect(clippy::float_cmp, reason = "these numbers are whole, and exact")]

use super::{Cluster, GIB, Load};
use crate::recorded::{Recorded, Request, Size, Store, Users};

const LOAD: Load = Load {
    sessions: 3600.0,
    visits_per_hour: 120.0,
    writes_percent: 25.0,
    idle: 900.0,
    minutes: 60.0,
    anonymous: false,
    record: None,
};

/// Half of a megabyte, and of a hundred commands.
const CLUSTER: Cluster = Cluster {
    replicas: 2.0,
    node_memory: 1_000_000.0 / GIB,
    fill_percent: 50.0,
    busy_percent: 50.0,
    rate: 100.0,
    fewest: 3.0,
};

fn request(commands: &str, sent: f64, received: f64) -> Request {
    Request {
        commands: commands.split(' ').map(str::to_owned).collect(),
        sent,
        received,
    }
}

fn size(record: f64, memory: f64, disk: f64) -> Size {
    Size {
        record,
        memory,
        just_written: None,
        disk: Some(disk),
    }
}

fn store() -> Store {
    Store {
        server: "Redis 0".to_owned(),
        rate: 100.0,
        anonymous: size(100.0, 200.0, 20.0),
        logged_in: size(200.0, 300.0, 50.0),
        begin: request("set", 110.0, 5.0),
        login: request("set del", 250.0, 8.0),
        read: request("get", 10.0, 210.0),
        write: request("get set", 240.0, 220.0),
        renewal: request("get set", 230.0, 220.0),
    }
}

fn recorded() -> Recorded {
    Recorded {
        command: String::new(),
        step: "step-07".to_owned(),
        cores: 2,
        processor: String::new(),
        sessions: 3072,
        users: Users {
            database: "SQLite".to_owned(),
            row: 300.0,
            hash_seconds: 0.25,
            read: 1,
            write: 1,
            renewal: 2,
            login: 7,
        },
        redis: store(),
        mongodb: store(),
    }
}

#[track_caller]
fn close(number: f64, expected: f64) {
    let near = (number - expected).abs() <= expected.abs() * 1e-12;
    assert!(near, "{number} is not {expected}");
}

/// 3600 sessions, each with 120 visits in an hour: 120 a second, of which 30 write. The
/// other 90 could renew; once in 90 s are 40. One session begins in a second.
#[test]
fn commands_and_writes_are_those_of_each_kind_of_request() {
    let needs = LOAD.needs(&store(), &CLUSTER);
    // 50 · 1 + 40 · 2 + 30 · 2 + 1 · 2
    close(needs.commands, 192.0);
    // 40 · 1 + 30 · 1 + 1 · 2
    close(needs.writes, 72.0);
    // 90 · 1 + 30 · 1 + 1 · 2
    close(needs.writes_unthrottled, 122.0);
}

#[test]
fn a_throttle_saves_nothing_where_visits_are_rarer_than_it() {
    let writes = |visits_per_hour, idle| {
        let load = Load {
            visits_per_hour,
            idle,
            ..LOAD
        };
        let needs = load.needs(&store(), &CLUSTER);
        (needs.writes, needs.writes_unthrottled)
    };
    // One visit in 90 s: 40 a second. The begin adds 2.
    assert_eq!(writes(40.0, 900.0), (42.0, 42.0));
    assert_eq!(writes(4.0, 900.0), (6.0, 6.0));
    // A tenth of a second.
    assert_eq!(writes(120.0, 1.0), (122.0, 122.0));
    // 3600 / 34,560,000 · 10 renewals, and 30 writes.
    close(writes(120.0, 34_560_000.0).0, 32.0 + 1.0 / 960.0);
}

#[test]
fn memory_and_commands_decide_how_many_nodes() {
    let needs = LOAD.needs(&store(), &CLUSTER);
    // 3600 · 300 bytes, and three copies.
    close(needs.memory * GIB, 1_080_000.0);
    close(needs.memory_in_all * GIB, 3_240_000.0);
    close(needs.disk_in_all.unwrap() * GIB, 540_000.0);
    // 1.08 MB in halves of a megabyte; 192 commands in fifties.
    assert_eq!((needs.for_memory, needs.for_commands), (3.0, 4.0));
    assert_eq!(needs.nodes, 12.0);

    let nodes = |node_memory, rate, replicas| {
        let cluster = Cluster {
            replicas,
            node_memory,
            rate,
            ..CLUSTER
        };
        LOAD.needs(&store(), &cluster).nodes
    };
    // All fits into one; exactly into one; and not quite, so that there are three.
    assert_eq!(nodes(1.0, 1e6, 1.0), 2.0);
    assert_eq!(nodes(1.0, 384.0, 0.0), 1.0);
    assert_eq!(nodes(1.0, 383.9, 0.0), 3.0);
}

#[test]
fn bytes_on_the_wire_are_those_of_each_kind_of_request() {
    let needs = LOAD.needs(&store(), &CLUSTER);
    // 50 · 220 + 40 · 450 + 30 · 460 + 1 · 258 bytes, of 8 bits.
    close(needs.network, 43_058.0 * 8.0 / 1e6);
    // Two replicas: 40 · 220 + 30 · 230 + 250, the reads' 10 bytes left out.
    close(needs.replication, 2.0 * 15_950.0 * 8.0 / 1e6);
}

/// 1000 bytes more in each record.
#[test]
fn a_larger_record_is_larger_wherever_it_goes() {
    let load = Load {
        record: Some(1200.0),
        ..LOAD
    };
    let needs = load.needs(&store(), &CLUSTER);
    close(needs.memory * GIB, 3600.0 * 1300.0);
    close(needs.disk_in_all.unwrap() * GIB, 3.0 * 3600.0 * 300.0);
    // 50 · 1220 + 40 · 2450 + 30 · 2460 + 1 · 1258: no record goes with a DEL.
    close(needs.network, 234_058.0 * 8.0 / 1e6);
    close(needs.commands, 192.0);
}

#[test]
fn strangers_have_the_smaller_record_and_no_login() {
    let load = Load {
        anonymous: true,
        ..LOAD
    };
    let needs = load.needs(&store(), &CLUSTER);
    close(needs.memory * GIB, 3600.0 * 200.0);
    close(needs.commands, 191.0);
    // 50 · 120 + 40 · 250 + 30 · 260 + 1 · 115: each record is 100 bytes shorter.
    close(needs.network, 23_915.0 * 8.0 / 1e6);
    let common = load.common(&recorded());
    assert_eq!((common.requests, common.logins), (120.0, 0.0));
    assert_eq!(
        (common.hash_cores, common.statements, common.rows),
        (0.0, 0.0, 0.0)
    );
}

#[test]
fn a_login_costs_most_where_the_users_are() {
    let common = LOAD.common(&recorded());
    assert_eq!((common.requests, common.logins), (120.0, 1.0));
    close(common.hash_cores, 0.25);
    // 50 · 1 + 40 · 2 + 30 · 1 + 1 · 7
    close(common.statements, 167.0);
    close(common.rows * GIB, 1_080_000.0);
}

/// As much as the options take.
#[test]
fn the_largest_numbers_are_still_numbers() {
    let load = Load {
        sessions: 1e12,
        visits_per_hour: 36_000.0,
        writes_percent: 100.0,
        idle: 1.0,
        minutes: 0.1,
        anonymous: false,
        record: Some(16_777_216.0),
    };
    let cluster = Cluster {
        replicas: 49.0,
        node_memory: 0.1,
        fill_percent: 1.0,
        busy_percent: 1.0,
        rate: 1.0,
        fewest: 3.0,
    };
    let needs = load.needs(&store(), &cluster);
    for number in [
        needs.memory_in_all,
        needs.network,
        needs.replication,
        needs.nodes,
    ] {
        assert!(number.is_finite() && number > 0.0, "{needs:?}");
    }
    let smallest = Load {
        sessions: 1.0,
        visits_per_hour: 0.001,
        writes_percent: 0.0,
        ..LOAD
    };
    assert_eq!(
        smallest.needs(&store(), &CLUSTER).nodes,
        3.0,
        "one primary, two replicas"
    );
}
