//! A store's server, the step's program beside it, and who visits it.

use super::{mongo::Mongo, server::Server};
use checks::{App, Browser, Course, PASSWORD, Page, Stop, store::Kind};
use futures_util::{StreamExt, TryStreamExt, stream};
use sqlx::{AnyConnection, Connection};

/// As a browser calls itself: a row of `user_sessions` has it.
const AGENT: (&str, &[u8]) = (
    "user-agent",
    b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
);

const FORM: (&str, &[u8]) = ("content-type", b"application/x-www-form-urlencoded");

/// How many requests are under way at a time. All of them write to one SQLite in turn.
const AT_ONCE: usize = 2;

pub(super) struct Stage {
    pub(super) app: App,
    pub(super) server: Server,
    course: Course,
    /// Their e-mail addresses.
    users: Vec<String>,
}

impl Stage {
    pub(super) async fn open(course: &Course, kind: Kind) -> Result<Stage, Stop> {
        let course = course.with_a_server_of(kind).await?;
        let server = Server::reach(course.store().await?).await?;
        let app = start(&course, "SESSION_MAX_SECS", "43200").await?;
        Ok(Stage {
            app,
            server,
            course,
            users: Vec::new(),
        })
    }

    /// The same program on the same store, with this idle timeout.
    pub(super) async fn app_with_idle(&self, seconds: &str) -> Result<App, Stop> {
        start(&self.course, "SESSION_TTL_SECS", seconds).await
    }

    /// Strangers, each with a new session.
    pub(super) async fn begin(&self, count: u32) -> Result<(), Stop> {
        many(0..count, async |_| {
            expect(200, &self.app.browser().get("/count").await?)
        })
        .await
        .map(drop)
    }

    /// Registers users. Says how many seconds of a core that takes for each: bcrypt, and
    /// next to nothing else. From then on their logins are quick.
    pub(super) async fn register(&mut self, count: u32) -> Result<f64, Stop> {
        let before = self.app.processor_ticks()?;
        let register = async |number| {
            let email = format!("visitor-{number}@example.com");
            let fields = [("email", &*email), ("password", PASSWORD)];
            expect(303, &self.app.browser().post("/register", &fields).await?)?;
            Ok(email)
        };
        self.users = many(0..count, register).await?;
        let ticks = self.app.processor_ticks()? - before;
        let users = self.course.users().await?;
        for email in &self.users {
            users.make_cheap(email).await?;
        }
        // Hundredths of a second.
        let ticks = u32::try_from(ticks).map_err(Stop::harness)?;
        Ok(f64::from(ticks) / f64::from(count) / 100.0)
    }

    /// New browsers, each with a login of one of the users.
    pub(super) async fn log_in(&self, app: &App, count: u32) -> Result<Vec<Browser>, Stop> {
        many(0..count, async |number| {
            let email = &self.users[number as usize % self.users.len()];
            let (email, password) = (email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
            let form = format!("email={email}&password={password}");
            let mut browser = app.browser();
            let page = browser.request("POST", "/login", &[AGENT, FORM], &form);
            expect(303, &page.await?)?;
            Ok(browser)
        })
        .await
    }

    /// A request that reads, of each.
    pub(super) async fn read(&self, browsers: Vec<Browser>) -> Result<Vec<Browser>, Stop> {
        many(browsers, async |mut browser: Browser| {
            expect(200, &browser.get("/profile").await?)?;
            Ok(browser)
        })
        .await
    }

    /// A request that writes, of each.
    pub(super) async fn pour(&self, browsers: Vec<Browser>) -> Result<Vec<Browser>, Stop> {
        many(browsers, async |mut browser: Browser| {
            expect(200, &browser.post("/", &[]).await?)?;
            Ok(browser)
        })
        .await
    }

    /// What the sessions take in memory once they come from the disk, where a store has
    /// them there. The app is another one afterwards.
    pub(super) async fn memory_after_a_restart(&mut self) -> Result<Option<f64>, Stop> {
        if matches!(self.server, Server::Redis(_)) {
            return Ok(None);
        }
        let store = self.course.store().await?;
        store.kill().await?;
        store.start_again().await?;
        let mongo = Mongo::reach(&store.url()).await?;
        let memory = mongo.read_all().await?;
        self.server = Server::Mongo(mongo);
        self.app.restart().await?;
        Ok(Some(memory))
    }

    /// What SQLite keeps, in bytes.
    pub(super) async fn users_bytes(&self) -> Result<f64, Stop> {
        sqlx::any::install_default_drivers();
        let url = self.course.users().await?.url();
        let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let size = async {
            let mut connection = AnyConnection::connect(&url).await?;
            sqlx::query_scalar(size).fetch_one(&mut connection).await
        };
        let size: i64 = size
            .await
            .map_err(|error: sqlx::Error| Stop::harness(error))?;
        let pages = u32::try_from(size / 512).map_err(Stop::harness)?;
        Ok(f64::from(pages) * 512.0)
    }
}

/// The program as one would run it, with one setting more. Its log has each statement
/// for the users' database, as the program has it: without values.
async fn start(course: &Course, name: &str, value: &str) -> Result<App, Stop> {
    let settings = [
        ("APP_ENV", "production"),
        ("SESSION_SECRET", "not a secret: a measurement on loopback"),
        ("RUST_LOG", "warn,sqlx::query=debug"),
        (name, value),
    ];
    course.app_with(&settings).await
}

/// Tells no more of a page: it may have a session's ID in it.
fn expect(status: u16, page: &Page) -> Result<(), Stop> {
    if page.status() == status {
        return Ok(());
    }
    let line = page.status_line();
    Err(Stop::Harness(format!(
        "step 07 answers {line} in place of {status}"
    )))
}

/// Does the work for each, some at a time.
async fn many<T, U>(
    all: impl IntoIterator<Item = T>,
    work: impl AsyncFn(T) -> Result<U, Stop>,
) -> Result<Vec<U>, Stop> {
    let work = &work;
    let works = stream::iter(all).map(|one| work(one));
    works.buffered(AT_ONCE).try_collect().await
}
