//! The same in a browser that people use.

use super::prelude::*;
use crate::chromium::{Chromium, Tab};

checks! {
    Needs::Browser:
        two_chromium_profiles_have_two_counts;
}

async fn two_chromium_profiles_have_two_counts(course: Course) -> Verdict {
    let app = course.app().await?;
    let chromium = Chromium::start().await?;
    let (ada, bob) = (chromium.profile().await?, chromium.profile().await?);
    ada.open(&app.url()).await?;
    pour(&ada, 1).await?;
    pour(&ada, 2).await?;
    bob.open(&app.url()).await?;
    pour(&bob, 1).await?;
    pour(&ada, 3).await?;
    let (of_ada, of_bob) = (id(&ada).await?, id(&bob).await?);
    let promise = "each profile has a session ID of its own";
    expect(of_ada != of_bob, promise, format!("{of_ada} and {of_bob}"))
}

/// Waits for the count, because a click returns before the next page is there.
async fn pour(tab: &Tab, count: u32) -> Verdict {
    tab.click_button("Pour Another").await?;
    tab.wait_for_text(&format!("Beers viewed in this session: {count}"))
        .await
}

async fn id(tab: &Tab) -> Result<String, Stop> {
    let text = tab.text().await?;
    let id = text
        .lines()
        .find_map(|line| line.strip_prefix("Session ID: "));
    id.map(str::to_owned)
        .ok_or_else(|| Stop::broken("the page shows the session ID", text.as_str()))
}
