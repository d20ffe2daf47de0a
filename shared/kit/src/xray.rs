//! The X-ray: a strip under every page, for a developer's eyes alone, that shows
//! what the page itself never does: the cookies that came in, whether their
//! signatures held, what the answer set, which commands went to the store, and the same of
//! the requests before it, in short.

mod before;
mod memory;
mod mongo;
mod redis;
mod store;

pub(crate) use mongo::hidden as without_store;
pub(crate) use store::{layer, listen};

use crate::{Settings, pages};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue,
        header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, SET_COOKIE},
    },
    middleware::{self, Next},
    response::Response,
};
use before::{Before, Past};
use cookie::{Cookie, CookieJar, Key};
use minijinja::{Value, context};
use std::time::Instant;

/// A signature is an HMAC-SHA256 in base64, in front of the value.
/// Source: the `cookie` crate, `secure/signed.rs`.
const SIGNATURE_LENGTH: usize = 44;

pub(crate) fn under_every_page(settings: &Settings, app: Router) -> Router {
    let state = (settings.key(), Before::default());
    app.layer(middleware::from_fn_with_state(state, add_strip))
}

async fn add_strip(
    State((key, before)): State<(Key, Before)>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let came_in = cookies_in(request.headers());
    let line = format!("{} {}", request.method(), request.uri().path());
    let (mut response, commands) = store::watch(next.run(request)).await;
    let were_set: Vec<String> = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned())
        .collect();
    let earlier = before.shown();
    let set: Vec<(String, String)> = were_set.iter().filter_map(|line| pair(line)).collect();
    let asked = (began, line.clone());
    before.add(Past::new(
        asked,
        response.status(),
        &came_in,
        &commands,
        &set,
    ));
    if !is_html(response.headers()) {
        return response;
    }
    let came_in: Vec<Value> = came_in
        .iter()
        .map(|(name, value)| context! { name, value, signature => signature(name, value, &key) })
        .collect();
    let values = context! {
        line,
        status => response.status().as_u16(),
        came_in,
        were_set,
        store => store::shown(&commands),
        before => earlier,
    };
    let strip = pages::render("x-ray.html", values);

    let body = std::mem::take(response.body_mut());
    // Our own pages, a few kilobytes each: a limit would only lose one.
    let page = to_bytes(body, usize::MAX).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a page ended before its end");
        Bytes::new()
    });
    let mut page = String::from_utf8_lossy(&page).into_owned();
    match strip {
        Ok(strip) => page.insert_str(page.rfind("</body>").unwrap_or(page.len()), &strip),
        Err(error) => tracing::error!(%error, "the X-ray cannot be drawn"),
    }
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(page.len()));
    *response.body_mut() = Body::from(page);
    response
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Each cookie of the request with its name and its value as it came.
fn cookies_in(headers: &HeaderMap) -> Vec<(String, String)> {
    let lines = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(pair)
        .collect()
}

/// Name and value of a cookie, whatever may come after them.
fn pair(cookie: &str) -> Option<(String, String)> {
    let (name, value) = cookie.split(';').next()?.trim().split_once('=')?;
    Some((name.to_owned(), value.to_owned()))
}

fn signature(name: &str, value: &str, key: &Key) -> &'static str {
    let Ok(cookie) = Cookie::parse_encoded(format!("{name}={value}")) else {
        return "unreadable";
    };
    let looks_signed = cookie
        .value()
        .get(..SIGNATURE_LENGTH)
        .is_some_and(|start| start.ends_with('=') && !start[..SIGNATURE_LENGTH - 1].contains('='));
    if !looks_signed {
        return "not signed";
    }
    let mut jar = CookieJar::new();
    jar.add_original(cookie.clone().into_owned());
    if jar.signed(key).get(cookie.name()).is_some() {
        "signature holds"
    } else {
        "signature does not hold"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(name: &'static str, value: &'static str, key: &Key) -> String {
        let mut jar = CookieJar::new();
        jar.signed_mut(key).add((name, value));
        jar.get(name)
            .expect("just added")
            .encoded()
            .to_string()
            .split_once('=')
            .unwrap()
            .1
            .into()
    }

    #[test]
    fn tells_a_signature_that_holds_from_one_that_does_not() {
        let key = Key::derive_from(&[7; 32]);
        let value = signed("beers", "3", &key);
        assert_eq!(signature("beers", &value, &key), "signature holds");
        let altered = format!("{}9", &value[..value.len() - 1]);
        assert_eq!(
            signature("beers", &altered, &key),
            "signature does not hold"
        );
        assert_eq!(signature("beers", "3", &key), "not signed");
        assert_eq!(signature("beers", "%FF", &key), "unreadable");
    }
}
