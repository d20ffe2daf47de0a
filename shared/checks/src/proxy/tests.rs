//! A real HAProxy before copies that tell what reached them.

use super::*;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Answers each request with its own number, and keeps the heads of all but the
/// questions after its health.
struct Copy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
    is_ready: Arc<AtomicBool>,
    doorman: Option<thread::JoinHandle<()>>,
}

impl Copy {
    fn start(number: usize, address: SocketAddr) -> Copy {
        let listener = TcpListener::bind(address).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (heads, end) = (Arc::clone(&seen), Arc::clone(&stopped));
        let is_ready = Arc::new(AtomicBool::new(true));
        let ready = Arc::clone(&is_ready);
        let doorman = thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if end.load(Ordering::Relaxed) {
                    break;
                }
                let (heads, ready) = (Arc::clone(&heads), Arc::clone(&ready));
                thread::spawn(move || answer(number, stream, &heads, &ready));
            }
        });
        Copy {
            address,
            seen,
            stopped,
            is_ready,
            doorman: Some(doorman),
        }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// From here on its port refuses. What is under way is answered.
impl Drop for Copy {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the doorman.
        let _ = TcpStream::connect(self.address);
        self.doorman.take().unwrap().join().unwrap();
    }
}

fn answer(number: usize, mut stream: TcpStream, heads: &Mutex<Vec<String>>, ready: &AtomicBool) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let mut status = "200 OK";
    if path == "/healthz/ready" && !ready.load(Ordering::Relaxed) {
        status = "503 Service Unavailable";
    }
    if !path.starts_with("/healthz") {
        heads.lock().unwrap().push(head);
    }
    match path.as_str() {
        // It goes away in the middle.
        "/vanish" => return,
        "/slow" => thread::sleep(Duration::from_millis(500)),
        _ => {}
    }
    let answer = "content-length: 1\r\nconnection: close\r\n\r\n";
    let _ = write!(stream, "HTTP/1.1 {status}\r\n{answer}{number}");
}

/// Two copies and the proxy, which has found them well.
async fn start() -> Option<(Vec<Copy>, Proxy)> {
    if proxy::program().is_none() && !crate::is_on("COURSE_STRICT") {
        eprintln!("not judged: needs {}", proxy::PROGRAM);
        return None;
    }
    let ports = servers::free_ports(2).unwrap();
    let addresses = ports.iter().map(|port| (Ipv4Addr::LOCALHOST, *port).into());
    let copies: Vec<Copy> = (0..)
        .zip(addresses)
        .map(|(n, a)| Copy::start(n, a))
        .collect();
    let addresses: Vec<SocketAddr> = copies.iter().map(|copy| copy.address).collect();
    let proxy = Proxy::before(&addresses).await.unwrap();
    proxy.copies_are_up(2).await.unwrap();
    Some((copies, proxy))
}

/// Status and body.
fn ask(address: SocketAddr, method: &str, path: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: taproom.test\r\nContent-Length: 0\r\n\
         Connection: close\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).unwrap_or_default();
    (status.parse().unwrap_or_default(), body.to_owned())
}

#[tokio::test]
async fn the_copies_take_turns_and_are_told_who_asks_by_the_proxy_alone() {
    let Some((copies, proxy)) = start().await else {
        return;
    };
    let lies = "X-Forwarded-For: 192.0.2.1\r\nX-FORWARDED-Proto: https\r\n\
                X-Forwarded-Host: evil.test\r\nX-Real-IP: 192.0.2.1\r\n\
                Forwarded: for=192.0.2.1\r\nCookie: a=b\r\n";
    for _ in 0..4 {
        assert_eq!(ask(proxy.address(), "GET", "/", lies).0, 200);
    }
    for copy in &copies {
        let seen = copy.seen();
        assert_eq!(seen.len(), 2);
        let head = seen[0].to_lowercase();
        for line in [
            "x-forwarded-for: 127.0.0.1\r\n",
            "x-forwarded-proto: http\r\n",
            "host: taproom.test\r\n",
            "cookie: a=b\r\n",
        ] {
            assert!(head.contains(line), "no {line} in {head}");
        }
        let lies = ["192.0.2.1", "evil", "https"];
        assert!(!lies.iter().any(|lie| head.contains(lie)), "{head}");
    }
}

#[tokio::test]
async fn what_a_copy_was_sent_is_not_sent_again() {
    let Some((copies, proxy)) = start().await else {
        return;
    };
    for method in ["POST", "GET"] {
        assert_eq!(ask(proxy.address(), method, "/vanish", "").0, 502);
    }
    let seen: usize = copies.iter().map(|copy| copy.seen().len()).sum();
    assert_eq!(seen, 2);
}

#[tokio::test]
async fn who_meets_a_copy_that_is_gone_is_sent_to_the_other() {
    let Some((mut copies, proxy)) = start().await else {
        return;
    };
    drop(copies.remove(0));
    // Some of them before the proxy knows.
    for _ in 0..20 {
        let answer = ask(proxy.address(), "POST", "/", "");
        assert_eq!(answer, (200, "1".to_owned()));
    }
    proxy.copies_are_up(1).await.unwrap();
    copies.clear();
    let (status, page) = ask(proxy.address(), "GET", "/", "");
    assert_eq!(status, 503);
    assert!(page.contains("<title>Back in a moment</title>"), "{page}");
    proxy.copies_are_up(0).await.unwrap();
    assert_eq!(ask(proxy.address(), "GET", "/", "").0, 503);
}

#[tokio::test]
async fn where_no_copy_is_ready_those_are_asked_that_are_alive() {
    let Some((copies, proxy)) = start().await else {
        return;
    };
    copies[0].is_ready.store(false, Ordering::Relaxed);
    proxy.copies_are_up(1).await.unwrap();
    for _ in 0..4 {
        let answer = ask(proxy.address(), "GET", "/", "");
        assert_eq!(answer, (200, "1".to_owned()));
    }
    copies[1].is_ready.store(false, Ordering::Relaxed);
    proxy.copies_are_up(0).await.unwrap();
    let mut answers = [(); 2].map(|()| ask(proxy.address(), "GET", "/", ""));
    answers.sort();
    assert_eq!(answers, [(200, "0".to_owned()), (200, "1".to_owned())]);
    // One that is told to get no more requests gets none here either.
    proxy.drain(0).await.unwrap();
    for _ in 0..4 {
        let answer = ask(proxy.address(), "GET", "/", "");
        assert_eq!(answer, (200, "1".to_owned()));
    }
    copies[0].is_ready.store(true, Ordering::Relaxed);
    proxy.take_back(0).await.unwrap();
    let answer = ask(proxy.address(), "GET", "/", "");
    assert_eq!(answer, (200, "0".to_owned()));
}

#[tokio::test]
async fn copies_are_replaced_one_by_one_and_no_visitor_notices() {
    let Some((mut copies, proxy)) = start().await else {
        return;
    };
    let address = proxy.address();
    let over = Arc::new(AtomicBool::new(false));
    let visitors: Vec<_> = ["/", "/slow", "/", "/slow"]
        .into_iter()
        .map(|path| {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                let mut count = 0;
                while !over.load(Ordering::Relaxed) {
                    let (status, _) = ask(address, "POST", path, "");
                    assert_eq!(status, 200);
                    count += 1;
                }
                count
            })
        })
        .collect();
    for number in 0..2 {
        proxy.drain(number).await.unwrap();
        assert_eq!(proxy.copies().await.unwrap()[number].status, "DRAIN");
        let address = copies[number].address;
        let before = copies[number].seen().len();
        let other = copies[1 - number].seen().len();
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(copies[number].seen().len(), before);
        assert!(copies[1 - number].seen().len() > other);
        // The old one lets its port go first.
        drop(copies.remove(number));
        copies.insert(number, Copy::start(number, address));
        proxy.take_back(number).await.unwrap();
        assert_eq!(proxy.copies().await.unwrap()[number].status, "UP");
    }
    over.store(true, Ordering::Relaxed);
    let counts = visitors.into_iter().map(|visitor| visitor.join().unwrap());
    assert!(counts.sum::<usize>() > 10);
}
