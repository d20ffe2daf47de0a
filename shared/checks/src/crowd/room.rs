//! What all browsers of a run share: where the apps are, what is away at the moment,
//! and the books.

use super::book::Book;
use crate::{
    app::Address,
    browser::Browser,
    page::Page,
    verdict::{Stop, Verdict, expect},
};
use std::{
    ops::Range,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// What every address of a run begins with.
pub(super) const NAME: &str = "crowd-";

/// After the end of an outage all is well again: the contract's 2 s, twice.
pub(crate) const RETURN_LIMIT: Duration = Duration::from_secs(4);

/// How long a request may be under way when its app is killed, or just started.
const KILL_LIMIT: Duration = Duration::from_millis(500);

/// How many passwords are tried or changed at a time.
const AT_THE_DOOR: usize = 1;

/// The way from a browser to the apps.
pub(crate) enum Way {
    /// Each request goes to one of two copies, by lot. The one is killed now and then.
    ByLot { killed: Address, steady: Address },
    /// Through a proxy, which answers whatever happens to the stores.
    Proxy(Address),
}

const WITH_A_PASSWORD: [&str; 3] = ["/login", "/password", "/register"];

/// What can be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outage {
    /// The copy of the app that is killed.
    Killed,
    Store,
    Users,
}

/// From when to when. `None`: it lasts.
type Span = (Outage, Instant, Option<Instant>);

pub(crate) struct Room {
    way: Way,
    patience: Duration,
    /// How long a person looks at a page, in milliseconds.
    pub(super) pace: Range<u64>,
    /// Whether there is a list of one's own logins.
    pub(super) has_sessions_page: bool,
    /// For those who come in, or have a new password. That keeps a core busy for some
    /// tenths of a second, and all at once would wait for longer than a person does.
    door: Semaphore,
    closed: AtomicBool,
    /// How often the roll was called, and how many have answered since.
    roll: AtomicU32,
    present: AtomicU32,
    outages: Mutex<Vec<Span>>,
    /// When something was lost last that had been acknowledged.
    loss: Mutex<Option<Instant>>,
    book: Mutex<Book>,
}

impl Room {
    pub(crate) fn new(
        way: Way,
        patience: Duration,
        pace: Range<u64>,
        has_sessions_page: bool,
    ) -> Room {
        Room {
            way,
            patience,
            pace,
            has_sessions_page,
            door: Semaphore::new(AT_THE_DOOR),
            closed: AtomicBool::new(false),
            roll: AtomicU32::new(0),
            present: AtomicU32::new(0),
            outages: Mutex::default(),
            loss: Mutex::default(),
            book: Mutex::default(),
        }
    }

    /// The time is over: everybody looks once more, and leaves.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Asks everybody to look at all that they have.
    pub(crate) fn call_roll(&self) {
        self.present.store(0, Ordering::Relaxed);
        self.roll.fetch_add(1, Ordering::Relaxed);
    }

    /// How many have done so and found it.
    pub(crate) fn present(&self) -> u32 {
        self.present.load(Ordering::Relaxed)
    }

    pub(super) fn roll(&self) -> u32 {
        self.roll.load(Ordering::Relaxed)
    }

    pub(super) fn answer(&self) {
        self.present.fetch_add(1, Ordering::Relaxed);
    }

    /// What was acknowledged until now may be gone.
    pub(crate) fn note_loss(&self) {
        *lock(&self.loss) = Some(Instant::now());
    }

    pub(super) fn loss(&self) -> Option<Instant> {
        *lock(&self.loss)
    }

    pub(crate) fn begin(&self, outage: Outage) {
        lock(&self.outages).push((outage, Instant::now(), None));
    }

    pub(crate) fn end(&self, outage: Outage) {
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

    /// Whether an app may not have known, then, who is logged in.
    pub(super) fn users_away(&self, then: Instant) -> bool {
        self.away(&[Outage::Users], then, RETURN_LIMIT)
    }

    /// Waits until nothing is away, and what was sent to it before has arrived.
    async fn calm(&self) {
        let all = [Outage::Killed, Outage::Store, Outage::Users];
        while self.away(&all, Instant::now(), Duration::from_secs(1)) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A turn at the door, if nobody stands there.
    pub(super) fn free_turn(&self) -> Option<SemaphorePermit<'_>> {
        self.door.try_acquire().ok()
    }

    /// Waits for a turn at the door, and until nothing is away.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, Stop> {
        let turn = self.door.acquire().await.map_err(Stop::harness)?;
        self.calm().await;
        Ok(turn)
    }

    /// Writes into the book.
    pub(super) fn note(&self, write: impl FnOnce(&mut Book)) {
        write(&mut lock(&self.book));
    }

    pub(crate) fn book(&self) -> Book {
        lock(&self.book).clone()
    }

    /// The book, and a new one begins.
    pub(crate) fn take_book(&self) -> Book {
        std::mem::take(&mut lock(&self.book))
    }

    /// The book in one line.
    pub(crate) fn line(&self) -> String {
        lock(&self.book).answers()
    }

    /// Asks an app. `None`: no answer from one that is being killed, or an error page
    /// while something is away. What was asked for may have been done.
    pub(super) async fn ask(
        &self,
        browser: &mut Browser,
        email: &str,
        path: &str,
        form: Option<&[(&str, &str)]>,
    ) -> Result<Option<Page>, Stop> {
        let (address, to_killed) = self.draw();
        browser.turn_to(address);
        let start = Instant::now();
        let answer = match form {
            Some(fields) => browser.post(path, fields).await,
            None => browser.get(path).await,
        };
        let page = match answer {
            Ok(page) => page,
            Err(_) if to_killed && self.away(&[Outage::Killed], start, KILL_LIMIT) => {
                self.note(|book| book.note_unanswered(email));
                return Ok(None);
            }
            Err(Stop::Harness(why)) => return Err(Stop::broken("an app that runs", why)),
            Err(stop) => return Err(stop),
        };
        let (status, took) = (page.status(), start.elapsed());
        let failed = (502..=504).contains(&status);
        self.note(|book| {
            book.count(status, took);
            book.troubles.note(email, !failed);
        });
        let method = if form.is_some() { "POST" } else { "GET" };
        let what = format!("{method} {path}");
        let patience = self.patience(path);
        let promise = format!("{what}: an answer within {patience:?}");
        expect(took <= patience, &promise, format!("after {took:.1?}"))?;
        only_me(&page, email, &what)?;
        if !failed {
            return Ok(Some(page));
        }
        let promise = format!("{what}: no {status} while nothing is away");
        expect(self.excuses(status, start), &promise, page.summary())?;
        Ok(None)
    }

    /// A request that takes longer hangs. What a password takes is a matter of the
    /// processor, and of who else wants it.
    fn patience(&self, path: &str) -> Duration {
        if WITH_A_PASSWORD.contains(&path) {
            return self.patience.saturating_mul(2);
        }
        self.patience
    }

    /// Where to ask, and whether it can be the copy that is killed.
    fn draw(&self) -> (&Address, bool) {
        match &self.way {
            Way::ByLot { killed, .. } if fastrand::bool() => (killed, true),
            Way::ByLot { steady, .. } => (steady, false),
            // It has 502 for who asks first over a connection. For others it closes theirs.
            Way::Proxy(address) => (address, true),
        }
    }

    /// Whether what is away explains this status. A proxy has one of its own for a copy
    /// that was killed in the middle, 502, and for none that is left.
    fn excuses(&self, status: u16, start: Instant) -> bool {
        let stores = [Outage::Store, Outage::Users];
        let store = self.away(&stores, start, RETURN_LIMIT);
        let is_proxy = matches!(self.way, Way::Proxy(_));
        let copy = is_proxy && self.away(&[Outage::Killed], start, KILL_LIMIT);
        match status {
            503 => store || copy,
            502 => copy,
            _ => false,
        }
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
