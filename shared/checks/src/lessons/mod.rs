//! The checks. One function is one promise; the matrix says in which step it is
//! kept. All speak HTTP only, so that any app can be judged.

use crate::{course::Course, verdict::Verdict};
use std::{fmt, pin::Pin};

/// A check as the registry knows it.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// The function's name, and the row's in the matrix.
    pub name: &'static str,
    pub needs: Needs,
    pub(crate) run: CheckFn,
}

type CheckFn = fn(Course) -> Pin<Box<dyn Future<Output = Verdict>>>;

/// What has to be there for a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing but an address.
    Url,
    /// A process that the check starts with settings of its own.
    Process,
    /// A process, and a store's server that the check may freeze, kill or read.
    Server,
    /// A process, and a server for each store that the step has.
    Stores,
    /// A process, and several servers of Redis that are one.
    RedisNodes,
    /// The same of MongoDB.
    MongoNodes,
    /// Processes, and HAProxy before them.
    Proxy,
    /// A process, and the users' database, that the check may look into.
    Users,
    /// A process, and a system that tells how much memory it uses.
    Memory,
    /// A process, and Linux, which tells how it works.
    Linux,
    /// A process, and libfaketime, which moves its clock.
    Clock,
    /// Chromium and chromedriver.
    Browser,
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Needs::Url => "needs an address",
            Needs::Process => "needs a process of its own",
            Needs::Server => "needs a process and a store of its own",
            Needs::Stores => "needs a process and each of the step's stores",
            Needs::RedisNodes => "needs a process and a group of Redis servers",
            Needs::MongoNodes => "needs a process and a group of MongoDB servers",
            Needs::Proxy => "needs processes of its own, and haproxy",
            Needs::Users => "needs a process and a users' database of its own",
            Needs::Memory => "needs a process whose memory can be read",
            Needs::Linux => "needs a process of its own, on Linux",
            Needs::Clock => "needs a process of its own, on Linux with libfaketime",
            Needs::Browser => "needs chromedriver on the PATH and the feature browser",
        })
    }
}

/// Lists a file's checks by what they need.
macro_rules! checks {
    ($($needs:path: $($name:ident),+ $(,)?;)+) => {
        pub(in crate::lessons) const CHECKS: &[crate::lessons::Check] = &[$($(crate::lessons::Check {
            name: stringify!($name),
            needs: $needs,
            run: |course| Box::pin($name(course)),
        }),+),+];
    };
}

mod beers;
#[cfg(feature = "browser")]
mod chromium;
mod contract;
mod cookies;
mod copies;
mod life;
mod login;
mod memory;
mod password;
mod service;
mod sessions;
mod stores;
mod stretch;

/// Every check that this build has.
pub(crate) fn all() -> impl Iterator<Item = &'static Check> {
    [
        contract::CHECKS,
        beers::CHECKS,
        cookies::CHECKS,
        sessions::CHECKS,
        memory::CHECKS,
        stores::CHECKS,
        stores::mongodb::CHECKS,
        stores::outages::CHECKS,
        stores::settings::CHECKS,
        login::CHECKS,
        login::forms::CHECKS,
        login::guard::CHECKS,
        login::passwords::CHECKS,
        login::sessions::CHECKS,
        life::clock::CHECKS,
        life::limits::CHECKS,
        life::remember::CHECKS,
        life::sign_in::CHECKS,
        life::start::CHECKS,
        password::CHECKS,
        service::api::CHECKS,
        service::devices::CHECKS,
        service::guessing::CHECKS,
        service::hardening::CHECKS,
        service::home::CHECKS,
        service::log::CHECKS,
        copies::fail_over::CHECKS,
        copies::metrics::CHECKS,
        copies::proxies::CHECKS,
        copies::proxy::CHECKS,
        #[cfg(feature = "sql")]
        login::start::CHECKS,
        #[cfg(feature = "sql")]
        login::users::CHECKS,
        #[cfg(feature = "sql")]
        service::operator::CHECKS,
        #[cfg(feature = "browser")]
        chromium::CHECKS,
        #[cfg(feature = "browser")]
        life::chromium::CHECKS,
        #[cfg(feature = "tls")]
        service::https::CHECKS,
        #[cfg(feature = "browser")]
        service::chromium::CHECKS,
    ]
    .into_iter()
    .flatten()
}

pub(crate) fn find(name: &str) -> Option<&'static Check> {
    all().find(|check| check.name == name)
}

/// The check of a stretch exercise. The matrix has no row for it.
pub(crate) fn find_stretch(name: &str) -> Option<&'static Check> {
    stretch::all().find(|check| check.name == name)
}

/// What every file of checks uses.
mod prelude {
    pub(in crate::lessons) use super::Needs;
    pub(in crate::lessons) use crate::{
        app::App,
        beer_api::BeerApi,
        browser::{Browser, FORM, PAGES},
        course::Course,
        page::Page,
        verdict::{Stop, Verdict, expect},
    };

    /// All of these at the same time. The first that breaks is the verdict.
    pub(in crate::lessons) async fn at_once<F>(tasks: impl IntoIterator<Item = F>) -> Verdict
    where
        F: Future<Output = Verdict> + Send + 'static,
    {
        let mut tasks: tokio::task::JoinSet<Verdict> = tasks.into_iter().collect();
        while let Some(done) = tasks.join_next().await {
            done.map_err(Stop::harness)??;
        }
        Ok(())
    }

    /// The page counts this many beers.
    pub(in crate::lessons) fn expect_count(page: &Page, count: u32) -> Verdict {
        let mut lines = page.text().lines();
        let (promise, told) = match count {
            0 => (
                "the page says `No beers viewed yet`".to_owned(),
                lines.any(|line| line.starts_with("No beers viewed yet")),
            ),
            _ => (
                format!("the page counts {count} beers viewed"),
                lines.any(|line| {
                    line.starts_with("Beers viewed") && line.ends_with(&format!(": {count}"))
                }),
            ),
        };
        expect(told, &promise, page.summary())
    }

    /// The ID that the panel shows.
    pub(in crate::lessons) fn session_id(page: &Page) -> Result<String, Stop> {
        page.expect_text_after("Session ID: ")
    }

    /// The page counts no beers: there are none, or it is for users alone, and this
    /// browser is a stranger's.
    pub(in crate::lessons) fn expect_no_count(page: &Page) -> Verdict {
        if is_for_users(page) {
            return Ok(());
        }
        expect_count(page, 0)
    }

    /// Whether a page without a login is a refusal, as a program gets it.
    pub(in crate::lessons) fn is_for_users(page: &Page) -> bool {
        page.status() == 401 && page.text() == "Please login first!"
    }

    /// The ID of this browser's session, which begins if there is none. A pour tells
    /// it, also where a visit alone starts none. Where only users pour, a stranger's
    /// session begins at `/count`.
    pub(in crate::lessons) async fn id_of(browser: &mut Browser) -> Result<String, Stop> {
        let page = browser.post("/", &[]).await?;
        if !is_for_users(&page) {
            return session_id(&page);
        }
        browser.get("/count").await?.expect_status(200)?;
        id_in_cookie(browser)
    }

    /// The ID of a session that this browser has, without a write: as the page shows
    /// it, or to a stranger whom it is not shown, as it stands in the cookie.
    pub(in crate::lessons) async fn id_now(browser: &mut Browser) -> Result<String, Stop> {
        let page = browser.get("/").await?;
        if is_for_users(&page) {
            return id_in_cookie(browser);
        }
        session_id(&page)
    }

    /// The ID behind the signature.
    fn id_in_cookie(browser: &Browser) -> Result<String, Stop> {
        let cookie = browser.cookie("beer.sid").unwrap_or_default();
        let id = cookie.len().checked_sub(22).and_then(|at| cookie.get(at..));
        let promise = "a cookie beer.sid that ends with the session's ID";
        id.map(str::to_owned)
            .ok_or_else(|| Stop::broken(promise, cookie.as_str()))
    }

    /// Whose session has ended gets another one.
    pub(in crate::lessons) async fn expect_another_id(browser: &mut Browser, old: &str) -> Verdict {
        let id = id_of(browser).await?;
        expect(id != old, "a new ID", format!("the same ID: {id}"))
    }

    /// Whether visitors give themselves a name.
    pub(in crate::lessons) async fn has_names(app: &App) -> Result<bool, Stop> {
        let mut visitor = app.visitor().await?;
        let page = visitor.post("/name", &[("name", "Ada")]).await?;
        Ok(page.status() == 303)
    }
}

#[cfg(test)]
mod tests {
    use super::{all, stretch};
    use std::collections::BTreeSet;

    // Without the features, the checks that need Chromium or TLS, or look into the
    // users' database, are not compiled. TLS comes with Chromium.
    #[cfg(all(feature = "sql", feature = "tls"))]
    #[test]
    fn every_row_has_a_check_and_every_check_a_row() {
        let checks: BTreeSet<&str> = all().map(|check| check.name).collect();
        let matrix = crate::matrix::Matrix::of_the_course().unwrap();
        let rows: BTreeSet<&str> = matrix.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(checks, rows);
    }

    #[test]
    fn no_two_checks_share_a_name() {
        let checks = || all().chain(stretch::all());
        let names: BTreeSet<&str> = checks().map(|check| check.name).collect();
        assert_eq!(names.len(), checks().count());
    }

    // As for the rows: some are compiled with the features alone.
    #[cfg(all(feature = "sql", feature = "tls"))]
    #[test]
    fn every_stretch_exercise_has_a_check_and_every_such_check_an_exercise() {
        let checks: BTreeSet<String> = stretch::all().map(|check| check.name.into()).collect();
        let mut exercises = BTreeSet::new();
        for step in crate::root().join("steps").read_dir().unwrap() {
            let folder = step.unwrap().path();
            let solutions = crate::variant::Variant::solutions_of_step(&folder).unwrap();
            exercises.extend(solutions.into_iter().map(|solution| solution.check));
        }
        assert_eq!(checks, exercises);
    }
}
