//! A few questions to Redis, in its own words, for who has no client library.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// For connecting, and again for each answer.
const LIMIT: Duration = Duration::from_secs(5);

/// A connection.
#[derive(Debug)]
pub struct Redis(BufReader<TcpStream>);

impl Redis {
    /// The error, here and below, is one line.
    pub fn connect(address: SocketAddr) -> Result<Redis, String> {
        let stream = TcpStream::connect_timeout(&address, LIMIT).map_err(complain)?;
        stream.set_read_timeout(Some(LIMIT)).map_err(complain)?;
        Ok(Redis(BufReader::new(stream)))
    }

    /// A command without spaces in its arguments. The answer as text, that of a list one
    /// item in a line.
    pub fn ask(&mut self, command: &str) -> Result<String, String> {
        let stream = self.0.get_mut();
        // In one piece: it can be a long one.
        let line = format!("{command}\r\n");
        stream.write_all(line.as_bytes()).map_err(complain)?;
        let answer = self.answer();
        answer.map_err(|why| {
            let name = command.split(' ').next().unwrap_or_default();
            format!("Redis, asked for {name}: {why}")
        })
    }

    fn answer(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.0.read_line(&mut line).map_err(complain)?;
        let line = line.trim_end();
        match line.split_at_checked(1) {
            Some(("+" | ":", answer)) => Ok(answer.to_owned()),
            Some(("$", length)) => self.bulk(length),
            Some(("*", count)) => self.list(count),
            _ => Err(format!("it answered `{line}`")),
        }
    }

    /// Text of a length that is told before, with an end of line after it.
    fn bulk(&mut self, length: &str) -> Result<String, String> {
        let length: usize = length.parse().map_err(|_| "it has no answer")?;
        let mut text = vec![0; length + 2];
        self.0.read_exact(&mut text).map_err(complain)?;
        text.truncate(length);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn list(&mut self, count: &str) -> Result<String, String> {
        let count: usize = count.parse().map_err(|_| "it has no answer")?;
        let items: Result<Vec<_>, _> = (0..count).map(|_| self.answer()).collect();
        Ok(items?.join("\n"))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn complain(error: std::io::Error) -> String {
    format!("Redis: {error}")
}
