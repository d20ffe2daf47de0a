//! What all browsers of a run share: where the apps are, what is away at the moment,
//! and the books.

use super::{RETURN_LIMIT, report::Book};
use crate::{
    app::Address,
    browser::Browser,
    page::Page,
    verdict::{Stop, Verdict, expect},
};
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// What every address of a run begins with.
pub(super) const NAME: &str = "soak-";

/// How long a request may be under way when its app is killed, or just started.
const KILL_LIMIT: Duration = Duration::from_millis(500);

/// How many may log in at a time.
const AT_THE_DOOR: usize = 4;

/// What can be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outage {
    /// The copy of the app that is killed.
    Killed,
    Store,
    Users,
}

/// From when to when. `None`: it lasts.
type Span = (Outage, Instant, Option<Instant>);

pub(super) struct Room {
    killed: Address,
    steady: Address,
    /// Whether there is a list of one's own logins.
    pub(super) has_sessions_page: bool,
    /// For those who come in. A login keeps a core busy for some tenths of a second, and
    /// all at once would wait for longer than a person does.
    door: Semaphore,
    closed: AtomicBool,
    outages: Mutex<Vec<Span>>,
    book: Mutex<Book>,
}

impl Room {
    pub(super) fn new(killed: Address, steady: Address, has_sessions_page: bool) -> Room {
        Room {
            killed,
            steady,
            has_sessions_page,
            door: Semaphore::new(AT_THE_DOOR),
            closed: AtomicBool::new(false),
            outages: Mutex::default(),
            book: Mutex::default(),
        }
    }

    /// The time is over: everybody looks once more, and leaves.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self, outage: Outage) {
        lock(&self.outages).push((outage, Instant::now(), None));
    }

    pub(super) fn end(&self, outage: Outage) {
        let mut outages = lock(&self.outages);
        let open = |span: &&mut Span| span.0 == outage && span.2.is_none();
        if let Some(span) = outages.iter_mut().find(open) {
            span.2 = Some(Instant::now());
        }
    }

    /// Whether one of these was away at that time or later, or shortly before.
    fn away(&self, which: &[Outage], since: Instant, shortly: Duration) -> bool {
        let outages = lock(&self.outages);
        outages.iter().any(|(outage, _, end)| {
            which.contains(outage) && end.is_none_or(|end| since <= end + shortly)
        })
    }

    /// Whether an app may not know who is logged in.
    pub(super) fn users_away(&self) -> bool {
        // A request that was under way when they came back, too.
        self.away(&[Outage::Users], Instant::now(), 2 * RETURN_LIMIT)
    }

    /// Waits until nothing is away, and what was sent to it before has arrived.
    async fn calm(&self) {
        let all = [Outage::Killed, Outage::Store, Outage::Users];
        while self.away(&all, Instant::now(), Duration::from_secs(1)) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits for a turn at the door, and until nothing is away.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, Stop> {
        let turn = self.door.acquire().await.map_err(Stop::harness)?;
        self.calm().await;
        Ok(turn)
    }

    /// Writes into the books.
    pub(super) fn note(&self, write: impl FnOnce(&mut Book)) {
        write(&mut lock(&self.book));
    }

    pub(super) fn book(&self) -> Book {
        lock(&self.book).clone()
    }

    /// The books in one line.
    pub(super) fn line(&self) -> String {
        lock(&self.book).answers()
    }

    /// Asks one of the two apps, by lot. `None`: no answer from an app that is being
    /// killed, or 503 while a database is paused. What was asked for may have been done.
    pub(super) async fn ask(
        &self,
        browser: &mut Browser,
        email: &str,
        path: &str,
        form: Option<&[(&str, &str)]>,
    ) -> Result<Option<Page>, Stop> {
        let to_killed = fastrand::bool();
        browser.turn_to(if to_killed {
            &self.killed
        } else {
            &self.steady
        });
        let start = Instant::now();
        let answer = match form {
            Some(fields) => browser.post(path, fields).await,
            None => browser.get(path).await,
        };
        let page = match answer {
            Ok(page) => page,
            Err(_) if to_killed && self.away(&[Outage::Killed], start, KILL_LIMIT) => {
                self.note(|book| book.unanswered += 1);
                return Ok(None);
            }
            Err(Stop::Harness(why)) => return Err(Stop::broken("an app that runs", why)),
            Err(stop) => return Err(stop),
        };
        self.note(|book| book.count(page.status()));
        let method = if form.is_some() { "POST" } else { "GET" };
        only_me(&page, email, &format!("{method} {path}"))?;
        if page.status() != 503 {
            return Ok(Some(page));
        }
        let paused = self.away(&[Outage::Store, Outage::Users], start, RETURN_LIMIT);
        let promise = format!("{method} {path}: no 503 while all databases run");
        expect(paused, &promise, page.summary())?;
        Ok(None)
    }
}

/// A page names no other user.
fn only_me(page: &Page, email: &str, what: &str) -> Verdict {
    let named = page.body().match_indices(NAME);
    let mut named = named.map(|(start, _)| &page.body()[start..]);
    let other = named.find(|named| !named.starts_with(email));
    let other = other.map(|other| {
        other
            .chars()
            .take_while(|c| part_of_address(*c))
            .collect::<String>()
    });
    let promise = format!("{what} of {email} names nobody else");
    expect(other.is_none(), &promise, other.unwrap_or_default())
}

fn part_of_address(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-@.".contains(letter)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
