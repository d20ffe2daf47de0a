//! The app that is judged: a process of ours, or a server that somebody runs.

use crate::{
    browser::Browser,
    exit::Exit,
    launch::Launch,
    process::{Process, Signal},
    verdict::Stop,
};
use reqwest::Client;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

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
        })
    }

    /// A server that somebody else runs: it is asked, and never stopped.
    pub(crate) fn at(url: &str, client: Client) -> App {
        App {
            address: Address::new(url.to_owned()),
            client,
            own: None,
        }
    }

    /// Such as `http://127.0.0.1:3000`, without a slash at the end.
    pub fn url(&self) -> String {
        self.address.get()
    }

    pub(crate) fn address(&self) -> Address {
        self.address.clone()
    }

    /// A new browser, without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address(), self.client.clone())
    }

    /// Kills the process and starts it anew with the same settings.
    pub async fn restart(&mut self) -> Result<(), Stop> {
        let own = self.own.as_mut().ok_or_else(no_process)?;
        own.process.kill();
        let (process, url) = ready(&own.launch).await?;
        own.process = process;
        self.address.set(url);
        Ok(())
    }

    /// Another process with the same settings in the same folder.
    pub async fn second(&self) -> Result<App, Stop> {
        App::start(self.own()?.launch.clone(), self.client.clone()).await
    }

    /// Sends SIGTERM and waits for the end.
    pub async fn terminate(self) -> Result<Exit, Stop> {
        self.stop(Signal::Terminate).await
    }

    /// Sends SIGINT, which is what Ctrl-C does, and waits for the end.
    pub async fn interrupt(self) -> Result<Exit, Stop> {
        self.stop(Signal::Interrupt).await
    }

    async fn stop(self, signal: Signal) -> Result<Exit, Stop> {
        let mut process = self.own.ok_or_else(no_process)?.process;
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
