//! What an app remembers of its visitors, and what their cookies can say.

use super::{
    login::{PASSWORD, newcomer},
    prelude::*,
};

checks! {
    Needs::Url:
        a_second_pour_counts_to_two,
        a_returning_browser_is_greeted_by_name,
        the_first_visit_is_greeted_by_name,
        the_name_cookie_lasts_15_minutes,
        a_visitor_can_change_the_name,
        an_empty_or_overlong_name_is_a_422,
        a_form_of_another_kind_is_refused,
        two_browsers_have_two_counts,
        pours_at_the_same_time_are_all_counted,
        cookies_are_httponly_lax_and_for_the_whole_site,
        a_forged_or_altered_count_counts_as_none,
        two_hundred_beers_fit_into_the_cookies,
        an_older_cookie_does_not_bring_an_older_count_back,
        a_copied_cookie_does_not_keep_an_old_name;
    Needs::Process:
        a_failed_pour_is_not_counted;
}

async fn a_second_pour_counts_to_two(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.visitor().await?;
    ada.post("/", &[]).await?;
    expect_count(&ada.post("/", &[]).await?, 2)
}

async fn a_returning_browser_is_greeted_by_name(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    ada.get("/").await?;
    ada.get("/").await?.expect_text("Hello, John Doe!")
}

async fn the_first_visit_is_greeted_by_name(course: Course) -> Verdict {
    let page = course.app().await?.browser().get("/").await?;
    page.expect_text("Hello, John Doe!")
}

async fn the_name_cookie_lasts_15_minutes(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    let page = ada.get("/").await?;
    page.expect_text("Hello, Guest!")?;
    let set = page.set_cookies().join("\n");
    let promise = "Set-Cookie: user=John%20Doe with Max-Age=900 and HttpOnly";
    let kept = ["user=John%20Doe;", "Max-Age=900", "HttpOnly"]
        .iter()
        .all(|part| set.contains(part));
    expect(kept, promise, &set)?;
    let again = ada.get("/").await?;
    let promise = "the second visit sets no cookie";
    expect(
        again.set_cookies().is_empty(),
        promise,
        again.set_cookies().join("\n"),
    )
}

async fn a_visitor_can_change_the_name(course: Course) -> Verdict {
    let app = course.app().await?;
    let emoji = "\u{1f37a}".repeat(64);
    for name in [
        "Ada",
        "Æsa Þórsdóttir",
        "林さん",
        "a;b,c=d \"e\" %41+",
        "<b>Bold</b> & 'Co'",
        &emoji,
    ] {
        let mut ada = app.browser();
        ada.get("/").await?;
        let answer = ada.post("/name", &[("name", name)]).await?;
        answer.expect_status(303)?;
        answer.expect_header("location", "/")?;
        ada.get("/")
            .await?
            .expect_text(&format!("Hello, {name}!"))?;
    }
    Ok(())
}

async fn an_empty_or_overlong_name_is_a_422(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    ada.get("/").await?;
    ada.post("/name", &[("name", "Ada")]).await?;
    let overlong = "\u{1f37a}".repeat(65);
    for name in ["", "   ", &overlong] {
        let page = ada.post("/name", &[("name", name)]).await?;
        page.expect_status(422)?;
        page.expect_text("64 characters")?;
        ada.get("/").await?.expect_text("Hello, Ada!")?;
    }
    Ok(())
}

async fn a_form_of_another_kind_is_refused(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    ada.get("/").await?;
    ada.post("/name", &[("name", "Ada")]).await?;
    let form = "application/x-www-form-urlencoded";
    for (kind, body) in [(form, "nom=Eve"), ("application/json", "{}"), ("", "")] {
        let page = ada
            .request("POST", "/name", &[("content-type", kind.as_bytes())], body)
            .await?;
        let refused = (400..500).contains(&page.status());
        expect(
            refused,
            "a 4xx for a form of another kind",
            format!("status {}", page.status()),
        )?;
        page.expect_text("form")?;
        ada.get("/").await?.expect_text("Hello, Ada!")?;
    }
    Ok(())
}

async fn two_browsers_have_two_counts(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, mut bob) = (app.visitor().await?, app.visitor().await?);
    ada.post("/", &[]).await?;
    let named = ada.post("/name", &[("name", "Ada")]).await?.status() == 303;
    bob.get("/").await?;
    expect_count(&bob.post("/", &[]).await?, 1)?;
    let of_ada = ada.post("/", &[]).await?;
    expect_count(&of_ada, 2)?;
    let of_bob = bob.get("/").await?;
    if named {
        of_ada.expect_text("Hello, Ada!")?;
        of_bob.expect_text("Hello, John Doe!")?;
    }
    let [ada, bob] = [&of_ada, &of_bob].map(|page| page.expect_text_after("Hello, "));
    let (ada, bob) = (ada?, bob?);
    expect(ada != bob, "two names", format!("{ada} and {bob}"))
}

async fn a_failed_pour_is_not_counted(course: Course) -> Verdict {
    // One beer, and then the tap is closed.
    let api = BeerApi::pouring("One Off", "Stout").await?;
    let app = course.app_with(&[("BEER_API_URL", api.url())]).await?;
    let mut ada = app.visitor().await?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    drop(api);
    let page = ada.post("/", &[]).await?;
    page.expect_status(502)?;
    page.expect_no_text("Session Info")?;
    expect_count(&ada.get("/").await?, 1)
}

/// 40 tabs of one browser pour ten times each.
async fn pours_at_the_same_time_are_all_counted(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.visitor().await?;
    ada.get("/count").await?;
    let tabs = (0..40).map(|_| {
        let mut tab = ada.copy();
        async move {
            for _ in 0..10 {
                tab.post("/", &[]).await?.expect_status(200)?;
            }
            Ok(())
        }
    });
    at_once(tabs).await?;
    let page = ada.get("/").await?;
    let counted = page.expect_text_after("Beers viewed in this session: ")?;
    let observed = format!("{counted} of 400 pours counted");
    expect(counted == "400", "every pour is counted", observed)
}

async fn cookies_are_httponly_lax_and_for_the_whole_site(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    // Where one can ask to be remembered, a cookie is kept for nobody else.
    let asked = ada.get("/login").await?.field("remember").is_ok();
    expect_attributes(
        &[
            ada.get("/").await?,
            ada.post("/", &[]).await?,
            ada.post("/name", &[("name", "Ada")]).await?,
            ada.get("/count").await?,
        ],
        !asked,
    )?;
    if asked {
        let (mut ada, email) = newcomer(&app, "ada").await?;
        let fields = [
            ("email", email.as_str()),
            ("password", PASSWORD),
            ("remember", "on"),
        ];
        let login = ada.post("/login", &fields).await?;
        login.expect_status(303)?;
        expect_attributes(&[login], true)?;
    }
    Ok(())
}

/// What these pages say of each of their cookies, of which there is one at least.
fn expect_attributes(pages: &[Page], kept: bool) -> Verdict {
    let lines: Vec<&str> = pages.iter().flat_map(Page::set_cookies).collect();
    expect(!lines.is_empty(), "a cookie is set", "no Set-Cookie at all")?;
    for line in lines {
        let line = line.to_ascii_lowercase();
        let observed = || format!("Set-Cookie: {line}");
        for attribute in ["httponly", "samesite=lax", "path=/"] {
            let has = line.split("; ").any(|part| part == attribute);
            expect(has, &format!("{attribute} on every cookie"), observed())?;
        }
        let mut parts = line.split("; ");
        if kept {
            let lasts = parts.any(|part| part.starts_with("max-age="));
            expect(lasts, "max-age= on every cookie that is kept", observed())?;
        } else {
            let lasts =
                parts.any(|part| part.starts_with("max-age=") || part.starts_with("expires="));
            expect(
                !lasts,
                "without Remember me no date on a cookie",
                observed(),
            )?;
        }
    }
    Ok(())
}

async fn a_forged_or_altered_count_counts_as_none(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut mallory = app.visitor().await?;
    mallory.set_cookie("beers", "99");
    expect_count(&mallory.get("/").await?, 0)?;

    let mut ada = app.visitor().await?;
    ada.get("/").await?;
    let page = ada.post("/", &[]).await?;
    expect_count(&page, 1)?;
    // The page shows the ID: without our signature it opens nothing.
    if let Some(id) = page.text_after("Session ID: ") {
        mallory.set_cookie("beer.sid", &id);
        expect_no_count(&mallory.get("/").await?)?;
    }
    for name in ["beers", "beer.sid"] {
        let Some(value) = ada.cookie(name) else {
            continue;
        };
        for altered in [
            flip_first(&value),
            flip_last(&value),
            format!("{value}9"),
            String::new(),
        ] {
            let mut mallory = ada.copy();
            mallory.set_cookie(name, &altered);
            expect_no_count(&mallory.get("/").await?)?;
        }
    }
    expect_count(&ada.get("/").await?, 1)
}

async fn two_hundred_beers_fit_into_the_cookies(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.visitor().await?;
    for _ in 1..200 {
        ada.post("/", &[]).await?.expect_status(200)?;
    }
    let page = ada.post("/", &[]).await?;
    let dropped = ada.cookies_dropped();
    expect(
        dropped.is_empty(),
        "every cookie fits into 4096 bytes",
        dropped.join("; "),
    )?;
    expect_count(&page, 200)
}

async fn an_older_cookie_does_not_bring_an_older_count_back(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.visitor().await?;
    ada.post("/", &[]).await?;
    let mut earlier = ada.copy();
    ada.post("/", &[]).await?;
    ada.post("/", &[]).await?;
    expect_count(&earlier.get("/").await?, 3)
}

async fn a_copied_cookie_does_not_keep_an_old_name(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    ada.get("/").await?;
    ada.post("/", &[]).await?;
    let mut copy = ada.copy();
    ada.post("/name", &[("name", "Ada")]).await?;
    copy.get("/").await?.expect_text("Hello, Ada!")
}

/// Another character in front. In a signed cookie that is the signature's.
fn flip_first(value: &str) -> String {
    let other = if value.starts_with('A') { 'B' } else { 'A' };
    format!("{other}{}", value.get(1..).unwrap_or_default())
}

/// Another character at the end. In a signed cookie that is the value's.
fn flip_last(value: &str) -> String {
    let other = if value.ends_with('7') { '8' } else { '7' };
    format!(
        "{}{other}",
        value.get(..value.len() - 1).unwrap_or_default()
    )
}
