//! Which stores are judged, and by which promises.

use super::{data, expect_all_stores, expiry, ids, opened::Opened, secrets, table};
use crate::{
    case::{Case, Work},
    is_on,
    lesson::Step,
    matrix::Cell,
    store::{Kind, Store},
    verdict::{Stop, Verdict},
};
use std::{fmt, pin::Pin, sync::Arc, time::Duration};
use tokio::{runtime, time::timeout};
use tower_sessions::SessionStore;

/// How long a promise may take. A limit for hangs only: those that wait for an expiry
/// take 3 s.
const LIMIT: Duration = Duration::from_mins(1);

/// A session store that is judged.
#[derive(Clone)]
pub struct Subject {
    /// Its type, such as `RedisStore`.
    pub name: &'static str,
    /// Where it has its records.
    pub kind: Kind,
    pub(super) open: Arc<dyn Fn(String) -> Opening + Send + Sync>,
}

/// A store that is being opened. The error is for people.
type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn SessionStore>, String>> + Send>>;

impl Subject {
    /// `open` gets a URL such as `redis://127.0.0.1:40123/7` or `memory:`. It is called
    /// more than once with the same, as by two processes that share their sessions;
    /// but never so for memory.
    pub fn new<S, F>(
        name: &'static str,
        kind: Kind,
        open: impl Fn(String) -> F + Send + Sync + 'static,
    ) -> Subject
    where
        S: SessionStore,
        F: Future<Output = Result<S, String>> + Send + 'static,
    {
        let open = move |url| {
            let opening = open(url);
            let opening = async { Ok(Arc::new(opening.await?) as Arc<dyn SessionStore>) };
            Box::pin(opening) as Opening
        };
        Subject {
            name,
            kind,
            open: Arc::new(open),
        }
    }

    /// Why it cannot be judged here.
    fn not_judged(&self) -> Option<String> {
        let server = self.kind.server()?;
        let absent = !is_on("COURSE_STRICT") && server.program().is_none();
        absent.then(|| format!("needs {}", server.needs()))
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// One promise that a store has to keep.
#[derive(Debug, Clone, Copy)]
pub struct Promise {
    /// The function's name, and the row's in `stores.toml`.
    pub name: &'static str,
    pub(super) run: PromiseFn,
}

type PromiseFn = fn(Opened) -> Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// Every promise that there is.
pub fn promises() -> impl Iterator<Item = &'static Promise> {
    [
        ids::PROMISES,
        expiry::PROMISES,
        data::PROMISES,
        secrets::PROMISES,
    ]
    .into_iter()
    .flatten()
}

impl Promise {
    /// Judges a store on a runtime of its own, with two threads, so that what is done
    /// at the same time is.
    pub fn judge(&self, subject: &Subject) -> Verdict {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let verdict = runtime.block_on(async {
            let place = Store::shared(subject.kind).await?;
            let opened = Opened::at(place, subject.clone()).await?;
            let verdict = timeout(LIMIT, (self.run)(opened)).await;
            let hangs = |_| Stop::broken("an end", format!("none within {LIMIT:?}"));
            verdict.map_err(hangs)?
        });
        // A store may have tasks that never end.
        runtime.shutdown_background();
        verdict
    }
}

/// All promises for a store, one case each.
pub fn cases(subject: &Subject) -> Vec<Case> {
    let case = |promise: &'static Promise| Case {
        name: format!("{} on {}", promise.name, subject.name),
        kind: "store",
        not_judged: subject.not_judged(),
        work: Work::Keep(promise, subject.clone()),
    };
    promises().map(case).collect()
}

/// Those of a step's stores, as `stores.toml` has them.
pub(crate) fn cases_of_step(step: &Step, subjects: &[Subject]) -> Result<Vec<Case>, String> {
    let names: Vec<&str> = subjects.iter().map(|subject| subject.name).collect();
    expect_all_stores(step, &names)?;
    let table = table()?;
    let mut of_step = Vec::new();
    for subject in subjects {
        let column = format!("{}-{}", step.name, subject.name);
        for (promise, mut case) in promises().zip(cases(subject)) {
            let row = table.row(promise.name);
            match row.and_then(|row| row.cell(&column)) {
                Some(Cell::Pass) => of_step.push(case),
                Some(Cell::Fail(text)) => {
                    case.kind = "must fail";
                    case.work = Work::Fall(promise, subject.clone(), text.clone());
                    of_step.push(case);
                }
                Some(_) => {}
                None => {
                    return Err(format!(
                        "stores.toml: {}: no cell for {column}",
                        promise.name
                    ));
                }
            }
        }
    }
    Ok(of_step)
}
