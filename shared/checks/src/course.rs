//! What a check receives: the way to the app that is judged.

use crate::{
    app::App,
    browser,
    clock::Clock,
    exit::Exit,
    launch::Launch,
    lessons::Needs,
    matrix::{Backend, Backends, Matrix},
    servers::Server,
    store::{Kind, Store},
    target::Target,
    users::{self, Users},
    verdict::Stop,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::OnceCell;

/// How long an app may take to refuse a bad setting.
const REFUSAL_LIMIT: Duration = Duration::from_secs(10);

/// Starts the app for a check, as often and with such settings as it asks for.
#[derive(Debug, Clone)]
pub struct Course {
    target: Target,
    place: Place,
    /// Where else the step's apps could have their sessions and users.
    backends: Backends,
    /// Made when it is asked for first, for all apps of a check.
    store: Arc<OnceCell<Store>>,
    users: Arc<OnceCell<Users>>,
    /// `None`: the system's.
    clock: Option<Clock>,
}

/// Where an app has its sessions, and the setting that says so; and its users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) kind: Kind,
    /// `None`: in memory, and nobody needs to say so.
    variable: Option<&'static str>,
    /// `None`: it has none.
    users: Option<users::Kind>,
}

impl Place {
    /// Where a step's app has its sessions when nobody chooses: it is told where
    /// the server is, and no more.
    pub(crate) fn default_of(backends: &Backends) -> Place {
        let kind = backends.stores.first().copied().unwrap_or(Kind::Memory);
        Place {
            kind,
            variable: kind.server().map(Server::variable),
            users: backends.databases.first().copied(),
        }
    }

    /// This one of what the step has, and by default the rest.
    pub(crate) fn chosen(backend: Backend, backends: &Backends) -> Place {
        let mut place = Place::default_of(backends);
        match backend {
            Backend::Users(kind) => place.users = Some(kind),
            // Where there is no choice, there is no setting for it.
            Backend::Store(_) if backends.stores.len() == 1 => {}
            Backend::Store(kind) => {
                (place.kind, place.variable) = (kind, Some("SESSION_STORE"));
            }
        }
        place
    }
}

impl Course {
    /// An app that needs no store beside it.
    pub fn new(target: Target) -> Course {
        let nothing = Backends::NONE;
        Course::at(target, Place::default_of(&nothing), &nothing)
    }

    /// An app of this step, on its default store.
    pub fn of_step(step: &str, target: Target) -> Result<Course, String> {
        let matrix = Matrix::of_the_course()?;
        let backends = matrix.backends(step);
        Ok(Course::at(target, Place::default_of(backends), backends))
    }

    pub(crate) fn at(target: Target, place: Place, backends: &Backends) -> Course {
        Course {
            target,
            place,
            backends: backends.clone(),
            store: Arc::default(),
            users: Arc::default(),
            clock: None,
        }
    }

    /// The same with another app, a store that is as empty as ours, and no users.
    pub(crate) fn with_program(&self, program: PathBuf) -> Course {
        Course::at(Target::Own(program), self.place, &self.backends)
    }

    /// The same with a server that no other check uses: it may be frozen, killed
    /// and counted.
    pub async fn with_a_server_of_its_own(&self) -> Result<Course, Stop> {
        let store = Store::alone(self.place.kind, self.clock.as_ref()).await?;
        Ok(Course {
            store: Arc::new(OnceCell::new_with(Some(store))),
            ..self.clone()
        })
    }

    /// The same with its sessions in this store, on a server that nobody else uses, and
    /// with other users.
    pub async fn with_a_server_of(&self, store: Kind) -> Result<Course, Stop> {
        let place = Place::chosen(Backend::Store(store), &self.backends);
        let course = Course::at(self.target.clone(), place, &self.backends);
        course.with_a_server_of_its_own().await
    }

    /// The same with apps that go by this clock, and Redis with them, on a server of
    /// its own. MongoDB goes by the system's: under libfaketime it never rests. So
    /// there the apps alone tell what has expired.
    pub async fn with_a_clock_of_its_own(&self) -> Result<(Course, Clock), Stop> {
        let clock = Clock::new()?;
        let course = Course {
            clock: Some(clock.clone()),
            ..self.clone()
        };
        let course = match self.place.kind {
            Kind::Redis => course.with_a_server_of_its_own().await?,
            Kind::Memory | Kind::Mongodb => course,
        };
        Ok((course, clock))
    }

    /// Where the apps of this check have their sessions.
    pub async fn store(&self) -> Result<&Store, Stop> {
        let store = || Store::shared(self.place.kind);
        self.store.get_or_try_init(store).await
    }

    /// The same with a server for the users that no other check uses.
    pub async fn with_a_database_server_of_its_own(&self) -> Result<Course, Stop> {
        let users = Users::alone(self.place.users.ok_or_else(no_users)?).await?;
        Ok(Course {
            users: Arc::new(OnceCell::new_with(Some(users))),
            ..self.clone()
        })
    }

    /// Where the apps of this check have their users.
    pub async fn users(&self) -> Result<&Users, Stop> {
        let kind = self.place.users.ok_or_else(no_users)?;
        self.users.get_or_try_init(|| Users::shared(kind)).await
    }

    pub(crate) fn has_users(&self) -> bool {
        self.place.users.is_some()
    }

    /// The servers that a check with these needs starts.
    pub(crate) fn servers(&self, needs: Needs) -> Vec<Server> {
        let kinds = match needs {
            Needs::Stores => self.backends.stores.as_slice(),
            Needs::RedisNodes => &[Kind::Redis],
            Needs::MongoNodes => &[Kind::Mongodb],
            _ => std::slice::from_ref(&self.place.kind),
        };
        let of_users = self.place.users.and_then(users::Kind::server);
        let of_stores = kinds.iter().filter_map(|kind| kind.server());
        of_stores.chain(of_users).collect()
    }

    /// Where else the step's apps could have them.
    pub(crate) fn stores(&self) -> &[Kind] {
        &self.backends.stores
    }

    /// The setting that says where the sessions are.
    pub fn variable(&self) -> Result<&'static str, Stop> {
        let variable = self.place.variable;
        variable.ok_or_else(|| Stop::NotJudged("needs a store that a setting names".into()))
    }

    /// The app with default settings: a fresh process, or the server that
    /// somebody runs.
    pub async fn app(&self) -> Result<App, Stop> {
        match &self.target {
            Target::Url(url) => Ok(App::at(url, browser::client()?)),
            _ => self.app_with(&[]).await,
        }
    }

    /// A process of its own, with these settings.
    pub async fn app_with(&self, settings: &[(&str, &str)]) -> Result<App, Stop> {
        App::start(self.launch(settings).await?, browser::client()?).await
    }

    /// The same with a stderr that nobody reads.
    pub async fn app_with_unread_log(&self, settings: &[(&str, &str)]) -> Result<App, Stop> {
        let mut launch = self.launch(settings).await?;
        launch.log_is_unread = true;
        App::start(launch, browser::client()?).await
    }

    /// Starts the app with settings that it must refuse, and waits for its end.
    pub async fn run_to_exit(&self, settings: &[(&str, &str)]) -> Result<Exit, Stop> {
        refuse(self.launch(settings).await?).await
    }

    /// The same with a file `.env` in the working directory, and nothing in the
    /// environment but these settings and where the store is.
    pub async fn run_with_dotenv(
        &self,
        dotenv: &str,
        settings: &[(&str, &str)],
    ) -> Result<Exit, Stop> {
        let launch = self.launch_with(&[], settings).await?;
        std::fs::write(launch.folder.path().join(".env"), dotenv)?;
        refuse(launch).await
    }

    /// On a free port, with the same beers each time, and with no limit to how often
    /// one address logs in, unless the settings say otherwise.
    async fn launch(&self, settings: &[(&str, &str)]) -> Result<Launch, Stop> {
        let usual = [
            ("PORT", "0"),
            ("BEER_SEED", "1"),
            ("LOGINS_PER_MINUTE", "100000"),
        ];
        self.launch_with(&usual, settings).await
    }

    /// With the addresses of the store and of the users between these: what a check
    /// itself says wins.
    async fn launch_with(
        &self,
        usual: &[(&str, &str)],
        settings: &[(&str, &str)],
    ) -> Result<Launch, Stop> {
        let program = self.program()?;
        let mut all = usual.to_vec();
        let (store, users);
        if let Some(variable) = self.place.variable {
            store = self.store().await?.url();
            all.push((variable, &store));
        }
        if self.has_users() {
            users = self.users().await?.url();
            all.push(("DATABASE_URL", &users));
        }
        all.extend(settings);
        let mut launch = Launch::new(program, &all)?;
        launch.clock.clone_from(&self.clock);
        launch.users.clone_from(&self.users);
        Ok(launch)
    }

    fn program(&self) -> Result<&Path, Stop> {
        let program = self.target.program();
        program.ok_or_else(|| Stop::NotJudged("needs a process of its own".into()))
    }
}

fn no_users() -> Stop {
    Stop::NotJudged("needs a step that has users".into())
}

async fn refuse(launch: Launch) -> Result<Exit, Stop> {
    let mut process = launch.start()?;
    let exit = process
        .wait(REFUSAL_LIMIT, |process| process.stdout().contains('\n'))
        .await?;
    exit.ok_or_else(|| {
        let observed = format!(
            "it runs, and says: {}{}",
            process.stdout(),
            process.stderr()
        );
        Stop::broken(
            format!("the app does not start with {:?}", launch.settings),
            observed,
        )
    })
}

#[cfg(test)]
mod tests;
