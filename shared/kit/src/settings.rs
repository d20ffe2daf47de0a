//! Settings come from the environment, and from a `.env` file in the working
//! directory for what the environment does not say.

use crate::logs::Format;
use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    fmt::{self, Display},
    fs,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    str::FromStr,
};
use url::Url;

/// MongoDB's driver has a line at `info` for every server that it looks for.
const DEFAULT_LOG: &str = "info,mongodb=warn";

type Variables = HashMap<OsString, OsString>;

/// The settings that every step shares: where to listen and in which mode.
/// A step reads its own variables with [`text`](Settings::text) and
/// [`number`](Settings::number).
#[derive(Clone)]
pub struct Settings {
    variables: Variables,
    address: SocketAddr,
    production: bool,
}

impl Settings {
    /// Reads `.env` and the environment (which wins), checks `HOST`, `PORT`,
    /// `APP_ENV`, `RUST_LOG` and `LOG_FORMAT`, and starts the log.
    pub fn load() -> Result<Settings, SettingError> {
        let mut variables = read_dotenv()?;
        variables.extend(std::env::vars_os());
        let settings = Settings::from_variables(variables)?;
        let filter = settings.text("RUST_LOG")?.unwrap_or(DEFAULT_LOG);
        let format = Format::parse(settings.text("LOG_FORMAT")?)?;
        crate::logs::to_stderr(filter, format, settings.developer_tools())?;
        Ok(settings)
    }

    pub(crate) fn from_variables(variables: Variables) -> Result<Settings, SettingError> {
        let mut settings = Settings {
            variables,
            address: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 3000),
            production: false,
        };
        let host = settings.text("HOST")?.unwrap_or("localhost");
        let host = if host.eq_ignore_ascii_case("localhost") {
            Ipv4Addr::LOCALHOST.into()
        } else {
            // In brackets an IPv6 address stands in URLs, our ready line among them.
            let bare = host
                .strip_prefix('[')
                .and_then(|host| host.strip_suffix(']'));
            bare.unwrap_or(host).parse::<IpAddr>().map_err(|_| {
                SettingError::new("HOST", host, "expected an IP address, such as 127.0.0.1")
            })?
        };
        let port = settings.number("PORT", 0..=u16::MAX, 3000)?;
        settings.address = SocketAddr::new(host, port);
        settings.production = match settings.text("APP_ENV")? {
            None | Some("development") => false,
            Some("production") => true,
            Some(mode) => {
                let advice = "expected development or production";
                return Err(SettingError::new("APP_ENV", mode, advice));
            }
        };
        Ok(settings)
    }

    /// A variable's value; `None` when it is unset or empty. One that is not
    /// UTF-8 is an error: guessing at a secret's bytes would make it another.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, SettingError> {
        let Some(value) = self.variables.get(OsStr::new(name)) else {
            return Ok(None);
        };
        let text = value
            .to_str()
            .ok_or_else(|| SettingError::unset(name, "not UTF-8 text; set it anew"))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A variable's value as a whole number within `range`, or `default` when
    /// it is unset.
    pub fn number<T>(
        &self,
        name: &'static str,
        range: RangeInclusive<T>,
        default: T,
    ) -> Result<T, SettingError>
    where
        T: FromStr + PartialOrd + Display,
    {
        let Some(text) = self.text(name)? else {
            return Ok(default);
        };
        text.parse()
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (low, high) = range.into_inner();
                let advice =
                    format!("expected a whole number from {low} to {high}; unset, it is {default}");
                SettingError::new(name, text, advice)
            })
    }

    /// Whether a variable says yes: `1`. Unset or `0`, it says no.
    pub fn switch(&self, name: &'static str) -> Result<bool, SettingError> {
        match self.text(name)? {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(value) => Err(SettingError::new(name, value, "expected 1 or 0")),
        }
    }

    /// Where to listen: `HOST` and `PORT`. Port 0 asks the system for a free one.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether `APP_ENV` is `production`.
    pub fn production(&self) -> bool {
        self.production
    }

    /// Whether what is meant for a developer's eyes alone may be shown:
    /// development mode, on an address that only this machine reaches.
    pub fn developer_tools(&self) -> bool {
        !self.production && self.address.ip().is_loopback()
    }
}

/// Leaves the variables out: some of them are secrets.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.address)
            .field("production", &self.production)
            .finish_non_exhaustive()
    }
}

fn read_dotenv() -> Result<Variables, SettingError> {
    let text = match fs::read_to_string(".env") {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Variables::new()),
        Err(error) => {
            return Err(SettingError::unset(
                ".env",
                format!("not readable ({error}); make it a readable file or remove it"),
            ));
        }
    };
    parse_dotenv(&text)
}

fn parse_dotenv(text: &str) -> Result<Variables, SettingError> {
    // Some editors begin a file with a mark that nobody sees.
    let text = text.trim_start_matches('\u{feff}');
    let mut variables = Variables::new();
    for (index, line) in dotenvy::from_read_iter(text.as_bytes()).enumerate() {
        // The error itself would quote the line, which may hold a secret.
        let (name, value) = line.map_err(|_| {
            let advice = format!("setting {} is not of the form NAME=value", index + 1);
            SettingError::unset(".env", advice)
        })?;
        variables.insert(name.into(), value.into());
    }
    Ok(variables)
}

/// A setting that the app cannot start with, in one line: the variable, its
/// value unless it is a secret, and what to do.
///
/// Returned from `main`, it is printed to stderr and the process exits with 1.
pub struct SettingError {
    name: &'static str,
    value: Option<String>,
    advice: String,
}

impl SettingError {
    /// For a variable whose value may be shown.
    pub fn new(name: &'static str, value: impl Display, advice: impl Into<String>) -> Self {
        let value = Some(value.to_string());
        SettingError {
            name,
            value,
            advice: advice.into(),
        }
    }

    /// For an address, which may hold a password: that part is not shown.
    pub fn address(name: &'static str, address: &str, advice: impl Into<String>) -> Self {
        SettingError::new(name, without_secrets(address), advice)
    }

    /// For a variable that has no value, or one that nobody should see.
    pub fn unset(name: &'static str, advice: impl Into<String>) -> Self {
        SettingError {
            name,
            value: None,
            advice: advice.into(),
        }
    }
}

impl Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            // Escaped, so that a line break in a value cannot make two lines.
            Some(value) => write!(f, "{}={}: {}", self.name, value.escape_debug(), self.advice),
            None => write!(f, "{}: {}", self.name, self.advice),
        }
    }
}

/// The same as `Display`, because this is what `main` prints.
impl fmt::Debug for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl std::error::Error for SettingError {}

/// An address as far as it may be shown: without user, password and query.
fn without_secrets(text: &str) -> String {
    match Url::parse(text) {
        Ok(mut url) if !url.path().contains(['@', '=']) => {
            // Where there is no host, there is neither.
            let _ = url.set_username("").and_then(|()| url.set_password(None));
            url.set_query(None);
            url.set_fragment(None);
            url.into()
        }
        // Not an address: whatever looks like part of a secret hides it all.
        _ if text.contains(['@', '?', '=']) => "(hidden)".to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Result<Settings, SettingError> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Settings::from_variables(pairs.collect())
    }

    #[test]
    fn an_empty_variable_is_an_unset_one() {
        let settings = settings(&[("PORT", ""), ("HOST", ""), ("APP_ENV", "")]).unwrap();
        assert_eq!(settings.address().to_string(), "127.0.0.1:3000");
        assert!(settings.developer_tools());
    }

    #[test]
    fn developer_tools_need_development_and_loopback() {
        assert!(settings(&[("HOST", "::1")]).unwrap().developer_tools());
        assert!(!settings(&[("HOST", "0.0.0.0")]).unwrap().developer_tools());
        assert!(
            !settings(&[("APP_ENV", "production")])
                .unwrap()
                .developer_tools()
        );
    }

    #[test]
    fn an_error_stays_on_one_line() {
        let error = settings(&[("PORT", "1\n2")]).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 1);
        assert!(error.starts_with(r"PORT=1\n2: expected"), "{error}");
    }

    #[test]
    fn an_address_is_read_as_the_ready_line_writes_it() {
        let settings = settings(&[("HOST", "[::1]"), ("PORT", "0")]).unwrap();
        assert_eq!(settings.address().to_string(), "[::1]:0");
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_utf_8_is_refused_when_it_is_asked_for() {
        use std::os::unix::ffi::OsStringExt;
        let secret = ("SESSION_SECRET".into(), OsString::from_vec(vec![0xff; 32]));
        let settings = Settings::from_variables([secret].into()).unwrap();
        let error = settings.cookie_key().unwrap_err().to_string();
        assert_eq!(error, "SESSION_SECRET: not UTF-8 text; set it anew");
    }

    #[test]
    fn every_line_of_the_example_is_a_setting_once_its_mark_is_gone() {
        let example = include_str!("../../../.env.example");
        let settings = example.lines().filter_map(|line| line.strip_prefix("# "));
        let settings: Vec<_> = settings.filter(|line| line.contains('=')).collect();
        assert!(settings.len() >= 8, "{settings:?}");
        let variables = parse_dotenv(&format!("\u{feff}{}", settings.join("\r\n"))).unwrap();
        assert_eq!(variables.len(), settings.len());
        assert_eq!(variables[OsStr::new("PORT")], "3000");
        assert_eq!(variables[OsStr::new("BEER_SEED")], "");
    }

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        for (address, shown) in [
            ("sqlite:target/users.db?mode=rwc", "sqlite:target/users.db"),
            ("mysql://ada:hush@host/db?a=hush", "mysql://host/db"),
            ("mysql:host=db;password=hush", "(hidden)"),
            ("mysql://ada:a@hu/sh@host/db", "(hidden)"),
            ("ada:hush@host", "(hidden)"),
        ] {
            let error = SettingError::address("DATABASE_URL", address, "no");
            assert_eq!(error.to_string(), format!("DATABASE_URL={shown}: no"));
        }
    }

    #[test]
    fn debug_shows_no_variable() {
        let settings = settings(&[("SESSION_SECRET", "hush")]).unwrap();
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
