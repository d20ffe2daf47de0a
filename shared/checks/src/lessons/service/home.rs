//! The home page, for those who are logged in.

use crate::lessons::{
    login::{PASSWORD, expect_home, newcomer},
    prelude::*,
};

checks! {
    Needs::Url:
        the_home_page_is_for_those_who_are_logged_in;
}

async fn the_home_page_is_for_those_who_are_logged_in(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut stranger = app.browser();
    for method in ["GET", "POST"] {
        let page = stranger.request(method, "/", &[PAGES], "").await?;
        page.expect_status(303)?;
        page.expect_header("location", "/login?next=/")?;
        let page = stranger.request(method, "/", &[], "").await?;
        page.expect_status(401)?;
        page.expect_text("Please login first!")?;
        let none = page.set_cookies().is_empty();
        expect(none, "no session for a stranger", page.summary())?;
    }
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let page = ada.get("/").await?;
    page.expect_text(&format!("Hello, {email}!"))?;
    let button = page.body().contains("Log Out");
    expect(button, "a button to log out", page.body())?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    expect_home(&ada.post("/logout", &[]).await?)?;
    let page = ada.request("GET", "/", &[PAGES], "").await?;
    page.expect_header("location", "/login?next=/")?;
    // And back, as from every page.
    let fields = [("email", &*email), ("password", PASSWORD), ("next", "/")];
    expect_home(&ada.post("/login", &fields).await?)
}
