//! Where a server is expected.

use checks::servers::Server;
use std::{
    collections::HashMap,
    env,
    net::{Ipv4Addr, SocketAddr, ToSocketAddrs},
    path::Path,
};
use url::Url;

/// Where a server is expected, by its setting or by habit.
#[derive(Debug)]
pub struct Place {
    pub server: Server,
    pub address: SocketAddr,
    /// As it may be shown: a password of the reader's own is left out.
    pub url: String,
    given: Option<Url>,
}

impl Place {
    /// As the environment or `.env` has it, or the standard port on this machine.
    /// `None`: the setting names a file, and no server is needed.
    pub fn of(server: Server, root: &Path) -> Result<Option<Place>, String> {
        let Some(text) = setting(server.variable(), root)? else {
            return Ok(Some(Place {
                server,
                address: (Ipv4Addr::LOCALHOST, server.default_port()).into(),
                url: server.url(server.default_port()),
                given: None,
            }));
        };
        if server == Server::Mysql && text.starts_with("sqlite:") {
            return Ok(None);
        }
        let (variable, scheme) = (server.variable(), scheme(server));
        let url = Url::parse(&text).ok();
        let url = url.filter(|url| url.scheme() == scheme && url.has_host());
        let url = url.ok_or_else(|| format!("{variable}: expected {scheme}://host:port"))?;
        Ok(Some(Place {
            server,
            address: address(server, &url).ok_or_else(|| format!("{variable}: no such host"))?,
            url: shown(server, &url),
            given: Some(url),
        }))
    }

    /// Whether our own server may run there. The error says why not.
    pub fn ours_to_start(&self) -> Result<(), String> {
        let (server, variable) = (self.server, self.server.variable());
        let Some(url) = &self.given else {
            return Ok(());
        };
        if self.address.ip() != Ipv4Addr::LOCALHOST {
            return Err(format!(
                "nothing answers at {}, and we start servers on 127.0.0.1 only",
                self.url
            ));
        }
        let known = Url::parse(&server.url(self.address.port())).ok();
        let same = |part: fn(&Url) -> Option<&str>| known.as_ref().and_then(part) == part(url);
        let user = same(|url| Some(url.username()));
        let database = server != Server::Mysql || same(|url| Some(url.path()));
        if user && same(Url::password) && database {
            return Ok(());
        }
        Err(format!(
            "a server that we start is reached as {variable}={}",
            server.url(self.address.port())
        ))
    }

    pub fn answers(&self) -> bool {
        self.server.answers(self.address)
    }
}

fn scheme(server: Server) -> &'static str {
    match server {
        Server::Redis => "redis",
        Server::Mongo => "mongodb",
        Server::Mysql => "mysql",
    }
}

fn address(server: Server, url: &Url) -> Option<SocketAddr> {
    let host = url.host_str()?.trim_matches(['[', ']']);
    let host = if host == "localhost" {
        "127.0.0.1"
    } else {
        host
    };
    let port = url.port().unwrap_or(server.default_port());
    (host, port).to_socket_addrs().ok()?.next()
}

fn shown(server: Server, url: &Url) -> String {
    let port = url.port().unwrap_or(server.default_port());
    if url.as_str().trim_end_matches('/') == server.url(port) {
        return server.url(port);
    }
    let mut url = url.clone();
    if url.password().is_some() {
        // It fails only where there is no host.
        let _ = url.set_password(Some("***"));
    }
    url.set_query(None);
    url.to_string().trim_end_matches('/').to_owned()
}

/// The environment wins over `.env`, and an empty variable is an unset one, as
/// for the steps.
pub fn setting(name: &str, root: &Path) -> Result<Option<String>, String> {
    let given = match env::var(name) {
        Ok(value) => Some(value),
        Err(env::VarError::NotPresent) => dotenv(root)?.remove(name),
        Err(env::VarError::NotUnicode(_)) => return Err(format!("{name}: not UTF-8 text")),
    };
    Ok(given.filter(|value| !value.is_empty()))
}

/// What `.env` has.
pub fn dotenv(root: &Path) -> Result<HashMap<String, String>, String> {
    let file = root.join(".env");
    if !file.exists() {
        return Ok(HashMap::new());
    }
    // The error itself would quote a line, which may hold a secret.
    let complain = |_| ".env: not readable, or a line is not NAME=value".to_owned();
    let lines = dotenvy::from_path_iter(&file).map_err(complain)?;
    lines.collect::<Result<_, _>>().map_err(complain)
}
