//! What whoever runs the service does by hand, in the users' database.

use crate::lessons::{
    Needs,
    login::{PASSWORD, expect_home, expect_user, log_in, newcomer},
    prelude::*,
};

checks! {
    Needs::Users:
        logins_that_an_operator_deletes_are_over;
}

async fn logins_that_an_operator_deletes_are_over(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let users = course.users().await?;
    let (mut ada, of_ada) = newcomer(&app, "ada").await?;
    let (mut bob, of_bob) = newcomer(&app, "bob").await?;
    let mut phone = app.browser();
    expect_home(&log_in(&mut phone, &of_ada, PASSWORD).await?)?;

    users.end_logins(Some(&of_ada)).await?;
    for browser in [&mut ada, &mut phone] {
        expect_over(browser).await?;
    }
    expect_user(&mut bob, &of_bob).await?;
    // She may come again.
    expect_home(&log_in(&mut ada, &of_ada, PASSWORD).await?)?;
    expect_user(&mut ada, &of_ada).await?;

    users.end_logins(None).await?;
    for browser in [&mut ada, &mut bob] {
        expect_over(browser).await?;
    }
    expect_home(&log_in(&mut bob, &of_bob, PASSWORD).await?)?;
    expect_user(&mut bob, &of_bob).await.map(drop)
}

/// At the next request this browser is asked to log in, and so is a copy of it.
async fn expect_over(browser: &mut Browser) -> Verdict {
    let mut copy = browser.copy();
    for browser in [browser, &mut copy] {
        let page = browser.request("GET", "/profile", &[PAGES], "").await?;
        let promise = "a login that was deleted is over at its next request";
        expect(page.status() == 303, promise, page.status_line())?;
        page.expect_header("location", "/login?next=/profile")?;
    }
    Ok(())
}
