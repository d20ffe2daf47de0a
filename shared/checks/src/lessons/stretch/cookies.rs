//! Lessons 00 and 01: memory that travels with the visitor.

use crate::lessons::{beers::beer, prelude::*};
use serde_json::Value;
use std::time::Duration;

checks! {
    Needs::Url:
        a_program_that_asks_for_json_gets_json,
        the_form_itself_counts,
        forgetting_leaves_no_cookie;
    Needs::Process:
        a_count_that_is_too_old_counts_as_none;
}

async fn a_program_that_asks_for_json_gets_json(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut program = app.browser();
    for accept in ["application/json", "application/json, text/plain, */*"] {
        let headers = [FORM, ("accept", accept.as_bytes())];
        let page = program.request("POST", "/", &headers, "").await?;
        page.expect_status(200)?;
        let kind = page.header("content-type").unwrap_or_default();
        let promise = format!("JSON for `Accept: {accept}`");
        let is_json = kind.starts_with("application/json");
        expect(is_json, &promise, format!("content-type: {kind}"))?;
        let answer: Value = serde_json::from_str(page.body()).unwrap_or_default();
        let has = |key: &str| answer[key].as_str().is_some_and(|text| !text.is_empty());
        let promise = "an object with `name` and `style`, and nothing else";
        let members = answer.as_object().map_or(0, serde_json::Map::len);
        expect(
            has("name") && has("style") && members == 2,
            promise,
            page.body(),
        )?;
    }
    let both: (&str, &[u8]) = ("accept", b"text/html, application/json;q=0.9");
    for headers in [&[FORM, PAGES][..], &[FORM, both], &[FORM]] {
        let page = program.request("POST", "/", headers, "").await?;
        page.expect_status(200)?;
        let promise = "a page with a beer for whoever reads HTML or does not say";
        let told = page.is_html() && beer(&page).is_some();
        expect(told, promise, page.summary())?;
    }
    Ok(())
}

async fn the_form_itself_counts(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    for _ in 0..2 {
        // A page that is asked for anew counts from nothing.
        let mut page = ada.get("/").await?;
        page.expect_no_text("Beers poured from this page")?;
        for count in 1..=3 {
            let before = page.field("poured")?;
            let before = before.attribute("value").unwrap_or_default();
            page = ada.post("/", &[("poured", before)]).await?;
            expect_poured(&page, count)?;
        }
    }
    // It believes the form, and nothing else knows a count.
    let page = app.browser().post("/", &[("poured", "7")]).await?;
    expect_poured(&page, 8)?;
    for nonsense in ["", "many", "-1", "1.5"] {
        let page = app.browser().post("/", &[("poured", nonsense)]).await?;
        expect_poured(&page, 1)?;
    }
    expect_poured(&app.browser().post("/", &[]).await?, 1)?;
    let largest = u64::MAX.to_string();
    let page = app.browser().post("/", &[("poured", &largest)]).await?;
    page.expect_status(200)?;
    app.expect_no_panic()
}

fn expect_poured(page: &Page, count: u32) -> Verdict {
    page.expect_status(200)?;
    let promise = format!("Beers poured from this page: {count}");
    let mut lines = page.text().lines();
    expect(lines.any(|line| line == promise), &promise, page.summary())?;
    let next = page.field("poured")?;
    let next = next.attribute("value").unwrap_or_default();
    let promise = format!("a field `poured` with the value {count}");
    expect(next == count.to_string(), &promise, next)?;
    let cookies = page.set_cookies().join("; ");
    expect(cookies.is_empty(), "no cookie", cookies.as_str())
}

async fn forgetting_leaves_no_cookie(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    ada.get("/").await?;
    ada.post("/name", &[("name", "Ada")]).await?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    let mut bob = ada.copy();

    offers(&ada.get("/").await?, "/cookies/forget")?;
    let page = ada.post("/cookies/forget", &[]).await?;
    page.expect_status(303)?;
    page.expect_header("location", "/")?;
    expect_no_cookie_left(&ada)?;
    let page = ada.get("/").await?;
    page.expect_text("Hello, Guest!")?;
    expect_count(&page, 0)?;
    expect_count(&ada.post("/", &[]).await?, 1)?;

    // Another browser's are its own, and so are the copies that somebody made.
    let page = bob.get("/").await?;
    page.expect_text("Hello, Ada!")?;
    expect_count(&page, 1)?;

    // One that is no longer believed goes, too; and who has none has nothing to lose.
    let mut mallory = app.browser();
    mallory.set_cookie("beers", "99");
    for visitor in [&mut mallory, &mut app.browser()] {
        let page = visitor.post("/cookies/forget", &[]).await?;
        page.expect_status(303)?;
        expect_no_cookie_left(visitor)?;
    }
    Ok(())
}

fn expect_no_cookie_left(browser: &Browser) -> Verdict {
    let left = browser.cookie_header("/").unwrap_or_default();
    let promise = "no cookie is left for the site";
    expect(left.is_empty(), promise, left.as_str())
}

/// The page has a form that posts to this path.
pub(super) fn offers(page: &Page, path: &str) -> Verdict {
    let forms = page.elements("form");
    let posts = |form: &crate::html::Element| {
        let method = form.attribute("method").unwrap_or_default();
        form.attribute("action") == Some(path) && method.eq_ignore_ascii_case("post")
    };
    let promise = format!("a form that posts to {path}");
    expect(forms.iter().any(posts), &promise, page.summary())
}

async fn a_count_that_is_too_old_counts_as_none(course: Course) -> Verdict {
    let usual = course.app_with(&[]).await?;
    let brief = course.app_with(&[("COUNT_TTL_SECS", "1")]).await?;
    let mut visitors = Vec::new();
    for app in [&usual, &brief] {
        let mut ada = app.browser();
        ada.get("/").await?;
        let page = ada.post("/", &[]).await?;
        expect_count(&page, 1)?;
        let set = page.set_cookies();
        let observed = format!("Set-Cookie: {}", set.join("; "));
        let one = set.len() == 1 && set[0].starts_with("beers=");
        expect(one, "a pour sets the cookie `beers` and no other", observed)?;
        let cookie = ada.cookie("beers").unwrap_or_default();
        visitors.push((ada, cookie));
    }
    tokio::time::sleep(Duration::from_millis(2500)).await;
    for ((ada, cookie), count) in visitors.iter_mut().zip([1, 0]) {
        // As somebody does who keeps a cookie for longer than we said.
        ada.set_cookie("beers", cookie);
        expect_count(&ada.get("/").await?, count)?;
        ada.set_cookie("beers", cookie);
        expect_count(&ada.post("/", &[]).await?, count + 1)?;
    }
    let exit = course.run_to_exit(&[("COUNT_TTL_SECS", "soon")]).await?;
    exit.expect_code(1)?;
    let told = exit.stderr.contains("COUNT_TTL_SECS=soon");
    expect(
        told,
        "a line that names COUNT_TTL_SECS and its value",
        exit.stderr,
    )
}
