//! A session's life: when it begins, what prolongs it, and when it ends for good.

use super::prelude::*;

#[cfg(feature = "browser")]
pub(super) mod chromium;
pub(super) mod clock;
pub(super) mod limits;
pub(super) mod remember;
pub(super) mod sign_in;
pub(super) mod start;

/// The Set-Cookie lines of the session.
pub(in crate::lessons) fn session_cookies(page: &Page) -> Vec<&str> {
    let lines = page.set_cookies().into_iter();
    lines.filter(|line| line.starts_with("beer.sid=")).collect()
}

/// An answer that leaves the browser's session cookie as it is.
pub(in crate::lessons) fn expect_no_cookie(page: &Page, what: &str) -> Verdict {
    let lines = session_cookies(page).join("\n");
    let promise = format!("{what} sets no session cookie");
    expect(lines.is_empty(), &promise, format!("Set-Cookie: {lines}"))
}

/// The value of an attribute of a Set-Cookie line.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let parts = line.split(';').map(str::trim);
    let mut pairs = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
    let (_, value) = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(value)
}

fn max_age(line: &str) -> Option<i64> {
    attribute(line, "Max-Age")?.parse().ok()
}
