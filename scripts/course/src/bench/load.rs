//! wrk, and what it tells.

use super::redis::{Counts, counts, reset_counts};
use checks::servers::Redis;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

/// One thread of wrk, 32 connections, 2 s.
const ARGUMENTS: [&str; 3] = ["-t1", "-c32", "-d2s"];
pub const SHAPE: &str = "wrk -t1 -c32 -d2s";

pub fn find_wrk() -> Result<(), String> {
    let mut wrk = Command::new("wrk");
    let quiet = wrk.arg("-v").stdout(Stdio::null()).stderr(Stdio::null());
    match quiet.status() {
        Ok(_) => Ok(()),
        Err(_) => Err("course: no wrk on the PATH; apt-get install wrk".to_owned()),
    }
}

/// The cookie of a first request, as the next ones bring it back.
pub fn cookie(address: SocketAddr) -> Result<String, String> {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "GET /count HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|error: std::io::Error| format!("course: {error}"))?;
    let mut lines = answer.lines();
    let cookie = lines.find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie.and_then(|cookie| cookie.split(';').next());
    cookie
        .map(str::to_owned)
        .ok_or_else(|| "course: step 03 sent no cookie".to_owned())
}

/// An app under load, and what was measured of it.
pub struct Load {
    name: &'static str,
    address: SocketAddr,
    cookie: Option<String>,
    rates: Vec<f64>,
    requests: f64,
    counts: Counts,
}

impl Load {
    pub fn new(name: &'static str, address: SocketAddr, cookie: Option<String>) -> Load {
        Load {
            name,
            address,
            cookie,
            rates: Vec::new(),
            requests: 0.0,
            counts: Counts { get: 0.0, set: 0.0 },
        }
    }

    /// One round: its requests a second.
    pub fn run(&mut self, redis: &mut Redis) -> Result<f64, String> {
        reset_counts(redis)?;
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
        let counts = counts(redis)?;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = ["Non-2xx", "Socket errors"];
        if let Some(line) = told
            .lines()
            .find(|line| errors.iter().any(|e| line.contains(e)))
        {
            return Err(format!("course: {}: {}", self.name, line.trim()));
        }
        let rate = number(&told, |line| line.strip_prefix("Requests/sec:"));
        let requests = number(&told, |line| {
            line.split_once(" requests in").map(|(n, _)| n)
        });
        let (Some(rate), Some(requests)) = (rate, requests) else {
            return Err(format!("course: wrk told no rate of {}", self.name));
        };
        self.rates.push(rate);
        self.requests += requests;
        self.counts.get += counts.get;
        self.counts.set += counts.set;
        Ok(rate)
    }

    pub fn forget(&mut self) {
        *self = Load::new(self.name, self.address, self.cookie.take());
    }

    pub fn median(&self) -> f64 {
        median(&self.rates)
    }

    /// What Redis itself counted.
    pub fn commands(&self) -> String {
        let (get, set) = (
            self.counts.get / self.requests,
            self.counts.set / self.requests,
        );
        format!("{}: {get:.2} GET and {set:.2} SET a request\n", self.name)
    }
}

pub fn median(numbers: &[f64]) -> f64 {
    let mut numbers = numbers.to_vec();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn number(text: &str, find: impl Fn(&str) -> Option<&str>) -> Option<f64> {
    text.lines().find_map(find)?.trim().parse().ok()
}
