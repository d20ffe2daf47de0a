//! The client of the checks: a cookie jar, and requests.

use crate::{
    app::{Address, App},
    jar::Jar,
    page::{Page, shorten},
    verdict::{Stop, remember},
};
use reqwest::{Client, Method, header::HeaderMap, redirect::Policy};
use std::{error::Error, net::Ipv4Addr, time::Duration};

/// The header of a form that is urlencoded.
pub(crate) const FORM: (&str, &[u8]) = ("content-type", b"application/x-www-form-urlencoded");

/// The header of a body that is JSON.
pub(crate) const JSON: (&str, &[u8]) = ("content-type", b"application/json");

/// What a person's browser says that it takes.
pub(crate) const PAGES: (&str, &[u8]) = (
    "accept",
    b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);

/// Longer than anything that a step may take for an answer.
const LIMIT: Duration = Duration::from_secs(20);

/// How long a connection may rest before it is used again: less than a server or a proxy
/// keeps one, so that nobody speaks into one that is just being closed.
const REST: Duration = Duration::from_secs(4);

/// One person's browser. It follows its app through restarts, and follows no
/// redirect by itself.
#[derive(Debug, Clone)]
pub struct Browser {
    address: Address,
    client: Client,
    jar: Jar,
}

impl Browser {
    pub(crate) fn new(address: Address, client: Client) -> Browser {
        Browser {
            address,
            client,
            jar: Jar::default(),
        }
    }

    /// From now on this browser asks another process.
    pub fn visit(&mut self, app: &App) {
        self.address = app.address();
    }

    /// The same by the address alone.
    pub(crate) fn turn_to(&mut self, address: &Address) {
        self.address = address.clone();
    }

    /// A browser with a copy of the cookies: the thief's.
    #[must_use]
    pub fn copy(&self) -> Browser {
        self.clone()
    }

    pub async fn get(&mut self, path: &str) -> Result<Page, Stop> {
        self.request("GET", path, &[], "").await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page, Stop> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.request("POST", path, &[FORM], &form).await
    }

    /// Any request. A header `cookie` takes the place of the jar's.
    ///
    /// # Errors
    ///
    /// An answer that does not come, or comes half, is a broken promise; an app
    /// that nobody can connect to is the harness's failure.
    pub async fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &[u8])],
        body: &str,
    ) -> Result<Page, Stop> {
        let url = self.address.get() + path;
        let verb = Method::from_bytes(method.as_bytes()).map_err(Stop::harness)?;
        let mut request = self.client.request(verb, url);
        let mut cookies = self.jar.header(path);
        for (name, value) in headers {
            if *name == "cookie" {
                cookies = None;
            }
            request = request.header(*name, *value);
        }
        if let Some(cookies) = &cookies {
            request = request.header("cookie", cookies);
        }
        let asked = asked(method, path, body, cookies.as_deref());
        let page = match answer(request.body(body.to_owned())).await {
            Ok(page) => page,
            Err(error) if error.is_connect() || error.is_builder() => {
                let asked = self.address.get();
                let why = describe(&error);
                return Err(Stop::Harness(format!(
                    "nobody answers at {asked}: does the app still run? ({why})"
                )));
            }
            Err(error) => {
                remember(asked + "(no answer)\n");
                let promise = format!("an answer to {method} {path}");
                let observed = format!("no answer: {}", describe(&error));
                return Err(Stop::broken(promise, observed));
            }
        };
        self.take_cookies(&page, path);
        remember(asked + &answered(&page));
        Ok(page)
    }

    /// Keeps what a page for this path has set.
    pub(crate) fn take_cookies(&mut self, page: &Page, path: &str) {
        for line in page.set_cookies() {
            self.jar.take(line, path);
        }
    }

    /// A cookie's value as it goes over the wire.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.get(name).map(str::to_owned)
    }

    pub fn cookie_values(&self) -> Vec<String> {
        self.jar.values()
    }

    /// The Cookie header of a request for this path.
    pub(crate) fn cookie_header(&self, path: &str) -> Option<String> {
        self.jar.header(path)
    }

    /// Writes a cookie by hand, as a person can in the developer tools.
    pub fn set_cookie(&mut self, name: &str, raw_value: &str) {
        self.jar.set(name, raw_value);
    }

    /// The cookies that this browser refused because of their size.
    pub fn cookies_dropped(&self) -> Vec<String> {
        self.jar.dropped()
    }

    pub fn forget_cookies(&mut self) {
        self.jar = Jar::default();
    }
}

/// A client for browsers: no proxy between a check and its app.
pub(crate) fn client() -> Result<Client, Stop> {
    client_at(Ipv4Addr::LOCALHOST)
}

/// The same for browsers at another address of this machine.
pub(crate) fn client_at(address: Ipv4Addr) -> Result<Client, Stop> {
    let elsewhere = (address != Ipv4Addr::LOCALHOST).then_some(address.into());
    Client::builder()
        .local_address(elsewhere)
        .no_proxy()
        .redirect(Policy::none())
        .timeout(LIMIT)
        .pool_idle_timeout(REST)
        .build()
        .map_err(Stop::harness)
}

async fn answer(request: reqwest::RequestBuilder) -> reqwest::Result<Page> {
    let response = request.send().await?;
    let status = response.status();
    let headers: HeaderMap = response.headers().clone();
    let body = response.bytes().await?;
    Ok(Page::new(
        status,
        headers,
        String::from_utf8_lossy(&body).into_owned(),
    ))
}

fn asked(method: &str, path: &str, body: &str, cookies: Option<&str>) -> String {
    let line = format!("> {method} {path} {body}");
    match cookies {
        Some(cookies) => format!("{}\n> cookie: {cookies}\n", line.trim_end()),
        None => format!("{}\n", line.trim_end()),
    }
}

fn answered(page: &Page) -> String {
    let mut lines = vec![format!("< {}", page.status_line())];
    lines.extend(
        page.set_cookies()
            .iter()
            .map(|line| format!("< set-cookie: {line}")),
    );
    lines.extend(shorten(page.text()).lines().map(|line| format!("| {line}")));
    lines.join("\n") + "\n"
}

/// The error with its causes, which reqwest's own text leaves out.
fn describe(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let texts = std::iter::once(error.to_string()).chain(causes.map(ToString::to_string));
    texts.collect::<Vec<_>>().join(": ")
}
