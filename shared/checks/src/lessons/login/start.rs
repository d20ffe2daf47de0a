//! Where an app finds its users when it starts.

use super::{SECRET, expect_home, log_in};
use crate::{
    lessons::{Needs, prelude::*},
    users::Users,
};
use std::net::TcpListener;

checks! {
    Needs::Users:
        copies_that_start_together_all_come_up,
        a_database_that_cannot_be_used_is_one_clear_line;
}

/// Without a lock, about one copy in five does not come up.
const ROUNDS: usize = 4;

async fn copies_that_start_together_all_come_up(course: Course) -> Verdict {
    let kind = course.users().await?.kind();
    for _ in 0..ROUNDS {
        // Empty: who starts first makes the tables.
        let users = Users::shared(kind).await?;
        let url = users.url();
        at_once((0..6).map(|_| {
            let (course, url) = (course.clone(), url.clone());
            async move {
                let app = course.app_with(&[("DATABASE_URL", &url)]).await?;
                let mut browser = app.browser();
                expect_home(&log_in(&mut browser, "test@example.com", "password").await?)
            }
        }))
        .await?;
    }
    Ok(())
}

async fn a_database_that_cannot_be_used_is_one_clear_line(course: Course) -> Verdict {
    const PASSWORD: &str = "hush-hush";
    // Nobody listens there: the port was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    for (url, word) in [
        (
            format!("mysql://ada:{PASSWORD}@127.0.0.1:{port}/course"),
            "no MySQL answers",
        ),
        (
            format!("mysql://ada:{PASSWORD}@127.0.0.1:{port}"),
            "name a database",
        ),
        (
            format!("mysql://ada:{PASSWORD}@127.0.0.1:99999/course"),
            "port",
        ),
        (
            format!("postgres://ada:{PASSWORD}@127.0.0.1/course"),
            "expected",
        ),
        (format!("mysql:ada:{PASSWORD}@127.0.0.1/course"), "expected"),
        ("sqlite::memory:".into(), "name a file"),
        ("sqlite:users.db?mode=memory".into(), "name a file"),
        ("sqlite:".into(), "name a file"),
        ("sqlite:not-there.db".into(), "unable to open"),
        ("sqlite:users.db?mode=often".into(), "often"),
        ("users.db".into(), "expected"),
    ] {
        let settings = [("SESSION_SECRET", SECRET), ("DATABASE_URL", &url)];
        let exit = course.run_to_exit(&settings).await?;
        exit.expect_refusal(&["DATABASE_URL", word])?;
        exit.expect_silence_about(PASSWORD)?;
    }
    Ok(())
}
