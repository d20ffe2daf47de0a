//! `TRUSTED_PROXIES`: whose word counts for where a request comes from.
//!
//! Behind a proxy every request has the proxy's address. The client's, and whether it
//! came over HTTPS, are what the proxy notes in `X-Forwarded-For` and
//! `X-Forwarded-Proto`. Anybody else can send such headers, too.

use crate::{App, error::Words};
use axum::{
    Extension,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use ipnet::IpNet;
use kit::{SettingError, Settings};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

pub const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// The networks that our own proxies are in.
#[derive(Clone)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    pub fn load(settings: &Settings) -> Result<Proxies, SettingError> {
        let text = settings.text("TRUSTED_PROXIES")?.unwrap_or_default();
        let parts = text.split(',').map(str::trim);
        let networks = parts.filter(|part| !part.is_empty()).map(network);
        let networks: Option<_> = networks.collect();
        networks.map(Proxies).ok_or_else(|| {
            let advice = "expected addresses or networks of proxies, such as \
                10.0.0.0/8,192.0.2.7; everybody's (/0) is none";
            SettingError::new("TRUSTED_PROXIES", text, advice)
        })
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who sends a request that this peer has brought. Each proxy adds the address of
    /// the one before it at the end, so they are read from there, and no further than
    /// the first that is none of ours: what stands before it, a client may have made up.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter();
        let lines = lines.map(|line| line.to_str().unwrap_or("not text"));
        let noted: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        for text in noted.into_iter().rev() {
            match address(text) {
                Some(before) if self.trust(client) => client = before,
                _ => break,
            }
        }
        client
    }
}

/// Not everybody's: with such a list the headers would be anybody's word again.
fn network(text: &str) -> Option<IpNet> {
    let one = || text.parse().map(|address: IpAddr| address.into());
    let network: IpNet = text.parse().or_else(|_| one()).ok()?;
    (network.prefix_len() > 0).then_some(network)
}

/// As proxies write it: bare, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse().map(|address: SocketAddr| address.ip());
    let address = text.parse().or_else(|_| with_port());
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// The layer outside of all that asks where a request comes from: `ConnectInfo` is the
/// client's address from here on, with port 0, since the proxy does not tell it.
pub async fn look_behind(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let ours = app.proxies.trust(peer.ip().to_canonical());
    if ours {
        let client = app.proxies.client(peer.ip(), request.headers());
        let client = SocketAddr::new(client, 0);
        request.extensions_mut().insert(ConnectInfo(client));
    }
    let plain = request
        .headers()
        .get(FORWARDED_PROTO)
        .is_some_and(|proto| proto == "http");
    if app.secure && ours && plain {
        return over_https(&request);
    }
    next.run(request).await
}

/// A person follows to HTTPS. A program is told, instead of being led there again and
/// again with its secrets in the clear (ASVS 5.0, 4.1.2).
fn over_https(request: &Request) -> Response {
    let uri = request.uri();
    let host = request.headers().get(HOST).map(HeaderValue::as_bytes);
    let host = host.and_then(|host| Authority::try_from(host).ok());
    match host {
        Some(host)
            if matches!(*request.method(), Method::GET | Method::HEAD)
                && !uri.path().starts_with("/api/") =>
        {
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            let url = format!("https://{}{path}", host.host());
            Redirect::permanent(&url).into_response()
        }
        _ => {
            let sentence = "This site is to be had over HTTPS alone.".to_owned();
            (StatusCode::FORBIDDEN, Extension(Words { sentence })).into_response()
        }
    }
}
