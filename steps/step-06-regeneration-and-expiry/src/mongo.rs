use crate::adapter::{AT_ONCE, Adapter, COMMAND_LIMIT, without_data};
use mongodb_2::{
    Client, Collection, Database, IndexModel,
    bson::{Document, doc},
    error::ErrorKind,
    options::{ClientOptions, IndexOptions, Tls},
};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tower_sessions_core_011::ExpiredDeletion;
use tower_sessions_mongodb_store::MongoDBStore;

/// How often we delete what has expired.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// Connects to the MongoDB at `url`. The error says what is wrong with the address.
pub async fn connect(url: &str) -> Result<Adapter, String> {
    let options = options(url).await?;
    let name = options.default_database.clone();
    let name = name.unwrap_or_else(|| "course".to_owned());
    let client = Client::with_options(options).map_err(|error| error.to_string())?;
    let database = client.database(&name);
    reach(&database).await?;

    let published = MongoDBStore::new(client, name);
    // The first write: without the right to it, no page would work.
    let cleaned = published.delete_expired().await;
    cleaned.map_err(|error| without_data(&error.to_string()))?;
    let sessions = database.collection("sessions");
    expire(&sessions).await;
    tokio::spawn(clean_up(published.clone()));
    Ok(Adapter::new(published, sessions))
}

async fn options(url: &str) -> Result<ClientOptions, String> {
    let no_tls = "the driver of this step has known holes in its TLS and its \
        mongodb+srv; take a mongodb:// address without TLS, or step 07";
    // To parse such an address is to look it up, with that code.
    if url.starts_with("mongodb+srv:") {
        return Err(no_tls.to_owned());
    }
    let mut options = ClientOptions::parse(url).await.map_err(|_| {
        "expected mongodb://host:port/database; in a password, write %XX for special \
        characters"
    })?;
    if let Some(Tls::Enabled(_)) = options.tls {
        return Err(no_tls.to_owned());
    }
    options.connect_timeout = Some(COMMAND_LIMIT);
    options.server_selection_timeout = Some(COMMAND_LIMIT);
    // A server that is away is looked for this often.
    options.heartbeat_freq = Some(Duration::from_millis(500));
    // Unset, the server says yes before a write is in its journal on the disk.
    options.write_concern.get_or_insert_default().journal = Some(true);
    // So many that no command waits in the driver's own queue, where one that gives up
    // stays in front of the others: a connection for each that is under way, and for
    // each that gave up while it was being opened.
    options.max_pool_size = Some(3 * AT_ONCE);
    options.max_connecting = Some(3 * AT_ONCE);
    Ok(options)
}

async fn reach(database: &Database) -> Result<(), String> {
    let ping = database.run_command(doc! { "ping": 1 }, None);
    if let Ok(answer) = timeout(2 * COMMAND_LIMIT, ping).await {
        match answer.map_err(|error| *error.kind) {
            Ok(_) => return Ok(()),
            Err(ErrorKind::Authentication { message, .. }) => return Err(message),
            Err(_) => {}
        }
    }
    Err("no MongoDB answers there; `cargo course up mongo` starts one".to_owned())
}

/// Has the server delete each document once its `expireAt` is past. A server may
/// refuse that, and the sessions work without: our own task deletes them, too.
async fn expire(sessions: &Collection<Document>) {
    let index = IndexModel::builder()
        .keys(doc! { "expireAt": 1 })
        .options(IndexOptions::builder().expire_after(Duration::ZERO).build())
        .build();
    if let Err(error) = sessions.create_index(index, None).await {
        tracing::warn!("MongoDB refuses the index that expires sessions: {error}");
    }
}

/// Deletes what has expired, again and again.
async fn clean_up(store: MongoDBStore) {
    loop {
        sleep(CLEAN_UP).await;
        // It goes on for ever, but for an error: then it returns.
        if let Err(error) = store.clone().continuously_delete_expired(CLEAN_UP).await {
            let error = without_data(&error.to_string());
            tracing::warn!("expired sessions are not deleted: {error}");
        }
    }
}
