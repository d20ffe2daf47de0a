//! A few questions to Redis, in its own words: what is counted by the server
//! itself cannot be miscounted by us.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

pub struct Redis(BufReader<TcpStream>);

/// How often the two commands of a session ran.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    pub get: f64,
    pub set: f64,
}

impl Redis {
    pub fn connect(address: SocketAddr) -> Result<Redis, String> {
        let stream = TcpStream::connect(address).map_err(complain)?;
        let limit = Some(Duration::from_secs(10));
        stream.set_read_timeout(limit).map_err(complain)?;
        Ok(Redis(BufReader::new(stream)))
    }

    /// A command without spaces in its arguments; the answer as text.
    pub fn ask(&mut self, command: &str) -> Result<String, String> {
        let stream = self.0.get_mut();
        write!(stream, "{command}\r\n").map_err(complain)?;
        let mut line = String::new();
        self.0.read_line(&mut line).map_err(complain)?;
        let line = line.trim_end();
        match line.split_at_checked(1) {
            Some(("+" | ":", answer)) => Ok(answer.to_owned()),
            Some(("$", length)) => self.bulk(length),
            _ => Err(format!("course: Redis answered `{line}` to {command}")),
        }
    }

    /// Text of a length that is told before, with an end of line after it.
    fn bulk(&mut self, length: &str) -> Result<String, String> {
        let length: usize = length.parse().map_err(|_| "course: Redis has no answer")?;
        let mut text = vec![0; length + 2];
        self.0.read_exact(&mut text).map_err(complain)?;
        text.truncate(length);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    pub fn reset_counts(&mut self) -> Result<(), String> {
        self.ask("CONFIG RESETSTAT").map(drop)
    }

    pub fn counts(&mut self) -> Result<Counts, String> {
        let stats = self.ask("INFO commandstats")?;
        let calls = |command: &str| {
            let head = format!("cmdstat_{command}:calls=");
            let line = stats.lines().find_map(|line| line.strip_prefix(&head));
            let calls = line.and_then(|line| line.split(',').next());
            calls.and_then(|calls| calls.parse().ok()).unwrap_or(0.0)
        };
        Ok(Counts {
            get: calls("get"),
            set: calls("set"),
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn complain(error: std::io::Error) -> String {
    format!("course: Redis: {error}")
}
