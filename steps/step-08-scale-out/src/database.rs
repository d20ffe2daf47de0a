use crate::{
    mongo, mongo_users,
    sql_users::SqlUsers,
    users::{UserStore, Users},
};
use kit::{SettingError, Settings};
use sqlx::{
    AnyPool, any::AnyPoolOptions, migrate::Migrator, mysql::MySqlConnectOptions,
    sqlite::SqliteConnectOptions,
};
use std::{error::Error, fs, sync::Arc, time::Duration};

/// The tables, in each database's own words, built into the binary.
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static MYSQL: Migrator = sqlx::migrate!("migrations/mysql");

const DEFAULT_URL: &str = "sqlite:target/step-08.db?mode=rwc";

/// How long a query may wait for a connection. Unset, it is half a minute.
const POOL_LIMIT: Duration = Duration::from_secs(1);

/// Opens the users' database that the settings name.
pub async fn open(settings: &Settings) -> Result<Users, SettingError> {
    let url = settings.text("DATABASE_URL")?.unwrap_or(DEFAULT_URL);
    let opened = async {
        let users = Users::new(connect(url).await?);
        if settings.developer_tools() {
            users.add_test_user().await?;
        } else {
            users.remove_test_user().await?;
        }
        Ok(users)
    };
    opened.await.map_err(|error: Box<dyn Error>| {
        SettingError::address("DATABASE_URL", url, error.to_string())
    })
}

/// Connects, and brings tables and indexes up to date.
async fn connect(url: &str) -> Result<Arc<dyn UserStore>, Box<dyn Error>> {
    sqlx::any::install_default_drivers();
    Ok(match url.split_once(':') {
        Some(("sqlite", _)) => Arc::new(SqlUsers::new(sqlite(url).await?)),
        Some(("mysql" | "mariadb", rest)) if rest.starts_with("//") => {
            Arc::new(SqlUsers::new(mysql(url).await?))
        }
        Some(("mongodb" | "mongodb+srv", _)) => {
            Arc::new(mongo_users::open(mongo::connect(url).await?).await?)
        }
        _ => return Err("expected sqlite:…, mysql://… or mongodb://…".into()),
    })
}

fn pool() -> AnyPoolOptions {
    AnyPoolOptions::new().acquire_timeout(POOL_LIMIT)
}

async fn sqlite(url: &str) -> Result<AnyPool, Box<dyn Error>> {
    let options: SqliteConnectOptions = url.parse()?;
    let file = options.get_filename();
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    if in_memory || file.as_os_str().is_empty() {
        return Err("each connection has a memory of its own; name a file".into());
    }
    // SQLite makes the file, and not the folder that it is in.
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let pool = pool().connect(url).await?;
    // Of copies that start together, one makes the tables and the others wait.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    SQLITE.run(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(pool)
}

async fn mysql(url: &str) -> Result<AnyPool, Box<dyn Error>> {
    let options: MySqlConnectOptions = url.parse()?;
    if options.get_database().is_none() {
        return Err("name a database behind the address, such as /course".into());
    }
    let pool = match pool().connect(url).await {
        Err(sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) => {
            let advice = "no MySQL answers there; `cargo course up mysql` starts one";
            return Err(advice.into());
        }
        pool => pool?,
    };
    // A lock here, too. sqlx asks for one itself, without a time limit, and MariaDB
    // refuses that.
    let mut connection = pool.acquire().await?;
    let lock = "SELECT GET_LOCK(CONCAT(DATABASE(), '.migrations'), 10)";
    let locked: i64 = sqlx::query_scalar(lock).fetch_one(&mut *connection).await?;
    if locked == 0 {
        return Err("another copy has been making the tables for 10 s".into());
    }
    MYSQL.run(&mut *connection).await?;
    // The lock goes with its connection.
    connection.close().await?;
    Ok(pool)
}
