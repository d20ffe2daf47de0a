//! The reverse proxy before many copies of an app: HAProxy, with a configuration of
//! ours, and what is said to it while it runs.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

/// Its program's name, and that of Debian's package.
pub const PROGRAM: &str = "haproxy";

/// How many copies the configuration has room for.
pub const COPIES: usize = 4;

/// How long a copy may take to become what it was told: longer than the proxy waits for
/// an answer.
const LIMIT: Duration = Duration::from_secs(30);

/// Where it takes orders, in its folder.
const SOCKET: &str = "socket";

/// What it does stands in there.
const CONFIGURATION: &str = include_str!("proxy/haproxy.cfg");

/// Which copies are ready, and which are alive: each copy has its place in both.
const BACKENDS: [&str; 2] = ["copies", "alive"];

/// What visitors see while there is no copy.
const NOBODY: &str = include_str!("proxy/503.html");

/// On the PATH, or where Debian puts it.
pub fn program() -> Option<PathBuf> {
    super::find(PROGRAM)
}

/// Runs the proxy in the foreground, on this address, before these copies of an app.
/// Its configuration is written into `folder`, where its [`socket`] will be, too.
///
/// # Errors
///
/// One line: the program is missing, or the folder cannot be written.
pub fn command(
    address: SocketAddr,
    copies: &[SocketAddr],
    folder: &Path,
) -> Result<Command, String> {
    let program = program().ok_or_else(|| format!("no {PROGRAM} on the PATH"))?;
    if copies.len() > COPIES {
        return Err(format!("the proxy has room for {COPIES} copies"));
    }
    let complain = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(complain)?;
    let folder = folder.canonicalize().map_err(complain)?;
    let file = folder.join("haproxy.cfg");
    fs::write(&file, CONFIGURATION).map_err(complain)?;
    fs::write(folder.join("503.html"), NOBODY).map_err(complain)?;
    let mut command = Command::new(program);
    command
        .arg("-f")
        .arg(file)
        .env("PROXY_ADDRESS", address.to_string())
        .env("PROXY_FOLDER", &folder)
        // From its working folder: such a path has about 100 bytes at most.
        .env("PROXY_SOCKET", format!("unix@{SOCKET}"))
        .current_dir(&folder)
        .stdin(Stdio::null());
    for (number, copy) in (1..).zip(copies) {
        command.env(format!("PROXY_COPY_{number}"), copy.to_string());
    }
    Ok(command)
}

/// Where a proxy of this folder takes orders.
pub fn socket(folder: &Path) -> PathBuf {
    folder.join(SOCKET)
}

/// How a copy stands with the proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Such as `UP`, it is ready, `DOWN` or `DRAIN`.
    pub status: String,
    /// Requests that are in it, or wait for it.
    pub requests: u64,
}

/// How the copies stand, in order. Blocks.
///
/// # Errors
///
/// One line: nobody answers there.
pub fn copies(socket: &Path) -> Result<Vec<Copy>, String> {
    let table = ask(socket, "show stat")?;
    let mut lines = table.trim_start_matches("# ").lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let rows = lines.filter_map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let field = |name| {
            let place = names.iter().position(|known| *known == name)?;
            fields.get(place).copied()
        };
        field("svname").filter(|name| name.starts_with("copy-"))?;
        let count = |name| field(name)?.parse::<u64>().ok();
        let copy = Copy {
            status: field("status")?.to_owned(),
            requests: count("scur")? + count("qcur")?,
        };
        Some((field("pxname")?.to_owned(), copy))
    });
    let (mut copies, others): (Vec<_>, Vec<_>) =
        rows.partition(|(backend, _)| backend == BACKENDS[0]);
    for ((_, copy), (_, same)) in copies.iter_mut().zip(others) {
        copy.requests += same.requests;
    }
    Ok(copies.into_iter().map(|(_, copy)| copy).collect())
}

/// Sends a copy, the first is 0, no more requests. Blocks until those that are in it
/// are answered, which takes no longer than the proxy waits for an answer.
pub fn drain(socket: &Path, copy: usize) -> Result<(), String> {
    set(socket, copy, "state drain")?;
    until(socket, copy, |copy| copy.requests == 0)
}

/// Sends a copy requests again. Blocks until it says, from now on, that it is ready.
pub fn take_back(socket: &Path, copy: usize) -> Result<(), String> {
    // What an earlier check of its health has shown may be over.
    set(socket, copy, "health down")?;
    set(socket, copy, "state ready")?;
    until(socket, copy, |copy| copy.status == "UP")
}

/// Blocks until this many copies are ready.
pub fn are_up(socket: &Path, count: usize) -> Result<(), String> {
    super::group::until(LIMIT, || {
        let copies = copies(socket)?;
        // `UP 1/2` has failed its last check, and still gets requests.
        let is_up = |copy: &&Copy| copy.status.starts_with("UP");
        let up = copies.iter().filter(is_up).count();
        if up == count {
            return Ok(());
        }
        Err(format!("{up} copies of {} are up", copies.len()))
    })
}

fn set(socket: &Path, copy: usize, what: &str) -> Result<(), String> {
    for backend in BACKENDS {
        let order = format!("set server {backend}/copy-{} {what}", copy + 1);
        match ask(socket, &order)?.trim() {
            "" => {}
            why => return Err(format!("the proxy, told to {order}: {why}")),
        }
    }
    Ok(())
}

fn until(socket: &Path, copy: usize, done: impl Fn(&Copy) -> bool) -> Result<(), String> {
    super::group::until(LIMIT, || {
        let copies = copies(socket)?;
        let seen = copies.get(copy).ok_or("the proxy has no such copy")?;
        if done(seen) {
            return Ok(());
        }
        let (number, requests) = (copy + 1, seen.requests);
        let status = &seen.status;
        Err(format!(
            "copy {number} is {status}, with {requests} requests in it"
        ))
    })
}

/// One order a connection. An empty line ends the answer, and then it closes.
#[cfg(unix)]
fn ask(socket: &Path, order: &str) -> Result<String, String> {
    use std::{
        io::{Read, Write},
        os::unix::net::UnixStream,
    };
    // From here, if that is shorter: there is not much room for a path.
    let here = std::env::current_dir().unwrap_or_default();
    let near = socket.strip_prefix(here).unwrap_or(socket);
    let exchange = || {
        let mut stream = UnixStream::connect(near)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(format!("{order}\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    exchange().map_err(|error: std::io::Error| format!("{}: {error}", socket.display()))
}

#[cfg(not(unix))]
fn ask(_: &Path, _: &str) -> Result<String, String> {
    Err("this system has no sockets with a path".to_owned())
}
