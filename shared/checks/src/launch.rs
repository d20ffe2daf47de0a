//! Starting an app: in an empty folder, with nobody else's settings.

use crate::{clock::Clock, process::Process, users::Users, verdict::Stop};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Variables of the course that a person may have set for their own app.
const OURS: [&str; 11] = [
    "HOST",
    "PORT",
    "APP_ENV",
    "REDIS_URL",
    "MONGODB_URL",
    "DATABASE_URL",
    "COOKIE_SECURE",
    "LOGINS_PER_MINUTE",
    "TRUSTED_PROXIES",
    "METRICS_TOKEN",
    "LOG_FORMAT",
];

/// How an app is started: which program, with what settings, where.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) settings: Vec<(String, String)>,
    /// The working directory, kept over restarts.
    pub(crate) folder: Arc<TempDir>,
    /// Whether stderr is a pipe whose other end is closed.
    pub(crate) log_is_unread: bool,
    /// `None`: it goes by the system's.
    pub(crate) clock: Option<Clock>,
    /// Where the check has its users, whether the app is sent there or not.
    pub(crate) users: Arc<OnceCell<Users>>,
}

impl Launch {
    pub(crate) fn new(program: &Path, settings: &[(&str, &str)]) -> Result<Launch, Stop> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Ok(Launch {
            program: program.to_owned(),
            settings: settings.iter().map(own).collect(),
            folder: Arc::new(tempfile::tempdir()?),
            log_is_unread: false,
            clock: None,
            users: Arc::default(),
        })
    }

    /// Where the app has its users, if the check has them there, too.
    #[cfg(feature = "sql")]
    pub(crate) fn users(&self) -> Option<&Users> {
        let mut told = self.settings.iter().rev();
        let (_, url) = told.find(|(name, _)| name == "DATABASE_URL")?;
        self.users.get().filter(|users| users.url() == *url)
    }

    pub(crate) fn start(&self) -> Result<Process, Stop> {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let ours = OURS.contains(&name.as_ref())
                || name.starts_with("SESSION_")
                || name.starts_with("BEER_")
                || name == "RUST_LOG";
            if ours {
                command.env_remove(name.as_ref());
            }
        }
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        command.envs(settings).current_dir(self.folder.path());
        if let Some(clock) = &self.clock {
            command.envs(clock.variables());
        }
        let process = if self.log_is_unread {
            let (reader, writer) = std::io::pipe()?;
            drop(reader);
            Process::spawn_with_log(&mut command, writer.into())?
        } else {
            Process::spawn(&mut command)?
        };
        if let Some(clock) = &self.clock {
            clock.started(process.pid());
        }
        Ok(process)
    }
}
