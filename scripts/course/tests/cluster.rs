//! `up cluster`, with real servers on free ports and a target folder of each test's own:
//! a cluster that somebody has on this machine is not met.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use checks::servers::{self, Group, Server, proxy};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::{
    env, fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What no test here should need, by far.
const HANG: Duration = Duration::from_mins(1);

/// A key that the first Redis has at first.
const IN_SLOT_0: &str = "06S";

/// A repository with a cluster on ports of its own. What still runs when a test ends is
/// stopped.
struct Place {
    folder: TempDir,
    /// Six of Redis, three of MongoDB, two copies, the proxy.
    ports: Vec<u16>,
}

impl Place {
    /// `None`: a program is missing, and does not have to be there.
    fn new() -> Option<Place> {
        let servers = [Server::Redis, Server::Mongo].map(Server::program);
        let programs = [servers.as_slice(), &[proxy::program()]].concat();
        if programs.contains(&None) {
            let strict = checks::is_on("COURSE_STRICT");
            assert!(!strict, "a program of the cluster is missing");
            eprintln!("not judged: a program of the cluster is missing");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("steps")).unwrap();
        let ports = servers::free_ports(12).unwrap();
        Some(Place { folder, ports })
    }

    fn course(&self, arguments: &[&str]) -> Output {
        self.course_with(arguments, &[])
    }

    fn course_with(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
        let ports: Vec<String> = self.ports.iter().map(u16::to_string).collect();
        let mongod = Server::Mongo.program().unwrap();
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).chain([mongod.parent().unwrap().to_owned()]);
        Command::new(env!("CARGO_BIN_EXE_course"))
            .current_dir(self.folder.path())
            .args(arguments)
            .env_remove("SESSION_STORE")
            .env("PATH", env::join_paths(folders).unwrap())
            .env("CARGO_TARGET_DIR", self.folder.path().join("target"))
            .env("COURSE_CLUSTER_PORTS", ports.join(","))
            .env("COURSE_CLUSTER_PROGRAM", step_08())
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn home(&self, name: &str, part: usize) -> PathBuf {
        let name = format!("target/services/cluster/{name}-{}", self.ports[part]);
        self.folder.path().join(name)
    }

    /// The process of each part that is noted.
    fn pids(&self) -> Vec<Pid> {
        let homes = fs::read_dir(self.folder.path().join("target/services/cluster"));
        let homes = homes.into_iter().flatten().flatten();
        let mut pids: Vec<Pid> = homes.filter_map(|home| pid(&home.path())).collect();
        pids.sort_by_key(|pid| pid.as_raw_nonzero());
        pids
    }

    /// Through the proxy: the answer's head and body.
    fn ask(&self, head: &str, body: &str) -> (String, String) {
        let port = self.ports[11];
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let length = body.len();
        let request = format!(
            "{head}\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.course(&["down"]);
    }
}

/// The step's program. Built here, unless the whole workspace has been.
fn step_08() -> PathBuf {
    if env::var("COURSE_WHOLE").is_err() {
        let built = checks::cargo::command()
            .args(["build", "--quiet", "--package", "step-08"])
            .status();
        assert!(built.unwrap().success());
    }
    servers::folder().join("../debug/step-08")
}

fn pid(home: &Path) -> Option<Pid> {
    let pid = fs::read_to_string(home.join("pid")).ok()?;
    Pid::from_raw(pid.trim().parse().ok()?)
}

fn runs(pid: Pid) -> bool {
    let state = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    // A process that has ended may stay listed until its parent looks.
    test_kill_process(pid).is_ok() && !state.is_ok_and(|state| state.contains(") Z "))
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < HANG, "still waiting: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn stdout(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The one line of a command that failed.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let line = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

/// How many lines say this.
fn count(report: &str, what: &str) -> usize {
    report.lines().filter(|line| line.contains(what)).count()
}

#[test]
fn a_cluster_goes_up_serves_through_the_proxy_and_goes_down() {
    let Some(place) = Place::new() else { return };
    let report = stdout(&place.course(&["up", "cluster"]));
    assert_eq!(count(&report, " started"), 4, "{report}");
    let open = format!("\nopen http://127.0.0.1:{}\n", place.ports[11]);
    assert!(report.ends_with(&open), "{report}");
    let pids = place.pids();
    assert_eq!(pids.len(), 12);

    let report = stdout(&place.course(&["status", "cluster"]));
    assert_eq!(report.lines().count(), 12, "{report}");
    let roles = [
        " master ",
        " replica of ",
        " primary ",
        " secondary ",
        " ready ",
        " 2 of 2 ",
    ];
    let roles = roles.map(|role| count(&report, role));
    assert_eq!(roles, [3, 3, 1, 2, 2, 1], "{report}");

    somebody_registers(&place);

    // Nothing is started twice.
    let report = stdout(&place.course(&["up", "cluster"]));
    assert_eq!(count(&report, " running, started by us"), 4, "{report}");
    assert_eq!(place.pids(), pids);

    let report = stdout(&place.course(&["down", "cluster"]));
    assert_eq!(count(&report, " stopped"), 4, "{report}");
    assert!(!pids.into_iter().any(runs));
    assert!(place.pids().is_empty());
    let report = stdout(&place.course(&["status", "cluster"]));
    assert_eq!(report, "cluster not running\n");
    let report = stdout(&place.course(&["down", "cluster"]));
    assert_eq!(report, "cluster nothing to stop\n");
}

/// Each copy knows who it is, from the Redis Cluster and the replica set.
fn somebody_registers(place: &Place) {
    let form = "email=ada%40example.com&password=four+little+barrels";
    let (head, _) = place.ask("POST /register HTTP/1.1", form);
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    let cookie = head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap();
    for _ in 0..4 {
        let (head, page) = place.ask(&format!("GET / HTTP/1.1\r\nCookie: {cookie}"), "");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(page.contains("ada@example.com"), "a stranger's page");
    }
    let sessions = Group::RedisCluster.sessions(&place.ports[..6]);
    assert_eq!(sessions, Ok(1));
    // Each copy had some of the requests.
    for copy in [9, 10] {
        let log = fs::read_to_string(place.home("step-08", copy).join("log")).unwrap();
        assert!(log.contains(r#"path="/" status=200"#), "{log}");
    }
}

#[test]
fn parts_that_were_killed_are_started_again() {
    let Some(place) = Place::new() else { return };
    stdout(&place.course(&["up", "cluster"]));
    let parts = [("redis", 0), ("mongo", 6), ("step-08", 9)];
    for (name, part) in parts {
        let pid = pid(&place.home(name, part)).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
        until("a part to end", || !runs(pid));
        // The last of its threads closes it.
        let address = (Ipv4Addr::LOCALHOST, place.ports[part]);
        until("its port to be free", || TcpListener::bind(address).is_ok());
    }
    let report = stdout(&place.course(&["status", "cluster"]));
    assert_eq!(count(&report, "not running"), 3, "{report}");
    // A Redis that came back before would be a master without data.
    until("another master", || {
        let leader = Group::RedisCluster.leader(&place.ports[..6], IN_SLOT_0);
        leader.is_ok_and(|leader| leader != 0)
    });
    let report = stdout(&place.course(&["up", "cluster"]));
    for again in ["1 of 6", "1 of 3", "1 of 2"] {
        let line = format!("{again} started again");
        assert_eq!(count(&report, &line), 1, "{report}");
    }
    assert_eq!(count(&report, "running, started by us"), 1, "{report}");
    until("the proxy to see it", || {
        let report = stdout(&place.course(&["status", "cluster"]));
        count(&report, "2 of 2 copies up") == 1
    });
    // Whoever names nothing means all.
    let pids = place.pids();
    assert_eq!(pids.len(), 12);
    let report = stdout(&place.course(&["down"]));
    assert_eq!(count(&report, " stopped"), 4, "{report}");
    assert!(!pids.into_iter().any(runs));
}

#[test]
fn a_port_that_something_else_has_is_one_line_and_nothing_starts() {
    let Some(place) = Place::new() else { return };
    // Where the second Redis waits for the others of its cluster, and the proxy.
    let taken = [place.ports[1] + 10_000, place.ports[11]];
    let _others = taken.map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
    let line = complaint(&place.course(&["up", "cluster"]));
    let [one, other] = taken;
    let expected = format!(
        "cluster 127.0.0.1:{one}, {other}: taken by something else, and nothing was started\n"
    );
    assert_eq!(line, expected);
    assert!(place.pids().is_empty());
    let report = stdout(&place.course(&["status", "cluster"]));
    assert_eq!(report, "cluster not running\n");
}

#[test]
fn a_copy_that_does_not_start_is_one_line_and_everything_is_stopped_again() {
    let Some(place) = Place::new() else { return };
    let settings = [("SESSION_STORE", "nowhere:")];
    let line = complaint(&place.course_with(&["up", "cluster"], &settings));
    let expected = "SESSION_STORE=nowhere:: expected memory:";
    assert!(line.contains(expected), "{line}");
    assert!(place.pids().is_empty());
    for (number, port) in place.ports.iter().enumerate() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, *port));
        assert!(free.is_ok(), "part {number} still has its port");
    }
    // What was half made would be in the way of the next start.
    assert!(!place.home("redis", 0).join("data").exists());
    assert!(place.home("redis", 0).join("log").exists());
}

#[test]
fn down_stops_no_process_but_those_of_the_cluster() {
    let Some(place) = Place::new() else { return };
    let home = place.home("haproxy", 11);
    let data = home.join("data");
    fs::create_dir_all(&data).unwrap();
    let mut sleep = Command::new("sleep");
    let mut sleep = sleep.arg("60").current_dir(&data).spawn().unwrap();
    fs::write(home.join("pid"), sleep.id().to_string()).unwrap();
    let report = stdout(&place.course(&["down", "cluster"]));
    let alive = runs(Pid::from_child(&sleep));
    sleep.kill().unwrap();
    sleep.wait().unwrap();
    assert_eq!(count(&report, "had ended, nothing to stop"), 1, "{report}");
    assert!(alive);
}
