//! One process of the cluster.

use crate::services::{home::Home, install::Program, start};
use checks::servers::{Server, group::Group, proxy};
use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// What starts together, and before the next: who needs a store finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Redis,
    Mongo,
    App,
    Proxy,
}

impl Stage {
    pub const ALL: [Stage; 4] = [Stage::Redis, Stage::Mongo, Stage::App, Stage::Proxy];

    pub fn name(self) -> &'static str {
        match self {
            Stage::Redis => Server::Redis.name(),
            Stage::Mongo => Server::Mongo.name(),
            Stage::App => "step-08",
            Stage::Proxy => proxy::PROGRAM,
        }
    }

    /// How many processes.
    pub fn size(self) -> usize {
        match self {
            Stage::Redis | Stage::Mongo => self.group().map_or(0, Group::size),
            Stage::App => 2,
            Stage::Proxy => 1,
        }
    }

    pub fn group(self) -> Option<Group> {
        match self {
            Stage::Redis => Some(Group::RedisCluster),
            Stage::Mongo => Some(Group::ReplicaSet),
            Stage::App | Stage::Proxy => None,
        }
    }

    /// What has to be installed for it. The app is built.
    pub fn program(self) -> Option<Program> {
        match self {
            Stage::Redis => Some(Program::Of(Server::Redis)),
            Stage::Mongo => Some(Program::Of(Server::Mongo)),
            Stage::App => None,
            Stage::Proxy => Some(Program::Proxy),
        }
    }

    fn program_names(self) -> &'static [&'static str] {
        match self {
            Stage::Redis => Server::Redis.program_names(),
            Stage::Mongo => Server::Mongo.program_names(),
            Stage::App => &["step-08"],
            Stage::Proxy => &[proxy::PROGRAM],
        }
    }
}

pub struct Part {
    pub stage: Stage,
    pub home: Home,
}

impl Part {
    pub fn new(stage: Stage, port: u16) -> Part {
        let home = Home::in_cluster(stage.name(), port, stage.program_names());
        Part { stage, home }
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.home.port).into()
    }

    /// The ports of this part that another program has. A Redis also listens where the
    /// others of its cluster find it.
    pub fn taken(&self) -> Vec<u16> {
        let mut ports = vec![self.home.port];
        if self.stage == Stage::Redis {
            ports.extend(self.home.port.checked_add(10_000));
        }
        let taken = |port: &u16| start::taken((Ipv4Addr::LOCALHOST, *port).into());
        ports.into_iter().filter(taken).collect()
    }

    /// Whether it is there. Only an app and the proxy need the other parts for that.
    pub fn answers(&self) -> bool {
        match self.stage {
            Stage::Redis => Server::Redis.answers(self.address()),
            Stage::Mongo => Server::Mongo.answers(self.address()),
            Stage::App => is_ready(self.address()).unwrap_or(false),
            Stage::Proxy => {
                let copies = self.copies();
                copies.is_some_and(|copies| copies.iter().all(|copy| copy.status == "UP"))
            }
        }
    }

    /// In a word or three, as it sees itself.
    pub fn role(&self) -> String {
        let silent = || "does not answer".to_owned();
        match (self.stage, self.stage.group()) {
            (_, Some(group)) => group.role(self.home.port).unwrap_or_else(|_| silent()),
            (Stage::Proxy, _) => self.copies().map_or_else(silent, |copies| {
                let up = copies.iter().filter(|copy| copy.status == "UP").count();
                format!("{up} of {} copies up", copies.len())
            }),
            _ => match is_ready(self.address()) {
                Ok(true) => "ready".to_owned(),
                Ok(false) => "not ready".to_owned(),
                Err(_) => silent(),
            },
        }
    }

    fn copies(&self) -> Option<Vec<proxy::Copy>> {
        proxy::copies(&proxy::socket(&self.home.data())).ok()
    }
}

/// As the proxy asks.
fn is_ready(address: SocketAddr) -> io::Result<bool> {
    let limit = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    let question = "GET /healthz/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(question.as_bytes())?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    Ok(&answer == b"HTTP/1.1 200")
}
