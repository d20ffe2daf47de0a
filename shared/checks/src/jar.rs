//! A cookie jar that does what browsers do, and keeps values as they came over
//! the wire. Rules: RFC 6265bis, section 5.

use std::time::{Duration, Instant, SystemTime};

/// The most that name and value may have together, in bytes; a browser ignores
/// a larger cookie (RFC 6265bis, section 5.6, step 4).
const LARGEST: usize = 4096;

/// The cookies of one browser for one host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jar {
    cookies: Vec<Cookie>,
    dropped: Vec<String>,
}

#[derive(Debug, Clone)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    /// `None`: until the browser is closed.
    ends: Option<Instant>,
}

impl Cookie {
    fn is_live(&self) -> bool {
        self.ends.is_none_or(|end| end > Instant::now())
    }

    /// RFC 6265bis, section 5.1.4.
    fn is_for(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str()).is_some_and(|rest| {
            rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/')
        })
    }
}

impl Jar {
    /// Takes in a Set-Cookie line of an answer to a request for `path`.
    ///
    /// Every cookie is for this host alone, and Secure ones are sent over plain
    /// HTTP too, as browsers do on a loopback address.
    pub(crate) fn take(&mut self, line: &str, path: &str) {
        let mut parts = line.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        if name.len() + value.len() > LARGEST {
            self.dropped
                .push(format!("{name}: {} bytes", name.len() + value.len()));
            return;
        }
        let mut cookie = Cookie {
            name,
            value,
            path: default_path(path),
            ends: None,
        };
        let mut lifetime = None;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "max-age" => lifetime = value.parse().ok().map(seconds).or(lifetime),
                // Max-Age wins over Expires, wherever they stand.
                "expires" => lifetime = lifetime.or_else(|| until(value)),
                "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                _ => {}
            }
        }
        cookie.ends = lifetime.and_then(|lifetime| Instant::now().checked_add(lifetime));
        self.put(cookie);
    }

    /// A cookie written by hand, for the whole site and until the browser closes.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let path = self
            .find(name)
            .map_or("/".to_owned(), |cookie| cookie.path.clone());
        self.put(Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            path,
            ends: None,
        });
    }

    /// A cookie's value as it goes over the wire.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        Some(&self.find(name)?.value)
    }

    pub(crate) fn values(&self) -> Vec<String> {
        let live = self.cookies.iter().filter(|cookie| cookie.is_live());
        live.map(|cookie| cookie.value.clone()).collect()
    }

    /// The cookies that were too large to keep, as `name: 5000 bytes`.
    pub(crate) fn dropped(&self) -> Vec<String> {
        self.dropped.clone()
    }

    /// The Cookie header of a request for `path`: longer paths first.
    pub(crate) fn header(&self, path: &str) -> Option<String> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let sent = |cookie: &&Cookie| cookie.is_live() && cookie.is_for(path);
        let mut cookies: Vec<&Cookie> = self.cookies.iter().filter(sent).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = cookies
            .into_iter()
            .map(|cookie| match cookie.name.as_str() {
                "" => cookie.value.clone(),
                name => format!("{name}={}", cookie.value),
            })
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    fn find(&self, name: &str) -> Option<&Cookie> {
        self.cookies
            .iter()
            .find(|cookie| cookie.name == name && cookie.is_live())
    }

    /// A new value takes the old one's place in the order.
    fn put(&mut self, cookie: Cookie) {
        let same = |old: &&mut Cookie| old.name == cookie.name && old.path == cookie.path;
        match self.cookies.iter_mut().find(same) {
            Some(old) => *old = cookie,
            None => self.cookies.push(cookie),
        }
        self.cookies.retain(Cookie::is_live);
    }
}

fn seconds(max_age: i64) -> Duration {
    Duration::from_secs(u64::try_from(max_age).unwrap_or(0))
}

fn until(date: &str) -> Option<Duration> {
    let end = httpdate::parse_http_date(date).ok()?;
    Some(
        end.duration_since(SystemTime::now())
            .unwrap_or(Duration::ZERO),
    )
}

/// RFC 6265bis, section 5.1.4: the request's path up to its last slash.
fn default_path(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match path.rfind('/') {
        Some(0) | None => "/".to_owned(),
        Some(end) => path[..end].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(lines: &[&str]) -> Jar {
        let mut jar = Jar::default();
        for line in lines {
            jar.take(line, "/shop/cart");
        }
        jar
    }

    #[test]
    fn values_stay_as_they_came() {
        let jar = jar(&["user=John%20Doe; HttpOnly; Path=/", "odd=\"a=b\"; path=/"]);
        assert_eq!(jar.header("/").unwrap(), "user=John%20Doe; odd=\"a=b\"");
        assert_eq!(jar.get("user"), Some("John%20Doe"));
    }

    #[test]
    fn max_age_of_nothing_deletes_and_wins_over_expires() {
        let later = "Expires=Fri, 31 Dec 9999 23:59:59 GMT";
        for gone in [
            "Max-Age=0",
            "Max-Age=-1",
            &format!("Max-Age=0; {later}"),
            &format!("{later}; Max-Age=0"),
            "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ] {
            let jar = jar(&["a=1; Path=/", &format!("a=2; Path=/; {gone}")]);
            assert_eq!(jar.header("/"), None, "{gone}");
        }
        let kept = jar(&["a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]);
        assert_eq!(kept.get("a"), Some("1"));
    }

    #[test]
    fn a_cookie_goes_to_its_path_and_below() {
        let jar = jar(&["a=1; Path=/", "b=2; Path=/shop", "c=3"]);
        assert_eq!(jar.header("/shop/cart?x=/").unwrap(), "b=2; c=3; a=1");
        assert_eq!(jar.header("/shopping").unwrap(), "a=1");
    }

    #[test]
    fn a_cookie_that_is_too_large_is_not_kept() {
        let jar = jar(&["a=1; Path=/", &format!("a={}; Path=/", "x".repeat(4096))]);
        assert_eq!(jar.get("a"), Some("1"));
        assert_eq!(jar.dropped(), ["a: 4097 bytes"]);
        let largest = format!("a={}; Path=/", "x".repeat(4095));
        let mut jar = Jar::default();
        jar.take(&largest, "/");
        assert!(jar.dropped().is_empty());
    }
}
