//! The reverse proxy before copies of an app that is judged.

use crate::{
    servers::{self, proxy},
    store::{
        blocking,
        running::{self, Running, Sign},
    },
    verdict::{Stop, Verdict},
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

/// A HAProxy of our own, on a free port, with the configuration of
/// [`servers::proxy`].
#[derive(Debug)]
pub struct Proxy {
    running: Running,
    address: SocketAddr,
    socket: PathBuf,
}

impl Proxy {
    /// Starts it before these copies, which need not be there yet.
    pub async fn before(copies: &[SocketAddr]) -> Result<Proxy, Stop> {
        let copies = copies.to_vec();
        blocking(move || {
            let port = servers::free_ports(1).map_err(Stop::Harness)?[0];
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let folder = running::folder()?;
            let inside = folder.path().to_owned();
            let command = proxy::command(address, &copies, &inside).map_err(Stop::Harness)?;
            let sign = Sign::Listens(proxy::PROGRAM);
            Ok(Proxy {
                running: Running::launch(sign, port, folder, &command, None)?,
                address,
                socket: proxy::socket(&inside),
            })
        })
        .await
    }

    /// Such as `http://127.0.0.1:12345`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How the copies stand with it, in order.
    pub async fn copies(&self) -> Result<Vec<proxy::Copy>, Stop> {
        let socket = self.socket.clone();
        blocking(move || proxy::copies(&socket).map_err(Stop::Harness)).await
    }

    /// Waits until this many copies are ready. Where none is, those get requests that are
    /// alive.
    pub async fn copies_are_up(&self, count: usize) -> Verdict {
        let socket = self.socket.clone();
        blocking(move || proxy::are_up(&socket, count).map_err(Stop::Harness)).await
    }

    /// Sends a copy, the first is 0, no more requests, and waits until those that are
    /// in it are answered. Then it can be stopped, and nobody notices.
    pub async fn drain(&self, copy: usize) -> Verdict {
        let socket = self.socket.clone();
        blocking(move || proxy::drain(&socket, copy).map_err(Stop::Harness)).await
    }

    /// After [`drain`](Proxy::drain): sends a copy requests again, as soon as it says
    /// that it is ready, and waits for that.
    pub async fn take_back(&self, copy: usize) -> Verdict {
        let socket = self.socket.clone();
        blocking(move || proxy::take_back(&socket, copy).map_err(Stop::Harness)).await
    }

    /// What it wrote about requests and copies so far.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
