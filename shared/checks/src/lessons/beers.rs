//! The beer demo: a button, a beer API, and what happens on its bad days.

use super::prelude::*;
use std::time::Duration;

checks! {
    Needs::Url:
        the_home_page_offers_to_pour,
        a_pour_shows_a_name_and_a_style,
        names_differ_from_pour_to_pour,
        an_unknown_path_is_a_404_page,
        a_wrong_method_is_a_405,
        random_cookies_never_break_a_page;
    Needs::Process:
        the_seed_fixes_the_names,
        beers_come_from_the_api_that_the_settings_name,
        a_beer_api_that_is_down_is_a_502_page,
        a_beer_api_that_is_slow_is_a_502_page,
        a_beer_api_that_fails_is_a_502_page,
        a_beer_api_that_talks_nonsense_is_a_502_page;
}

async fn the_home_page_offers_to_pour(course: Course) -> Verdict {
    let page = course.app().await?.visitor().await?.get("/").await?;
    page.expect_status(200)?;
    page.expect_header("content-type", "text/html; charset=utf-8")?;
    page.expect_text("Pour Another")
}

async fn a_pour_shows_a_name_and_a_style(course: Course) -> Verdict {
    let app = course.app().await?;
    let page = app.visitor().await?.post("/", &[]).await?;
    page.expect_status(200)?;
    let beer = beer(&page);
    let told = beer
        .as_ref()
        .is_some_and(|(name, style)| !name.is_empty() && !style.is_empty());
    expect(told, "a name and a `( style )`", page.text())
}

async fn names_differ_from_pour_to_pour(course: Course) -> Verdict {
    let names = pour_six(&course.app().await?).await?;
    let all_the_same = names.iter().all(|name| *name == names[0]);
    expect(
        !all_the_same,
        "six pours are not the same beer",
        names.join(", "),
    )
}

async fn the_seed_fixes_the_names(course: Course) -> Verdict {
    let first = pour_six(&course.app_with(&[("BEER_SEED", "11")]).await?).await?;
    let again = pour_six(&course.app_with(&[("BEER_SEED", "11")]).await?).await?;
    let other = pour_six(&course.app_with(&[("BEER_SEED", "12")]).await?).await?;
    let observed = format!("{first:?}, then {again:?}; with another seed {other:?}");
    expect(
        first == again && first != other,
        "BEER_SEED fixes the beers",
        observed,
    )
}

async fn beers_come_from_the_api_that_the_settings_name(course: Course) -> Verdict {
    let api = BeerApi::pouring("<b>Bold</b> & Sons", "K\u{f6}lsch").await?;
    let app = course.app_with(&[("BEER_API_URL", api.url())]).await?;
    let page = app.visitor().await?.post("/", &[]).await?;
    page.expect_status(200)?;
    page.expect_text("<b>Bold</b> & Sons")?;
    page.expect_text("( K\u{f6}lsch )")
}

async fn a_beer_api_that_is_down_is_a_502_page(course: Course) -> Verdict {
    // Nobody listens on port 1.
    bad_pour(&course, "http://127.0.0.1:1/").await
}

async fn a_beer_api_that_is_slow_is_a_502_page(course: Course) -> Verdict {
    let beer = r#"{"status":200,"data":{"name":"Slow Pour","style":"Mild"}}"#;
    let late = BeerApi::answering_after(Duration::from_secs(5), "200 OK", beer).await?;
    bad_pour(&course, late.url()).await?;
    let in_time = BeerApi::answering_after(Duration::from_secs(1), "200 OK", beer).await?;
    let app = course.app_with(&[("BEER_API_URL", in_time.url())]).await?;
    let page = app.visitor().await?.post("/", &[]).await?;
    page.expect_text("Slow Pour")
}

async fn a_beer_api_that_fails_is_a_502_page(course: Course) -> Verdict {
    let beer = r#"{"status":200,"data":{"name":"Sour","style":"Sour"}}"#;
    for (status, body) in [
        ("500 Internal Server Error", beer),
        ("404 Not Found", beer),
        ("302 Found", beer),
        (
            "200 OK",
            r#"{"status":500,"data":{"name":"Sour","style":"Sour"}}"#,
        ),
    ] {
        let api = BeerApi::answering(status, body).await?;
        bad_pour(&course, api.url()).await?;
    }
    Ok(())
}

async fn a_beer_api_that_talks_nonsense_is_a_502_page(course: Course) -> Verdict {
    for body in [
        "",
        "a beer, please",
        "[]",
        r#"{"status":200}"#,
        r#"{"status":200,"data":{"name":""}}"#,
    ] {
        let api = BeerApi::answering("200 OK", body).await?;
        bad_pour(&course, api.url()).await?;
    }
    Ok(())
}

async fn an_unknown_path_is_a_404_page(course: Course) -> Verdict {
    let page = course.app().await?.browser().get("/nothing/here").await?;
    page.expect_status(404)?;
    page.expect_header("content-type", "text/html; charset=utf-8")?;
    expect(
        page.set_cookies().is_empty(),
        "no cookie on a 404",
        page.set_cookies().join("; "),
    )
}

async fn a_wrong_method_is_a_405(course: Course) -> Verdict {
    let page = course
        .app()
        .await?
        .browser()
        .request("PUT", "/", &[], "")
        .await?;
    page.expect_status(405)?;
    let allow = page.header("allow").unwrap_or_default();
    let promise = "an Allow header with GET and POST";
    expect(
        allow.contains("GET") && allow.contains("POST"),
        promise,
        format!("Allow: {allow}"),
    )
}

/// 10,000 requests, at most 4 at a time.
async fn random_cookies_never_break_a_page(course: Course) -> Verdict {
    let app = course.app().await?;
    let visitors = (0..4).map(|visitor| {
        let mut browser = app.browser();
        async move {
            let mut random = fastrand::Rng::with_seed(visitor);
            for _ in 0..2500 {
                let cookies = random_cookie_header(&mut random);
                let headers = [("cookie", cookies.as_slice())];
                let page = browser.request("GET", "/", &headers, "").await?;
                expect(
                    page.status() < 500,
                    "no cookie header makes a 5xx",
                    format!("status {} for cookie: {cookies:?}", page.status()),
                )?;
            }
            Ok(())
        }
    });
    at_once(visitors).await?;
    app.visitor().await?.get("/").await?.expect_status(200)?;
    let panics = app.log().matches("panicked").count();
    expect(
        panics == 0,
        "no panic",
        format!("{panics} panics in the log"),
    )
}

/// Anything that HTTP lets through in a header: tabs, and bytes from 32 on but
/// for 127. Half of them look a little like the cookies of the course.
fn random_cookie_header(random: &mut fastrand::Rng) -> Vec<u8> {
    let mut header = Vec::new();
    for _ in 0..random.usize(0..4) {
        let known = ["user", "beers", "beer.sid", "x"];
        header.extend_from_slice(known[random.usize(0..known.len())].as_bytes());
        header.extend_from_slice([&b"="[..], b"=%", b"", b"=\"", b";"][random.usize(0..5)]);
        for _ in 0..random.usize(0..70) {
            let byte = if random.bool() {
                random.alphanumeric() as u8
            } else {
                random.u8(..)
            };
            header.push(if byte == b'\t' || (byte >= b' ' && byte != 127) {
                byte
            } else {
                b'%'
            });
        }
        header.extend_from_slice(b"; ");
    }
    header
}

/// A pour that fails is a page with status 502, and the app lives on.
async fn bad_pour(course: &Course, api: &str) -> Verdict {
    let app = course.app_with(&[("BEER_API_URL", api)]).await?;
    let mut ada = app.visitor().await?;
    let page = ada.post("/", &[]).await?;
    page.expect_status(502)?;
    page.expect_text("Error, please try again")?;
    ada.get("/").await?.expect_status(200)
}

async fn pour_six(app: &App) -> Result<Vec<String>, Stop> {
    let mut ada = app.visitor().await?;
    let mut names = Vec::new();
    for _ in 0..6 {
        let page = ada.post("/", &[]).await?;
        page.expect_status(200)?;
        names.push(beer(&page).map(|(name, _)| name).unwrap_or_default());
    }
    Ok(names)
}

/// The line of the page that ends in `( style )`.
pub(in crate::lessons) fn beer(page: &Page) -> Option<(String, String)> {
    let text = page.text();
    let line = text
        .lines()
        .find(|line| line.ends_with(" )") && line.contains(" ( "))?;
    let (name, style) = line.strip_suffix(" )")?.rsplit_once(" ( ")?;
    Some((name.to_owned(), style.to_owned()))
}
