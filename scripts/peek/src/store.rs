//! What is common to all stores.

use url::Url;

/// Where a store is.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) url: String,
    /// Without a password.
    pub(crate) shown: String,
    /// What `cargo course up` calls the server.
    pub(crate) server: &'static str,
}

impl Address {
    pub(crate) fn new(
        variable: &str,
        server: &'static str,
        url: String,
    ) -> Result<Address, String> {
        let schemes: &[&str] = match variable {
            "REDIS_URL" => &["redis"],
            "MONGODB_URL" => &["mongodb"],
            _ => &["mysql", "mariadb", "sqlite"],
        };
        let scheme = url.split(':').next().unwrap_or_default();
        if !schemes.contains(&scheme) {
            let schemes = schemes.join(":// or ");
            return Err(format!("{variable}: expected {schemes}://"));
        }
        let shown = shown(&url).ok_or_else(|| format!("{variable}: no address"))?;
        Ok(Address { url, shown, server })
    }

    pub(crate) fn scheme(&self) -> &str {
        self.url.split(':').next().unwrap_or_default()
    }
}

/// Without password and options, which may hold one.
fn shown(url: &str) -> Option<String> {
    if url.starts_with("sqlite:") {
        return url.split('?').next().map(str::to_owned);
    }
    let mut url = Url::parse(url).ok().filter(Url::has_host)?;
    if url.password().is_some() {
        url.set_password(Some("***")).ok()?;
    }
    url.set_query(None);
    Some(url.to_string().trim_end_matches('/').to_owned())
}

/// Some sessions of a store.
#[derive(Debug, Default)]
pub(crate) struct Glimpse {
    pub(crate) entries: Vec<Entry>,
    /// What a list says of those that it does not show.
    pub(crate) rest: Option<String>,
}

/// One session as it is stored.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// Seconds; `None` is for ever.
    pub(crate) to_live: Option<i64>,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    /// As the published stores keep it: one piece of MessagePack.
    Bytes(Vec<u8>),
    /// As a database's own document, with its size in bytes.
    #[cfg_attr(not(feature = "mongo"), expect(dead_code))]
    Document(serde_json::Value, usize),
    /// Something else is there.
    Other(String),
}

#[derive(Debug)]
pub(crate) enum Missing {
    /// Nobody answers.
    Store,
    /// One line.
    Other(String),
}

/// Whether this can be the ID of a session: 128 bits in base64 for URLs.
pub(crate) fn is_id(text: &str) -> bool {
    let letter = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    text.len() == 22 && text.bytes().all(letter)
}
