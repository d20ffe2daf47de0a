//! All that was calculated, in words and figures: a terminal and a page show the same.

use crate::{
    assumed::assumed,
    figure::{figure, round, whole},
    need::{Cluster, Load, Needs},
    options::Options,
    recorded::{Recorded, Store},
};

#[derive(Debug)]
pub struct Sheet {
    /// Live sessions, one for each column.
    pub sessions: Vec<String>,
    pub common: Vec<Row>,
    /// By the store's name.
    pub stores: [(&'static str, Vec<Row>); 2],
    /// What it rests on, each in a line or two.
    pub assumed: Vec<String>,
}

#[derive(Debug, PartialEq)]
pub struct Row {
    pub label: String,
    pub cells: Vec<String>,
}

impl Sheet {
    pub fn new(recorded: &Recorded, options: &Options) -> Sheet {
        let loads: Vec<Load> = options
            .sessions()
            .iter()
            .map(|n| options.load(*n))
            .collect();
        let [redis, mongodb] = clusters(recorded, options);
        Sheet {
            sessions: loads.iter().map(|load| round(load.sessions)).collect(),
            common: common(&loads, recorded),
            stores: [
                ("Redis", rows(&loads, &recorded.redis, &redis)),
                ("MongoDB", rows(&loads, &recorded.mongodb, &mongodb)),
            ],
            assumed: assumed(recorded, options, [redis, mongodb]),
        }
    }
}

/// Redis and MongoDB.
pub fn clusters(recorded: &Recorded, options: &Options) -> [Cluster; 2] {
    [
        options.redis(&recorded.redis),
        options.mongodb(&recorded.mongodb),
    ]
}

fn common(loads: &[Load], recorded: &Recorded) -> Vec<Row> {
    let all: Vec<_> = loads.iter().map(|load| load.common(recorded)).collect();
    vec![
        row("requests a second", &all, |of| figure(of.requests)),
        row("logins a second", &all, |of| figure(of.logins)),
        row("cores that hash passwords", &all, |of| {
            figure(of.hash_cores)
        }),
        row("users' database: queries/s", &all, |of| {
            figure(of.statements)
        }),
        row("users' database: rows, GiB", &all, |of| figure(of.rows)),
    ]
}

fn rows(loads: &[Load], store: &Store, cluster: &Cluster) -> Vec<Row> {
    let needs: Vec<Needs> = loads
        .iter()
        .map(|load| load.needs(store, cluster))
        .collect();
    let disk = |of: &Needs| of.disk_in_all.map_or("–".to_owned(), figure);
    vec![
        row("memory, one copy, GiB", &needs, |of| figure(of.memory)),
        row("memory, all copies, GiB", &needs, |of| {
            figure(of.memory_in_all)
        }),
        row("disk, all copies, GiB", &needs, disk),
        row("commands a second", &needs, |of| figure(of.commands)),
        row("primaries for the memory", &needs, |of| {
            whole(of.for_memory)
        }),
        row("primaries for the commands", &needs, |of| {
            whole(of.for_commands)
        }),
        row("nodes, replicas included", &needs, |of| whole(of.nodes)),
        row("apps' network, Mbit/s", &needs, |of| figure(of.network)),
        row("replicas' network, Mbit/s", &needs, |of| {
            figure(of.replication)
        }),
        row("writes/s, renewing each time", &needs, |of| {
            figure(of.writes_unthrottled)
        }),
        row("writes/s, with the throttle", &needs, |of| {
            figure(of.writes)
        }),
    ]
}

fn row<T>(label: &str, all: &[T], cell: impl Fn(&T) -> String) -> Row {
    Row {
        label: label.to_owned(),
        cells: all.iter().map(cell).collect(),
    }
}
