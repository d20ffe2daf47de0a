//! The client: one GET, and every way in which it can go wrong.

use std::{fmt, time::Duration};

use kit::{SettingError, Settings};
use reqwest::{Response, StatusCode, Url, redirect::Policy};

use crate::{
    api::{self, Answer},
    model::Beer,
};

#[cfg(test)]
mod tests;

/// For the whole answer, from the first packet to the last. A lost packet is
/// sent again after one second (RFC 6298), so three forgive one loss, and are
/// about as long as somebody who pressed a button believes that it worked.
const TIME_LIMIT: Duration = Duration::from_secs(3);

/// A beer takes some 80 bytes. What sends more than this is not a beer API,
/// and must not fill our memory.
const SIZE_LIMIT: usize = 64 * 1024;

/// Characters in a name or a style. It is shown on a page.
const TEXT_LIMIT: usize = 200;

/// Why there is no beer. Each is one line without the API's URL, which can
/// hold a password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection, or one that broke off. Holds the system's own words.
    #[error("no answer: {0}")]
    Unreachable(String),
    #[error("no whole answer within {} seconds", TIME_LIMIT.as_secs())]
    Slow,
    /// An HTTP status other than 200, redirects included.
    #[error("HTTP status {0} instead of 200")]
    Status(u16),
    #[error("more than {} KiB of an answer", SIZE_LIMIT / 1024)]
    TooLarge,
    /// HTTP status 200, and not a beer. Says in which way.
    #[error("the answer {0}")]
    Malformed(&'static str),
    /// HTTP status 200 around a `status` that is not.
    #[error("status {0} inside the answer instead of 200")]
    InnerStatus(u16),
}

/// Asks one beer API. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: Url,
}

impl Client {
    /// Asks the API at `BEER_API_URL`. Unset, it first starts one of our own,
    /// whose sequence of beers `BEER_SEED` fixes.
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        if let Some(text) = settings.text("BEER_API_URL")? {
            return Ok(Self::new(http_url(text)?));
        }
        let seed = settings.text("BEER_SEED")?.map(seed).transpose()?;
        let address = api::start(seed).await.map_err(|error| {
            let advice = format!("our own beer API cannot listen ({error}); set an address");
            SettingError::unset("BEER_API_URL", advice)
        })?;
        let url = format!("http://{address}/");
        tracing::debug!("our own beer API answers on {url}");
        Ok(Self::new(http_url(&url)?))
    }

    fn new(url: Url) -> Self {
        let http = reqwest::Client::builder()
            // A proxy from the environment cannot reach our loopback address.
            .no_proxy()
            .redirect(Policy::none())
            .timeout(TIME_LIMIT)
            .build()
            .expect("only TLS and proxy settings can be wrong, and there are none");
        Self { http, url }
    }

    /// Asks for one beer.
    pub async fn pour(&self) -> Result<Beer, Error> {
        let response = self.http.get(self.url.clone()).send().await?;
        if response.status() != StatusCode::OK {
            return Err(Error::Status(response.status().as_u16()));
        }
        beer(&read(response).await?)
    }
}

/// Shows no URL, for the same reason as [`Error`].
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Error::Slow;
        }
        // reqwest says where it failed and keeps the reason at the far end of
        // the chain: "Connection refused".
        let error = error.without_url();
        let mut reason: &dyn std::error::Error = &error;
        while let Some(source) = reason.source() {
            reason = source;
        }
        Error::Unreachable(reason.to_string())
    }
}

/// The body, given up as soon as it is longer than a beer can be.
async fn read(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > SIZE_LIMIT {
            return Err(Error::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn beer(body: &[u8]) -> Result<Beer, Error> {
    // Not serde's own words, which quote the answer, however long it is.
    let answer: Answer = serde_json::from_slice(body).map_err(|error| {
        Error::Malformed(if error.is_data() {
            "lacks a status, a name or a style"
        } else {
            "is not JSON"
        })
    })?;
    if answer.status != 200 {
        return Err(Error::InnerStatus(answer.status));
    }
    for text in [&answer.data.name, &answer.data.style] {
        if text.trim().is_empty() {
            return Err(Error::Malformed("has a blank name or style"));
        }
        if text.chars().count() > TEXT_LIMIT {
            return Err(Error::Malformed("has too long a name or style"));
        }
    }
    Ok(answer.data)
}

fn http_url(text: &str) -> Result<Url, SettingError> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "http" => Ok(url),
        _ => Err(SettingError::address(
            "BEER_API_URL",
            text,
            "expected an http:// address (there is no TLS here); unset it to use our own beer API",
        )),
    }
}

fn seed(text: &str) -> Result<u64, SettingError> {
    text.parse().map_err(|_| {
        let advice = format!("expected a whole number from 0 to {}", u64::MAX);
        SettingError::new("BEER_SEED", text, advice)
    })
}
