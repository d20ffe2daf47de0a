//! Who believes what a request says of where it comes from.

use super::{FORWARDED_FOR, FORWARDED_PROTO};
use crate::lessons::{
    login::{PASSWORD, expect_refused, new_email},
    prelude::*,
    service::{expect_problem, guessing::expect_limited},
};

checks! {
    Needs::Process:
        a_client_is_who_a_trusted_proxy_says,
        a_forged_forwarded_header_changes_nothing,
        plain_http_before_the_proxy_is_sent_to_https,
        a_bad_list_of_proxies_is_refused_in_one_line;
}

/// One attempt to log in from an address, and the next after half a minute.
const ONE_AT_ONCE: (&str, &str) = ("LOGINS_PER_MINUTE", "2");

/// Networks for examples (RFC 5737, RFC 3849): nobody's.
const CLIENT: &str = "203.0.113.1";
const MADE_UP: &str = "198.51.100.9";

/// A wrong attempt to log in, with these headers.
async fn guess(app: &App, headers: &[(&str, &str)]) -> Result<Page, Stop> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", &*new_email("eve")), ("password", PASSWORD)])
        .finish();
    let mut all = vec![FORM];
    all.extend(
        headers
            .iter()
            .map(|(name, value)| (*name, value.as_bytes())),
    );
    app.browser().request("POST", "/login", &all, &body).await
}

async fn expect_first(app: &App, forwarded_for: &str) -> Verdict {
    expect_refused(&guess(app, &[(FORWARDED_FOR, forwarded_for)]).await?)
}

/// This address has had its attempt.
async fn expect_used_up(app: &App, forwarded_for: &str) -> Verdict {
    expect_limited(&guess(app, &[(FORWARDED_FOR, forwarded_for)]).await?, 30)
}

async fn a_client_is_who_a_trusted_proxy_says(course: Course) -> Verdict {
    let proxies = ("TRUSTED_PROXIES", "10.0.0.7, 127.0.0.0/8");
    let app = course.app_with(&[proxies, ONE_AT_ONCE]).await?;
    expect_first(&app, CLIENT).await?;
    expect_used_up(&app, CLIENT).await?;
    expect_used_up(&app, &format!("{CLIENT}:4711")).await?;
    // A proxy adds what it has seen behind what the client has sent.
    expect_used_up(&app, &format!("{MADE_UP}, {CLIENT}")).await?;
    expect_used_up(&app, &format!("nonsense,{CLIENT}")).await?;
    let lines = [(FORWARDED_FOR, MADE_UP), (FORWARDED_FOR, CLIENT)];
    expect_limited(&guess(&app, &lines).await?, 30)?;
    // A client says that it came through a proxy of ours.
    expect_used_up(&app, &format!("10.0.0.7, {CLIENT}")).await?;
    // Through two proxies of ours, and through one.
    expect_first(&app, "203.0.113.2, 10.0.0.7").await?;
    expect_used_up(&app, "203.0.113.2").await?;
    // The other proxy's own, and one that is no proxy in between.
    expect_first(&app, &format!("{CLIENT}, 203.0.113.3")).await?;
    expect_used_up(&app, "203.0.113.3").await?;
    expect_first(&app, "2001:db8::1").await?;
    expect_used_up(&app, "[2001:db8::2]:443").await?;
    // Where it says nothing that is an address, the proxy is who asks.
    expect_refused(&guess(&app, &[]).await?)?;
    expect_used_up(&app, &format!("{CLIENT}, nonsense")).await?;
    expect_in_log(&app, CLIENT, MADE_UP)
}

/// Attempts are in the log, with the address that was believed.
fn expect_in_log(app: &App, believed: &str, made_up: &str) -> Verdict {
    let log = app.log();
    let told = |address: &str| {
        let line = |line: &&str| line.contains(&format!("address={address}"));
        log.lines().find(line).map(str::to_owned)
    };
    let promise = format!("a line in the log with the address {believed}");
    expect(told(believed).is_some(), &promise, "there is none")?;
    let line = told(made_up).unwrap_or_default();
    let promise = "no line in the log with an address that was made up";
    expect(line.is_empty(), promise, line)
}

async fn a_forged_forwarded_header_changes_nothing(course: Course) -> Verdict {
    // Nobody is trusted; somebody else is.
    for proxies in ["", "10.0.0.0/8,2001:db8::/32"] {
        let settings = [("TRUSTED_PROXIES", proxies), ONE_AT_ONCE];
        let app = course.app_with(&settings).await?;
        expect_first(&app, MADE_UP).await?;
        for claim in [
            (FORWARDED_FOR, "203.0.113.2"),
            (FORWARDED_FOR, "10.0.0.1"),
            ("forwarded", "for=203.0.113.2"),
            ("x-real-ip", "203.0.113.2"),
            ("x-client-ip", "203.0.113.2"),
        ] {
            expect_limited(&guess(&app, &[claim]).await?, 30)?;
        }
        expect_in_log(&app, "127.0.0.1", MADE_UP)?;

        let app = course
            .app_with(&[("TRUSTED_PROXIES", proxies), ("COOKIE_SECURE", "1")])
            .await?;
        let plain: (&str, &[u8]) = (FORWARDED_PROTO, b"http");
        let elsewhere: (&str, &[u8]) = ("x-forwarded-host", b"evil.example");
        let mut eve = app.browser();
        let page = eve.request("GET", "/login", &[plain, PAGES], "").await?;
        page.expect_status(200)?;
        let page = eve.request("GET", "/", &[elsewhere, PAGES], "").await?;
        page.expect_status(303)?;
        page.expect_header("location", "/login?next=/")?;
    }
    Ok(())
}

async fn plain_http_before_the_proxy_is_sent_to_https(course: Course) -> Verdict {
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("COOKIE_SECURE", "1")];
    let app = course.app_with(&settings).await?;
    let plain: (&str, &[u8]) = (FORWARDED_PROTO, b"http");
    let host: (&str, &[u8]) = ("host", b"beer.test:8080");
    let mut ada = app.browser();
    for method in ["GET", "HEAD"] {
        let path = "/login?next=/profile";
        let page = ada.request(method, path, &[plain, host], "").await?;
        page.expect_status(308)?;
        page.expect_header("location", "https://beer.test/login?next=/profile")?;
    }
    // What was sent in the clear is not led on.
    let form = "email=ada%40example.com&password=four+little+barrels";
    let page = ada.request("POST", "/login", &[plain, FORM], form).await?;
    page.expect_status(403)?;
    page.expect_text("over HTTPS alone")?;
    let page = ada.request("GET", "/api/v1/me", &[plain], "").await?;
    expect_problem(&page, 403, "over HTTPS alone")?;
    // What came over HTTPS, what the proxy itself asks, and what it does not tell.
    let safe: (&str, &[u8]) = (FORWARDED_PROTO, b"https");
    for (path, headers) in [
        ("/login", vec![safe]),
        ("/login", vec![]),
        ("/healthz", vec![plain]),
    ] {
        let page = ada.request("GET", path, &headers, "").await?;
        page.expect_status(200)?;
    }
    // Where cookies may travel over plain HTTP, nobody is sent away.
    let app = course.app_with(&settings[..1]).await?;
    let page = app.browser().request("GET", "/login", &[plain], "").await?;
    page.expect_status(200)
}

async fn a_bad_list_of_proxies_is_refused_in_one_line(course: Course) -> Verdict {
    for list in [
        "proxy.example",
        "10.0.0.0/33",
        "10.0.0.1; 10.0.0.2",
        "0.0.0.0/0",
        "10.0.0.1,::/0",
    ] {
        let exit = course.run_to_exit(&[("TRUSTED_PROXIES", list)]).await?;
        exit.expect_refusal(&["TRUSTED_PROXIES", list, "expected addresses or networks"])?;
    }
    let short = "hush-hush";
    let exit = course.run_to_exit(&[("METRICS_TOKEN", short)]).await?;
    exit.expect_refusal(&["METRICS_TOKEN", "too short"])?;
    exit.expect_silence_about(short)
}
