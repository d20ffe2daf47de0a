//! Against real servers. A program that is missing is a failure under
//! COURSE_STRICT, and a line on stderr otherwise.

use super::Server;
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::Stdio,
    time::{Duration, Instant},
};

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn each_server_starts_and_answers_in_its_own_protocol() {
    // Not under /tmp: MariaDB, started by root, is another user, who has to get
    // into the folder.
    for server in Server::ALL {
        if server.program().is_none() && !crate::is_on("COURSE_STRICT") {
            eprintln!("not judged: needs {}", server.needs());
            continue;
        }
        std::fs::create_dir_all(super::folder()).unwrap();
        let folder = tempfile::tempdir_in(super::folder()).unwrap();
        let data = folder.path().join("data");
        open_to_all(folder.path());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        assert!(!server.answers(address), "{server:?} before its start");
        let mut command = server.command(address.port(), &data).unwrap();
        let mut process = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while !server.answers(address) && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(50));
        }
        let answers = Server::ALL.map(|kind| kind.answers(address));
        process.kill().unwrap();
        process.wait().unwrap();
        let expected = Server::ALL.map(|kind| kind == server);
        assert_eq!(answers, expected, "asked {server:?} as {:?}", Server::ALL);
    }
}

fn open_to_all(folder: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}
