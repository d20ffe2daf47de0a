//! `up`, `down` and `status` with real servers on free ports, and with a target
//! folder of each test's own.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use checks::servers::Server;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::{
    collections::HashMap,
    env, fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What no test here should need, by far.
const HANG: Duration = Duration::from_mins(1);

/// A repository with settings of its own. What is still running when a test ends
/// is stopped.
struct Place {
    folder: TempDir,
    settings: HashMap<&'static str, String>,
    path: std::ffi::OsString,
}

impl Place {
    fn new() -> Self {
        // MariaDB, started by root, is another user, who has to get in here.
        let target = checks::servers::folder();
        let path = path_with_programs();
        fs::create_dir_all(&target).unwrap();
        let folder = tempfile::tempdir_in(target).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("steps")).unwrap();
        Self {
            folder,
            settings: HashMap::new(),
            path,
        }
    }

    fn set(&mut self, server: Server, url: &str) {
        self.settings.insert(server.variable(), url.to_owned());
    }

    /// With this server's setting on a free port.
    fn with(server: Server) -> (Self, SocketAddr) {
        let (mut place, address) = (Place::new(), free_address());
        place.set(server, &server.url(address.port()));
        (place, address)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command.current_dir(self.folder.path()).args(arguments);
        for server in Server::ALL {
            command.env_remove(server.variable());
        }
        command
            .env_remove("SESSION_STORE")
            .envs(&self.settings)
            .env("CARGO_TARGET_DIR", self.folder.path().join("target"))
            .env("PATH", &self.path)
            .stdin(Stdio::null());
        command
    }

    fn course(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn home(&self, server: Server, address: SocketAddr) -> PathBuf {
        let name = format!("{}-{}", server.name(), address.port());
        self.folder.path().join("target/services").join(name)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.course(&["down"]);
    }
}

/// The PATH, with the folders of programs that were installed for the course.
fn path_with_programs() -> std::ffi::OsString {
    let programs = Server::ALL.into_iter().filter_map(Server::program);
    let folders = programs.filter_map(|program| Some(program.parent()?.to_owned()));
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(env::split_paths(&path).chain(folders)).unwrap()
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// Without the program there is nothing to judge, unless it has to be there.
fn missing(server: Server) -> bool {
    let strict = checks::is_on("COURSE_STRICT");
    let missing = server.program().is_none();
    assert!(!(missing && strict), "no program for {server:?}");
    if missing {
        eprintln!("not judged: no program for {server:?}");
    }
    missing
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < HANG, "still waiting: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The one line of a command that failed.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let line = stderr(output);
    assert_eq!(line.lines().count(), 1, "{line}");
    line
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

/// A server that somebody else runs.
struct Foreign(Child);

impl Foreign {
    fn start(server: Server, address: SocketAddr, folder: &Path) -> Self {
        let mut command = server.command(address.port(), folder).unwrap();
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        let foreign = Foreign(quiet.spawn().unwrap());
        until("a server to answer", || server.answers(address));
        foreign
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn up_and_down(server: Server) {
    if missing(server) {
        return;
    }
    let (place, address) = Place::with(server);
    let (name, url) = (server.name(), server.url(address.port()));

    let line = stdout(&place.course(&["up", name]));
    assert!(line.starts_with(&format!("{name:<8}started (")), "{line}");
    assert!(line.ends_with(&format!(" {url}\n")), "{line}");
    assert!(server.answers(address));
    let first = pid(&place.home(server, address)).unwrap();

    let line = stdout(&place.course(&["up", name]));
    assert!(line.contains("running, started by us"), "{line}");
    let line = stdout(&place.course(&["status", name]));
    assert!(
        line.contains("started by us") && line.contains(&url),
        "{line}"
    );

    let line = stdout(&place.course(&["down"]));
    assert!(line.contains(&format!("{name:<8}stopped")), "{line}");
    assert!(!server.answers(address));
    assert!(!runs(first));
    assert!(!place.home(server, address).join("pid").exists());
    let line = stdout(&place.course(&["status", name]));
    assert!(line.contains("not running"), "{line}");

    // The data of the first time is there, and is no obstacle.
    let line = stdout(&place.course(&["up", name]));
    assert!(line.contains("started ("), "{line}");
}

#[test]
fn redis_goes_up_and_down() {
    up_and_down(Server::Redis);
}

#[test]
fn mongo_goes_up_and_down() {
    up_and_down(Server::Mongo);
}

#[test]
fn mysql_goes_up_and_down() {
    up_and_down(Server::Mysql);
}

#[test]
fn mysql_has_the_course_s_user_and_database() {
    if missing(Server::Mysql) {
        return;
    }
    let (place, address) = Place::with(Server::Mysql);
    stdout(&place.course(&["up", "mysql"]));
    let client = ["mariadb", "mysql"].into_iter().find_map(|client| {
        let port = format!("--port={}", address.port());
        let login = ["--no-defaults", "--host=127.0.0.1", &port];
        let user = ["--user=course", "--password=course", "course"];
        let ask = "select @@character_set_database";
        let mut command = Command::new(client);
        command.args(login).args(user).args(["--execute", ask]);
        command.output().ok()
    });
    let told = stdout(&client.expect("neither mariadb nor mysql is on the PATH"));
    assert!(told.contains("utf8mb4"), "{told}");
}

#[test]
fn a_server_of_somebody_else_is_looked_at_and_left_alone() {
    if missing(Server::Redis) {
        return;
    }
    let (place, address) = Place::with(Server::Redis);
    let _foreign = Foreign::start(Server::Redis, address, &place.folder.path().join("theirs"));
    let line = stdout(&place.course(&["up", "redis"]));
    assert!(line.contains("running, not started by us"), "{line}");
    let line = stdout(&place.course(&["status", "redis"]));
    assert!(line.contains("running, not started by us"), "{line}");
    let line = stdout(&place.course(&["down", "redis"]));
    assert_eq!(line, "redis   nothing to stop\n");
    assert!(Server::Redis.answers(address));
}

#[test]
fn down_stops_no_process_but_the_server_that_up_started() {
    if missing(Server::Redis) {
        return;
    }
    let (place, address) = Place::with(Server::Redis);
    let home = place.home(Server::Redis, address);
    let data = home.join("data");
    fs::create_dir_all(&data).unwrap();
    // Another program in the same folder, and the same program in another folder.
    let mut sleep = Command::new("sleep");
    let sleep = Foreign(sleep.arg("600").current_dir(&data).spawn().unwrap());
    let theirs = place.folder.path().join("theirs");
    let redis = Foreign::start(Server::Redis, free_address(), &theirs);
    for process in [&sleep, &redis] {
        fs::write(home.join("pid"), process.0.id().to_string()).unwrap();
        let line = stdout(&place.course(&["down", "redis"]));
        assert!(line.contains("had ended, nothing to stop"), "{line}");
        assert!(runs(Pid::from_child(&process.0)));
    }
    fs::write(home.join("pid"), "all of them").unwrap();
    let line = stdout(&place.course(&["down", "redis"]));
    assert!(line.contains("had ended, nothing to stop"), "{line}");
}

#[test]
fn a_server_that_was_killed_is_started_again() {
    if missing(Server::Redis) {
        return;
    }
    let (place, address) = Place::with(Server::Redis);
    stdout(&place.course(&["up", "redis"]));
    let pid = pid(&place.home(Server::Redis, address)).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    until("the server to end", || !runs(pid));
    let line = stdout(&place.course(&["up", "redis"]));
    assert!(line.contains("started ("), "{line}");
    assert!(Server::Redis.answers(address));
}

#[test]
fn a_port_that_something_else_has_is_one_line() {
    let (mut place, _) = Place::with(Server::Redis);
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = other.local_addr().unwrap().port();
    place.set(Server::Redis, &Server::Redis.url(port));
    let line = complaint(&place.course(&["up", "redis"]));
    let expected = format!("redis   port {port} is taken by something else; set REDIS_URL=");
    assert!(line.starts_with(&expected), "{line}");
    let line = stdout(&place.course(&["status", "redis"]));
    assert!(line.contains("port taken by another"), "{line}");
}

#[test]
fn a_server_that_dies_at_its_start_is_one_line_with_its_last_words() {
    if missing(Server::Redis) {
        return;
    }
    let (place, address) = Place::with(Server::Redis);
    let home = place.home(Server::Redis, address);
    fs::create_dir_all(home.join("data")).unwrap();
    fs::write(home.join("data/dump.rdb"), "no dump of Redis").unwrap();
    let line = complaint(&place.course(&["up", "redis"]));
    assert!(line.starts_with("redis   ended at its start: "), "{line}");
    assert!(
        line.contains("Wrong signature") || line.contains("Fatal"),
        "{line}"
    );
    assert!(!home.join("pid").exists());
}

#[test]
fn an_interrupted_start_leaves_nothing_behind() {
    if missing(Server::Mysql) {
        return;
    }
    let (place, address) = Place::with(Server::Mysql);
    let home = place.home(Server::Mysql, address);
    let mut command = place.command(&["up", "mysql"]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let up = command.spawn().unwrap();
    let mut server = None;
    until("the start", || {
        server = pid(&home);
        server.is_some()
    });
    // Frozen, it cannot answer, and `up` waits.
    kill_process(server.unwrap(), Signal::STOP).unwrap();
    kill_process(Pid::from_child(&up), Signal::INT).unwrap();
    let line = complaint(&up.wait_with_output().unwrap());
    assert_eq!(line, "mysql   interrupted, and stopped again\n");
    assert!(!runs(server.unwrap()));
    assert!(!home.join("pid").exists() && !home.join("data").exists());
}

#[test]
fn a_server_on_another_machine_is_looked_at_only() {
    let mut place = Place::new();
    // Reserved for documentation: nobody has it.
    place.set(Server::Redis, "redis://ada:hush@192.0.2.1:6379");
    let line = complaint(&place.course(&["up", "redis"]));
    let expected = "redis   nothing answers at redis://ada:***@192.0.2.1:6379, \
                    and we start servers on 127.0.0.1 only\n";
    assert_eq!(line, expected);
}

#[test]
fn a_password_that_our_server_would_not_know_is_one_line_without_it() {
    let (mut place, address) = (Place::new(), free_address());
    let port = address.port();
    place.set(Server::Redis, &format!("redis://:hush@127.0.0.1:{port}"));
    let line = complaint(&place.course(&["up", "redis"]));
    let expected = format!("is reached as REDIS_URL=redis://127.0.0.1:{port}\n");
    assert!(
        line.ends_with(&expected) && !line.contains("hush"),
        "{line}"
    );
}

#[test]
fn a_setting_that_is_no_address_is_one_line() {
    let mut place = Place::new();
    for bad in ["6379", "rediss://127.0.0.1", "redis://", "redis://a:b"] {
        place.set(Server::Redis, bad);
        let line = complaint(&place.course(&["up", "redis"]));
        assert_eq!(line, "redis   REDIS_URL: expected redis://host:port\n");
    }
    fs::write(place.folder.path().join(".env"), "MONGODB_URL='hush").unwrap();
    let line = complaint(&place.course(&["up", "mongo"]));
    assert!(
        line.starts_with("mongo   .env: ") && !line.contains("hush"),
        "{line}"
    );
}

#[test]
fn the_setting_may_stand_in_dotenv_and_a_file_needs_no_server() {
    let place = Place::new();
    let dotenv = "DATABASE_URL=sqlite:users.db\nMONGODB_URL=mongodb://192.0.2.1/app\n";
    fs::write(place.folder.path().join(".env"), dotenv).unwrap();
    let line = stdout(&place.course(&["up", "mysql"]));
    assert_eq!(line, "mysql   not needed: DATABASE_URL names a file\n");
    let line = stdout(&place.course(&["status", "mongo"]));
    assert!(line.ends_with(" mongodb://192.0.2.1/app\n"), "{line}");
}

#[test]
fn only_one_up_works_at_a_time() {
    let place = Place::new();
    let services = place.folder.path().join("target/services");
    fs::create_dir_all(&services).unwrap();
    let lock = fs::File::create(services.join("lock")).unwrap();
    lock.lock().unwrap();
    let line = complaint(&place.course(&["up", "redis"]));
    assert_eq!(
        line,
        "course: another `cargo course up` or `down` is at work\n"
    );
}

#[test]
fn the_programs_are_named_and_nothing_is_started() {
    if missing(Server::Redis) {
        return;
    }
    let (place, address) = Place::with(Server::Redis);
    let line = stdout(&place.course(&["up", "--programs", "redis"]));
    assert!(line.trim_end().ends_with("/redis-server"), "{line}");
    assert!(!Server::Redis.answers(address));
}

#[test]
fn an_unknown_server_is_one_line() {
    for command in ["up", "down", "status"] {
        let line = complaint(&Place::new().course(&[command, "postgres"]));
        let expected = "course: no server `postgres`; there are redis, mongo, mysql and cluster\n";
        assert_eq!(line, expected);
    }
}
