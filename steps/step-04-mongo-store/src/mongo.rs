use crate::adapter::{Adapter, COMMAND_LIMIT};
use mongodb_2::{
    Client, Collection, IndexModel,
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
    let database = options.default_database.clone();
    let database = database.unwrap_or_else(|| "course".to_owned());
    let client = Client::with_options(options).map_err(|error| error.to_string())?;
    let sessions = client.database(&database).collection("sessions");
    expire(&sessions).await?;

    let published = MongoDBStore::new(client, database);
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
    let mut options = ClientOptions::parse(url)
        .await
        .map_err(|_| "expected mongodb://host:port/database")?;
    if let Some(Tls::Enabled(_)) = options.tls {
        return Err(no_tls.to_owned());
    }
    options.connect_timeout = Some(COMMAND_LIMIT);
    options.server_selection_timeout = Some(COMMAND_LIMIT);
    // A server that is away is looked for this often.
    options.heartbeat_freq = Some(Duration::from_millis(500));
    // Unset, the server says yes before a write is in its journal on the disk.
    options.write_concern.get_or_insert_default().journal = Some(true);
    Ok(options)
}

/// Has the server delete each document once its `expireAt` is past. It looks once
/// a minute.
async fn expire(sessions: &Collection<Document>) -> Result<(), String> {
    let index = IndexModel::builder()
        .keys(doc! { "expireAt": 1 })
        .options(IndexOptions::builder().expire_after(Duration::ZERO).build())
        .build();
    let index = timeout(2 * COMMAND_LIMIT, sessions.create_index(index, None)).await;
    let Ok(Err(error)) = index else {
        return index.map(drop).map_err(|_| nobody());
    };
    match *error.kind {
        ErrorKind::Io(_) | ErrorKind::ServerSelection { .. } => Err(nobody()),
        ErrorKind::Authentication { message, .. } => Err(message),
        // The sessions work without: our own task deletes them, too.
        _ => {
            tracing::warn!("MongoDB refuses the index that expires sessions: {error}");
            Ok(())
        }
    }
}

fn nobody() -> String {
    "no MongoDB answers there; `cargo course up mongo` starts one".to_owned()
}

/// Deletes what has expired, again and again.
async fn clean_up(store: MongoDBStore) {
    loop {
        // It goes on for ever, but for an error: then it returns.
        if let Err(error) = store.clone().continuously_delete_expired(CLEAN_UP).await {
            tracing::warn!("expired sessions are not deleted: {error}");
        }
        sleep(CLEAN_UP).await;
    }
}
