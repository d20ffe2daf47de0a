//! Where a visitor wanted to go before the login form came in between.

use axum::http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What would end or change a value in a query.
const RESERVED: &AsciiSet = &CONTROLS.add(b'&').add(b'+').add(b'%').add(b'#');

/// Longer ones are not ours, and do not fit into a header.
const LONGEST: usize = 2000;

/// The login form, with the way back to `uri`.
pub fn login_url(uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("/login?next={}", utf8_percent_encode(path, RESERVED))
}

/// `next` if it is a path of this site, and else the home page: whoever writes a
/// link to our login form must not be able to send its users elsewhere (ASVS 5.0,
/// 3.7.2).
pub fn path_of_this_site(next: &str) -> &str {
    // A browser takes `//host` and `/\host` for addresses of another site, and leaves
    // out tabs and line breaks before it looks.
    let elsewhere = next.len() > LONGEST
        || !next.starts_with('/')
        || next[1..].starts_with(['/', '\\'])
        || !next.chars().all(|c| c.is_ascii_graphic());
    if elsewhere { "/" } else { next }
}
