//! wrk, and what it tells.

use super::below::{Below, Counts};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

/// One thread of wrk, 32 connections, 2 s.
const ARGUMENTS: [&str; 4] = ["-t1", "-c32", "-d2s", "--latency"];

pub fn find_wrk() -> Result<(), String> {
    let mut wrk = Command::new("wrk");
    let quiet = wrk.arg("-v").stdout(Stdio::null()).stderr(Stdio::null());
    match quiet.status() {
        Ok(_) => Ok(()),
        Err(_) => Err("course: no wrk on the PATH; apt-get install wrk".to_owned()),
    }
}

/// As one would type it.
pub fn wrk() -> String {
    format!("wrk {}", ARGUMENTS.join(" "))
}

/// The cookie of a first request, as the next ones bring it back.
pub fn cookie(name: &str, address: SocketAddr) -> Result<String, String> {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let request =
            format!("GET /count HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|error: io::Error| format!("course: {name}: {error}"))?;
    set_cookie(&answer).ok_or_else(|| format!("course: {name} sent no cookie"))
}

fn set_cookie(answer: &str) -> Option<String> {
    let mut headers = answer.lines().filter_map(|line| line.split_once(':'));
    let (_, cookie) = headers.find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))?;
    let cookie = cookie.split(';').next()?.trim();
    Some(cookie.to_owned())
}

/// An app under load, and what was measured of it.
pub struct Load {
    pub name: String,
    address: SocketAddr,
    cookie: Option<String>,
    pub rounds: Vec<Told>,
    counts: Counts,
}

impl Load {
    pub fn new(name: String, address: SocketAddr, cookie: Option<String>) -> Load {
        Load {
            name,
            address,
            cookie,
            rounds: Vec::new(),
            counts: Counts::new(),
        }
    }

    /// One round.
    pub fn run(&mut self, below: &mut Below) -> Result<(), String> {
        let before = below.counts()?;
        let mut wrk = Command::new("wrk");
        wrk.args(ARGUMENTS);
        if let Some(cookie) = &self.cookie {
            wrk.args(["-H", &format!("Cookie: {cookie}")]);
        }
        let output = wrk
            .arg(format!("http://{}/count", self.address))
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("course: wrk: {error}"))?;
        for (command, calls) in below.counts()? {
            let known = before.get(&command).unwrap_or(&0.0);
            *self.counts.entry(command).or_default() += calls - known;
        }
        let told = Told::parse(&String::from_utf8_lossy(&output.stdout));
        let told = told.map_err(|why| format!("course: {}: {why}", self.name))?;
        self.rounds.push(told);
        Ok(())
    }

    pub fn forget(&mut self) {
        self.rounds.clear();
        self.counts.clear();
    }

    /// The same app, as somebody without a cookie asks it: each request begins a session.
    pub fn of_strangers(&self) -> Load {
        Load::new(self.name.clone(), self.address, None)
    }

    /// All that were answered.
    pub fn requests(&self) -> f64 {
        self.rounds.iter().map(|round| round.requests).sum()
    }

    /// What the servers themselves counted for each request, such as `1 GET, 1 SET`.
    pub fn commands(&self) -> String {
        let requests = self.requests();
        let each = self.counts.iter().filter_map(|(command, calls)| {
            let calls = (calls / requests * 100.0).round() / 100.0;
            (calls > 0.0).then(|| format!("{calls} {}", command.to_uppercase()))
        });
        let each: Vec<String> = each.collect();
        if each.is_empty() {
            return "none".to_owned();
        }
        each.join(", ")
    }
}

/// What wrk tells of a round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// Requests a second.
    pub rate: f64,
    /// 99 of 100 answers took no longer, in milliseconds.
    pub p99: f64,
    pub requests: f64,
}

impl Told {
    /// A round in which an answer was an error measures something else.
    fn parse(text: &str) -> Result<Told, String> {
        let is_error = |line: &&str| line.contains("Non-2xx") || line.contains("Socket errors");
        if let Some(line) = text.lines().find(is_error) {
            return Err(line.trim().to_owned());
        }
        let after = |head: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(head));
            line.map(str::trim)
        };
        let requests = text
            .lines()
            .find_map(|line| line.split_once(" requests in"));
        let requests = requests.and_then(|(requests, _)| requests.trim().parse().ok());
        let rate = after("Requests/sec:").and_then(|rate| rate.parse().ok());
        let p99 = after("99%").and_then(milliseconds);
        match (rate, p99, requests) {
            (Some(rate), Some(p99), Some(requests)) => Ok(Told {
                rate,
                p99,
                requests,
            }),
            _ => Err("wrk told no rate".to_owned()),
        }
    }
}

/// From `512.00us`, `5.82ms` or `1.20s`.
fn milliseconds(text: &str) -> Option<f64> {
    let unit = text.find(char::is_alphabetic)?;
    let number: f64 = text[..unit].parse().ok()?;
    match &text[unit..] {
        "us" => Some(number / 1000.0),
        "ms" => Some(number),
        "s" => Some(number * 1000.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "\
Running 2s test @ http://127.0.0.1:39077/count
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.05ms    1.12ms  24.99ms   97.30%
    Req/Sec    33.05k     3.81k   38.30k    66.67%
  Latency Distribution
     50%  897.00us
     75%    1.10ms
     90%    1.38ms
     99%    5.82ms
  69034 requests in 2.10s, 17.31MB read
Requests/sec:  32879.64
Transfer/sec:      8.25MB
";

    #[test]
    fn a_round_is_read_from_what_wrk_prints() {
        let expected = Told {
            rate: 32879.64,
            p99: 5.82,
            requests: 69034.0,
        };
        assert_eq!(Told::parse(TOLD), Ok(expected));
        for (printed, expected) in [("897.00us", 0.897), ("1.20s", 1200.0)] {
            let told = Told::parse(&TOLD.replace("5.82ms", printed)).unwrap();
            assert!((told.p99 - expected).abs() < 1e-9, "{told:?}");
        }
    }

    #[test]
    fn a_round_with_errors_or_without_figures_is_none() {
        let errors = format!("{TOLD}  Non-2xx or 3xx responses: 12\n");
        let expected = Err("Non-2xx or 3xx responses: 12".to_owned());
        assert_eq!(Told::parse(&errors), expected);
        for gone in ["Requests/sec:", "99%", " requests in"] {
            let told = Told::parse(&TOLD.replace(gone, "?"));
            assert_eq!(told, Err("wrk told no rate".to_owned()), "{gone}");
        }
    }

    #[test]
    fn a_cookie_is_found_however_its_header_is_written() {
        for name in ["Set-Cookie", "set-cookie"] {
            let answer =
                format!("HTTP/1.1 200 OK\r\n{name}: beer.sid=a%3Db; Path=/\r\n\r\nViews: 1");
            assert_eq!(set_cookie(&answer), Some("beer.sid=a%3Db".to_owned()));
        }
        assert_eq!(set_cookie("HTTP/1.1 200 OK\r\n\r\nViews: 1"), None);
    }

    #[test]
    fn commands_are_told_for_each_request() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut load = Load::new("an app".to_owned(), address, None);
        load.rounds = vec![Told::parse(TOLD).unwrap(); 2];
        load.counts = Counts::from([
            ("get".to_owned(), 2.0 * 69034.0),
            ("ping".to_owned(), 2.0),
            ("set".to_owned(), 1.25 * 2.0 * 69034.0),
        ]);
        assert_eq!(load.commands(), "1 GET, 1.25 SET");
        load.counts.clear();
        assert_eq!(load.commands(), "none");
    }
}
