use crate::users::Users;
use kit::{SettingError, Settings};
use sqlx::{
    AnyPool, Error, any::AnyPoolOptions, migrate::Migrator,
    sqlite::SqliteConnectOptions,
};
use std::{fs, time::Duration};

/// The tables, in each database's own words, built into the binary.
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static MYSQL: Migrator = sqlx::migrate!("migrations/mysql");

const DEFAULT_URL: &str = "sqlite:target/step-05.db?mode=rwc";

/// How long a query may wait for a connection. Unset, it is half a minute.
const POOL_LIMIT: Duration = Duration::from_secs(1);

/// Opens the users' database that the settings name.
pub async fn open(settings: &Settings) -> Result<Users, SettingError> {
    let url = settings.text("DATABASE_URL")?.unwrap_or(DEFAULT_URL);
    let open = async {
        let users = Users::new(connect(url).await?);
        if settings.developer_tools() {
            users.add_test_user().await.map_err(|e| e.to_string())?;
        } else {
            users.remove_test_user().await.map_err(|e| e.to_string())?;
        }
        Ok(users)
    };
    let opened: Result<Users, String> = open.await;
    opened.map_err(|advice| SettingError::address("DATABASE_URL", url, advice))
}

/// Connects, and brings the tables up to date.
async fn connect(url: &str) -> Result<AnyPool, String> {
    let migrations = match url.split_once(':') {
        Some(("sqlite", _)) => {
            make_folder(url)?;
            &SQLITE
        }
        Some(("mysql" | "mariadb", _)) => &MYSQL,
        _ => return Err("expected sqlite:… or mysql://…".to_owned()),
    };
    sqlx::any::install_default_drivers();
    let options = AnyPoolOptions::new().acquire_timeout(POOL_LIMIT);
    let pool = options.connect(url).await;
    let pool = pool.map_err(|error| match error {
        Error::PoolTimedOut | Error::Io(_) => {
            "no MySQL answers there; `cargo course up mysql` starts one".to_owned()
        }
        error => error.to_string(),
    })?;
    let migrated = migrations.run(&pool).await;
    migrated.map_err(|error| error.to_string())?;
    Ok(pool)
}

/// SQLite makes the file, and not the folder that it is in.
fn make_folder(url: &str) -> Result<(), String> {
    if url.contains(":memory:") {
        return Err("each connection has a memory of its own; name a file".to_owned());
    }
    let options = url.parse::<SqliteConnectOptions>();
    let options = options.map_err(|error| error.to_string())?;
    let folder = options.get_filename().parent();
    folder
        .map_or(Ok(()), fs::create_dir_all)
        .map_err(|error| error.to_string())
}
