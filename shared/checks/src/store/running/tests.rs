use super::*;
use rustix::process::{Pid, test_kill_process};
use std::env;

/// Set in the process that is killed, to the server's name.
const VICTIM: &str = "CHECKS_VICTIM";

/// One that is no other user, and one that is when root starts it.
const SERVERS: [Server; 2] = [Server::Redis, Server::Mysql];

fn start(server: Server) -> Option<Running> {
    if server.program().is_none() && !crate::is_on("COURSE_STRICT") {
        eprintln!("not judged: needs {}", server.needs());
        return None;
    }
    Some(Running::start(server).unwrap())
}

fn address(running: &Running) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, running.port))
}

fn is_there(pid: i32) -> bool {
    test_kill_process(Pid::from_raw(pid).unwrap()).is_ok()
}

fn ends(pid: i32) -> bool {
    let start = Instant::now();
    while is_there(pid) && start.elapsed() < LIMIT {
        thread::sleep(Duration::from_millis(10));
    }
    !is_there(pid)
}

#[test]
fn a_server_is_frozen_killed_and_started_again_on_its_port() {
    for server in SERVERS {
        let Some(running) = start(server) else {
            continue;
        };
        let answers = || server.answers(address(&running));
        assert!(answers());
        running.freeze().unwrap();
        assert!(!answers());
        running.thaw().unwrap();
        assert!(running.wait(true));
        running.kill().unwrap();
        assert!(!answers());
        running.start_again().unwrap();
        assert!(answers());
        let (pid, folder) = (running.guard.lock().unwrap().pid, running.folder.clone());
        // A frozen one ends too.
        running.freeze().unwrap();
        drop(running);
        assert!(!is_there(pid));
        assert!(!folder.exists());
    }
}

/// The test starts itself in a second process, which starts a server and is
/// killed: no destructor runs there.
#[test]
fn a_server_ends_with_a_process_that_is_killed() {
    if let Ok(name) = env::var(VICTIM) {
        let server = SERVERS.into_iter().find(|server| server.name() == name);
        let Some(running) = start(server.unwrap()) else {
            return;
        };
        let pid = running.guard.lock().unwrap().pid;
        println!("\npid {pid} {}", running.folder.display());
        thread::sleep(LIMIT);
        return;
    }
    SERVERS.into_iter().for_each(kill_with);
}

fn kill_with(server: Server) {
    let mut victim = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("store::running::tests::a_server_ends_with_a_process_that_is_killed")
        .env(VICTIM, server.name())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(victim.stdout.take().unwrap());
    let told = stdout
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("pid ").map(str::to_owned));
    let pid_and_folder = told.as_ref().and_then(|told| {
        let (pid, folder) = told.split_once(' ')?;
        Some((pid.parse().ok()?, folder))
    });
    let alive = pid_and_folder.is_some_and(|(pid, _)| is_there(pid));
    victim.kill().unwrap();
    victim.wait().unwrap();
    let Some((pid, folder)) = pid_and_folder else {
        return assert!(start(server).is_none());
    };
    assert!(alive);
    assert!(ends(pid), "the server outlives its test process");
    let start = Instant::now();
    while PathBuf::from(folder).exists() && start.elapsed() < LIMIT {
        thread::sleep(Duration::from_millis(10));
    }
    assert!(!PathBuf::from(folder).exists(), "{folder} is left behind");
}
