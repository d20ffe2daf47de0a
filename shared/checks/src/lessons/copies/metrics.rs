//! The numbers at `/metrics`: who may read them, and what they tell.

use super::FORWARDED_FOR;
use crate::lessons::{
    login::{expect_user, newcomer},
    prelude::*,
    stores::load::expect_away,
};

checks! {
    Needs::Process:
        metrics_are_for_this_machine_or_for_a_token,
        metrics_count_what_happens_and_name_nobody;
    Needs::Server:
        a_store_that_fails_is_in_the_metrics;
}

const METRICS: &str = "/metrics";

async fn ask(app: &App, headers: &[(&str, &str)]) -> Result<Page, Stop> {
    let headers: Vec<(&str, &[u8])> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()))
        .collect();
    app.browser().request("GET", METRICS, &headers, "").await
}

fn expect_refused(page: &Page) -> Verdict {
    page.expect_status(401)?;
    page.expect_header("www-authenticate", "Bearer")?;
    page.expect_no_text("seconds")
}

async fn metrics_are_for_this_machine_or_for_a_token(course: Course) -> Verdict {
    for proxies in ["", "127.0.0.1"] {
        let app = course.app_with(&[("TRUSTED_PROXIES", proxies)]).await?;
        ask(&app, &[]).await?.expect_status(200)?;
        // A proxy on this machine brings requests from elsewhere.
        for client in ["203.0.113.1", "127.0.0.1"] {
            expect_refused(&ask(&app, &[(FORWARDED_FOR, client)]).await?)?;
        }
    }
    let token = "a-test-token-of-more-than-32-bytes";
    let app = course.app_with(&[("METRICS_TOKEN", token)]).await?;
    expect_refused(&ask(&app, &[]).await?)?;
    let (right, wrong) = (format!("Bearer {token}"), format!("Bearer {token}s"));
    for wrong in [&*wrong, token, "Bearer ", "Basic YTpi"] {
        expect_refused(&ask(&app, &[("authorization", wrong)]).await?)?;
    }
    let right = ("authorization", &*right);
    ask(&app, &[right]).await?.expect_status(200)?;
    let brought = [right, (FORWARDED_FOR, "203.0.113.1")];
    ask(&app, &brought).await?.expect_status(200)
}

async fn metrics_count_what_happens_and_name_nobody(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let id = session_id(&expect_user(&mut ada, &email).await?)?;
    for _ in 0..3 {
        ada.get("/count").await?.expect_status(200)?;
    }
    let page = ada.request("PUT", "/count?hush-hush", &[], "").await?;
    page.expect_status(405)?;
    ada.get("/hush-hush").await?.expect_status(404)?;
    let page = ada.request("HUSH", "/hush-hush", &[], "").await?;
    page.expect_status(404)?;
    ada.get("/api/v1/me").await?.expect_status(200)?;
    let page = ask(&app, &[]).await?;
    page.expect_status(200)?;
    page.expect_header("content-type", "text/plain; version=0.0.4; charset=utf-8")?;
    for line in page.text().lines() {
        expect(is_exposition(line), "a line that Prometheus reads", line)?;
    }
    let requests = |method: &str, path: &str, status: u16| {
        let labels = format!("{{method=\"{method}\",path=\"{path}\",status=\"{status}\"}}");
        count(&page, &format!("http_request_seconds_count{labels}"))
    };
    for (method, path, status, times) in [
        ("GET", "/count", 200, 3),
        ("other", "/count", 405, 1),
        ("GET", "/api/v1/me", 200, 1),
        // All that is not there, whatever it is called.
        ("GET", "other", 404, 1),
        ("other", "other", 404, 1),
    ] {
        let counted = requests(method, path, status);
        let promise = format!("{times} times {method} {path} with status {status}");
        expect(counted == Some(times), &promise, page.body())?;
    }
    for (command, least) in [("create", 1), ("load", 4), ("save", 3)] {
        let counted = store_commands(&page, command, false);
        let promise = format!("{least} or more times {command} at the store");
        expect(counted >= least, &promise, format!("{counted}"))?;
    }
    let mut hidden = vec![id, email, "hush".to_owned(), "HUSH".to_owned()];
    hidden.extend(ada.cookie_values());
    for text in hidden {
        let silent = !page.body().contains(&text);
        expect(
            silent,
            "no visitor in the metrics",
            format!("they hold {text}"),
        )?;
    }
    Ok(())
}

async fn a_store_that_fails_is_in_the_metrics(course: Course) -> Verdict {
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    let mut visitor = app.browser();
    visitor.get("/count").await?.expect_status(200)?;
    let before = store_commands(&ask(&app, &[]).await?, "load", true);
    store.freeze()?;
    let (away, page) = (visitor.get("/count").await, ask(&app, &[]).await);
    store.thaw()?;
    expect_away(&away?)?;
    let after = store_commands(&page?, "load", true);
    let promise = "a load that failed, counted once, while the store stands still";
    let counted = format!("{before}, then {after}");
    expect(before == 0 && after == 1, promise, counted)
}

/// How often the store was asked this.
fn store_commands(page: &Page, command: &str, failed: bool) -> u64 {
    let labels = format!("{{command=\"{command}\",failed=\"{failed}\"}}");
    count(page, &format!("session_store_seconds_count{labels}")).unwrap_or(0)
}

/// What the line of this series counts, if there is one.
fn count(page: &Page, series: &str) -> Option<u64> {
    let mut lines = page.text().lines();
    let value = lines.find_map(|line| line.strip_prefix(series))?;
    value.trim().parse().ok()
}

/// A comment, or a series and its value.
fn is_exposition(line: &str) -> bool {
    let comment = line.starts_with("# HELP ") || line.starts_with("# TYPE ");
    let series = || {
        let (series, value) = line.rsplit_once(' ')?;
        let name = series.split('{').next()?;
        let named = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (named && value.parse::<f64>().is_ok()).then_some(())
    };
    comment || series().is_some()
}
