//! The arithmetic: what live sessions need, from what was measured of one. Nothing here
//! reads, writes or rounds, but for nodes, of which there are whole ones.

use crate::recorded::{Recorded, Size, Store};

const SECONDS: f64 = 3600.0;
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const BITS_IN_MBIT: f64 = 1_000_000.0;

/// The idle timeout has so many parts, and a read renews once in a part: `RENEWALS` in
/// the steps' `life.rs`.
const RENEWALS: f64 = 10.0;

/// What visitors do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Those that are alive at the same time.
    pub sessions: f64,
    /// Requests of each of them.
    pub visits_per_hour: f64,
    /// Of the requests, those that change the session anyway.
    pub writes_percent: f64,
    /// The idle timeout, in seconds.
    pub idle: f64,
    /// How long a session lives from its beginning to its end, on average.
    pub minutes: f64,
    /// Nobody is logged in: no digest in the session, and no login.
    pub anonymous: bool,
    /// A record's size in bytes, in place of the measured one.
    pub record: Option<f64>,
}

/// How a store is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cluster {
    /// Copies of everything, beside the primary.
    pub replicas: f64,
    /// Of one node, in GiB.
    pub node_memory: f64,
    /// How much of a node's memory holds sessions.
    pub fill_percent: f64,
    /// How much of a node's rate is asked of it.
    pub busy_percent: f64,
    /// Commands a second that one node could answer.
    pub rate: f64,
    /// As soon as there is more than one primary, there are so many.
    pub fewest: f64,
}

/// Requests a second, of each kind.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rates {
    /// Without those that renew.
    reads: f64,
    renewals: f64,
    writes: f64,
    /// Sessions that begin. As many end, or there would be more and more.
    begins: f64,
}

/// What a load needs beside the store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Common {
    pub requests: f64,
    pub logins: f64,
    /// That do nothing but hash passwords.
    pub hash_cores: f64,
    /// Statements a second for the users' database.
    pub statements: f64,
    /// Its rows of sessions, in GiB.
    pub rows: f64,
}

/// What a load needs of a store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needs {
    /// GiB of one copy and of all.
    pub memory: f64,
    pub memory_in_all: f64,
    /// The same on the disk, in all.
    pub disk_in_all: Option<f64>,
    pub commands: f64,
    /// Mbit/s between app and store, both ways, and from primaries to replicas.
    pub network: f64,
    pub replication: f64,
    /// Writes a second, if every request renewed its session, and as it is.
    pub writes_unthrottled: f64,
    pub writes: f64,
    /// Primaries that have the memory, and that answer the commands.
    pub for_memory: f64,
    pub for_commands: f64,
    /// As many as the greater of the two, each with its replicas.
    pub nodes: f64,
}

impl Load {
    pub fn requests(&self) -> f64 {
        self.sessions * self.visits_per_hour / SECONDS
    }

    /// The part of the idle timeout in which a session is renewed once, in seconds.
    pub fn part(&self) -> f64 {
        self.idle / RENEWALS
    }

    fn begins(&self) -> f64 {
        self.sessions / (self.minutes * 60.0)
    }

    /// A session is renewed once in a part of the idle timeout at most, and at most by
    /// every read: whatever comes first. So this is an upper bound, which visits at
    /// regular intervals longer than such a part reach.
    fn rates(&self, throttled: bool) -> Rates {
        let writes = self.requests() * self.writes_percent / 100.0;
        let reads = self.requests() - writes;
        let renewals = if throttled {
            reads.min(self.sessions / self.part())
        } else {
            reads
        };
        Rates {
            reads: reads - renewals,
            renewals,
            writes,
            begins: self.begins(),
        }
    }

    pub fn common(&self, recorded: &Recorded) -> Common {
        let (users, rates) = (&recorded.users, self.rates(true));
        let somebody = if self.anonymous { 0.0 } else { 1.0 };
        let statements = rates.reads * f64::from(users.read)
            + rates.renewals * f64::from(users.renewal)
            + rates.writes * f64::from(users.write)
            + rates.begins * f64::from(users.login);
        Common {
            requests: self.requests(),
            logins: somebody * rates.begins,
            hash_cores: somebody * rates.begins * users.hash_seconds,
            statements: somebody * statements,
            rows: somebody * self.sessions * users.row / GIB,
        }
    }

    pub fn needs(&self, store: &Store, cluster: &Cluster) -> Needs {
        let size = self.size(store);
        let copies = 1.0 + cluster.replicas;
        let gib = |bytes: f64| self.sessions * bytes / GIB;
        let work = self.work(store, size.record, true);
        let Cluster {
            node_memory, rate, ..
        } = cluster;
        let nodes = |all: f64, node: f64, percent: f64| (all * 100.0 / (node * percent)).ceil();
        let for_memory = nodes(gib(size.memory), *node_memory, cluster.fill_percent);
        let for_commands = nodes(work.commands, *rate, cluster.busy_percent);
        let primaries = match for_memory.max(for_commands).max(1.0) {
            1.0 => 1.0,
            more => more.max(cluster.fewest),
        };
        Needs {
            memory: gib(size.memory),
            memory_in_all: gib(size.memory) * copies,
            disk_in_all: size.disk.map(|disk| gib(disk) * copies),
            commands: work.commands,
            network: work.bytes * 8.0 / BITS_IN_MBIT,
            replication: cluster.replicas * work.bytes_written * 8.0 / BITS_IN_MBIT,
            writes_unthrottled: self.work(store, size.record, false).writes,
            writes: work.writes,
            for_memory,
            for_commands,
            nodes: primaries * copies,
        }
    }

    /// Of one session. Another record's size takes as much more, or less, in memory; on
    /// the disk, where it is compressed, in proportion.
    pub(crate) fn size(&self, store: &Store) -> Size {
        let measured = if self.anonymous {
            store.anonymous
        } else {
            store.logged_in
        };
        let record = self.record.unwrap_or(measured.record);
        Size {
            record,
            memory: measured.memory + record - measured.record,
            disk: measured.disk.map(|disk| disk * record / measured.record),
            ..measured
        }
    }

    /// What the store does in a second.
    fn work(&self, store: &Store, record: f64, throttled: bool) -> Work {
        let rates = self.rates(throttled);
        let logged_in = record - store.logged_in.record;
        let begin = if self.anonymous {
            (&store.begin, rates.begins, record - store.anonymous.record)
        } else {
            (&store.login, rates.begins, logged_in)
        };
        let kinds = [
            (&store.read, rates.reads, logged_in),
            (&store.renewal, rates.renewals, logged_in),
            (&store.write, rates.writes, logged_in),
            begin,
        ];
        // Of a request that reads and writes, what is left without the reads.
        let read = store.read.sent / store.read.reads();
        let mut work = Work::default();
        for (request, rate, more) in kinds {
            let sent = request.sent + request.records_written() * more;
            let received = request.received + request.reads() * more;
            work.commands += rate * request.commands();
            work.writes += rate * request.writes();
            work.bytes += rate * (sent + received);
            work.bytes_written += rate * (sent - request.reads() * read);
        }
        work
    }
}

/// In a second.
#[derive(Debug, Default)]
struct Work {
    commands: f64,
    writes: f64,
    bytes: f64,
    /// Of those, with the writes alone.
    bytes_written: f64,
}

#[cfg(test)]
mod tests;
