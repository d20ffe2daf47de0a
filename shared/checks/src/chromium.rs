//! Real Chromium, driven through chromedriver.

use crate::{
    page::shorten,
    process::Process,
    verdict::{Stop, Verdict, expect},
};
use fantoccini::{
    Client, ClientBuilder, Locator, cookies::Cookie, elements::Element, error::CmdError,
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const START_LIMIT: Duration = Duration::from_secs(20);

/// How long a page may take to say what is expected of it.
const TEXT_LIMIT: Duration = Duration::from_secs(10);

/// A headless browser without a sandbox, because root has none, that talks to
/// nobody but the app.
const ARGUMENTS: [&str; 8] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
];

/// On which it listens, once it has said so.
fn port(driver: &Process) -> Option<String> {
    let stdout = driver.stdout();
    let (_, rest) = stdout.split_once("started successfully on port ")?;
    let (port, _) = rest.split_once('.')?;
    Some(port.to_owned())
}

/// chromedriver, and the browsers that it started. Both end with it.
#[derive(Debug)]
pub struct Chromium {
    address: String,
    sessions: Mutex<Vec<String>>,
    // Declared last: it is killed after `drop` has closed the browsers.
    _driver: Process,
}

impl Chromium {
    pub async fn start() -> Result<Chromium, Stop> {
        let mut told = String::new();
        // It takes a free port on IPv6, and ends if the same one is taken on IPv4.
        for _ in 0..5 {
            let mut driver = Process::spawn(Command::new("chromedriver").arg("--port=0"))?;
            driver
                .wait(START_LIMIT, |driver| port(driver).is_some())
                .await?;
            if let Some(port) = port(&driver) {
                return Ok(Chromium {
                    address: format!("127.0.0.1:{port}"),
                    sessions: Mutex::default(),
                    _driver: driver,
                });
            }
            told = driver.stdout() + &driver.stderr();
            if !told.contains("Address already in use") {
                break;
            }
        }
        Err(Stop::Harness(format!(
            "chromedriver does not start: {told}"
        )))
    }

    /// A browser with a profile of its own: no cookies, no history.
    pub async fn profile(&self) -> Result<Tab, Stop> {
        self.open(ARGUMENTS.map(str::to_owned).to_vec()).await
    }

    /// A browser with the profile in this folder: a new one in an empty folder, else
    /// what the last browser there left on the disk. One at a time.
    pub async fn profile_in(&self, folder: &Path) -> Result<Tab, Stop> {
        let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", folder.display()));
        self.open(arguments).await
    }

    /// The same as [`profile`](Chromium::profile), with more arguments of Chromium's.
    pub async fn profile_with(&self, more: &[String]) -> Result<Tab, Stop> {
        let usual = ARGUMENTS.map(str::to_owned);
        self.open([&usual, more].concat()).await
    }

    async fn open(&self, arguments: Vec<String>) -> Result<Tab, Stop> {
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "timeouts": { "pageLoad": 20_000, "script": 60_000 },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().cloned().unwrap_or_default())
            .connect(&format!("http://{}", self.address))
            .await
            .map_err(Stop::harness)?;
        if let Some(id) = client.session_id().await? {
            self.sessions
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(id);
        }
        Ok(Tab { client })
    }
}

/// Closes the browsers before chromedriver goes: whether the check held, broke
/// or panicked, a chromedriver that is killed leaves its browsers running.
impl Drop for Chromium {
    fn drop(&mut self) {
        let sessions = self
            .sessions
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for id in sessions.drain(..) {
            // Nothing is left to try when chromedriver does not answer.
            let _ = close(&self.address, &id);
        }
    }
}

/// Closes one browser and waits for the answer. Plain HTTP by hand, because
/// `drop` cannot wait for a future.
fn close(driver: &str, session: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(driver)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let request = format!("DELETE /session/{session} HTTP/1.1\r\nhost: {driver}\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    // The answer begins when the browser is gone. Its end would take the whole
    // limit: chromedriver keeps the connection open.
    stream.read(&mut [0; 512]).map(drop)
}

/// A window of one profile.
#[derive(Debug)]
pub struct Tab {
    client: Client,
}

impl Tab {
    /// Ends the browser as a person does: with a profile in a folder, what is to be
    /// kept is on the disk then.
    pub async fn close(self) -> Verdict {
        Ok(self.client.close().await?)
    }

    pub async fn open(&self, url: &str) -> Result<(), Stop> {
        Ok(self.client.goto(url).await?)
    }

    /// As the button Back does.
    pub async fn back(&self) -> Verdict {
        Ok(self.client.back().await?)
    }

    /// Clicks the button with this text, as soon as it is there. The next page
    /// comes later: wait for what it says.
    pub async fn click_button(&self, text: &str) -> Verdict {
        let button = format!("//button[normalize-space()='{text}']");
        let button = self.find(&button, format!("a button `{text}`")).await?;
        Ok(button.click().await?)
    }

    /// Follows the link with this text, as [`click_button`](Tab::click_button) does.
    pub async fn click_link(&self, text: &str) -> Verdict {
        let link = format!("//a[normalize-space()='{text}']");
        let link = self.find(&link, format!("a link `{text}`")).await?;
        Ok(link.click().await?)
    }

    /// Types into the field with this label, or of this name, in place of what was
    /// in it.
    pub async fn fill(&self, field: &str, text: &str) -> Verdict {
        let label = format!("//label[normalize-space()='{field}']");
        let around = format!("{label}//input");
        let beside = format!("//input[@id={label}/@for]");
        let named = format!("//input[@name='{field}'][not(@type='hidden')]");
        let input = format!("{around} | {beside} | {named}");
        let input = self.find(&input, format!("a field `{field}`")).await?;
        input.clear().await?;
        Ok(input.send_keys(text).await?)
    }

    /// Ticks the box with this label.
    pub async fn tick(&self, label: &str) -> Verdict {
        let text = format!("//label[normalize-space()='{label}']");
        let text = self.find(&text, format!("a box `{label}`")).await?;
        Ok(text.click().await?)
    }

    async fn find(&self, xpath: &str, promise: String) -> Result<Element, Stop> {
        let wait = self.client.wait().at_most(TEXT_LIMIT);
        match wait.for_element(Locator::XPath(xpath)).await {
            Ok(element) => Ok(element),
            Err(CmdError::WaitTimeout) => Err(Stop::broken(promise, shorten(&self.text().await?))),
            Err(error) => Err(error.into()),
        }
    }

    /// The path and the query of the page that is shown.
    pub async fn path(&self) -> Result<String, Stop> {
        let url = self.client.current_url().await?;
        let query = url.query().map(|query| format!("?{query}"));
        Ok(url.path().to_owned() + &query.unwrap_or_default())
    }

    /// Waits for the page with this path and query.
    pub async fn wait_for_path(&self, path: &str) -> Verdict {
        let start = Instant::now();
        let mut seen = self.path().await?;
        while seen != path && start.elapsed() < TEXT_LIMIT {
            tokio::time::sleep(Duration::from_millis(50)).await;
            seen = self.path().await?;
        }
        let promise = format!("the page at {path}");
        expect(seen == path, &promise, seen)
    }

    pub async fn wait_for_text(&self, text: &str) -> Verdict {
        let start = Instant::now();
        let mut seen = Ok(String::new());
        while start.elapsed() < TEXT_LIMIT {
            // While one page gives way to the next, there is an error now and then.
            seen = self.text().await;
            if seen.as_ref().is_ok_and(|seen| seen.contains(text)) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let seen = shorten(&seen?.replace('\n', " | "));
        Err(Stop::broken(format!("the page says `{text}`"), seen))
    }

    /// The text of the page's main part as a person sees it.
    pub async fn text(&self) -> Result<String, Stop> {
        Ok(self.client.find(Locator::Css("main")).await?.text().await?)
    }

    /// The cookies that the browser keeps for the page's address, those that no script
    /// sees among them.
    pub async fn cookies(&self) -> Result<Vec<Cookie<'static>>, Stop> {
        Ok(self.client.get_all_cookies().await?)
    }

    /// A PNG of the window.
    pub async fn screenshot(&self) -> Result<Vec<u8>, Stop> {
        Ok(self.client.screenshot().await?)
    }

    /// What a script returns, or the promise that it returns.
    pub async fn evaluate(&self, script: &str) -> Result<Value, Stop> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Sends a command of the Chrome DevTools Protocol.
    pub async fn devtools(&self, command: &'static str, arguments: Value) -> Verdict {
        let command = DevTools { command, arguments };
        self.client.issue_cmd(command).await?;
        Ok(())
    }
}

impl From<CmdError> for Stop {
    fn from(error: CmdError) -> Stop {
        Stop::Harness(format!("chromedriver: {error}"))
    }
}

#[derive(Debug)]
struct DevTools {
    command: &'static str,
    arguments: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.arguments });
        (Method::POST, Some(body.to_string()))
    }
}

#[cfg(test)]
mod tests;
