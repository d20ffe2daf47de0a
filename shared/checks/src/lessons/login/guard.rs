//! The pages behind the login, and the way to them.

use super::{PASSWORD, expect_home, newcomer};
use crate::lessons::{Needs, prelude::*};
use reqwest::Url;

checks! {
    Needs::Url:
        a_page_behind_the_login_asks_for_it_and_comes_back,
        next_leads_only_to_a_path_of_this_site;
}

async fn a_page_behind_the_login_asks_for_it_and_comes_back(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    for path in ["/profile", "/profile?a=1&b=%26%3D+x"] {
        let mut stranger = app.browser();
        let page = stranger.request("GET", path, &[PAGES], "").await?;
        page.expect_status(303)?;
        if path == "/profile" {
            page.expect_header("location", "/login?next=/profile")?;
        }
        let way = page.header("location").unwrap_or_default().to_owned();
        let form = stranger.get(&way).await?;
        form.expect_status(200)?;
        let next = form.field("next")?;
        let next = next.attribute("value").unwrap_or_default();
        let page = enter(&mut stranger, &email, next).await?;
        page.expect_status(303)?;
        page.expect_header("location", path)?;
        let page = stranger.request("GET", path, &[PAGES], "").await?;
        page.expect_text(&format!("Hello {email}"))?;
        page.expect_text("Role: student")?;
    }
    let page = ada.get("/profile").await?;
    page.expect_text(&format!("Hello {email}"))?;
    // A program cannot fill in a form.
    for accept in ["*/*", "application/json"] {
        let accept = ("accept", accept.as_bytes());
        let mut program = app.browser();
        let page = program.request("GET", "/profile", &[accept], "").await?;
        page.expect_status(401)?;
        page.expect_text("Please login first!")?;
    }
    // With 307 the browser would send the login form what it sent here.
    let mut stranger = app.browser();
    let page = stranger.request("POST", "/profile", &[PAGES, FORM], "role=admin");
    let page = page.await?;
    let kept = [303, 401, 405].contains(&page.status());
    expect(kept, "POST /profile is not sent on", page.status_line())?;
    let mut stranger = app.browser();
    let page = stranger.request("GET", "//evil.example/x", &[PAGES], "");
    page.await?.expect_status(404)
}

/// Logs in with what the form was given to remember.
async fn enter(browser: &mut Browser, email: &str, next: &str) -> Result<Page, Stop> {
    let fields = [("email", email), ("password", PASSWORD), ("next", next)];
    browser.post("/login", &fields).await
}

/// Addresses of other sites, in all the ways that a browser reads, and what no
/// header may hold.
const ELSEWHERE: [&str; 15] = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/\r\nset-cookie: planted=1",
    "/\0",
    "@evil.example",
    "",
];

async fn next_leads_only_to_a_path_of_this_site(course: Course) -> Verdict {
    let app = course.app().await?;
    let (_, email) = newcomer(&app, "ada").await?;
    let mut ada = app.browser();
    for next in ["/profile?x=1&y=/z", "/count#end"] {
        let page = enter(&mut ada, &email, next).await?;
        page.expect_status(303)?;
        page.expect_header("location", next)?;
    }
    for next in ELSEWHERE {
        let page = enter(&mut ada, &email, next).await?;
        let promise = format!("next={next:?} leads to the home page");
        let observed = page.header("location").unwrap_or("no Location");
        let observed = format!("{}, Location: {observed}", page.status_line());
        let home = page.status() == 303 && page.header("location") == Some("/");
        expect(home, &promise, observed)?;
        let planted = page.set_cookies().join("\n").contains("planted");
        expect(
            !planted,
            "no header out of next",
            page.set_cookies().join("\n"),
        )?;
    }
    // These may be taken or not; they must stay here.
    let long = format!("/{}", "x".repeat(10_000));
    for next in ["/.//evil.example", "/%09/evil.example", "/é", &long] {
        let page = enter(&mut ada, &email, next).await?;
        page.expect_status(303)?;
        let location = page.header("location").unwrap_or_default();
        let base = Url::parse(&app.url()).map_err(Stop::harness)?;
        let there = base.join("/login").and_then(|form| form.join(location));
        let same = there.is_ok_and(|there| there.origin() == base.origin());
        expect(same, "the browser stays on this site", location)?;
    }
    // Logged in already, the way of /register is as safe.
    let mut eve = app.browser();
    let fields = [
        ("email", &*super::new_email("eve")),
        ("password", PASSWORD),
        ("next", "//evil.example"),
    ];
    expect_home(&eve.post("/register", &fields).await?)
}
