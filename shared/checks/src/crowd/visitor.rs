//! One person with one browser, who knows what must be there.

use super::{
    ledger::{Count, Ledger},
    room::{NAME, Room},
};
use crate::{
    browser::Browser,
    page::Page,
    verdict::{Stop, Verdict, expect},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// So many cookies of ended sessions are kept and tried again at the end.
const KEPT: usize = 5;

pub(crate) struct Visitor {
    browser: Browser,
    email: String,
    /// One of these opens the account: the old one and the new one, after a change of
    /// which nobody knows whether it was done.
    passwords: Vec<String>,
    has_account: bool,
    /// `None`: not logged in, or nobody knows.
    session: Option<Ledger>,
    /// Cookies that let nobody in any more.
    ended: Vec<Browser>,
    /// How many passwords there were.
    chosen: u32,
    /// The last call of the roll that was answered.
    answered: u32,
    /// When the last request was sent.
    asked_at: Instant,
    room: Arc<Room>,
}

impl Visitor {
    pub(crate) fn new(number: u32, browser: Browser, room: Arc<Room>) -> Visitor {
        let email = format!("{NAME}{number}-{:08x}@example.com", fastrand::u32(..));
        Visitor {
            passwords: vec![format!("barrels of {email}")],
            browser,
            email,
            has_account: false,
            session: None,
            ended: Vec::new(),
            chosen: 0,
            answered: 0,
            asked_at: Instant::now(),
            room,
        }
    }

    /// Until the room is closed. Then all must be there once more.
    pub(crate) async fn run(mut self) -> Verdict {
        let verdict = self.stay().await;
        verdict.map_err(|stop| match stop {
            Stop::Broken(mut broken) => {
                broken.promise = format!("{} ({})", broken.promise, self.email);
                Stop::Broken(broken)
            }
            other => other,
        })
    }

    async fn stay(&mut self) -> Verdict {
        while !self.room.is_closed() {
            if self.room.roll() > self.answered {
                self.answer().await?;
            } else {
                self.act().await?;
            }
            sleep(Duration::from_millis(fastrand::u64(self.room.pace.clone()))).await;
        }
        for _ in 0..3 {
            if self.session.is_none() {
                self.enter().await?;
            }
        }
        // To either app, or one of them twice.
        for _ in 0..2 {
            let there = self.home().await? && self.count().await?;
            expect(there, "everybody's session at the end", "no answer")?;
        }
        for old in std::mem::take(&mut self.ended) {
            self.expect_over(old, "all that has happened").await?;
        }
        Ok(())
    }

    /// The roll is called: is all there?
    async fn answer(&mut self) -> Verdict {
        let call = self.room.roll();
        if self.session.is_none() {
            self.enter().await?;
        }
        if self.session.is_some() && self.home().await? && self.count().await? {
            self.answered = call;
            self.room.answer();
        }
        Ok(())
    }

    /// What a person does next. A login costs as much as a hundred pages, so it is rare.
    async fn act(&mut self) -> Verdict {
        if self.session.is_none() {
            return self.enter().await;
        }
        match fastrand::u32(..400) {
            0 => self.change_password().await,
            1 => self.log_out().await,
            2 => self.log_in_again().await,
            3..160 => self.pour().await,
            160..240 => self.home().await.map(drop),
            240..330 => self.count().await.map(drop),
            330..370 => self.read("/profile", "Hello ").await,
            _ if self.room.has_sessions_page => self.read("/sessions", "this browser").await,
            _ => self.home().await.map(drop),
        }
    }

    async fn get(&mut self, path: &str) -> Result<Option<Page>, Stop> {
        self.ask(path, None).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Option<Page>, Stop> {
        self.ask(path, Some(form)).await
    }

    async fn ask(
        &mut self,
        path: &str,
        form: Option<&[(&str, &str)]>,
    ) -> Result<Option<Page>, Stop> {
        let room = Arc::clone(&self.room);
        self.asked_at = Instant::now();
        room.ask(&mut self.browser, &self.email, path, form).await
    }

    /// Registers, or logs in.
    async fn enter(&mut self) -> Verdict {
        let room = Arc::clone(&self.room);
        let _turn = room.turn().await?;
        if !self.has_account {
            return self.register().await;
        }
        for password in self.passwords.clone() {
            let remember = fastrand::bool();
            let Some(page) = self.send_login(&password, remember).await? else {
                self.forget();
                return Ok(());
            };
            match page.status() {
                303 => {
                    self.passwords = vec![password];
                    return self.begin(&page, remember);
                }
                429 => return wait(&page).await,
                _ => expect_refused(&page)?,
            }
        }
        let promise = "one of the passwords that were sent opens the account";
        let tried = format!("{} were refused", self.passwords.len());
        Err(Stop::broken(promise, tried))
    }

    async fn register(&mut self) -> Verdict {
        let (email, password) = (self.email.clone(), self.passwords[0].clone());
        let form = [("email", &*email), ("password", &*password)];
        let Some(page) = self.post("/register", &form).await? else {
            self.forget();
            return Ok(());
        };
        match page.status() {
            429 => return wait(&page).await,
            // It was made, and the answer did not arrive.
            409 => {}
            _ => self.begin(&page, false)?,
        }
        self.has_account = true;
        Ok(())
    }

    async fn send_login(&mut self, password: &str, remember: bool) -> Result<Option<Page>, Stop> {
        let email = self.email.clone();
        let mut form = vec![("email", &*email), ("password", password)];
        form.extend(remember.then_some(("remember", "on")));
        self.post("/login", &form).await
    }

    /// A login: a cookie that ends with the browser, or does not, and no counts.
    fn begin(&mut self, page: &Page, remember: bool) -> Verdict {
        page.expect_status(303)?;
        page.expect_header("location", "/")?;
        let cookies = page.set_cookies();
        let lasting = |cookie: &&str| {
            let cookie = cookie.to_ascii_lowercase();
            cookie.contains("max-age=") && !cookie.contains("max-age=0")
        };
        let lasts = cookies.iter().any(lasting);
        let promise = format!("a login, and a cookie that outlives the browser: {remember}");
        let right = !cookies.is_empty() && lasts == remember;
        expect(right, &promise, cookies.join(", "))?;
        self.session = Some(Ledger::begun(self.asked_at));
        self.room.note(|book| {
            book.logins += 1;
            book.remembered += u64::from(remember);
        });
        Ok(())
    }

    /// Whether a session was ended or made: nobody knows. So there is a new one.
    fn forget(&mut self) {
        self.browser.forget_cookies();
        self.session = None;
    }

    /// Whether the app knows who is here. It must, unless it cannot ask, or sessions may
    /// be lost.
    fn is_known(&mut self, page: &Page) -> Result<bool, Stop> {
        let stranger = page.status() == 401 || page.text().contains("Not logged in");
        if !stranger {
            page.expect_status(200)?;
            if let Some(session) = &mut self.session {
                session.known_at = self.asked_at;
            }
            return Ok(true);
        }
        let (lost, users_away) = (self.may_be_lost(), self.room.users_away(self.asked_at));
        let promise = "who has logged in stays so";
        expect(lost || users_away, promise, page.summary())?;
        if users_away {
            let email = &self.email;
            self.room.note(|book| book.take_for_stranger(email));
        } else {
            self.room.note(|book| book.lost_sessions += 1);
            self.forget();
        }
        Ok(false)
    }

    fn may_be_lost(&self) -> bool {
        let known_at = self.session.as_ref().map(|session| session.known_at);
        known_at.is_some_and(|known| self.room.loss().is_some_and(|loss| known <= loss))
    }

    async fn pour(&mut self) -> Verdict {
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        session.beers.sent += 1;
        let page = self.post("/", &[]).await?;
        self.panel(page, 1).map(drop)
    }

    async fn home(&mut self) -> Result<bool, Stop> {
        let page = self.get("/").await?;
        self.panel(page, 0)
    }

    /// The home page's panel: me, and this many beers more than before.
    fn panel(&mut self, page: Option<Page>, more: i64) -> Result<bool, Stop> {
        let Some(page) = page else { return Ok(false) };
        if !self.is_known(&page)? {
            return Ok(false);
        }
        page.expect_text(&format!("Logged in as: {}", self.email))?;
        let beers = page.number_after("Beers viewed in this session: ");
        let at = self.asked_at;
        self.compare(|session| &mut session.beers, beers.unwrap_or(0), more, at)?;
        Ok(true)
    }

    async fn count(&mut self) -> Result<bool, Stop> {
        if let Some(session) = &mut self.session {
            session.views.sent += 1;
        }
        let Some(page) = self.get("/count").await? else {
            return Ok(false);
        };
        page.expect_status(200)?;
        let (views, at) = (page.number_after("Views: ").unwrap_or(-1), self.asked_at);
        // If the session is lost, this was the first count of another.
        if self.may_be_lost() && !self.home().await? {
            return Ok(false);
        }
        self.compare(|session| &mut session.views, views, 1, at)?;
        Ok(true)
    }

    /// A count that was asked for then with the one before. Some may be lost.
    fn compare(
        &mut self,
        which: fn(&mut Ledger) -> &mut Count,
        told: i64,
        more: i64,
        asked_at: Instant,
    ) -> Verdict {
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let count = which(session);
        let lost = count.take(told, more, asked_at, self.room.loss())?;
        self.room.note(|book| {
            book.counts += 1;
            book.lost_counts += lost;
        });
        Ok(())
    }

    async fn read(&mut self, path: &str, words: &str) -> Verdict {
        match self.get(path).await? {
            Some(page) if self.is_known(&page)? => page.expect_text(words),
            _ => Ok(()),
        }
    }

    async fn log_out(&mut self) -> Verdict {
        let old = self.browser.copy();
        let Some(page) = self.post("/logout", &[]).await? else {
            self.forget();
            return Ok(());
        };
        page.expect_status(303)?;
        self.session = None;
        self.room.note(|book| book.logouts += 1);
        self.is_over(old, "a logout").await
    }

    async fn log_in_again(&mut self) -> Verdict {
        let room = Arc::clone(&self.room);
        let Some(_turn) = room.free_turn() else {
            return Ok(());
        };
        let (old, remember) = (self.browser.copy(), fastrand::bool());
        let password = self.passwords[0].clone();
        let Some(page) = self.send_login(&password, remember).await? else {
            self.forget();
            return Ok(());
        };
        if page.status() == 429 {
            return wait(&page).await;
        }
        self.begin(&page, remember)?;
        self.is_over(old, "a new login").await
    }

    async fn change_password(&mut self) -> Verdict {
        let room = Arc::clone(&self.room);
        let Some(_turn) = room.free_turn() else {
            return Ok(());
        };
        let (before, old) = (self.browser.copy(), self.passwords[0].clone());
        self.chosen += 1;
        let new = format!("{} barrels of {}", self.chosen, self.email);
        self.passwords.push(new.clone());
        let form = [("current", &*old), ("new", &*new)];
        let Some(page) = self.post("/password", &form).await? else {
            self.forget();
            return Ok(());
        };
        if page.status() == 303 {
            self.passwords = vec![new];
            self.room.note(|book| book.passwords += 1);
            return self.is_over(before, "a new password").await;
        }
        // Turned away at the door: nothing has changed.
        self.passwords.truncate(1);
        if page.status() == 429 {
            return wait(&page).await;
        }
        let known = self.is_known(&page)?;
        expect(!known, "a new password", page.summary())
    }

    /// The cookie of a session that was ended lets nobody in, now and later.
    async fn is_over(&mut self, old: Browser, since: &str) -> Verdict {
        self.expect_over(old.copy(), since).await?;
        if self.ended.len() == KEPT {
            self.ended.remove(0);
        }
        self.ended.push(old);
        Ok(())
    }

    async fn expect_over(&self, mut old: Browser, since: &str) -> Verdict {
        let page = self
            .room
            .ask(&mut old, &self.email, "/profile", None)
            .await?;
        let Some(page) = page else { return Ok(()) };
        self.room.note(|book| book.old_cookies += 1);
        let promise = format!("the old cookie is nobody's after {since}");
        let turned_away = [303, 401].contains(&page.status());
        expect(turned_away, &promise, page.status_line())
    }
}

fn expect_refused(page: &Page) -> Verdict {
    page.expect_status(401)?;
    page.expect_text("Invalid credentials.")
}

/// Too many attempts: as long as the app says, but no longer than a person has patience.
async fn wait(page: &Page) -> Verdict {
    let seconds = page
        .header("retry-after")
        .and_then(|text| text.parse().ok());
    let promise = "429 with Retry-After in seconds";
    let seconds: u64 = seconds.ok_or_else(|| Stop::broken(promise, page.status_line()))?;
    sleep(Duration::from_secs(seconds.min(5))).await;
    Ok(())
}
