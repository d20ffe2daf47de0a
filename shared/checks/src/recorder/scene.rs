//! One scene: a stage with its people, while a transcript is played.

use super::{
    backstage::Backstage,
    names::{self, Names},
    x_ray,
};
use crate::{
    app::App,
    beer_api::BeerApi,
    browser::{Browser, FORM, JSON, PAGES},
    lesson::Step,
    page::Page,
    store::Kind,
    transcript::{Event, Line, Request},
    variants,
    verdict::Stop,
};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use tokio::task::JoinHandle;

/// The headers that a transcript shows.
const SHOWN: [&str; 5] = [
    "set-cookie",
    "location",
    "allow",
    "retry-after",
    "content-type",
];

/// How much of one cookie a transcript shows, in characters.
const LONGEST: usize = 120;

/// A stage with its people, while a transcript is played.
pub(super) struct Scene<'a> {
    step: &'a Step,
    program: PathBuf,
    settings: Vec<(String, String)>,
    /// `None`: the step's default.
    store: Option<Kind>,
    /// `None` until the app starts.
    backstage: Option<Backstage>,
    /// The first process, and the second where the script asks for one.
    apps: Vec<App>,
    people: BTreeMap<String, Browser>,
    /// Headers that somebody's next request has.
    headers: BTreeMap<String, Vec<(String, String)>>,
    names: Names,
    /// Where the script has somebody wait for a beer.
    beers: Option<BeerApi>,
    waiting: Option<Waiting>,
}

/// Somebody who waits for a beer.
struct Waiting {
    cookies: Option<String>,
    commands: Vec<String>,
    answer: JoinHandle<Result<Page, Stop>>,
}

impl<'a> Scene<'a> {
    pub(super) async fn new(step: &'a Step, script: &[Line]) -> Result<Scene<'a>, Stop> {
        let slow = |line: &Line| matches!(line, Line::Event(Event::Slow(_)));
        let beers = if script.iter().any(slow) {
            Some(BeerApi::held().await?)
        } else {
            None
        };
        let url = beers
            .iter()
            .map(|beers| ("BEER_API_URL".to_owned(), beers.url().to_owned()));
        let settings = url.collect();
        Ok(Scene {
            step,
            program: PathBuf::from(step.binary),
            settings,
            store: None,
            backstage: None,
            apps: Vec::new(),
            people: BTreeMap::new(),
            headers: BTreeMap::new(),
            names: Names::default(),
            beers,
            waiting: None,
        })
    }

    /// Plays a line of the script. What comes back is that line, and what it led
    /// to.
    pub(super) async fn play(&mut self, line: Line) -> Result<Vec<Line>, Stop> {
        let mut lines = vec![line];
        match &lines[0] {
            Line::Event(Event::Served(request)) => {
                let request = request.clone();
                lines.extend(self.served(&request).await?);
            }
            Line::Event(event) => self.happen(event.clone()).await?,
            Line::Request(request) => {
                let request = request.clone();
                let (cookies, page, commands) = self.ask(&request).await?;
                lines.extend(self.told(cookies, commands, &page));
            }
            _ => {}
        }
        Ok(lines)
    }

    async fn happen(&mut self, event: Event) -> Result<(), Stop> {
        match event {
            Event::Settings(_) | Event::Variant(_) | Event::Store(_) if !self.apps.is_empty() => {
                let error = "settings, variants and stores come before the first request";
                return Err(Stop::Harness(error.into()));
            }
            Event::Settings(pairs) => self.settings.extend(pairs),
            Event::Variant(name) => {
                self.program = variants::program(self.step, &name).map_err(Stop::Harness)?;
            }
            Event::Store(kind) => self.store = Some(kind),
            Event::Forget(who) => {
                let id = self.id(&who)?;
                self.backstage().await?.forget(&id).await?;
            }
            Event::Spoil(who) => {
                let id = self.id(&who)?;
                self.backstage().await?.spoil(&id).await?;
            }
            Event::Down => self.backstage().await?.kill().await?,
            Event::Up => self.backstage().await?.start_again().await?,
            Event::Freeze => self.backstage().await?.freeze().await?,
            Event::Thaw => self.backstage().await?.thaw().await?,
            Event::Restart(settings) => {
                self.start().await?;
                self.apps[0].restart_with(&settings).await?;
            }
            Event::Second => {
                self.start().await?;
                let second = self.apps[0].second().await?;
                self.apps.push(second);
            }
            Event::Wait(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            Event::Cookie(who, name, value) => {
                self.browser(&who).await?.set_cookie(&name, &value);
            }
            Event::Header(who, name, value) => {
                self.headers.entry(who).or_default().push((name, value));
            }
            Event::Copy(from, to) => {
                let copy = self.browser(&from).await?.copy();
                self.people.insert(to, copy);
            }
            Event::Repeat(times, request) => {
                for _ in 0..times {
                    self.ask(&request).await?;
                }
            }
            Event::Slow(request) => self.send(&request).await?,
            // `play` has done it.
            Event::Served(_) => {}
        }
        Ok(())
    }

    /// Starts the app, once.
    async fn start(&mut self) -> Result<(), Stop> {
        if !self.apps.is_empty() {
            return Ok(());
        }
        let settings: Vec<(&str, &str)> = self
            .settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let backstage = Backstage::open(self.step, self.program.clone(), self.store).await?;
        self.apps.push(backstage.start(&settings).await?);
        self.backstage = Some(backstage);
        Ok(())
    }

    async fn backstage(&mut self) -> Result<&mut Backstage, Stop> {
        self.start().await?;
        let backstage = self.backstage.as_mut();
        backstage.ok_or_else(|| Stop::Harness("the app has not started".into()))
    }

    /// The ID of the session that a browser has.
    fn id(&self, who: &str) -> Result<String, Stop> {
        let cookie = self
            .people
            .get(who)
            .and_then(|browser| browser.cookie("beer.sid"));
        cookie
            .as_deref()
            .and_then(names::id_at_the_end)
            .ok_or_else(|| Stop::Harness(format!("{who} has no session")))
    }

    async fn browser(&mut self, who: &str) -> Result<&mut Browser, Stop> {
        self.start().await?;
        let app = &self.apps[0];
        Ok(self
            .people
            .entry(who.to_owned())
            .or_insert_with(|| app.browser()))
    }

    /// The cookies that went out, the page that came back, and what the store was
    /// asked in between.
    async fn ask(
        &mut self,
        request: &Request,
    ) -> Result<(Option<String>, Page, Vec<String>), Stop> {
        self.browser(&request.who).await?;
        // What the start of the app, or an event, led to.
        self.backstage().await?.heard().await?;
        let app = self.apps.get(request.process - 1);
        let app = app.ok_or_else(|| Stop::Harness("no `! second` before `@2`".into()))?;
        let browser = self.people.get_mut(&request.who);
        let browser = browser.ok_or_else(|| Stop::Harness("nobody asks".into()))?;
        browser.visit(app);
        let cookies = browser.cookie_header(&request.path);
        let own = self.headers.remove(&request.who).unwrap_or_default();
        let own = own.iter().map(|(name, value)| (&**name, value.as_bytes()));
        let mut headers = vec![PAGES];
        let body = request.form.as_deref().unwrap_or_default();
        match body.as_bytes() {
            [] => {}
            [b'{', ..] => headers.push(JSON),
            _ => headers.push(FORM),
        }
        headers.extend(own);
        let page = browser
            .request(&request.method, &request.path, &headers, body)
            .await?;
        let commands = self.backstage().await?.heard().await?;
        if let Some(commands) = &commands {
            x_ray::agrees(page.body(), commands)?;
        }
        let commands = commands.unwrap_or_default();
        Ok((cookies, page, commands))
    }

    /// Sends a request that stays with the beer API.
    async fn send(&mut self, request: &Request) -> Result<(), Stop> {
        let mut browser = self.browser(&request.who).await?.copy();
        self.backstage().await?.heard().await?;
        let cookies = browser.cookie_header(&request.path);
        let Request { method, path, .. } = request.clone();
        let answer =
            tokio::spawn(async move { browser.request(&method, &path, &[PAGES], "").await });
        if let Some(beers) = &self.beers {
            beers.asked().await;
        }
        let commands = self.backstage().await?.heard().await?.unwrap_or_default();
        self.waiting = Some(Waiting {
            cookies,
            commands,
            answer,
        });
        Ok(())
    }

    /// Has the beer API answer, and tells what came back.
    async fn served(&mut self, request: &Request) -> Result<Vec<Line>, Stop> {
        let nobody = || Stop::Harness("no `! slow` before `! served`".into());
        let (beers, waiting) = (self.beers.as_ref(), self.waiting.take());
        let mut waiting = waiting.ok_or_else(nobody)?;
        beers.ok_or_else(nobody)?.release();
        let page = waiting.answer.await.map_err(Stop::harness)??;
        self.browser(&request.who)
            .await?
            .take_cookies(&page, &request.path);
        if let Some(commands) = self.backstage().await?.heard().await? {
            waiting.commands.extend(commands);
            x_ray::agrees(page.body(), &waiting.commands)?;
        }
        Ok(self.told(waiting.cookies, waiting.commands, &page))
    }

    /// The lines of an exchange: the cookies that went out, what the store was asked,
    /// and the answer.
    fn told(&mut self, cookies: Option<String>, commands: Vec<String>, page: &Page) -> Vec<Line> {
        let cookies = cookies.map(|cookies| Line::Cookie(self.names.hide(&abridge(&cookies))));
        let mut lines: Vec<Line> = cookies.into_iter().collect();
        let named = |command: String| Line::Store(self.names.hide(&command));
        lines.extend(commands.into_iter().map(named));
        lines.extend(self.answer(page));
        lines
    }

    fn answer(&mut self, page: &Page) -> Vec<Line> {
        // How long it is differs from run to run.
        let wait = page.header("retry-after");
        let mut hide = |text: &str| {
            let known = |word| {
                if Some(word) == wait {
                    "<seconds>"
                } else {
                    word
                }
            };
            let words: Vec<&str> = text.split(' ').map(known).collect();
            self.names.hide(&words.join(" "))
        };
        let mut lines = vec![Line::Status(page.status_line())];
        for name in SHOWN {
            for value in page.headers(name) {
                if name != "content-type" || !page.is_html() {
                    lines.push(Line::Header(name.to_owned(), hide(&abridge(value))));
                }
            }
        }
        lines.extend(page.told().lines().map(|line| Line::Text(hide(line))));
        lines
    }
}

/// Shows the beginning of a long cookie and its size: name and value together,
/// as a browser counts.
fn abridge(header: &str) -> String {
    let parts = header
        .split("; ")
        .map(|part| match part.char_indices().nth(LONGEST) {
            Some((end, _)) => {
                let size = part.replacen('=', "", 1).len();
                format!("{}… ({size} bytes)", &part[..end])
            }
            None => part.to_owned(),
        });
    parts.collect::<Vec<_>>().join("; ")
}
