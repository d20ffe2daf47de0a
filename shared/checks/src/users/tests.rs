//! Against a file, and against real servers.

use super::*;
use crate::newcomer::PASSWORD;

const TABLES: [&str; 2] = [
    "CREATE TABLE users (id VARCHAR(36) NOT NULL, email VARCHAR(254) NOT NULL UNIQUE, \
     password VARCHAR(60) NOT NULL, role VARCHAR(32) NOT NULL, \
     created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)",
    "CREATE TABLE user_sessions (user_id VARCHAR(36) NOT NULL)",
];

/// None where a program is missing and nobody insists.
async fn users(kind: Kind) -> Option<Users> {
    let server = kind.server();
    if server.is_some_and(|server| server.program().is_none()) && !crate::is_on("COURSE_STRICT") {
        eprintln!("not judged: needs the server of {kind}");
        return None;
    }
    let users = match server {
        Some(_) => Users::alone(kind).await,
        None => Users::shared(kind).await,
    };
    Some(users.unwrap())
}

async fn make_tables(users: &Users) {
    if users.kind() != Kind::Mongodb {
        for table in TABLES {
            sql::run(&users.url(), table, None).await.unwrap();
        }
    }
}

/// A user who is logged in once.
async fn add(users: &Users, email: &str) {
    users.add(email).await.unwrap();
    #[cfg(feature = "mongodb")]
    if users.kind() == Kind::Mongodb {
        return mongodb::log_in(&users.url(), email).await;
    }
    let insert = "INSERT INTO user_sessions SELECT id FROM users WHERE email = ?";
    let inserted = sql::run(&users.url(), insert, Some(email)).await.unwrap();
    assert_eq!(inserted.rows_affected(), 1);
}

async fn hash(users: &Users, email: &str) -> String {
    users.password_hash(email).await.unwrap().unwrap()
}

async fn logins(users: &Users) -> u64 {
    #[cfg(feature = "mongodb")]
    if users.kind() == Kind::Mongodb {
        return mongodb::logins(&users.url()).await;
    }
    sql::logins(&users.url()).await
}

/// Those that this build has a client for.
const KINDS: &[Kind] = &[
    Kind::Sqlite,
    Kind::Mysql,
    #[cfg(feature = "mongodb")]
    Kind::Mongodb,
];

#[tokio::test]
async fn a_check_sees_and_changes_the_users() {
    for kind in KINDS {
        let Some(users) = users(*kind).await else {
            continue;
        };
        assert_eq!(users.kind(), *kind);
        make_tables(&users).await;
        assert_eq!(users.count().await, Ok(0));
        add(&users, "a@b.c").await;
        add(&users, "d@e.f").await;
        let (first, other) = (hash(&users, "a@b.c").await, hash(&users, "d@e.f").await);
        assert_ne!(first, other);
        users.make_cheap("a@b.c").await.unwrap();
        let second = hash(&users, "a@b.c").await;
        assert_ne!(second, first);
        assert_eq!(hash(&users, "d@e.f").await, other);
        for hash in [first, second, other] {
            assert!(hash.starts_with("$2b$04$"), "{hash}");
            assert_eq!(bcrypt::verify(PASSWORD, &hash).ok(), Some(true));
        }
        assert!(users.make_cheap("x@y.z").await.is_err());

        users.hide().await.unwrap();
        let lookup = users.password_hash("a@b.c").await;
        assert!(matches!(lookup, Err(Stop::Harness(_))), "{lookup:?}");
        // Nor does it help that nobody is called so.
        let lookup = users.password_hash("x@y.z").await;
        assert!(matches!(lookup, Err(Stop::Harness(_))), "{lookup:?}");
        users.show().await.unwrap();

        assert_eq!(logins(&users).await, 2);
        users.end_logins(Some("a@b.c")).await.unwrap();
        assert_eq!(logins(&users).await, 1);
        users.end_logins(None).await.unwrap();
        assert_eq!(logins(&users).await, 0);

        users.delete("a@b.c").await.unwrap();
        assert!(users.delete("a@b.c").await.is_err());
        assert_eq!(users.password_hash("a@b.c").await, Ok(None));
        assert_eq!(users.count().await, Ok(1));
    }
}

#[tokio::test]
async fn no_two_checks_share_their_users() {
    let first = Users::shared(Kind::Sqlite).await.unwrap();
    let second = Users::shared(Kind::Sqlite).await.unwrap();
    assert_ne!(first.url(), second.url());
    assert!(matches!(first.freeze(), Err(Stop::NotJudged(_))));
    assert!(Users::alone(Kind::Sqlite).await.is_err());
}

#[tokio::test]
async fn a_server_of_its_own_comes_back_with_its_users() {
    for kind in KINDS.iter().filter(|kind| kind.server().is_some()) {
        let Some(users) = users(*kind).await else {
            continue;
        };
        make_tables(&users).await;
        add(&users, "a@b.c").await;
        users.freeze().unwrap();
        users.thaw().unwrap();
        users.kill().await.unwrap();
        assert!(users.count().await.is_err());
        users.start_again().await.unwrap();
        assert_eq!(users.count().await, Ok(1));
    }
}
