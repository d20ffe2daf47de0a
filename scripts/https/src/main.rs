//! `https [APP_PORT] [--port PORT] [--folder FOLDER]`: `cargo course https` runs it.
//!
//! Listens on `https://localhost:PORT` and passes every byte on to
//! `http://127.0.0.1:APP_PORT`, so that an app sees what a browser sent: the header
//! Host, too. The certificate is our own, made at the first start.

use std::{
    env,
    io::{self, ErrorKind, Write},
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};
use tls::{Folder, pass_on};
use tokio::net::TcpListener;

const USAGE: &str =
    "expected the app's port, such as 3000, and perhaps --port PORT, --folder FOLDER";

const APP_PORT: u16 = 3000;
const PORT: u16 = 3443;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some(order) = Order::read(&arguments) else {
        eprintln!("https: {USAGE}");
        return ExitCode::from(2);
    };
    match order.carry_out().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("https: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The command line.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    app_port: u16,
    /// 0 takes a free one; the first line says which.
    port: u16,
    /// Where the certificate and its key are kept. `None`: under `target`.
    folder: Option<PathBuf>,
}

impl Order {
    fn read(arguments: &[String]) -> Option<Order> {
        let (mut app_port, mut port, mut folder) = (None, None, None);
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--port" if port.is_none() => port = Some(words.next()?.parse().ok()?),
                "--folder" if folder.is_none() => folder = Some(PathBuf::from(words.next()?)),
                number if app_port.is_none() => {
                    app_port = Some(number.parse().ok().filter(|port| *port != 0)?);
                }
                _ => return None,
            }
        }
        Some(Order {
            app_port: app_port.unwrap_or(APP_PORT),
            port: port.unwrap_or(PORT),
            folder,
        })
    }

    /// Listens until Ctrl-C or SIGTERM.
    async fn carry_out(self) -> Result<(), String> {
        let folder = match self.folder {
            Some(folder) => folder,
            None => target()?.join("https"),
        };
        let folder = Folder(folder);
        let acceptor = folder.open()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await;
        let listener = listener.map_err(|error| why_not(&error, self.port))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let stop = stop().map_err(|error| format!("signals: {error}"))?;

        // Whoever reads may stop early, as `head` does.
        let _ = writeln!(
            io::stdout(),
            "listening on https://localhost:{} for http://127.0.0.1:{}; your browser warns \
             before it goes there, because nobody that it knows has signed {}",
            address.port(),
            self.app_port,
            folder.certificate().display(),
        );
        let app = SocketAddr::from((Ipv4Addr::LOCALHOST, self.app_port));
        tokio::select! {
            () = pass_on(listener, acceptor, app) => {}
            () = stop => {}
        }
        Ok(())
    }
}

/// The folder `target`: this program is in `target/debug` or its like.
fn target() -> Result<PathBuf, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let target = program.ancestors().nth(2).map(PathBuf::from);
    target.ok_or_else(|| "no folder for the certificate; name one with --folder".to_owned())
}

fn why_not(error: &io::Error, port: u16) -> String {
    let advice = "choose another with --port";
    match error.kind() {
        ErrorKind::AddrInUse => format!("port {port} is in use by another program; {advice}"),
        ErrorKind::PermissionDenied => format!("port {port} needs more rights; {advice}"),
        _ => format!("port {port}: {error}; {advice}"),
    }
}

/// Ends when this program is told to. Listens for that from the first line on.
#[cfg(unix)]
fn stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(windows)]
fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

#[cfg(test)]
mod tests {
    use super::Order;

    fn read(line: &str) -> Option<(u16, u16, Option<String>)> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let order = Order::read(&words)?;
        let folder = order.folder.map(|folder| folder.display().to_string());
        Some((order.app_port, order.port, folder))
    }

    #[test]
    fn the_apps_port_the_own_one_and_a_folder_may_be_given_each_once() {
        assert_eq!(read(""), Some((3000, 3443, None)));
        assert_eq!(read("3001"), Some((3001, 3443, None)));
        let all = Some((3001, 0, Some("here".to_owned())));
        assert_eq!(read("3001 --port 0 --folder here"), all);
        assert_eq!(read("--folder here --port 0 3001"), all);
        for wrong in [
            "0",
            "beer",
            "-1",
            "65536",
            "3000 3001",
            "--port",
            "--port beer",
            "--port 1 --port 2",
            "--folder",
            "--folder a --folder b",
            "--fast",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
