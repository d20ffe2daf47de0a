//! What a check receives: the way to the app that is judged.

use crate::{app::App, browser, exit::Exit, launch::Launch, target::Target, verdict::Stop};
use std::{path::Path, time::Duration};

/// How long an app may take to refuse a bad setting.
const REFUSAL_LIMIT: Duration = Duration::from_secs(10);

/// Starts the app for a check, as often and with such settings as it asks for.
#[derive(Debug, Clone)]
pub struct Course {
    target: Target,
}

impl Course {
    pub fn new(target: Target) -> Course {
        Course { target }
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
        App::start(self.launch(settings)?, browser::client()?).await
    }

    /// The same with a stderr that nobody reads.
    pub async fn app_with_unread_log(&self, settings: &[(&str, &str)]) -> Result<App, Stop> {
        let mut launch = self.launch(settings)?;
        launch.log_is_unread = true;
        App::start(launch, browser::client()?).await
    }

    /// Starts the app with settings that it must refuse, and waits for its end.
    pub async fn run_to_exit(&self, settings: &[(&str, &str)]) -> Result<Exit, Stop> {
        refuse(self.launch(settings)?).await
    }

    /// The same with a file `.env` in the working directory, and nothing in the
    /// environment but these settings.
    pub async fn run_with_dotenv(
        &self,
        dotenv: &str,
        settings: &[(&str, &str)],
    ) -> Result<Exit, Stop> {
        let launch = Launch::new(self.program()?, settings)?;
        std::fs::write(launch.folder.path().join(".env"), dotenv)?;
        refuse(launch).await
    }

    /// On a free port and with the same beers each time, unless the settings say
    /// otherwise.
    fn launch(&self, settings: &[(&str, &str)]) -> Result<Launch, Stop> {
        let settings = [&[("PORT", "0"), ("BEER_SEED", "1")], settings].concat();
        Launch::new(self.program()?, &settings)
    }

    fn program(&self) -> Result<&Path, Stop> {
        let program = self.target.program();
        program.ok_or_else(|| Stop::NotJudged("needs a process of its own".into()))
    }
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
