//! The app that is judged: a process of ours, or a server that somebody runs.

use crate::{
    browser::{Browser, PAGES},
    exit::Exit,
    launch::Launch,
    process::{Process, Signal},
    verdict::{Stop, Verdict, expect},
};
use reqwest::Client;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::OnceCell;

/// How long an app may take to say where it listens.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How long a check waits for an app that was told to stop: twice the contract.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// Where an app is reached. Browsers share it, so that they follow a restart.
#[derive(Debug, Clone)]
pub(crate) struct Address(Arc<Mutex<String>>);

impl Address {
    fn new(url: String) -> Address {
        Address(Arc::new(Mutex::new(url)))
    }

    pub(crate) fn get(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, url: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = url;
    }
}

/// A running app.
#[derive(Debug)]
pub struct App {
    address: Address,
    client: Client,
    own: Option<Own>,
    /// Whether the home page is for everybody, once somebody has looked.
    open: OnceCell<bool>,
}

/// What we know about a process that we started ourselves.
#[derive(Debug)]
struct Own {
    launch: Launch,
    process: Process,
}

impl App {
    /// Starts a process and waits for its ready line.
    pub(crate) async fn start(launch: Launch, client: Client) -> Result<App, Stop> {
        let (process, url) = ready(&launch).await?;
        Ok(App {
            address: Address::new(url),
            client,
            own: Some(Own { launch, process }),
            open: OnceCell::new(),
        })
    }

    /// A server that somebody else runs: it is asked, and never stopped.
    pub(crate) fn at(url: &str, client: Client) -> App {
        App {
            address: Address::new(url.to_owned()),
            client,
            own: None,
            open: OnceCell::new(),
        }
    }

    /// Such as `http://127.0.0.1:3000`, without a slash at the end.
    pub fn url(&self) -> String {
        self.address.get()
    }

    /// The same as an address of the network.
    pub fn socket(&self) -> Result<SocketAddr, Stop> {
        let url = self.url();
        let address = url.strip_prefix("http://").unwrap_or_default();
        address.parse().map_err(Stop::harness)
    }

    pub(crate) fn address(&self) -> Address {
        self.address.clone()
    }

    /// A new browser, without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address(), self.client.clone())
    }

    /// Whether the home page is for everybody. If not, a stranger who asks for it is
    /// sent to the login.
    ///
    /// Some apps start a session for whoever asks: a check that counts records begins
    /// to count after this.
    pub async fn is_open(&self) -> Result<bool, Stop> {
        let look = async || {
            let mut stranger = self.browser();
            let page = stranger.request("GET", "/", &[PAGES], "").await?;
            let way = page.header("location").unwrap_or_default();
            let is_sent = (300..400).contains(&page.status()) && way.starts_with("/login");
            Ok(!is_sent)
        };
        self.open.get_or_try_init(look).await.copied()
    }

    /// A browser that may pour: a stranger's, or where the home page is for users
    /// alone, that of somebody who has logged in.
    pub async fn visitor(&self) -> Result<Browser, Stop> {
        if self.is_open().await? {
            return Ok(self.browser());
        }
        let (browser, _) = self.newcomer("visitor").await?;
        Ok(browser)
    }

    /// Where it has its users, if the check has them there, too.
    #[cfg(feature = "sql")]
    pub(crate) fn users(&self) -> Option<&crate::users::Users> {
        self.own.as_ref()?.launch.users()
    }

    /// Kills the process and starts it anew with the same settings.
    pub async fn restart(&mut self) -> Result<(), Stop> {
        self.kill()?;
        self.start_again().await
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) fn kill(&mut self) -> Result<(), Stop> {
        self.own.as_mut().ok_or_else(no_process)?.process.kill();
        Ok(())
    }

    /// Once it has ended: a new process with the same settings.
    pub(crate) async fn start_again(&mut self) -> Result<(), Stop> {
        let own = self.own.as_mut().ok_or_else(no_process)?;
        let (process, url) = ready(&own.launch).await?;
        own.process = process;
        self.address.set(url);
        Ok(())
    }

    /// Lets the process end as somebody who replaces it does, with SIGTERM, and starts
    /// it anew.
    pub async fn replace(&mut self) -> Result<(), Stop> {
        self.stop(Signal::Terminate).await?.expect_code(0)?;
        self.start_again().await
    }

    /// Kills it and starts it with these settings beside those that it had.
    pub async fn restart_with(&mut self, settings: &[(String, String)]) -> Result<(), Stop> {
        let own = self.own.as_mut().ok_or_else(no_process)?;
        own.launch.settings.extend_from_slice(settings);
        self.restart().await
    }

    /// Another process with the same settings in the same folder.
    pub async fn second(&self) -> Result<App, Stop> {
        App::start(self.own()?.launch.clone(), self.client.clone()).await
    }

    /// Sends SIGTERM and waits for the end.
    pub async fn terminate(mut self) -> Result<Exit, Stop> {
        self.stop(Signal::Terminate).await
    }

    /// Sends SIGINT, which is what Ctrl-C does, and waits for the end.
    pub async fn interrupt(mut self) -> Result<Exit, Stop> {
        self.stop(Signal::Interrupt).await
    }

    /// Sends a signal that asks it to end, and waits for that.
    pub(crate) async fn stop(&mut self, signal: Signal) -> Result<Exit, Stop> {
        let process = &mut self.own.as_mut().ok_or_else(no_process)?.process;
        process.signal(signal)?;
        let exit = process.wait(STOP_LIMIT, |_| false).await?;
        exit.ok_or_else(|| {
            let promise = format!("the app ends after {signal:?}");
            Stop::broken(promise, format!("it still runs after {STOP_LIMIT:?}"))
        })
    }

    /// What the app wrote to stderr so far.
    pub fn log(&self) -> String {
        self.own
            .as_ref()
            .map(|own| own.process.stderr())
            .unwrap_or_default()
    }

    /// The log once this is so of it, or after five seconds: it comes by another way than
    /// answers do.
    pub(crate) async fn log_when(&self, is_so: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        let mut log = self.log();
        while !is_so(&log) && start.elapsed() < Duration::from_secs(5) {
            tokio::time::sleep(Duration::from_millis(5)).await;
            log = self.log();
        }
        log
    }

    pub(crate) fn expect_no_panic(&self) -> Verdict {
        let log = self.log();
        let panic = log.lines().find(|line| line.contains("panicked at"));
        expect(panic.is_none(), "no panic", panic.unwrap_or_default())
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> Result<u64, Stop> {
        self.own()?.process.resident_kib()
    }

    /// What the processor has worked for it so far, in ticks of a hundredth of a
    /// second or so.
    pub fn processor_ticks(&self) -> Result<u64, Stop> {
        self.own()?.process.processor_ticks()
    }

    /// How many threads it has.
    pub fn threads(&self) -> Result<usize, Stop> {
        self.own()?.process.threads()
    }

    pub fn pid(&self) -> Result<u32, Stop> {
        Ok(self.own()?.process.pid())
    }

    fn own(&self) -> Result<&Own, Stop> {
        self.own.as_ref().ok_or_else(no_process)
    }
}

fn no_process() -> Stop {
    Stop::NotJudged("needs a process of its own".into())
}

/// Starts a process, and takes its address from the first line on stdout.
async fn ready(launch: &Launch) -> Result<(Process, String), Stop> {
    let promise = "the first line on stdout is `listening on http://…`";
    let mut process = launch.start()?;
    let exit = process
        .wait(START_LIMIT, |process| process.stdout().contains('\n'))
        .await?;
    if let Some(exit) = exit {
        let observed = format!("the app ended with code {:?}: {}", exit.code, exit.stderr);
        return Err(Stop::broken(promise, observed));
    }
    let stdout = process.stdout();
    let Some(line) = stdout.lines().next() else {
        let observed = format!(
            "nothing within {START_LIMIT:?}; stderr: {}",
            process.stderr()
        );
        return Err(Stop::broken(promise, observed));
    };
    match line.strip_prefix("listening on ") {
        Some(url) if url.starts_with("http://") => Ok((process, url.trim_end_matches('/').into())),
        _ => Err(Stop::broken(promise, line)),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
