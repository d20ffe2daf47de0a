//! Lesson 05: a page that goes by the user's role.

use crate::lessons::{
    login::{expect_user, newcomer},
    prelude::*,
};

checks! {
    Needs::Users:
        a_page_for_admins_goes_by_the_role_of_this_moment;
}

const ADMIN: &str = "/admin";

async fn a_page_for_admins_goes_by_the_role_of_this_moment(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let users = course.users().await?;
    let stranger = app.browser().request("GET", ADMIN, &[PAGES], "").await?;
    stranger.expect_status(303)?;
    stranger.expect_header("location", "/login?next=/admin")?;
    let program = app.browser().get(ADMIN).await?;
    program.expect_status(401)?;
    program.expect_text("Please login first!")?;

    let (mut ada, email) = newcomer(&app, "ada").await?;
    let (mut bob, of_bob) = newcomer(&app, "bob").await?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    for (role, is_admin) in [
        ("student", false),
        ("admin", true),
        ("administrator", false),
        ("admin", true),
        ("not-an-admin", false),
        ("student", false),
        ("admin", true),
    ] {
        users.set_role(&email, role).await?;
        let page = ada.get(ADMIN).await?;
        if is_admin {
            page.expect_status(200)?;
            page.expect_text(&format!("Hello, admin {email}"))?;
        } else {
            expect_refused(&page)?;
        }
        expect_refused(&bob.get(ADMIN).await?)?;
        // The same session, whatever the role.
        expect_count(&expect_user(&mut ada, &email).await?, 1)?;
    }
    expect_user(&mut bob, &of_bob).await.map(drop)
}

fn expect_refused(page: &Page) -> Verdict {
    page.expect_status(403)?;
    page.expect_text("This page is for admins.")
}
