//! Servers that are one to an app, each of which a check can kill, freeze and start
//! again.

use crate::{
    servers::{self, Group, group},
    store::{
        blocking,
        running::{self, Running, Sign},
    },
    verdict::{Stop, Verdict},
};
use std::{sync::Arc, thread, time::Duration};

/// How long it may take until another node leads, or until all is well again.
const LIMIT: Duration = Duration::from_mins(1);

/// A [`Group`] of our own, on free ports. Its nodes are numbered as it says.
#[derive(Debug, Clone)]
pub struct Nodes {
    group: Group,
    ports: Arc<[u16]>,
    running: Arc<[Running]>,
}

impl Nodes {
    /// Starts the servers and makes them one: all is well when this returns.
    pub async fn start(group: Group) -> Result<Nodes, Stop> {
        blocking(move || {
            let ports = servers::free_ports(group.size()).map_err(Stop::Harness)?;
            let running = start(group, &ports)?;
            group.form(&ports).map_err(Stop::Harness)?;
            Ok(Nodes {
                group,
                ports: ports.into(),
                running: running.into(),
            })
        })
        .await
    }

    pub fn group(&self) -> Group {
        self.group
    }

    /// What an app takes as `SESSION_STORE`; that of a replica set as `DATABASE_URL`,
    /// too.
    pub fn url(&self) -> String {
        self.group.url(&self.ports)
    }

    /// Of each node.
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// The node that takes writes of this key now. Only in a Redis Cluster it depends
    /// on the key.
    pub async fn leader(&self, key: &str) -> Result<usize, Stop> {
        let key = key.to_owned();
        self.ask(move |group, ports| group.leader(ports, &key))
            .await
    }

    /// How many sessions it holds. MongoDB: in the collection `sessions`.
    pub async fn sessions(&self) -> Result<u64, Stop> {
        self.ask(Group::sessions).await
    }

    /// SIGKILL, and waits until the node is gone.
    pub async fn kill(&self, node: usize) -> Verdict {
        let running = Arc::clone(&self.running);
        blocking(move || running[node].kill()).await
    }

    /// SIGSTOP: its connections stay open, and it does not answer.
    pub async fn freeze(&self, node: usize) -> Verdict {
        let running = Arc::clone(&self.running);
        blocking(move || running[node].freeze()).await
    }

    /// SIGCONT: it goes on where it was.
    pub fn thaw(&self, node: usize) -> Verdict {
        self.running[node].thaw()
    }

    /// As if the cable between a master of a Redis Cluster and its replica was cut: the
    /// replica, whose number this is, stands still, and what its master says yes to from
    /// now on does not wait for it in the system's buffers. [`thaw`](Nodes::thaw) it
    /// before the others take it for gone, after 2 s.
    pub async fn cut_off_replica(&self, master: usize) -> Result<usize, Stop> {
        let replica = self
            .ask(move |group, ports| group.replica(ports, master))
            .await?;
        self.freeze(replica).await?;
        self.ask(move |group, ports| group.hang_up(ports, master))
            .await?;
        Ok(replica)
    }

    /// After [`kill`](Nodes::kill): on the same port, with what it kept, and waits until
    /// it answers; [`well`](Nodes::well) waits until it takes part.
    ///
    /// A Redis keeps no data. Where it still leads, its replica would be as empty as it
    /// is: wait until [`another_leads`](Nodes::another_leads) before.
    pub async fn start_again(&self, node: usize) -> Verdict {
        let running = Arc::clone(&self.running);
        blocking(move || running[node].start_again()).await
    }

    /// Waits until a node other than this one, which is gone, leads for the key. Says
    /// which.
    pub async fn another_leads(&self, key: &str, gone: usize) -> Result<usize, Stop> {
        let key = key.to_owned();
        self.ask(move |group, ports| {
            group::until(LIMIT, || match group.leader(ports, &key)? {
                leader if leader == gone => Err(format!("node {gone} still leads")),
                leader => Ok(leader),
            })
        })
        .await
    }

    /// Waits until every node takes part and is in step with the others.
    pub async fn well(&self) -> Verdict {
        self.ask(|group, ports| group::until(LIMIT, || group.check(ports)))
            .await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(Group, &[u16]) -> Result<T, String> + Send + 'static,
    ) -> Result<T, Stop> {
        let (group, ports) = (self.group, Arc::clone(&self.ports));
        blocking(move || question(group, &ports).map_err(Stop::Harness)).await
    }
}

/// All at once: MongoDB takes most of a second.
fn start(group: Group, ports: &[u16]) -> Result<Vec<Running>, Stop> {
    thread::scope(|scope| {
        let nodes: Vec<_> = (0..group.size())
            .map(|node| scope.spawn(move || start_one(group, ports, node)))
            .collect();
        let nodes = nodes.into_iter().map(thread::ScopedJoinHandle::join);
        let nodes = nodes.map(|node| node.map_err(|_| Stop::harness("a thread panicked"))?);
        nodes.collect()
    })
}

fn start_one(group: Group, ports: &[u16], node: usize) -> Result<Running, Stop> {
    let folder = running::folder()?;
    let command = group.command(ports, node, &folder.path().join("data"));
    let command = command.map_err(Stop::Harness)?;
    let sign = Sign::Answers(group.server());
    Running::launch(sign, ports[node], folder, &command, None)
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
