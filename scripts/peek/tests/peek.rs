//! `peek` as a person runs it, on real servers that each test starts for itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use checks::servers::Server;
use fred::{
    interfaces::ClientLike,
    types::{Builder, ClusterHash, CustomCommand, Value, config::Config},
};
use mongodb::bson::{Binary, DateTime, Document, doc, spec::BinarySubtype};
use sqlx::AssertSqlSafe;
use std::{
    env,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};

/// What no test here should need, by far.
const HANG: Duration = Duration::from_mins(1);

const ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// A server on a free port, stopped when it is dropped.
struct Running {
    process: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Running {
    /// `None` without the program, unless it has to be there.
    fn start(server: Server) -> Option<Running> {
        if server.program().is_none() {
            let strict = checks::is_on("COURSE_STRICT");
            assert!(!strict, "no program for {server:?}");
            eprintln!("not judged: no program for {server:?}");
            return None;
        }
        std::fs::create_dir_all(checks::servers::folder()).unwrap();
        let folder = tempfile::tempdir_in(checks::servers::folder()).unwrap();
        open_to_all(folder.path());
        let address = free_address();
        let data = folder.path().join("data");
        let mut command = server.command(address.port(), &data).unwrap();
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        let running = Running {
            process: quiet.spawn().unwrap(),
            address,
            _folder: folder,
        };
        let start = Instant::now();
        while !server.answers(address) {
            assert!(start.elapsed() < HANG, "{server:?} does not answer");
            thread::sleep(Duration::from_millis(20));
        }
        Some(running)
    }

    fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// MariaDB, started by root, is another user, who has to get into the folder.
fn open_to_all(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

fn peek(url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peek"));
    for server in Server::ALL {
        command.env(server.variable(), url);
    }
    let output = command.args(arguments).stdin(Stdio::null()).output();
    output.unwrap()
}

/// What it shows, which fits into 80 columns.
fn shown(url: &str, arguments: &[&str]) -> String {
    let output = peek(url, arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{:?}", output.stderr);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    text
}

/// The one line of a command that failed.
fn complaint(url: &str, arguments: &[&str]) -> String {
    let output = peek(url, arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

/// As tower-sessions keeps it, with a minute to live.
fn record(id: i128) -> Record {
    let data = [("name", "Ada".into()), ("beers", 2.into())];
    Record {
        id: Id(id),
        data: data.map(|(key, value)| (key.to_owned(), value)).into(),
        expiry_date: OffsetDateTime::now_utc() + Duration::from_mins(1),
    }
}

fn bytes(id: i128) -> Vec<u8> {
    pack(&record(id))
}

fn pack(value: &impl serde::Serialize) -> Vec<u8> {
    rmp_serde::to_vec(value).unwrap()
}

/// The seconds in a session's first line: `AAAA…   59 s to live, 79 bytes`.
fn seconds(line: &str) -> u64 {
    let before = line.split(" s to live").next().unwrap();
    before.split_whitespace().last().unwrap().parse().unwrap()
}

// ---- Redis ------------------------------------------------------------------

struct Redis(fred::clients::Client);

impl Redis {
    async fn of(running: &Running) -> Redis {
        let url = Server::Redis.url(running.port());
        let client = Builder::from_config(Config::from_url(&url).unwrap());
        let client = client.build().unwrap();
        client.init().await.unwrap();
        Redis(client)
    }

    async fn ask(&self, command: &str, arguments: Vec<Value>) {
        let command = CustomCommand::new(command.to_owned(), ClusterHash::FirstKey, false);
        let _: Value = self.0.custom(command, arguments).await.unwrap();
    }

    async fn set(&self, key: &str, value: &[u8]) {
        let (key, value) = (key.into(), Value::Bytes(value.to_vec().into()));
        self.ask("SET", vec![key, value]).await;
    }
}

#[tokio::test]
async fn redis_shows_its_sessions_and_one_in_full() {
    let Some(running) = Running::start(Server::Redis) else {
        return;
    };
    let (redis, url) = (Redis::of(&running).await, Server::Redis.url(running.port()));
    assert_eq!(shown(&url, &["redis"]), format!("no sessions in {url}\n"));

    redis.set("a key of another program", b"1").await;
    redis.set(ID, &bytes(0)).await;
    redis.ask("EXPIRE", vec![ID.into(), 60.into()]).await;
    let list = shown(&url, &["redis"]);
    let lines: Vec<&str> = list.lines().collect();
    let size = bytes(0).len();
    assert_eq!(lines[0], format!("1 session in {url}"));
    assert!(lines[2].starts_with(ID), "{list}");
    assert!(
        lines[2].ends_with(&format!(" s to live, {size} bytes")),
        "{list}"
    );
    assert!((1..=60).contains(&seconds(lines[2])), "{list}");
    assert_eq!(lines[3], r#"  {"beers":2,"name":"Ada"}"#);

    let one = shown(&url, &["redis", ID]);
    let (head, json) = one.split_once("\n\n").unwrap();
    assert!(head.starts_with(ID), "{one}");
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["id"], ID);
    assert_eq!(json["data"]["name"], "Ada");
    let end = json["expiry_date"].as_str().unwrap();
    assert!(end.starts_with("20") && end.ends_with(" UTC"), "{one}");

    let nobody = "BBBBBBBBBBBBBBBBBBBBBB";
    let line = complaint(&url, &["redis", nobody]);
    assert_eq!(line, format!("peek: no session {nobody} in {url}\n"));
}

#[tokio::test]
async fn an_id_is_shown_as_the_session_has_it() {
    let Some(running) = Running::start(Server::Redis) else {
        return;
    };
    let (redis, url) = (Redis::of(&running).await, Server::Redis.url(running.port()));
    for number in [1, -1, i128::MAX, i128::MIN, 0x0123_4567_89ab_cdef] {
        let key = Id(number).to_string();
        redis.set(&key, &bytes(number)).await;
        let one = shown(&url, &["redis", &key]);
        assert!(one.contains(&format!(r#""id": "{key}""#)), "{one}");
        assert!(one.contains(" lives for ever, "), "{one}");
    }
    redis.set(ID, &bytes(1)).await;
    let one = shown(&url, &["redis", ID]);
    assert!(
        one.contains("The record says that it is another session's"),
        "{one}"
    );
}

#[tokio::test]
async fn what_is_no_record_is_shown_as_such() {
    let Some(running) = Running::start(Server::Redis) else {
        return;
    };
    let (redis, url) = (Redis::of(&running).await, Server::Redis.url(running.port()));
    let cut = &bytes(0)[..20];
    let longer = [bytes(0), vec![0]].concat();
    let other = pack(&serde_json::json!({"cart": ["beer"]}));
    let long = "ö".repeat(200).into_bytes();
    for (junk, seen) in [
        (&b""[..], "not a session's record"),
        (b"\xde\xad\xbe\xef", "not a session's record: de ad be ef"),
        (cut, "not a session's record: 93 "),
        (&longer, "not a session's record: 93 "),
        (
            &other,
            r#"not a session's record, but MessagePack: {"cart""#,
        ),
        (&long, "not a session's record: c3 b6"),
    ] {
        redis.set(ID, junk).await;
        let list = shown(&url, &["redis"]);
        assert!(list.contains(seen), "{list}");
        assert!(list.contains(&format!(" {} bytes\n", junk.len())), "{list}");
        let one = shown(&url, &["redis", ID]);
        assert!(one.contains("not a session's record"), "{one}");
    }
    redis.ask("DEL", vec![ID.into()]).await;
    redis.ask("LPUSH", vec![ID.into(), "x".into()]).await;
    let list = shown(&url, &["redis"]);
    assert!(
        list.contains("not a session's record, but a list of Redis"),
        "{list}"
    );
}

#[tokio::test]
async fn a_list_shows_twenty_and_says_that_there_are_more() {
    let Some(running) = Running::start(Server::Redis) else {
        return;
    };
    let (redis, url) = (Redis::of(&running).await, Server::Redis.url(running.port()));
    for number in 0..3000 {
        redis.set(&Id(number).to_string(), &bytes(number)).await;
    }
    let list = shown(&url, &["redis"]);
    let head = format!("20 sessions in {url} (the first; 3000 keys in all)\n");
    assert!(list.starts_with(&head), "{list}");
    assert_eq!(list.matches(" bytes\n").count(), 20, "{list}");
}

// ---- MongoDB ----------------------------------------------------------------

#[tokio::test]
async fn mongodb_shows_its_sessions_and_one_in_full() {
    let Some(running) = Running::start(Server::Mongo) else {
        return;
    };
    let url = Server::Mongo.url(running.port());
    assert_eq!(shown(&url, &["mongo"]), format!("no sessions in {url}\n"));

    let client = mongodb::Client::with_uri_str(&url).await.unwrap();
    let sessions = client.database("course").collection::<Document>("sessions");
    let end = OffsetDateTime::now_utc() + Duration::from_mins(1);
    // What the published store writes is a record of the core before ours.
    let record = tower_sessions_core_011::session::Record {
        id: tower_sessions_core_011::session::Id(0),
        data: record(0).data,
        expiry_date: end,
    };
    let bytes = pack(&record);
    let size = bytes.len();
    let subtype = BinarySubtype::Generic;
    let end = DateTime::from_millis(end.unix_timestamp() * 1000);
    let binary = doc! {"_id": ID, "data": Binary { subtype, bytes }, "expireAt": end};
    sessions.insert_one(binary).await.unwrap();
    let readable = "BBBBBBBBBBBBBBBBBBBBBB";
    let data = doc! {"beers": 3, "seen": end};
    let readable_too = doc! {"_id": readable, "data": data};
    sessions.insert_one(readable_too).await.unwrap();

    let list = shown(&url, &["mongo"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], format!("2 sessions in {url}"));
    assert!(lines[2].starts_with(ID), "{list}");
    assert!(
        lines[2].ends_with(&format!(" s to live, {size} bytes")),
        "{list}"
    );
    assert!((1..=60).contains(&seconds(lines[2])), "{list}");
    assert_eq!(lines[3], r#"  {"beers":2,"name":"Ada"}"#);
    assert!(lines[5].starts_with(readable), "{list}");
    assert!(lines[6].starts_with(r#"  {"beers":3,"seen":"20"#), "{list}");

    let one = shown(&url, &["mongo", ID]);
    assert!(one.contains(r#""name": "Ada""#), "{one}");
    let one = shown(&url, &["mongo", readable]);
    assert!(one.contains(r#""beers": 3"#), "{one}");

    let odd = "CCCCCCCCCCCCCCCCCCCCCC";
    sessions.insert_one(doc! {"_id": odd}).await.unwrap();
    let one = shown(&url, &["mongo", odd]);
    assert!(one.contains("not a session's record"), "{one}");
}

// ---- SQL --------------------------------------------------------------------

async fn pool(url: &str) -> sqlx::AnyPool {
    sqlx::any::install_default_drivers();
    sqlx::AnyPool::connect(url).await.unwrap()
}

async fn run(pool: &sqlx::AnyPool, statement: &str) {
    let statement = AssertSqlSafe(statement.to_owned());
    sqlx::query(statement).execute(pool).await.unwrap();
}

async fn insert(pool: &sqlx::AnyPool, table: &str, id: i128, end: &str) {
    let insert = format!("insert into {table} (id, data, expiry_date) values (?, ?, {end})");
    let insert = sqlx::query(AssertSqlSafe(insert));
    let insert = insert.bind(Id(id).to_string()).bind(bytes(id));
    insert.execute(pool).await.unwrap();
}

#[tokio::test]
async fn sqlite_shows_its_sessions() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("sessions.db");
    let url = format!("sqlite:{}", file.display());
    assert_eq!(
        complaint(&url, &["sql"]),
        format!("peek: no database at {url}\n")
    );

    let pool = pool(&format!("{url}?mode=rwc")).await;
    let line = complaint(&url, &["sql"]);
    assert_eq!(line, format!("peek: {url}: no table of sessions there\n"));

    let columns = "id text primary key not null, data blob not null, \
                   expiry_date integer not null";
    run(&pool, &format!("create table tower_sessions ({columns})")).await;
    assert_eq!(shown(&url, &["sql"]), format!("no sessions in {url}\n"));
    // As sqlx writes a date, and as a store of one's own may.
    let text = "strftime('%Y-%m-%dT%H:%M:%f000001Z', 'now', '+60 seconds')";
    insert(&pool, "tower_sessions", 0, text).await;
    insert(&pool, "tower_sessions", 1, "strftime('%s', 'now') + 50").await;
    let list = shown(&url, &["sql"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], format!("2 sessions in {url}"));
    assert!(lines[2].starts_with(ID), "{list}");
    assert!((51..=60).contains(&seconds(lines[2])), "{list}");
    assert!((1..=50).contains(&seconds(lines[5])), "{list}");
    assert_eq!(lines[3], r#"  {"beers":2,"name":"Ada"}"#);
    assert!(shown(&url, &["sql", ID]).contains(r#""name": "Ada""#));

    for number in 2..30 {
        insert(&pool, "tower_sessions", number, "0").await;
    }
    let list = shown(&url, &["sql"]);
    assert!(
        list.contains("(the latest of 30)") && list.contains("expired "),
        "{list}"
    );
}

#[tokio::test]
async fn mysql_shows_its_sessions() {
    let Some(running) = Running::start(Server::Mysql) else {
        return;
    };
    let port = running.port();
    let url = format!("mysql://root@127.0.0.1:{port}/mysql");
    let pool = pool(&url).await;
    let line = complaint(&url, &["sql"]);
    assert_eq!(line, format!("peek: {url}: no table of sessions there\n"));

    run(
        &pool,
        "create database tower_sessions character set utf8mb4",
    )
    .await;
    let table = "tower_sessions.session";
    let columns = "id char(22) primary key not null, data blob not null, \
                   expiry_date timestamp(6) not null";
    run(&pool, &format!("create table {table} ({columns})")).await;
    assert_eq!(shown(&url, &["sql"]), format!("no sessions in {url}\n"));
    insert(&pool, table, 0, "date_add(now(), interval 60 second)").await;
    let list = shown(&url, &["sql"]);
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[2].starts_with(ID), "{list}");
    assert!((1..=60).contains(&seconds(lines[2])), "{list}");
    assert!(shown(&url, &["sql", ID]).contains(r#""name": "Ada""#));
}

// ---- What goes wrong --------------------------------------------------------

#[test]
fn a_store_that_is_away_is_one_line_without_the_password() {
    let at = free_address();
    for (store, url, server) in [
        ("redis", format!("redis://:hush@{at}"), "redis"),
        ("mongo", format!("mongodb://ada:hush@{at}/course"), "mongo"),
        ("sql", format!("mysql://ada:hush@{at}/course"), "mysql"),
    ] {
        let line = complaint(&url, &[store]);
        let url = url.replace("hush", "***");
        let advice = format!("`cargo course up {server}` starts one");
        assert_eq!(line, format!("peek: no answer from {url}; {advice}\n"));
    }
}

#[test]
fn a_store_that_takes_the_connection_and_says_nothing_is_one_line() {
    // The system takes connections for it; nobody ever reads from them.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let at = silent.local_addr().unwrap();
    for (store, url) in [
        ("redis", format!("redis://{at}")),
        ("mongo", format!("mongodb://{at}/course")),
        ("sql", format!("mysql://{at}/course")),
    ] {
        let line = complaint(&url, &[store]);
        assert!(
            line.starts_with(&format!("peek: no answer from {url};")),
            "{line}"
        );
    }
}

#[test]
fn wrong_use_is_one_line() {
    let line = complaint("", &["postgres"]);
    assert_eq!(
        line,
        "peek: no store `postgres`; there are redis, mongo and sql\n"
    );
    let line = complaint("rediss://127.0.0.1", &["redis"]);
    assert_eq!(line, "peek: REDIS_URL: expected redis://\n");
    let line = complaint("redis://", &["redis"]);
    assert_eq!(line, "peek: REDIS_URL: no address\n");
    let line = complaint("", &["redis", "x\ny"]);
    let expected = "a session's ID has 22 letters, digits, - and _";
    assert_eq!(line, format!("peek: `x\\ny`: {expected}\n"));
    assert_eq!(peek("", &[]).status.code(), Some(2));
}
