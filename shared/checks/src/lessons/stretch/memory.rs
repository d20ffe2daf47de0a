//! Lesson 02: what else a session can hold.

use crate::lessons::{beers::beer, prelude::*};

checks! {
    Needs::Url:
        a_message_is_shown_once,
        the_last_five_beers_are_listed;
}

const MESSAGE: &str = "From now on you are ";

async fn a_message_is_shown_once(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, mut bob) = (app.browser(), app.browser());
    for browser in [&mut ada, &mut bob] {
        browser.get("/").await?.expect_no_text(MESSAGE)?;
    }
    // Whichever page comes first shows it; what is no page leaves it alone.
    for (name, method) in [("Ada", "GET"), ("<b>Ada</b> & Co", "POST")] {
        let answer = ada.post("/name", &[("name", name)]).await?;
        answer.expect_status(303)?;
        bob.get("/").await?.expect_no_text(MESSAGE)?;
        ada.get("/count").await?.expect_status(200)?;
        let page = ada.request(method, "/", &[FORM], "").await?;
        page.expect_status(200)?;
        page.expect_text(&format!("{MESSAGE}{name}."))?;
        for method in ["GET", "POST"] {
            let page = ada.request(method, "/", &[FORM], "").await?;
            page.expect_text(&format!("Hello, {name}!"))?;
            page.expect_no_text(MESSAGE)?;
            // What is not there is not taken out: that would be a change.
            let unchanged = method == "POST" || page.set_cookies().is_empty();
            let observed = page.set_cookies().join("; ");
            expect(
                unchanged,
                "a page without a message changes nothing",
                observed,
            )?;
        }
    }
    // There is nothing to tell of a name that was refused.
    ada.post("/name", &[("name", "")])
        .await?
        .expect_status(422)?;
    ada.get("/").await?.expect_no_text(MESSAGE)
}

async fn the_last_five_beers_are_listed(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, mut bob) = (app.browser(), app.browser());
    ada.get("/").await?.expect_no_text(HEADING)?;
    let cookie = ada.cookie_header("/");
    let mut poured = Vec::new();
    for _ in 0..8 {
        let page = ada.post("/", &[]).await?;
        page.expect_status(200)?;
        let (name, _) = beer(&page).ok_or_else(|| Stop::broken("a beer", page.summary()))?;
        poured.insert(0, name);
        expect_last(&page, &poured)?;
        expect_last(&ada.get("/").await?, &poured)?;
    }
    let page = bob.get("/").await?;
    page.expect_no_text(HEADING)?;
    let observed = format!("{cookie:?}, then {:?}", ada.cookie_header("/"));
    let same = ada.cookie_header("/") == cookie;
    expect(same, "the browser keeps the cookie that it had", observed)
}

const HEADING: &str = "Your last beers";

/// The list holds the names of the last beers, at most five.
fn expect_last(page: &Page, poured: &[String]) -> Verdict {
    let lines: Vec<&str> = page.text().lines().collect();
    let (five, older) = poured.split_at(poured.len().min(5));
    let promise = format!("below `{HEADING}`, a line each: {}", five.join(", "));
    let at = lines.iter().position(|line| *line == HEADING);
    let listed = at.map_or(&[][..], |at| &lines[at + 1..]);
    expect(
        listed.len() >= five.len() && listed[..five.len()] == *five,
        &promise,
        page.summary(),
    )?;
    let next = listed.get(five.len()).copied();
    let sixth = older.first().map(String::as_str);
    let promise = "the list ends after five beers";
    expect(next.is_none() || next != sixth, promise, page.summary())
}
