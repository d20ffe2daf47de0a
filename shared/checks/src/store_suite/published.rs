//! The published store for MongoDB, as it is.

use async_trait::async_trait;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};
use tower_sessions_core_011::{
    SessionStore as _,
    session::{Id as Id011, Record as Record011},
    session_store::Error as Error011,
};
use tower_sessions_mongodb_store::{MongoDBStore, mongodb::Client};

/// `MongoDBStore` 0.11 with no more around it than the other version's names. It has
/// no `create`, so tower-sessions takes its own, which saves.
#[derive(Debug)]
pub struct Published(MongoDBStore);

/// Opens it at a URL such as `mongodb://127.0.0.1:40123/check_7`.
pub async fn published_mongodb(url: String) -> std::result::Result<Published, String> {
    // The driver itself waits half a minute for a server that is away.
    let url = url + "?serverSelectionTimeoutMS=1000&connectTimeoutMS=1000";
    let client = Client::with_uri_str(url).await;
    let client = client.map_err(|error| error.to_string())?;
    let database = client.default_database().ok_or("which database?")?;
    Ok(Published(MongoDBStore::new(
        client,
        database.name().to_owned(),
    )))
}

#[async_trait]
impl SessionStore for Published {
    async fn save(&self, record: &Record) -> Result<()> {
        let record = Record011 {
            id: Id011(record.id.0),
            data: record.data.clone(),
            expiry_date: record.expiry_date,
        };
        self.0.save(&record).await.map_err(across)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let loaded = self.0.load(&Id011(id.0)).await.map_err(across)?;
        Ok(loaded.map(|record| Record {
            id: Id(record.id.0),
            data: record.data,
            expiry_date: record.expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.delete(&Id011(id.0)).await.map_err(across)
    }
}

fn across(error: Error011) -> Error {
    match error {
        Error011::Encode(text) => Error::Encode(text),
        Error011::Decode(text) => Error::Decode(text),
        Error011::Backend(text) => Error::Backend(text),
    }
}
