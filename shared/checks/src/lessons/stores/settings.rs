//! Which store an app takes, and what it says about one that it cannot take.

use crate::{
    lessons::{Needs, prelude::*},
    store::{Kind, Store},
};
use std::net::TcpListener;

checks! {
    Needs::Process:
        mongodb_over_tls_is_refused_in_one_line;
    Needs::Server:
        a_store_that_is_down_at_start_is_one_clear_line;
    Needs::Stores:
        the_store_is_chosen_by_url;
}

/// Must never be printed.
const PASSWORD: &str = "hush-hush";

/// Set, so that the warning about the built-in secret is not in the way.
pub(in crate::lessons) const SECRET: (&str, &str) = (
    "SESSION_SECRET",
    "a-test-secret-of-more-than-thirty-two-bytes",
);

async fn a_store_that_is_down_at_start_is_one_clear_line(course: Course) -> Verdict {
    let variable = course.variable()?;
    let kind = course.store().await?.kind();
    let refuse = async |url: &str, words: &[&str]| {
        let exit = course.run_to_exit(&[SECRET, (variable, url)]).await?;
        let words = [&[variable], words].concat();
        exit.expect_refusal(&words)?;
        exit.expect_silence_about(PASSWORD)
    };
    let (scheme, database) = match kind {
        Kind::Mongodb => ("mongodb", "course"),
        _ => ("redis", "0"),
    };
    // Nobody listens there: the port was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    for who in [String::new(), format!("ada:{PASSWORD}@")] {
        let url = format!("{scheme}://{who}127.0.0.1:{port}/{database}");
        refuse(&url, &[&port.to_string()]).await?;
    }
    // Somebody does, and never answers.
    let frozen = Store::alone(kind, None).await?;
    frozen.freeze()?;
    refuse(&frozen.url(), &[]).await?;
    for malformed in [
        format!("{scheme}://"),
        format!("{scheme}:"),
        format!("{scheme}://ada:{PASSWORD}@127.0.0.1:99999"),
        format!("http://ada:{PASSWORD}@127.0.0.1/"),
        "here".into(),
    ] {
        refuse(&malformed, &[]).await?;
    }
    Ok(())
}

async fn mongodb_over_tls_is_refused_in_one_line(course: Course) -> Verdict {
    for variable in [course.variable()?, "SESSION_STORE"] {
        for url in [
            format!("mongodb+srv://ada:{PASSWORD}@cluster.example/course"),
            format!("mongodb+srv://ada:{PASSWORD}@127.0.0.1:1/course?tls=false"),
            format!("mongodb://ada:{PASSWORD}@127.0.0.1:1/course?tls=true"),
            format!("mongodb://ada:{PASSWORD}@127.0.0.1:1/course?ssl=true"),
        ] {
            let exit = course.run_to_exit(&[SECRET, (variable, &url)]).await?;
            exit.expect_refusal(&[variable, "TLS", "step 07"])?;
            exit.expect_silence_about(PASSWORD)?;
        }
    }
    Ok(())
}

async fn the_store_is_chosen_by_url(course: Course) -> Verdict {
    for kind in course.stores() {
        let store = Store::shared(*kind).await?;
        let app = course.app_with(&[("SESSION_STORE", &store.url())]).await?;
        let mut ada = app.visitor().await?;
        ada.post("/", &[]).await?;
        let page = ada.post("/", &[]).await?;
        expect_count(&page, 2)?;
        if kind.server().is_some() {
            let there = store.record_exists(&session_id(&page)?).await?;
            let promise = format!("with SESSION_STORE={} the session is there", store.url());
            expect(there, &promise, "it is not")?;
        }
    }
    for url in [
        "memory",
        "memory:x",
        "disk:",
        "memcached://127.0.0.1",
        "MongoDB",
        "://",
    ] {
        let exit = course
            .run_to_exit(&[SECRET, ("SESSION_STORE", url)])
            .await?;
        exit.expect_refusal(&[&format!("SESSION_STORE={url}"), "expected"])?;
    }
    Ok(())
}
