//! Redis tells each command to whoever asked it to with `MONITOR`.
//!
//! ```text
//! +1763733122.408311 [7 127.0.0.1:44010] "SET" "5xkLDs…" "\x93\xc4…" "EXAT" "1763733182" "NX"
//! ```

use crate::{store::Store, verdict::Stop};
use std::time::Duration;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::TcpStream,
    time::timeout,
};

/// Far more than a server of ours needs for one line.
const LIMIT: Duration = Duration::from_secs(10);

/// How clients introduce themselves, and our own question below.
const TALK: [&str; 8] = [
    "AUTH", "CLIENT", "COMMAND", "ECHO", "HELLO", "INFO", "PING", "SELECT",
];

/// Longer than an ID or a time: a record.
const LONGEST_WORD: usize = 30;

#[derive(Debug)]
pub(in crate::recorder) struct Monitor {
    lines: BufStream<TcpStream>,
    /// Asks something now and then, so that we see that we have heard it all.
    asks: BufStream<TcpStream>,
    asked: u64,
}

impl Monitor {
    pub(super) async fn start(store: &Store) -> Result<Monitor, Stop> {
        let url = store.url();
        let address = url.trim_start_matches("redis://");
        let address = address.split('/').next().unwrap_or_default();
        let mut lines = BufStream::new(TcpStream::connect(address).await?);
        send(&mut lines, "MONITOR").await?;
        // +OK
        line(&mut lines).await?;
        Ok(Monitor {
            lines,
            asks: BufStream::new(TcpStream::connect(address).await?),
            asked: 0,
        })
    }

    pub(super) async fn heard(&mut self) -> Result<Vec<String>, Stop> {
        self.asked += 1;
        let mark = format!("heard-{}", self.asked);
        send(&mut self.asks, &format!("ECHO {mark}")).await?;
        let mut heard = Vec::new();
        loop {
            let words = words(&line(&mut self.lines).await?);
            match words.as_slice() {
                [echo, said] if echo == "ECHO" && *said == mark => return Ok(heard),
                [name, ..] if TALK.contains(&name.to_uppercase().as_str()) => {}
                words => heard.push(command(words)),
            }
        }
    }
}

async fn send(to: &mut BufStream<TcpStream>, command: &str) -> Result<(), Stop> {
    to.write_all(format!("{command}\r\n").as_bytes()).await?;
    Ok(to.flush().await?)
}

async fn line(from: &mut BufStream<TcpStream>) -> Result<String, Stop> {
    let mut line = String::new();
    let read = timeout(LIMIT, from.read_line(&mut line)).await;
    match read.map_err(Stop::harness)?? {
        0 => Err(Stop::Harness("Redis ended the connection".into())),
        _ => Ok(line),
    }
}

/// The words of a line, as they stand between quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (&mut word, character) {
            (None, '"') => word = Some(String::new()),
            (None, _) => {}
            (Some(_), '"') => words.extend(word.take()),
            (Some(word), '\\') => word.extend(['\\', characters.next().unwrap_or_default()]),
            (Some(word), _) => word.push(character),
        }
    }
    words
}

/// `redis SET 5xkLDs… <record> EXAT <time> NX`
fn command(words: &[String]) -> String {
    let is_time = |place: usize| place > 0 && words[place - 1] == "EXAT";
    let names = words.iter().enumerate().map(|(place, word)| match word {
        _ if is_time(place) => "<time>",
        word if word.len() > LONGEST_WORD => "<record>",
        word => word,
    });
    format!("redis {}", names.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_with_names_for_what_varies() {
        let line = r#"+1763733122.408311 [7 127.0.0.1:44010] "SET" "5xkLDsHq_0aUrhn-2h5s6A" "\x93\xc4\x10\" \\\x01and so on and on" "EXAT" "1763733182" "NX""#;
        assert_eq!(
            command(&words(line)),
            "redis SET 5xkLDsHq_0aUrhn-2h5s6A <record> EXAT <time> NX"
        );
    }
}
