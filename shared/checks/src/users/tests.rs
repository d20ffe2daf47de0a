//! Against a file, and against a real server.

use super::*;

const TABLE: &str =
    "CREATE TABLE users (email VARCHAR(254) NOT NULL, password VARCHAR(60) NOT NULL)";

/// None where a program is missing and nobody insists.
async fn users(kind: Kind) -> Option<Users> {
    let server = kind.server();
    if server.is_some_and(|server| server.program().is_none()) && !crate::is_on("COURSE_STRICT") {
        eprintln!("not judged: needs {}", Server::Mysql.needs());
        return None;
    }
    let users = match server {
        Some(_) => Users::alone(kind).await,
        None => Users::shared(kind).await,
    };
    Some(users.unwrap())
}

async fn add(users: &Users, email: &str) {
    let insert = "INSERT INTO users VALUES (?, 'a hash')";
    inside::run(&users.url(), insert, Some(email))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_check_sees_and_changes_the_users() {
    for kind in [Kind::Sqlite, Kind::Mysql] {
        let Some(users) = users(kind).await else {
            continue;
        };
        assert_eq!(users.kind(), kind);
        inside::run(&users.url(), TABLE, None).await.unwrap();
        assert_eq!(users.count().await, Ok(0));
        add(&users, "a@b.c").await;
        add(&users, "d@e.f").await;
        let hash = users.password_hash("a@b.c").await;
        assert_eq!(hash, Ok(Some("a hash".to_owned())));
        users.set_password_hash("a@b.c", "another").await.unwrap();
        let hash = users.password_hash("a@b.c").await;
        assert_eq!(hash, Ok(Some("another".to_owned())));
        let hash = users.password_hash("d@e.f").await;
        assert_eq!(hash, Ok(Some("a hash".to_owned())));
        assert!(users.set_password_hash("x@y.z", "none").await.is_err());

        users.hide().await.unwrap();
        let lookup = users.password_hash("a@b.c").await;
        assert!(matches!(lookup, Err(Stop::Harness(_))), "{lookup:?}");
        users.show().await.unwrap();

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
    let Some(users) = users(Kind::Mysql).await else {
        return;
    };
    inside::run(&users.url(), TABLE, None).await.unwrap();
    add(&users, "a@b.c").await;
    users.freeze().unwrap();
    users.thaw().unwrap();
    users.kill().await.unwrap();
    assert!(users.count().await.is_err());
    users.start_again().await.unwrap();
    assert_eq!(users.count().await, Ok(1));
}
