//! Several servers that are one to their clients: how each is started, how they are made
//! one, who of them takes writes now, and whether all is well. As in the module above,
//! without a client library.

mod redis_cluster;
mod replica_set;
mod sentinel;

use super::{Redis, Server};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// What MongoDB calls the replica set, and the Sentinels the master that they watch.
const NAME: &str = "course";

/// How long servers that answer may take until they are one, or one again.
const LIMIT: Duration = Duration::from_mins(1);

/// A way to be many. Its nodes have numbers, from 0 on, and each has a port on loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Nodes 0 to 2 begin as masters, each with a third of all keys; 3 to 5 as their
    /// replicas, in this order. Each also listens on its port plus 10 000.
    RedisCluster,
    /// Node 0 begins as the master, 1 as its replica; 2 to 4 are the Sentinels.
    RedisSentinel,
    /// Three of MongoDB, equal. They choose their primary.
    ReplicaSet,
}

impl Group {
    pub const ALL: [Group; 3] = [Group::RedisCluster, Group::RedisSentinel, Group::ReplicaSet];

    /// How many nodes it has.
    pub fn size(self) -> usize {
        match self {
            Group::RedisCluster => 6,
            Group::RedisSentinel => 5,
            Group::ReplicaSet => 3,
        }
    }

    /// The kind of each node.
    pub fn server(self) -> Server {
        match self {
            Group::RedisCluster | Group::RedisSentinel => Server::Redis,
            Group::ReplicaSet => Server::Mongo,
        }
    }

    /// Where all of it is reached, as an app takes it. Redis: in the syntax of fred.
    /// MongoDB: with a database in it, and a write is done when most nodes have it.
    pub fn url(self, ports: &[u16]) -> String {
        let address = |port: &u16| format!("127.0.0.1:{port}");
        let others = |ports: &[u16]| {
            let others = ports[1..]
                .iter()
                .map(|port| format!("node={}", address(port)));
            others.collect::<Vec<_>>().join("&")
        };
        match self {
            Group::RedisCluster => {
                let (first, others) = (address(&ports[0]), others(ports));
                format!("redis-cluster://{first}?{others}")
            }
            Group::RedisSentinel => {
                let sentinels = sentinel::sentinels(ports);
                let (first, others) = (address(&sentinels[0]), others(sentinels));
                format!("redis-sentinel://{first}?sentinelServiceName={NAME}&{others}")
            }
            Group::ReplicaSet => {
                let all = ports.iter().map(address).collect::<Vec<_>>().join(",");
                format!("mongodb://{all}/course?replicaSet={NAME}&w=majority")
            }
        }
    }

    /// Runs a node in the foreground, on loopback, with its data in `folder`. What it
    /// learns of the others it keeps there, so that it finds them when it comes back.
    ///
    /// # Errors
    ///
    /// As [`Server::command`].
    pub fn command(self, ports: &[u16], node: usize, folder: &Path) -> Result<Command, String> {
        let mut command = self.server().command(ports[node], folder)?;
        match self {
            Group::RedisCluster => drop(command.args(redis_cluster::ARGUMENTS)),
            Group::RedisSentinel => sentinel::arguments(&mut command, ports, node, folder)?,
            Group::ReplicaSet => drop(command.args(replica_set::ARGUMENTS)),
        }
        Ok(command)
    }

    /// Makes nodes that answer one, if they are not yet, and blocks until all is well.
    ///
    /// # Errors
    ///
    /// One line: what is amiss after a minute.
    pub fn form(self, ports: &[u16]) -> Result<(), String> {
        match self {
            Group::RedisCluster => redis_cluster::form(ports)?,
            // It stands in their settings.
            Group::RedisSentinel => {}
            Group::ReplicaSet => replica_set::form(ports)?,
        }
        until(LIMIT, || self.check(ports))
    }

    /// Whether every node is there, takes part, and has what it should have of the
    /// others' data. The error, one line, is what is amiss. Blocks for some seconds
    /// where a node is frozen.
    pub fn check(self, ports: &[u16]) -> Result<(), String> {
        match self {
            Group::RedisCluster => redis_cluster::check(ports),
            Group::RedisSentinel => sentinel::check(ports),
            Group::ReplicaSet => replica_set::check(ports),
        }
    }

    /// The node that takes writes of this key now. Only in a Redis Cluster it depends
    /// on the key, which is one word.
    ///
    /// # Errors
    ///
    /// One line: nobody does now, as while another is being chosen.
    pub fn leader(self, ports: &[u16], key: &str) -> Result<usize, String> {
        let port = match self {
            Group::RedisCluster => redis_cluster::leader(ports, key),
            Group::RedisSentinel => sentinel::leader(ports),
            Group::ReplicaSet => replica_set::leader(ports),
        }?;
        node_at(ports, port)
    }

    /// The node that follows this master of a Redis Cluster.
    ///
    /// # Errors
    ///
    /// One line: none does.
    pub fn replica(self, ports: &[u16], master: usize) -> Result<usize, String> {
        let port = redis_cluster::replica(ports[master])?;
        node_at(ports, port)
    }

    /// A master of a Redis Cluster closes the connection to its replica.
    ///
    /// # Errors
    ///
    /// One line: it does not answer.
    pub fn hang_up(self, ports: &[u16], master: usize) -> Result<(), String> {
        connect(ports[master])?.ask("CLIENT KILL TYPE replica")?;
        Ok(())
    }

    /// What the node on this port is now: `master`, `replica of 7001`, `primary`,
    /// `secondary` or, while it is neither, `no member yet`. A Sentinel has no role.
    ///
    /// # Errors
    ///
    /// One line: it does not answer.
    pub fn role(self, port: u16) -> Result<String, String> {
        match self {
            Group::RedisCluster | Group::RedisSentinel => {
                let report = connect(port)?.ask("INFO replication")?;
                let master = value(&report, "master_port");
                Ok(match value(&report, "role") {
                    "slave" => format!("replica of {master}"),
                    role => role.to_owned(),
                })
            }
            Group::ReplicaSet => replica_set::role(port),
        }
    }

    /// How many sessions it holds. MongoDB: in the collection `sessions`.
    ///
    /// # Errors
    ///
    /// One line: a node that has to be asked does not answer.
    pub fn sessions(self, ports: &[u16]) -> Result<u64, String> {
        match self {
            Group::RedisCluster => redis_cluster::keys(ports),
            Group::RedisSentinel => keys(sentinel::leader(ports)?),
            Group::ReplicaSet => replica_set::sessions(ports),
        }
    }
}

/// Tries until it works. The error is that of the last try.
pub fn until<T>(
    limit: Duration,
    mut attempt: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    let start = Instant::now();
    loop {
        match attempt() {
            Err(_) if start.elapsed() < limit => thread::sleep(Duration::from_millis(20)),
            done => return done,
        }
    }
}

fn node_at(ports: &[u16], port: u16) -> Result<usize, String> {
    let node = ports.iter().position(|known| *known == port);
    node.ok_or_else(|| format!("port {port} is none of ours"))
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn connect(port: u16) -> Result<Redis, String> {
    Redis::connect(loopback(port)).map_err(|why| format!("{why} (port {port})"))
}

fn keys(port: u16) -> Result<u64, String> {
    let size = connect(port)?.ask("DBSIZE")?;
    size.parse().map_err(|_| format!("DBSIZE is {size}"))
}

/// Of a report of Redis, such as INFO's: the rest of the line that begins like this.
fn value<'a>(report: &'a str, name: &str) -> &'a str {
    let mut lines = report.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.unwrap_or_default()
}

/// A master has one replica that keeps up, or a replica keeps up with its master.
fn check_replication(port: u16, redis: &mut Redis) -> Result<(), String> {
    let report = redis.ask("INFO replication")?;
    let well = if value(&report, "role") == "master" {
        value(&report, "connected_slaves") == "1"
            && value(&report, "slave0").contains("state=online")
    } else {
        value(&report, "master_link_status") == "up"
    };
    if well {
        return Ok(());
    }
    let role = value(&report, "role");
    Err(format!(
        "the {role} on port {port} is not in step with another"
    ))
}
