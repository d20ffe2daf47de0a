//! Against real servers.

use super::*;
use crate::servers::{Redis, mongo};
use rustix::process::{Pid, test_kill_process};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};

/// `None`: a program is missing, and does not have to be there.
async fn start(group: Group) -> Option<Nodes> {
    let server = group.server();
    if server.program().is_none() && !crate::is_on("COURSE_STRICT") {
        eprintln!("not judged: needs {}", server.needs());
        return None;
    }
    Some(Nodes::start(group).await.unwrap())
}

fn address(nodes: &Nodes, node: usize) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, nodes.ports()[node]).into()
}

/// A session that the leader and most others have when this returns.
fn write(nodes: &Nodes, leader: usize, key: &str) {
    let address = address(nodes, leader);
    if nodes.group() == Group::ReplicaSet {
        let session = json!({ "_id": key });
        let insert = json!({
            "insert": "sessions",
            "documents": [session],
            "writeConcern": { "w": "majority" },
            "$db": "course",
        });
        let answer = mongo::ask(address, &insert).unwrap();
        assert_eq!(answer.get("n"), Some(&json!(1)), "{answer:?}");
        return assert!(!answer.contains_key("writeConcernError"), "{answer:?}");
    }
    let mut redis = Redis::connect(address).unwrap();
    redis.ask(&format!("SET {key} value")).unwrap();
    // One replica, within 5 s.
    assert_eq!(redis.ask("WAIT 1 5000").unwrap(), "1");
}

fn is_there(nodes: &Nodes, leader: usize, key: &str) -> bool {
    let address = address(nodes, leader);
    if nodes.group() == Group::ReplicaSet {
        let count = json!({ "count": "sessions", "query": { "_id": key }, "$db": "course" });
        let answer = mongo::ask(address, &count).unwrap();
        return answer.get("n") == Some(&json!(1));
    }
    let mut redis = Redis::connect(address).unwrap();
    redis.ask(&format!("EXISTS {key}")).unwrap() == "1"
}

/// The leader is killed, another has all that it said yes to, and the first comes back
/// as one who follows.
async fn fails_over(group: Group) {
    let Some(nodes) = start(group).await else {
        return;
    };
    group.check(nodes.ports()).unwrap();
    let first = nodes.leader("key").await.unwrap();
    for number in 0..20 {
        let key = format!("{{key}}{number}");
        assert_eq!(nodes.leader(&key).await.unwrap(), first);
        write(&nodes, first, &key);
    }
    nodes.kill(first).await.unwrap();
    assert!(group.check(nodes.ports()).is_err());
    let second = nodes.another_leads("key", first).await.unwrap();
    expect_sessions(&nodes, second);
    nodes.start_again(first).await.unwrap();
    nodes.well().await.unwrap();
    // The second, unless this machine kept that one waiting for too long, too.
    let leader = nodes.leader("key").await.unwrap();
    expect_sessions(&nodes, leader);
    write(&nodes, leader, "{key}later");
    assert_eq!(nodes.sessions().await.unwrap(), 21);
}

fn expect_sessions(nodes: &Nodes, leader: usize) {
    for number in 0..20 {
        let key = format!("{{key}}{number}");
        assert!(is_there(nodes, leader, &key), "{key} is lost");
    }
}

#[tokio::test]
async fn a_redis_cluster_chooses_another_master() {
    fails_over(Group::RedisCluster).await;
}

#[tokio::test]
async fn sentinels_choose_another_master() {
    fails_over(Group::RedisSentinel).await;
}

#[tokio::test]
async fn a_replica_set_elects_another_primary() {
    fails_over(Group::ReplicaSet).await;
}

#[tokio::test]
async fn a_redis_cluster_s_masters_have_all_keys_between_them() {
    let Some(nodes) = start(Group::RedisCluster).await else {
        return;
    };
    let mut leaders = [0; 3];
    for number in 0..30 {
        let key = format!("key-{number}");
        let leader = nodes.leader(&key).await.unwrap();
        write(&nodes, leader, &key);
        leaders[leader] += 1;
    }
    assert!(leaders.iter().all(|count| *count > 0), "{leaders:?}");
    assert_eq!(nodes.sessions().await.unwrap(), 30);
}

/// As after `cargo course down` and `up`.
#[tokio::test]
async fn nodes_that_were_one_are_one_again() {
    for group in Group::ALL {
        let Some(nodes) = start(group).await else {
            continue;
        };
        for node in 0..group.size() {
            nodes.kill(node).await.unwrap();
        }
        for node in 0..group.size() {
            nodes.start_again(node).await.unwrap();
        }
        group.form(nodes.ports()).unwrap();
    }
}

#[tokio::test]
async fn nodes_end_with_the_last_who_knows_them() {
    for group in Group::ALL {
        let Some(nodes) = start(group).await else {
            continue;
        };
        let pids: Vec<i32> = nodes.running.iter().map(Running::pid).collect();
        assert_eq!(pids.len(), group.size());
        let there = |pid: &i32| test_kill_process(Pid::from_raw(*pid).unwrap()).is_ok();
        assert!(pids.iter().all(there));
        nodes.freeze(0).await.unwrap();
        drop(nodes);
        assert!(!pids.iter().any(there), "{group:?} leaves {pids:?}");
    }
}
