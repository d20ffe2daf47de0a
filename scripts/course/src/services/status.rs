//! One line for each server: where it is expected, and whose it is.

use super::{
    complaint,
    home::{Home, How, ago},
    line,
    place::Place,
    start,
};
use checks::servers::Server;
use std::path::Path;

pub fn run(root: &Path, servers: &[Server]) -> String {
    let mut report = String::new();
    for server in servers {
        let expected = match Place::of(*server, root) {
            Ok(Some(place)) => {
                report += &line(server.name(), &state(&place), &place.url);
                Some(place.address.port())
            }
            Ok(None) => {
                report += &line(server.name(), "not needed", "");
                None
            }
            Err(why) => {
                report += &(complaint(server.name(), &why) + "\n");
                None
            }
        };
        // Started while the settings were others.
        for home in Home::all(*server) {
            if Some(home.port) != expected
                && let Some(state) = ours(&home)
            {
                report += &line(server.name(), &state, &server.url(home.port));
            }
        }
    }
    report
}

fn state(place: &Place) -> String {
    let answers = place.answers();
    let ours = ours(&Home::new(place.server, place.address.port()));
    match ours {
        Some(state) if answers => state,
        Some(_) => "ours, does not answer".to_owned(),
        None if answers => "running, not started by us".to_owned(),
        None if start::taken(place.address) => "port taken by another".to_owned(),
        None => "not running".to_owned(),
    }
}

/// How long a server of ours has been running.
fn ours(home: &Home) -> Option<String> {
    let age = home.age().map(ago).unwrap_or_default();
    match home.noted()? {
        How::Docker => Some(format!("started, Docker, {age}")),
        How::Process(_) => home.process().map(|_| format!("started by us {age}")),
    }
}
