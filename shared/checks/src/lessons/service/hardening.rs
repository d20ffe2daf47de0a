//! What a service on the internet tells browsers, and whoever runs it.

use super::json;
use crate::lessons::{
    login::{PASSWORD, expect_user, log_in, new_email, newcomer, register},
    prelude::*,
    stores::load::expect_away,
};

checks! {
    Needs::Url:
        every_answer_has_the_security_headers;
    Needs::Process:
        secure_cookies_are_set_and_removed_alike,
        an_old_secret_reads_and_never_signs,
        a_bad_old_secret_is_refused_in_one_line;
    Needs::Server:
        healthz_tells_live_from_ready;
}

pub(in crate::lessons) const OLD: &str = "an-old-secret-of-more-than-thirty-two-bytes";
pub(in crate::lessons) const NEW: &str = "a-newer-secret-of-more-than-thirty-two-bytes";

async fn every_answer_has_the_security_headers(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, _) = newcomer(&app, "ada").await?;
    let mut answers = Vec::new();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/login"),
        ("GET", "/profile"),
        ("GET", "/nothing-here"),
        ("PUT", "/"),
        ("GET", "/style.css"),
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/healthz"),
        ("POST", "/login"),
    ] {
        answers.push((path, ada.request(method, path, &[], "").await?));
    }
    for (path, page) in &answers {
        page.expect_header("x-content-type-options", "nosniff")?;
        page.expect_header("referrer-policy", "same-origin")?;
        let policy = page.header("content-security-policy").unwrap_or_default();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ] {
            let promise = format!("{part} in the policy of {path}");
            expect(policy.contains(part), &promise, policy)?;
        }
        let loose = policy.contains("unsafe") || policy.contains('*');
        expect(!loose, "a policy without exceptions", policy)?;
        let https = page.header("strict-transport-security");
        expect(
            https.is_none(),
            "no HSTS over plain HTTP",
            format!("{https:?}"),
        )?;
        let cached = page.header("cache-control").unwrap_or_default();
        if *path != "/style.css" {
            expect(cached == "no-store", &format!("no-store on {path}"), cached)?;
        }
    }
    Ok(())
}

async fn secure_cookies_are_set_and_removed_alike(course: Course) -> Verdict {
    let app = course.app_with(&[("COOKIE_SECURE", "1")]).await?;
    let (mut ada, email) = (app.browser(), new_email("ada"));
    let page = register(&mut ada, &email, PASSWORD).await?;
    let set = the_cookie(&page)?;
    let page = {
        // The jar keeps Secure cookies from plain HTTP, as a browser would elsewhere.
        let pair = set.split(';').next().unwrap_or_default();
        let cookie: (&str, &[u8]) = ("cookie", pair.as_bytes());
        let page = ada.request("GET", "/", &[cookie], "").await?;
        page.expect_text(&email)?;
        page.expect_header(
            "strict-transport-security",
            "max-age=63072000; includeSubDomains",
        )?;
        ada.request("POST", "/logout", &[cookie], "").await?
    };
    let removed = the_cookie(&page)?;
    expect(removed.contains("Max-Age=0"), "Max-Age=0", removed)?;
    for line in [&set, &removed] {
        expect(
            line.starts_with("__Host-beer.sid="),
            "the name __Host-beer.sid",
            *line,
        )?;
        for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            let there = line.split("; ").any(|attribute| attribute == part);
            expect(there, &format!("{part} in {line}"), "it is not there")?;
        }
        expect(!line.contains("Domain"), "no Domain", *line)?;
    }
    Ok(())
}

fn the_cookie(page: &Page) -> Result<&str, Stop> {
    match page.set_cookies().as_slice() {
        [line] => Ok(line),
        lines => Err(Stop::broken("one Set-Cookie", lines.join(" and "))),
    }
}

async fn an_old_secret_reads_and_never_signs(course: Course) -> Verdict {
    let course = match course.store().await?.kind() {
        // Its sessions end with the process that has them.
        crate::store::Kind::Memory => return Err(Stop::NotJudged("needs a store".into())),
        _ => course,
    };
    let before = course.app_with(&[("SESSION_SECRET", OLD)]).await?;
    let (mut ada, email) = newcomer(&before, "ada").await?;
    let both = [("SESSION_SECRET", NEW), ("SESSION_SECRET_OLD", OLD)];
    let between = course.app_with(&both).await?;
    let mut late = ada.copy();
    ada.visit(&between);
    let id = session_id(&expect_user(&mut ada, &email).await?)?;
    // That answer brought the cookie with the new signature, for the same session.
    let after = course.app_with(&[("SESSION_SECRET", NEW)]).await?;
    ada.visit(&after);
    let same = session_id(&expect_user(&mut ada, &email).await?)?;
    expect(id == same, "the same session", format!("{id}, then {same}"))?;
    // Once is enough.
    ada.visit(&between);
    let page = expect_user(&mut ada, &email).await?;
    let again = page.set_cookies().join(", ");
    expect(again.is_empty(), "no second cookie", again)?;
    // Who comes too late logs in again.
    late.visit(&after);
    late.request("GET", "/", &[PAGES], "")
        .await?
        .expect_status(303)?;
    // What the old secret has not signed is nobody's, and the new one signs.
    let (mut bob, _) = newcomer(&between, "bob").await?;
    bob.visit(&before);
    bob.request("GET", "/", &[PAGES], "")
        .await?
        .expect_status(303)
}

async fn a_bad_old_secret_is_refused_in_one_line(course: Course) -> Verdict {
    for (name, value, words) in [
        ("SESSION_SECRET_OLD", "too short", "at least 32 bytes"),
        ("COOKIE_SECURE", "yes", "expected 1 or 0"),
        ("LOGINS_PER_MINUTE", "0", "expected a whole number from 1"),
    ] {
        let exit = course.run_to_exit(&[(name, value)]).await?;
        exit.expect_refusal(&[name, words])?;
    }
    Ok(())
}

async fn healthz_tells_live_from_ready(course: Course) -> Verdict {
    let course = course.with_a_server_of_its_own().await?;
    let store = course.store().await?;
    let app = course.app_with(&[]).await?;
    let mut probe = app.browser();
    let ready = |page: &Page, sessions: bool| {
        let answer = json(page, "application/json")?;
        let promise = format!("sessions: {sessions}, users: true");
        let told = answer["sessions"] == sessions && answer["users"] == true;
        expect(told, &promise, answer.to_string())
    };
    let page = probe.get("/healthz/ready").await?;
    page.expect_status(200)?;
    ready(&page, true)?;
    store.freeze()?;
    let (live, page) = (
        probe.get("/healthz").await,
        probe.get("/healthz/ready").await,
    );
    let away = log_in(&mut app.browser(), "test@example.com", "password").await;
    store.thaw()?;
    let (live, page) = (live?, page?);
    live.expect_status(200)?;
    live.expect_text("live")?;
    page.expect_status(503)?;
    ready(&page, false)?;
    expect_away(&away?)?;
    let none = page.set_cookies().is_empty() && live.set_cookies().is_empty();
    expect(none, "no cookie for a probe", page.summary())
}
