//! Transcripts: scenes between browsers and an app, script and recording in one
//! file. The script is written by hand; the recorder remakes the rest.
//!
//! ```text
//! # One sentence: what this scene shows.
//! ! settings SESSION_TTL_SECS=60
//! > ada GET /
//! > cookie: beers=<signature 1>1
//! $ redis GET <id 1>
//! < 200 OK
//! < set-cookie: beer.sid=<signature 1><id 1>; HttpOnly; Path=/; Max-Age=60
//! | Hello, John Doe!
//! ```

use crate::store::Kind;
use std::fmt;

/// One line of a transcript. `Display` writes it as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    Blank,
    /// `# …`: what the scene shows.
    Comment(String),
    /// `! …`: something other than a request happens.
    Event(Event),
    /// `> ada GET /`
    Request(Request),
    /// `> cookie: …`: recorded, the cookies that the request carried.
    Cookie(String),
    /// `< 200 OK`: recorded.
    Status(String),
    /// `< set-cookie: …`: recorded, name and value of a header of the answer.
    Header(String, String),
    /// `| …`: recorded, a line of the page.
    Text(String),
    /// `$ redis GET <id 1>`: recorded, a command that the store received, as its
    /// server tells it.
    Store(String),
}

/// What happens between requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `! settings NAME=VALUE …`: the app is started with these.
    Settings(Vec<(String, String)>),
    /// `! variant NAME`: the app is this variant of the step.
    Variant(String),
    /// `! store redis`: the app has its sessions there, not where it has them by
    /// default.
    Store(Kind),
    /// `! restart NAME=VALUE …`: the app is killed and started anew, with these
    /// settings beside those that it had.
    Restart(Vec<(String, String)>),
    /// `! second`: another process of the app starts; `ada@2` asks that one.
    Second,
    /// `! wait SECONDS`
    Wait(u64),
    /// `! ada cookie NAME=VALUE`: written by hand, as in developer tools.
    Cookie(String, String, String),
    /// `! ada header NAME=VALUE`: her next request has this header.
    Header(String, String, String),
    /// `! copy ada mallory`: mallory's cookies are a copy of ada's.
    Copy(String, String),
    /// `! forget ada`: the store loses the record of ada's session.
    Forget(String),
    /// `! spoil ada`: something else is written over that record.
    Spoil(String),
    /// `! store down`: the store's server is killed.
    Down,
    /// `! store up`: it starts again.
    Up,
    /// `! freeze`: the store's server takes connections and does nothing else.
    Freeze,
    /// `! thaw`: it goes on.
    Thaw,
    /// `! repeat TIMES ada POST /`: requests that nobody wants to read.
    Repeat(u32, Request),
    /// `! slow ada POST /`: ada asks, and the beer API keeps her waiting.
    Slow(Request),
    /// `! served ada POST /`: it answers. What came back is recorded below.
    Served(Request),
}

/// A request of the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Whose browser asks.
    pub who: String,
    /// Which process is asked: 1, or 2 for `ada@2`.
    pub process: usize,
    pub method: String,
    pub path: String,
    /// The urlencoded form, or the JSON object without spaces, as it goes over the
    /// wire.
    pub form: Option<String>,
}

impl Line {
    /// Whether the line was written by hand. The recorder keeps these.
    pub fn is_script(&self) -> bool {
        matches!(
            self,
            Line::Blank | Line::Comment(_) | Line::Event(_) | Line::Request(_)
        )
    }
}

/// # Errors
///
/// The first line that is none of the above, with its number.
pub fn parse(text: &str) -> Result<Vec<Line>, String> {
    text.lines()
        .enumerate()
        .map(|(index, text)| {
            line(text.trim_end()).ok_or_else(|| format!("line {}: `{text}`", index + 1))
        })
        .collect()
}

/// The text of a transcript: what [`parse`] reads.
pub fn write(lines: &[Line]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join("\n") + "\n"
}

fn line(text: &str) -> Option<Line> {
    let Some((mark, rest)) = text.split_once(' ') else {
        return match text {
            "" => Some(Line::Blank),
            "|" => Some(Line::Text(String::new())),
            _ => None,
        };
    };
    Some(match mark {
        "#" => Line::Comment(rest.to_owned()),
        "!" => Line::Event(event(rest)?),
        ">" => match rest.strip_prefix("cookie: ") {
            Some(cookies) => Line::Cookie(cookies.to_owned()),
            None => Line::Request(request(rest)?),
        },
        "<" => match rest.split_once(": ") {
            Some((name, value)) => Line::Header(name.to_owned(), value.to_owned()),
            None => Line::Status(rest.to_owned()),
        },
        "|" => Line::Text(rest.to_owned()),
        "$" => Line::Store(rest.to_owned()),
        _ => return None,
    })
}

fn event(text: &str) -> Option<Event> {
    let words: Vec<&str> = text.split(' ').collect();
    Some(match words.as_slice() {
        ["settings", pairs @ ..] if !pairs.is_empty() => Event::Settings(all_pairs(pairs)?),
        ["variant", name] => Event::Variant((*name).to_owned()),
        ["store", "down"] => Event::Down,
        ["store", "up"] => Event::Up,
        ["store", kind] => Event::Store(kind.parse().ok()?),
        ["forget", who] => Event::Forget((*who).to_owned()),
        ["spoil", who] => Event::Spoil((*who).to_owned()),
        ["freeze"] => Event::Freeze,
        ["thaw"] => Event::Thaw,
        ["restart", pairs @ ..] => Event::Restart(all_pairs(pairs)?),
        ["second"] => Event::Second,
        ["wait", seconds] => Event::Wait(seconds.parse().ok()?),
        ["copy", from, to] => Event::Copy((*from).to_owned(), (*to).to_owned()),
        ["repeat", times, ..] => {
            let (_, rest) = text.split_once(times)?;
            Event::Repeat(times.parse().ok()?, request(rest.trim_start())?)
        }
        ["slow", ..] => Event::Slow(request(text.strip_prefix("slow ")?)?),
        ["served", ..] => Event::Served(request(text.strip_prefix("served ")?)?),
        [who, "cookie", ..] => {
            let (_, cookie) = text.split_once(" cookie ")?;
            let (name, value) = pair(cookie)?;
            Event::Cookie((*who).to_owned(), name, value)
        }
        [who, "header", ..] => {
            let (_, header) = text.split_once(" header ")?;
            let (name, value) = pair(header)?;
            Event::Header((*who).to_owned(), name, value)
        }
        _ => return None,
    })
}

fn all_pairs(words: &[&str]) -> Option<Vec<(String, String)>> {
    words.iter().copied().map(pair).collect()
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((name.to_owned(), value.to_owned()))
}

fn request(text: &str) -> Option<Request> {
    let (who, method, path, form) = match text.split(' ').collect::<Vec<_>>().as_slice() {
        [who, method, path] => (*who, *method, *path, None),
        [who, method, path, form] => (*who, *method, *path, Some((*form).to_owned())),
        _ => return None,
    };
    let (who, process) = match who.split_once('@') {
        Some((who, process)) => (who, process.parse().ok()?),
        None => (who, 1),
    };
    let sane = (1..=2).contains(&process)
        && method.bytes().all(|byte| byte.is_ascii_uppercase())
        && path.starts_with('/');
    sane.then(|| Request {
        who: who.to_owned(),
        process,
        method: method.to_owned(),
        path: path.to_owned(),
        form,
    })
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Blank => Ok(()),
            Line::Comment(text) => write!(f, "# {text}"),
            Line::Event(event) => write!(f, "! {event}"),
            Line::Request(request) => write!(f, "> {request}"),
            Line::Cookie(cookies) => write!(f, "> cookie: {cookies}"),
            Line::Status(status) => write!(f, "< {status}"),
            Line::Header(name, value) => write!(f, "< {name}: {value}"),
            Line::Text(text) if text.is_empty() => write!(f, "|"),
            Line::Text(text) => write!(f, "| {text}"),
            Line::Store(command) => write!(f, "$ {command}"),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Settings(pairs) => {
                write!(f, "settings")?;
                write_pairs(f, pairs)
            }
            Event::Variant(name) => write!(f, "variant {name}"),
            Event::Store(kind) => write!(f, "store {kind}"),
            Event::Forget(who) => write!(f, "forget {who}"),
            Event::Spoil(who) => write!(f, "spoil {who}"),
            Event::Down => write!(f, "store down"),
            Event::Up => write!(f, "store up"),
            Event::Freeze => write!(f, "freeze"),
            Event::Thaw => write!(f, "thaw"),
            Event::Restart(pairs) => {
                write!(f, "restart")?;
                write_pairs(f, pairs)
            }
            Event::Second => write!(f, "second"),
            Event::Wait(seconds) => write!(f, "wait {seconds}"),
            Event::Cookie(who, name, value) => write!(f, "{who} cookie {name}={value}"),
            Event::Header(who, name, value) => write!(f, "{who} header {name}={value}"),
            Event::Copy(from, to) => write!(f, "copy {from} {to}"),
            Event::Repeat(times, request) => write!(f, "repeat {times} {request}"),
            Event::Slow(request) => write!(f, "slow {request}"),
            Event::Served(request) => write!(f, "served {request}"),
        }
    }
}

fn write_pairs(f: &mut fmt::Formatter<'_>, pairs: &[(String, String)]) -> fmt::Result {
    pairs
        .iter()
        .try_for_each(|(name, value)| write!(f, " {name}={value}"))
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.who)?;
        if self.process != 1 {
            write!(f, "@{}", self.process)?;
        }
        write!(f, " {} {}", self.method, self.path)?;
        self.form
            .as_ref()
            .map_or(Ok(()), |form| write!(f, " {form}"))
    }
}

#[cfg(test)]
mod tests;
