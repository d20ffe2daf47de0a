//! One line for each part of the cluster.

use super::{Cluster, NAME, addresses, is_noted, part::Part};
use crate::services::{complaint, home::ago, line};

pub fn run() -> String {
    let cluster = match Cluster::new() {
        Ok(cluster) => cluster,
        Err(why) => return complaint(NAME, &why) + "\n",
    };
    if !is_noted() {
        return line(NAME, "not running", "");
    }
    cluster.0.iter().map(of_part).collect()
}

fn of_part(part: &Part) -> String {
    let address = addresses(&[part.home.port]);
    let (state, place) = match part.home.process() {
        Some(pid) => {
            let age = part.home.age().map(ago).unwrap_or_default();
            let place = format!("{address}, process {pid}, started {age}");
            (part.role(), place)
        }
        None if part.taken().is_empty() => ("not running".to_owned(), address),
        None => ("port taken by another".to_owned(), address),
    };
    line(part.stage.name(), &state, &place)
}
