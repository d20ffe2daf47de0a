//! The way to a MongoDB, for the sessions and for the users.

use mongodb::{
    Client, Collection, Database, IndexModel,
    bson::{Document, doc},
    error::{self, ErrorKind, WriteFailure},
    options::{Acknowledgment, ClientOptions, IndexOptions, ReadPreference},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::timeout};

/// How long one command may take. The driver itself has no such limit.
const COMMAND_LIMIT: Duration = Duration::from_secs(1);

/// How long it may take to make an index, at the start.
const INDEX_LIMIT: Duration = Duration::from_secs(10);

/// For an index that expires: a document is deleted once its date is past.
pub const AT_ITS_DATE: Duration = Duration::ZERO;

/// How many commands may be under way, each on a connection of its own. The next
/// waits for its turn here, and the wait is part of its second.
const AT_ONCE: u32 = 100;

/// A database, and the turns of those who ask it.
#[derive(Clone, Debug)]
pub struct Mongo {
    pub database: Database,
    turns: Arc<Semaphore>,
}

/// What can become of a command. MongoDB quotes the command in its errors, and with it
/// IDs and data that are not for a log, so we keep less.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("that is taken")]
    Taken,
    /// On the way in or out.
    #[error("a document is not what it should be")]
    Odd,
    #[error("MongoDB failed: {0}")]
    Failed(String),
}

pub type Result<T> = std::result::Result<T, Error>;

/// Connects to the MongoDB at `url`. The error says what is wrong with the address.
pub async fn connect(url: &str) -> std::result::Result<Mongo, String> {
    let options = options(url).await?;
    let name = options.default_database.clone();
    let name = name.unwrap_or_else(|| "course".to_owned());
    let client = Client::with_options(options);
    let client = client.map_err(|error| error.kind.to_string())?;
    let database = client.database(&name);
    reach(&database).await?;
    let turns = Arc::new(Semaphore::new(AT_ONCE as usize));
    Ok(Mongo { database, turns })
}

async fn options(url: &str) -> std::result::Result<ClientOptions, String> {
    // mongodb+srv:// is looked up here. Unset, it takes 15 s until no DNS server answers.
    let parsed = timeout(5 * COMMAND_LIMIT, ClientOptions::parse(url).into_future());
    let parsed = parsed.await.map_err(|_| "no DNS server answers")?;
    let mut options = parsed.map_err(|error| match *error.kind {
        ErrorKind::DnsResolve { .. } => "DNS knows no MongoDB of this name",
        _ => {
            "expected mongodb://host:port/database; in a password, write %XX for special \
            characters"
        }
    })?;
    options.connect_timeout = Some(COMMAND_LIMIT);
    options.server_selection_timeout = Some(COMMAND_LIMIT);
    // A server that is away is looked for this often.
    options.heartbeat_freq = Some(Duration::from_millis(500));
    let concern = options.write_concern.get_or_insert_default();
    // Unset, the server says yes before a write is in its journal on the disk.
    concern.journal = Some(true);
    // And of a replica set, most members have it before that: whoever is elected next
    // is one of them.
    concern.w = Some(Acknowledgment::Majority);
    // A member that is behind could still have a session that was ended.
    options.selection_criteria = Some(ReadPreference::Primary.into());
    // So many that no command waits in the driver's own queue, where one that gives up
    // stays in front of the others: a connection for each that is under way, and for
    // each that gave up while it was being opened.
    options.max_pool_size = Some(3 * AT_ONCE);
    options.max_connecting = Some(3 * AT_ONCE);
    Ok(options)
}

async fn reach(database: &Database) -> std::result::Result<(), String> {
    let ping = database.run_command(doc! { "ping": 1 });
    if let Ok(answer) = timeout(2 * COMMAND_LIMIT, ping.into_future()).await {
        match answer.map_err(|error| *error.kind) {
            Ok(_) => return Ok(()),
            Err(ErrorKind::Authentication { message, .. }) => return Err(message),
            // rustls says so, in the midst of what the driver says.
            Err(error) if error.to_string().contains("invalid peer certificate") => {
                let advice =
                    "its certificate is refused; does tlsCAFile=… name its signer?";
                return Err(advice.to_owned());
            }
            Err(_) => {}
        }
    }
    Err("no MongoDB answers there; `cargo course up mongo` starts one".to_owned())
}

impl Mongo {
    pub async fn index<T: Send + Sync>(
        &self,
        collection: &Collection<T>,
        keys: Document,
        options: IndexOptions,
    ) -> Result<()> {
        let index = IndexModel::builder().keys(keys).options(options).build();
        let made = timeout(INDEX_LIMIT, collection.create_index(index).into_future());
        made.await.map_err(|_| slow())??;
        Ok(())
    }

    /// Gives up after a second, the wait for a turn included.
    pub async fn ask<T>(
        &self,
        command: impl IntoFuture<Output = error::Result<T>>,
    ) -> Result<T> {
        let command = async {
            let _turn = self.turns.acquire().await;
            command.await
        };
        match timeout(COMMAND_LIMIT, command).await {
            Ok(answer) => answer.map_err(Error::from),
            Err(_) => Err(slow()),
        }
    }
}

fn slow() -> Error {
    Error::Failed("no answer in time".to_owned())
}

impl From<error::Error> for Error {
    fn from(error: error::Error) -> Error {
        match &*error.kind {
            ErrorKind::Write(WriteFailure::WriteError(error)) => match error.code {
                11000 => Error::Taken,
                code => Error::Failed(format!("it refuses to write, error {code}")),
            },
            ErrorKind::Bson(_) => Error::Odd,
            // Up to the command that is quoted.
            _ => {
                let text = error.to_string();
                Error::Failed(text.split(" {").next().unwrap_or_default().to_owned())
            }
        }
    }
}
