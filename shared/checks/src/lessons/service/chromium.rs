//! What a browser that people share keeps of somebody who has logged out.

use crate::{
    chromium::{Chromium, Tab},
    lessons::{
        Needs,
        login::{PASSWORD, new_email},
        prelude::*,
    },
};
use std::{fs, io, path::Path};

checks! {
    Needs::Browser:
        a_logout_leaves_nothing_in_chromium;
}

/// What scripts of the page can store, as text. A cookie that they can read is in it.
const STORED: &str = "return Promise.all([caches.keys(), indexedDB.databases()]).then(found => \
    JSON.stringify([found, {...localStorage}, {...sessionStorage}, document.cookie]))";

async fn a_logout_leaves_nothing_in_chromium(course: Course) -> Verdict {
    let app = course.app().await?;
    let chromium = Chromium::start().await?;
    let folder = tempfile::tempdir()?;
    let tab = chromium.profile_in(folder.path()).await?;
    let email = new_email("ada");
    tab.open(&format!("{}/register", app.url())).await?;
    tab.fill("E-mail", &email).await?;
    tab.fill("Password", PASSWORD).await?;
    tab.click_button("Register").await?;
    tab.wait_for_text(&format!("Logged in as: {email}")).await?;
    for (path, text) in [
        ("/profile", &*format!("Hello {email}")),
        ("/sessions", "this browser"),
        ("/profile", "Role: student"),
    ] {
        tab.open(&format!("{}{path}", app.url())).await?;
        tab.wait_for_text(text).await?;
    }
    tab.click_button("Log Out").await?;
    tab.wait_for_text("Log In").await?;
    for page in ["/profile", "/sessions", "/profile", "/"] {
        expect_nothing_of(&tab, &email).await?;
        tab.back().await?;
        // Not a copy of the page, but the page asked for again.
        tab.wait_for_text("Log In").await?;
        let path = tab.path().await?;
        let way = format!("/login?next={page}");
        expect(path == way, &format!("Back leads to {way}"), path)?;
    }
    expect_nothing_of(&tab, &email).await?;
    let stored = tab.evaluate(STORED).await?;
    let nothing = stored.as_str() == Some("[[[],[]],{},{},\"\"]");
    expect(nothing, "nothing stored by the page", stored.to_string())?;
    tab.close().await?;
    // On the disk, too: answers, and what scripts have stored.
    for part in ["Cache", "Local Storage", "Session Storage", "IndexedDB"] {
        let part = folder.path().join("Default").join(part);
        if let Some(file) = find(&part, &email)? {
            let promise = "no file of the browser's cache holds the address";
            return Err(Stop::broken(promise, file));
        }
    }
    Ok(())
}

async fn expect_nothing_of(tab: &Tab, email: &str) -> Verdict {
    let page = tab
        .evaluate("return document.documentElement.outerHTML")
        .await?;
    let page = page.as_str().unwrap_or_default();
    expect(!page.contains(email), "a page without the address", page)
}

/// The first file in a folder, if there is one, that holds this text.
fn find(folder: &Path, text: &str) -> io::Result<Option<String>> {
    if !folder.exists() {
        return Ok(None);
    }
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = find(&path, text)? {
                return Ok(Some(found));
            }
        } else {
            let bytes = fs::read(&path)?;
            let mut windows = bytes.windows(text.len());
            if windows.any(|window| window == text.as_bytes()) {
                return Ok(Some(path.display().to_string()));
            }
        }
    }
    Ok(None)
}
