//! Many browsers that ask for their counts, and keep books of the answers.

use crate::lessons::prelude::*;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// The contract's 2.5 s for an answer, and some more for a machine that is busy.
/// Still below the 5 s for which a store is frozen.
pub(in crate::lessons) const ANSWER_LIMIT: Duration = Duration::from_secs(4);

/// What one browser knows of its counter.
#[derive(Debug, Default)]
pub(in crate::lessons) struct Ledger {
    /// Whether an app that does not answer is being restarted, and no fault.
    forgiving: bool,
    /// The last count that was answered with 200.
    pub(in crate::lessons) acknowledged: i64,
    /// How often it asked.
    sent: i64,
    /// How often it was told to come back later.
    pub(in crate::lessons) away: u32,
    /// Its longest wait.
    pub(in crate::lessons) slowest: Duration,
    /// When the last request began that was not answered with 200.
    pub(in crate::lessons) last_away: Option<Instant>,
}

impl Ledger {
    /// Asks for the count. What is not the count must be a 503 page, and no
    /// answer at all is `None`.
    pub(in crate::lessons) async fn count(
        &mut self,
        browser: &mut Browser,
    ) -> Result<Option<u16>, Stop> {
        self.sent += 1;
        let start = Instant::now();
        let answer = browser.get("/count").await;
        let took = start.elapsed();
        self.slowest = self.slowest.max(took);
        let page = match answer {
            Ok(page) => page,
            Err(_) if self.forgiving => return Ok(None),
            Err(error) => return Err(error),
        };
        let promise = format!("an answer within {ANSWER_LIMIT:?}");
        expect(took < ANSWER_LIMIT, &promise, format!("it took {took:.1?}"))?;
        if page.status() != 200 {
            self.away += 1;
            self.last_away = Some(start);
            expect_away(&page)?;
            return Ok(Some(page.status()));
        }
        let views = page.number_after("Views: ").unwrap_or(-1);
        let observed = format!(
            "Views: {views}, after Views: {} was acknowledged",
            self.acknowledged
        );
        let promise = "what was acknowledged is not lost";
        expect(views > self.acknowledged, promise, observed)?;
        let observed = format!("Views: {views} of {} requests", self.sent);
        expect(views <= self.sent, "no request counts twice", observed)?;
        self.acknowledged = views;
        Ok(Some(200))
    }
}

/// The answer, which must not take longer than the limit.
pub(in crate::lessons) async fn in_time(
    limit: Duration,
    what: &str,
    answer: impl Future<Output = Result<Page, Stop>>,
) -> Result<Page, Stop> {
    let start = Instant::now();
    let page = answer.await?;
    let took = start.elapsed();
    let promise = format!("{what} within {limit:?}");
    expect(took < limit, &promise, format!("it took {took:.1?}"))?;
    Ok(page)
}

/// A page that says that something is away for the moment.
pub(in crate::lessons) fn expect_away(page: &Page) -> Verdict {
    let observed = format!("status {}: {}", page.status_line(), page.summary());
    let told = page.status() == 503 && page.is_html() && !page.text().is_empty();
    expect(told, "a page with status 503", observed)
}

/// Browsers that ask for their counts until they are told to stop.
pub(in crate::lessons) struct Load {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Result<(Browser, Ledger), Stop>>,
}

impl Load {
    pub(in crate::lessons) fn start(app: &App, browsers: usize, pause: Duration) -> Load {
        Load::with(app, browsers, pause, false)
    }

    /// No answer, while the app is killed and started again, is no fault.
    pub(in crate::lessons) fn on_an_app_that_dies(app: &App, browsers: usize) -> Load {
        Load::with(app, browsers, Duration::ZERO, true)
    }

    fn with(app: &App, browsers: usize, pause: Duration, forgiving: bool) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let one = |_| {
            let (mut browser, stop) = (app.browser(), Arc::clone(&stop));
            async move {
                let mut ledger = Ledger {
                    forgiving,
                    ..Ledger::default()
                };
                while !stop.load(Ordering::Relaxed) {
                    let answered = ledger.count(&mut browser).await?;
                    // Where nobody listens there is no hurry.
                    let wait = answered.map_or(Duration::from_millis(20), |_| pause);
                    tokio::time::sleep(wait).await;
                }
                Ok((browser, ledger))
            }
        };
        let tasks = (0..browsers).map(one).collect();
        Load { stop, tasks }
    }

    pub(in crate::lessons) async fn end(mut self) -> Result<Vec<(Browser, Ledger)>, Stop> {
        self.stop.store(true, Ordering::Relaxed);
        let mut ledgers = Vec::new();
        while let Some(done) = self.tasks.join_next().await {
            ledgers.push(done.map_err(Stop::harness)??);
        }
        Ok(ledgers)
    }
}

/// Everybody's count is there once more.
pub(in crate::lessons) async fn settle(ledgers: &mut [(Browser, Ledger)]) -> Verdict {
    for (browser, ledger) in ledgers {
        let status = ledger.count(browser).await?;
        let observed = format!("{status:?}");
        expect(status == Some(200), "a count at the end", observed)?;
    }
    Ok(())
}
