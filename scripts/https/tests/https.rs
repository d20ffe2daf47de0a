//! The program as a person starts it, with a client that trusts its certificate and
//! with apps that see every byte.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Barrier,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// A limit for hangs only.
const LIMIT: Duration = Duration::from_secs(20);

/// The running program, killed at the end of its test.
struct Https {
    process: Child,
    port: u16,
    folder: TempDir,
    first_line: String,
}

impl Https {
    fn before(app: SocketAddr) -> Https {
        Https::start(app, TempDir::new().unwrap())
    }

    fn start(app: SocketAddr, folder: TempDir) -> Https {
        let mut process = command(&[&app.port().to_string(), "--port", "0"], folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first_line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut first_line).unwrap();
        let port = first_line.split_once("https://localhost:");
        let port = port.and_then(|(_, after)| after.split(' ').next());
        Https {
            port: port.expect(&first_line).parse().unwrap(),
            process,
            folder,
            first_line,
        }
    }

    fn certificate(&self) -> String {
        fs::read_to_string(self.folder.path().join("own/certificate.pem")).unwrap()
    }

    /// A browser that trusts the certificate, and knows the server by this name.
    async fn browse(&self, name: &'static str) -> TlsStream<TcpStream> {
        let mut trusted = RootCertStore::empty();
        let certificate = self.certificate();
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes());
        trusted.add(certificate.unwrap()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(trusted)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, stream).await.unwrap()
    }

    /// What it said on stderr, once it was killed.
    fn complaints(mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let mut said = String::new();
        let stderr = self.process.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Https {
    fn drop(&mut self) {
        // It fails only when the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_https"));
    command.args(arguments);
    command.arg("--folder").arg(folder.join("own"));
    command
}

async fn app() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = String::new();
    let read = timeout(LIMIT, stream.read_to_string(&mut text)).await;
    read.expect("an end").unwrap();
    text
}

async fn read_exactly(stream: &mut (impl AsyncRead + Unpin), text: &str) {
    let mut bytes = vec![0; text.len()];
    let read = timeout(LIMIT, stream.read_exact(&mut bytes)).await;
    read.expect("all of it").unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), text);
}

const REQUEST: &str =
    "POST /login HTTP/1.1\r\nHost: localhost:3443\r\ncontent-length: 8\r\n\r\nname=Ada";

const ANSWER: &str =
    "HTTP/1.1 200 OK\r\nset-cookie: __Host-beer.sid=1; Secure\r\ncontent-length: 2\r\n\r\nhi";

#[tokio::test]
async fn requests_and_answers_pass_as_they_are_on_one_connection() {
    let (listener, address) = app().await;
    let https = Https::before(address);
    for name in ["localhost", "127.0.0.1"] {
        let mut browser = https.browse(name).await;
        assert_eq!(browser.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let (mut app, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            browser.write_all(REQUEST.as_bytes()).await.unwrap();
            read_exactly(&mut app, REQUEST).await;
            app.write_all(ANSWER.as_bytes()).await.unwrap();
            read_exactly(&mut browser, ANSWER).await;
        }
    }
}

#[tokio::test]
async fn twenty_at_once_get_their_own_megabytes_back() {
    const MEGABYTE: usize = 1 << 20;
    let (listener, address) = app().await;
    tokio::spawn(async move {
        while let Ok((app, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = app.into_split();
                tokio::io::copy(&mut reader, &mut writer).await
            });
        }
    });
    let https = Arc::new(Https::before(address));
    let all_there = Arc::new(Barrier::new(20));
    let mut browsers = JoinSet::new();
    for number in 0..20u8 {
        let (https, all_there) = (Arc::clone(&https), Arc::clone(&all_there));
        browsers.spawn(async move {
            let browser = https.browse("localhost").await;
            let there = timeout(LIMIT, all_there.wait()).await;
            there.expect("all twenty");
            let (mut reader, mut writer) = tokio::io::split(browser);
            let writing = tokio::spawn(async move {
                writer.write_all(&vec![b'a' + number; MEGABYTE]).await?;
                writer.shutdown().await
            });
            let back = read_to_end(&mut reader).await;
            writing.await.unwrap().unwrap();
            assert_eq!(back.len(), MEGABYTE);
            assert!(back.bytes().all(|byte| byte == b'a' + number));
        });
    }
    browsers.join_all().await;
}

#[tokio::test]
async fn the_end_of_one_direction_leaves_the_other_open() {
    let (listener, address) = app().await;
    let https = Https::before(address);
    // The browser has said all, and the app answers.
    let mut browser = https.browse("localhost").await;
    let (mut app, _) = listener.accept().await.unwrap();
    browser.write_all(b"a question").await.unwrap();
    browser.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut app).await, "a question");
    app.write_all(b"an answer").await.unwrap();
    app.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut browser).await, "an answer");
    // The app has said all, and the browser goes on.
    let mut browser = https.browse("localhost").await;
    let (mut app, _) = listener.accept().await.unwrap();
    app.write_all(b"too late").await.unwrap();
    app.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut browser).await, "too late");
    browser.write_all(b"and yet").await.unwrap();
    browser.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut app).await, "and yet");
}

#[tokio::test]
async fn an_app_that_is_away_ends_the_connection_until_it_is_back() {
    let (listener, address) = app().await;
    drop(listener);
    let https = Https::before(address);
    for _ in 0..2 {
        let mut browser = https.browse("localhost").await;
        assert_eq!(read_to_end(&mut browser).await, "");
    }
    let listener = TcpListener::bind(address).await.unwrap();
    let mut browser = https.browse("localhost").await;
    let (mut app, _) = listener.accept().await.unwrap();
    app.write_all(b"back").await.unwrap();
    read_exactly(&mut browser, "back").await;
    let said = https.complaints();
    let line = format!("https: nobody answers at http://{address} (");
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.lines().all(|said| said.starts_with(&line)), "{said}");
}

#[tokio::test]
async fn an_answer_that_an_app_breaks_off_is_not_taken_for_a_whole_one() {
    let (listener, address) = app().await;
    let https = Https::before(address);
    let mut browser = https.browse("localhost").await;
    let (mut app, _) = listener.accept().await.unwrap();
    browser.write_all(b"a question").await.unwrap();
    app.write_all(b"half an ans").await.unwrap();
    read_exactly(&mut browser, "half an ans").await;
    // With the question unread, this is a reset and no end: as kill -9 leaves it.
    drop(app);
    let mut rest = String::new();
    let read = timeout(LIMIT, browser.read_to_string(&mut rest)).await;
    read.expect("an end").unwrap_err();
}

#[tokio::test]
async fn plain_http_and_junk_get_nowhere_and_harm_nobody() {
    let (listener, address) = app().await;
    let https = Https::before(address);
    for junk in ["GET / HTTP/1.1\r\n\r\n", "\0\0\0", ""] {
        let mut stream = TcpStream::connect(("127.0.0.1", https.port)).await.unwrap();
        stream.write_all(junk.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // An alert of TLS, or a reset.
        let read = timeout(LIMIT, stream.read_to_end(&mut answer)).await;
        let _ = read.expect("an end");
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    let mut browser = https.browse("localhost").await;
    browser.write_all(b"still there?").await.unwrap();
    let (mut app, _) = listener.accept().await.unwrap();
    read_exactly(&mut app, "still there?").await;
    assert_eq!(https.complaints(), "");
}

#[tokio::test]
async fn the_certificate_is_made_once_and_its_key_is_ours_alone() {
    let (_listener, address) = app().await;
    let first = Https::before(address);
    let folder = first.folder.path().join("own");
    let named = folder.join("certificate.pem").display().to_string();
    let app = format!(" for http://{address}; your browser warns");
    assert!(first.first_line.contains(&app), "{}", first.first_line);
    assert!(first.first_line.contains(&named), "{}", first.first_line);
    let certificate = first.certificate();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = fs::metadata(folder.join("key.pem")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
    let second = command(
        &[&address.port().to_string(), "--port", "0"],
        first.folder.path(),
    )
    .stdout(Stdio::piped())
    .spawn();
    let mut second = second.unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(second.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    second.kill().unwrap();
    second.wait().unwrap();
    assert!(
        line.starts_with("listening on https://localhost:"),
        "{line}"
    );
    assert_eq!(first.certificate(), certificate);
    let there = fs::read_dir(first.folder.path()).unwrap().count();
    assert_eq!(there, 1, "no other folder beside it");
}

fn run(arguments: &[&str], folder: &Path) -> Output {
    command(arguments, folder).output().unwrap()
}

#[tokio::test]
async fn what_it_cannot_do_is_one_line() {
    let (_listener, address) = app().await;
    let taken = address.port().to_string();
    let folder = TempDir::new().unwrap();
    let says = |arguments: &[&str], code: i32, start: &str| {
        let output = run(arguments, folder.path());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with(start), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(output.stdout.is_empty());
    };
    says(&["beer"], 2, "https: expected the app's port, such as 3000");
    let in_use = format!("https: port {taken} is in use by another program");
    says(&["3000", "--port", &taken], 1, &in_use);
    let key = folder.path().join("own/key.pem");
    fs::write(&key, "not a key").unwrap();
    says(&["--port", "0"], 1, &format!("https: {}: ", key.display()));
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_it_in_the_middle_of_a_connection() {
    let (listener, address) = app().await;
    let mut https = Https::before(address);
    let mut browser = https.browse("localhost").await;
    let (_app, _) = listener.accept().await.unwrap();
    browser.write_all(b"a question").await.unwrap();
    let pid = rustix::process::Pid::from_child(&https.process);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(https.process.wait().unwrap().code(), Some(0));
}
