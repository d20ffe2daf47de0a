//! Redis Cluster. All keys fall into 16 384 slots, and each master has some of them.

use super::{LIMIT, check_replication, connect, keys as keys_of, until, value};

/// How many of the nodes begin as masters.
const MASTERS: usize = 3;

const SLOTS: usize = 16_384;

pub(super) const ARGUMENTS: [&str; 12] = [
    "--cluster-enabled",
    "yes",
    // In ms. A master that is silent for so long is taken for gone.
    "--cluster-node-timeout",
    "2000",
    // While one master is away, the others' keys are served.
    "--cluster-require-full-coverage",
    "no",
    // A replica may take over however long ago it last heard from its master: old
    // sessions are better than none.
    "--cluster-replica-validity-factor",
    "0",
    // A replica gets its copy at once, not with others 5 s later.
    "--repl-diskless-sync-delay",
    "0",
    // Each master has its one replica, and none is lent to another.
    "--cluster-allow-replica-migration",
    "no",
];

/// What `redis-cli --cluster create` does, too.
pub(super) fn form(ports: &[u16]) -> Result<(), String> {
    let mut first = connect(ports[0])?;
    if value(&first.ask("CLUSTER INFO")?, "cluster_known_nodes") != "1" {
        // It remembers the others from another time.
        return Ok(());
    }
    let (masters, replicas) = ports.split_at(MASTERS);
    for (number, port) in masters.iter().enumerate() {
        let mut master = connect(*port)?;
        let (from, to) = (SLOTS * number / MASTERS, SLOTS * (number + 1) / MASTERS - 1);
        master.ask(&format!("CLUSTER ADDSLOTSRANGE {from} {to}"))?;
        // Else they would have to find out who of them comes first.
        master.ask(&format!("CLUSTER SET-CONFIG-EPOCH {}", number + 1))?;
    }
    for port in &ports[1..] {
        first.ask(&format!("CLUSTER MEET 127.0.0.1 {port}"))?;
    }
    for (master, replica) in masters.iter().zip(replicas) {
        let id = connect(*master)?.ask("CLUSTER MYID")?;
        // It has to have heard of it first.
        until(LIMIT, || {
            connect(*replica)?.ask(&format!("CLUSTER REPLICATE {id}"))
        })?;
    }
    Ok(())
}

pub(super) fn check(ports: &[u16]) -> Result<(), String> {
    let known = format!("cluster_known_nodes:{}", ports.len());
    for port in ports {
        let mut node = connect(*port)?;
        let report = node.ask("CLUSTER INFO")?;
        for expected in ["cluster_state:ok", "cluster_slots_ok:16384", &known] {
            if !report.lines().any(|line| line == expected) {
                return Err(format!("not {expected} on port {port}"));
            }
        }
        let nodes = node.ask("CLUSTER NODES")?;
        let troubles = ["fail", "handshake", "noaddr"];
        let mut flags = nodes.lines().filter_map(|line| line.split(' ').nth(2));
        if let Some(flags) = flags.find(|flags| troubles.iter().any(|t| flags.contains(t))) {
            return Err(format!("port {port} sees a node as {flags}"));
        }
        check_replication(*port, &mut node)?;
    }
    Ok(())
}

/// What a node says of itself.
struct Myself {
    port: u16,
    /// Of two masters that both claim a slot, the one with the higher number has it.
    epoch: u64,
    slots: Vec<(u16, u16)>,
}

/// The nodes that answer.
fn all(ports: &[u16]) -> impl Iterator<Item = Myself> {
    ports.iter().filter_map(|port| {
        let nodes = connect(*port).and_then(|mut node| node.ask("CLUSTER NODES"));
        let nodes = nodes.ok()?;
        myself(*port, nodes.lines().find(|line| line.contains("myself"))?)
    })
}

/// A line of CLUSTER NODES: ID, address, flags, master, two times, epoch, link, slots.
fn myself(port: u16, line: &str) -> Option<Myself> {
    let mut words = line.split(' ');
    let master = words.nth(2)?.contains("master");
    let epoch = words.nth(3)?.parse().ok()?;
    let slots = words.skip(1).filter_map(|range| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        Some((from.parse().ok()?, to.parse().ok()?))
    });
    // A replica has the slots of its master, and they are not in its line.
    let slots = slots.filter(|_| master).collect();
    Some(Myself { port, epoch, slots })
}

pub(super) fn leader(ports: &[u16], key: &str) -> Result<u16, String> {
    let ask = format!("CLUSTER KEYSLOT {key}");
    let slot = ports
        .iter()
        .find_map(|port| connect(*port).ok()?.ask(&ask).ok());
    let slot = slot.ok_or("no node of the cluster answers")?;
    let slot: u16 = slot
        .parse()
        .map_err(|_| format!("CLUSTER KEYSLOT is {slot}"))?;
    let has = |node: &Myself| {
        node.slots
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&slot))
    };
    let leader = all(ports).filter(has).max_by_key(|node| node.epoch);
    let leader = leader.ok_or_else(|| format!("no master has slot {slot}"))?;
    Ok(leader.port)
}

/// The port of the one that follows the master on this port.
pub(super) fn replica(master: u16) -> Result<u16, String> {
    let role = connect(master)?.ask("ROLE")?;
    // Its own role and place in the stream, then address, port and place of the other.
    let port = role.lines().nth(3).and_then(|port| port.parse().ok());
    port.ok_or_else(|| format!("the node on port {master} has no replica"))
}

/// Those of all masters.
pub(super) fn keys(ports: &[u16]) -> Result<u64, String> {
    let masters = all(ports).filter(|node| !node.slots.is_empty());
    masters.map(|node| keys_of(node.port)).sum()
}
