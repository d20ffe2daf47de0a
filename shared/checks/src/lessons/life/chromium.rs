//! Remember me in a browser that people use, and close.

use crate::{
    chromium::Chromium,
    lessons::{
        Needs,
        chromium::logged_out,
        login::{PASSWORD, newcomer},
        prelude::*,
    },
};

checks! {
    Needs::Browser:
        remember_me_survives_the_end_of_chromium;
}

async fn remember_me_survives_the_end_of_chromium(course: Course) -> Verdict {
    let app = course.app().await?;
    let chromium = Chromium::start().await?;
    let (_, email) = newcomer(&app, "ada").await?;
    for remember in [true, false] {
        let folder = tempfile::tempdir()?;
        let tab = chromium.profile_in(folder.path()).await?;
        tab.open(&format!("{}/login", app.url())).await?;
        tab.fill("E-mail", &email).await?;
        tab.fill("Password", PASSWORD).await?;
        if remember {
            tab.tick("Remember me").await?;
        }
        tab.click_button("Log In").await?;
        tab.wait_for_text(&format!("Logged in as: {email}")).await?;
        tab.close().await?;

        let tab = chromium.profile_in(folder.path()).await?;
        tab.open(&app.url()).await?;
        let expected = if remember {
            format!("Logged in as: {email}")
        } else {
            logged_out(&app).await?.into()
        };
        tab.wait_for_text(&expected).await?;
        tab.close().await?;
    }
    Ok(())
}
