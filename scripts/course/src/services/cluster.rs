//! `up cluster`, `status cluster` and `down cluster`: two copies of step 08 behind a
//! proxy, with sessions in a Redis Cluster and users in a replica set of MongoDB, all
//! of it on this machine. Each process is a part, with a folder under
//! `target/services/cluster`.

mod down;
mod part;
mod status;
mod up;

pub use down::run as down;
pub use status::run as status;
pub use up::run as up;

use checks::servers::group::Group;
use part::{Part, Stage};
use std::env;

/// What it is called on the command line and in a message.
pub const NAME: &str = "cluster";

/// In the order of [`Stage::ALL`]: six of Redis, three of MongoDB, two copies, the proxy.
const PORTS: [u16; 12] = [
    7001, 7002, 7003, 7004, 7005, 7006, 27021, 27022, 27023, 3001, 3002, 3000,
];

/// For our tests alone, which must not meet the cluster of whoever runs them: other
/// ports in the same order, with commas between.
const OTHER_PORTS: &str = "COURSE_CLUSTER_PORTS";

/// All parts, in the order in which they start.
pub struct Cluster(Vec<Part>);

impl Cluster {
    pub fn new() -> Result<Cluster, String> {
        let ports = ports()?;
        let stages = Stage::ALL.into_iter();
        let stages = stages.flat_map(|stage| std::iter::repeat_n(stage, stage.size()));
        let all = stages
            .zip(ports)
            .map(|(stage, port)| Part::new(stage, port));
        Ok(Cluster(all.collect()))
    }

    fn of(&self, stage: Stage) -> impl Iterator<Item = &Part> {
        self.0.iter().filter(move |part| part.stage == stage)
    }

    fn ports(&self, stage: Stage) -> Vec<u16> {
        self.of(stage).map(|part| part.home.port).collect()
    }

    /// Where a store is reached, as a copy takes it.
    fn url(&self, stage: Stage, group: Group) -> String {
        group.url(&self.ports(stage))
    }
}

/// Whether `up` has started any part that `down` has not stopped.
pub fn is_noted() -> bool {
    let cluster = Cluster::new();
    cluster.is_ok_and(|cluster| cluster.0.iter().any(|part| part.home.noted().is_some()))
}

fn ports() -> Result<Vec<u16>, String> {
    let Ok(others) = env::var(OTHER_PORTS) else {
        return Ok(PORTS.to_vec());
    };
    let others: Option<Vec<u16>> = others
        .split(',')
        .map(|port| port.parse::<u16>().ok())
        .collect();
    let others = others.filter(|others| others.len() == PORTS.len());
    others.ok_or_else(|| format!("{OTHER_PORTS}: expected {} ports", PORTS.len()))
}

/// Such as 127.0.0.1:3001, 3002.
fn addresses(ports: &[u16]) -> String {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    format!("127.0.0.1:{}", ports.join(", "))
}
