//! What a service on the internet has beside its pages: an API, limits, headers,
//! cookies for HTTPS, and a list of one's logins.

use super::prelude::*;

pub(super) mod api;
#[cfg(feature = "browser")]
pub(super) mod chromium;
pub(super) mod devices;
pub(super) mod guessing;
pub(super) mod hardening;
pub(super) mod home;
#[cfg(feature = "tls")]
pub(super) mod https;
pub(super) mod log;
#[cfg(feature = "sql")]
pub(super) mod operator;

/// What a browser says with a request that another site's page has sent.
const CROSS_SITE: (&str, &[u8]) = ("sec-fetch-site", b"cross-site");

/// The field of an answer that is JSON.
fn field<'a>(json: &'a serde_json::Value, path: &str) -> Result<&'a str, Stop> {
    let found = json.pointer(path).and_then(serde_json::Value::as_str);
    found.ok_or_else(|| Stop::broken(format!("{path} in the answer"), json.to_string()))
}

/// An answer's body, which this type says is JSON.
fn json(page: &Page, content_type: &str) -> Result<serde_json::Value, Stop> {
    page.expect_header("content-type", content_type)?;
    let parsed = serde_json::from_str(page.body());
    parsed.map_err(|error| Stop::broken("a body of JSON", format!("{error}: {}", page.body())))
}

/// A problem as RFC 9457 has it, with this status and these words.
pub(in crate::lessons) fn expect_problem(page: &Page, status: u16, words: &str) -> Verdict {
    page.expect_status(status)?;
    let problem = json(page, "application/problem+json")?;
    expect(
        problem["status"] == status && problem["type"] == "about:blank",
        "a problem with the answer's status and the type about:blank",
        problem.to_string(),
    )?;
    field(&problem, "/title")?;
    let detail = field(&problem, "/detail")?;
    let promise = format!("a problem whose detail has `{words}`");
    expect(detail.contains(words), &promise, detail)
}
