//! The forms: what they ask, and what they say when something is wrong.

use super::{PASSWORD, expect_anonymous, expect_refused, log_in, new_email, newcomer, register};
use crate::{
    html::{self, Element},
    lessons::{Needs, prelude::*},
};

checks! {
    Needs::Url:
        a_bad_registration_is_refused_with_a_sentence,
        a_login_form_of_another_kind_is_refused,
        the_forms_suit_password_managers_and_screen_readers,
        what_was_typed_comes_back_escaped;
    Needs::Process:
        a_wrong_password_and_an_unknown_address_look_alike;
}

async fn a_bad_registration_is_refused_with_a_sentence(course: Course) -> Verdict {
    let app = course.app().await?;
    let email = new_email("ada");
    let long = format!("{}@example.com", "a".repeat(243));
    for (email, password, sentence) in [
        ("", PASSWORD, "e-mail"),
        ("   ", PASSWORD, "e-mail"),
        ("ada.example.com", PASSWORD, "e-mail"),
        ("@example.com", PASSWORD, "e-mail"),
        ("ada@", PASSWORD, "e-mail"),
        ("a da@example.com", PASSWORD, "e-mail"),
        ("ada@exam\u{a0}ple.com", PASSWORD, "e-mail"),
        ("ada\0@example.com", PASSWORD, "e-mail"),
        (
            "ada@example.com\r\nbcc: eve@example.com",
            PASSWORD,
            "e-mail",
        ),
        (&long, PASSWORD, "e-mail"),
        (&email, "", "8 characters"),
        (&email, "7 chars", "8 characters"),
        (&email, &"x".repeat(73), "72 bytes"),
    ] {
        let mut ada = app.browser();
        let page = register(&mut ada, email, password).await?;
        page.expect_status(422)?;
        page.expect_text(sentence)?;
        // What a person typed stays, but for the password.
        let kept = page.field("email")?;
        let kept = kept.attribute("value").unwrap_or_default();
        let observed = format!("the field holds {kept:?}");
        let typed = email.trim().to_lowercase();
        let kept = kept.trim().to_lowercase();
        // A browser's field holds one line.
        let same = kept.replace(['\r', '\n'], "") == typed.replace(['\r', '\n'], "");
        expect(same, &format!("the form keeps {typed:?}"), observed)?;
        let told = password.len() > 7 && page.body().contains(password);
        expect(!told, "the page does not repeat the password", page.body())?;
        expect_anonymous(&mut ada).await?;
    }
    // The longest address that there can be.
    let longest = format!("{:a<242}@example.com", new_email("a").replace('@', "-"));
    let page = register(&mut app.browser(), &longest, PASSWORD).await?;
    page.expect_status(303)
}

async fn a_login_form_of_another_kind_is_refused(course: Course) -> Verdict {
    let app = course.app().await?;
    let form = "application/x-www-form-urlencoded";
    for path in ["/login", "/register"] {
        for (kind, body) in [
            (form, ""),
            (form, "email=ada%40example.com"),
            (form, "password=four+little+barrels"),
            (form, "email=a&email=b&password=c"),
            (form, "email=%ff%fe&password=%ff"),
            ("application/json", "{}"),
            ("text/plain", "email=a"),
        ] {
            let headers = [("content-type", kind.as_bytes())];
            let mut mallory = app.browser();
            let page = mallory.request("POST", path, &headers, body).await?;
            let refused = [400, 401, 415, 422].contains(&page.status());
            let promise = format!("POST {path} refuses {body:?} as {kind}");
            expect(refused, &promise, page.status_line())?;
            let told = page.is_html() && !page.text().is_empty();
            expect(told, "a page that says so", page.summary())?;
            expect_anonymous(&mut mallory).await?;
        }
    }
    Ok(())
}

async fn the_forms_suit_password_managers_and_screen_readers(course: Course) -> Verdict {
    let app = course.app().await?;
    let mut ada = app.browser();
    for (path, title, names, password) in [
        (
            "/login",
            "Log In",
            &["username", "email"][..],
            "current-password",
        ),
        (
            "/register",
            "Register",
            &["username", "email"],
            "new-password",
        ),
    ] {
        let fresh = ada.get(path).await?;
        // Refused by both.
        let refused = log_in_at(&mut ada, path, "ada@example.com", "wrong").await?;
        for (page, wrong) in [(fresh, false), (refused, true)] {
            let named = page.title().is_some_and(|found| found.contains(title));
            let observed = format!("title: {:?}", page.title());
            expect(named, &format!("a title that says {title}"), observed)?;
            for (name, kind, hints) in [
                ("email", "email", names),
                ("password", "password", &[password]),
            ] {
                let field = page.field(name)?;
                let is = |name: &str, value: &str| field.attribute(name) == Some(value);
                expect_field(&field, is("type", kind), &format!("type={kind}"))?;
                let hint = hints.iter().any(|hint| is("autocomplete", hint));
                expect_field(&field, hint, &format!("autocomplete={}", hints[0]))?;
                expect_field(&field, field.is_labelled, "a label around it")?;
                let required = field.attribute("required").is_some();
                expect_field(&field, required, "required")?;
                let empty = field.attribute("value").unwrap_or_default().is_empty();
                expect_field(&field, empty || name == "email", "no password in the page")?;
            }
            expect_announced(&page, wrong)?;
        }
    }
    Ok(())
}

/// An error is read out, and the fields that it is about refer to it.
fn expect_announced(page: &Page, wrong: bool) -> Verdict {
    let elements = html::elements(page.body());
    let mut alerts = elements
        .iter()
        .filter(|e| e.attribute("role") == Some("alert"));
    let id = alerts
        .next()
        .map(|alert| alert.attribute("id").unwrap_or_default());
    let promise = "an element with role=alert on an error, and only then";
    expect(id.is_some() == wrong, promise, page.body())?;
    let fields = elements
        .iter()
        .filter(|e| e.attribute("aria-invalid") == Some("true"));
    let fields: Vec<&Element> = fields.collect();
    let promise = "fields with aria-invalid=true on an error, and only then";
    expect(fields.is_empty() != wrong, promise, page.body())?;
    for field in fields {
        let described = field.attribute("aria-describedby") == id;
        expect_field(field, described, "aria-describedby: the id of the error")?;
    }
    Ok(())
}

async fn log_in_at(
    browser: &mut Browser,
    path: &str,
    email: &str,
    password: &str,
) -> Result<Page, Stop> {
    browser
        .post(path, &[("email", email), ("password", password)])
        .await
}

fn expect_field(field: &Element, holds: bool, promise: &str) -> Verdict {
    expect(holds, promise, format!("{field:?}"))
}

async fn what_was_typed_comes_back_escaped(course: Course) -> Verdict {
    let app = course.app().await?;
    let evil = "/\"'><script>alert(1)</script>&amp;";
    let form = form_urlencoded::byte_serialize(evil.as_bytes()).collect::<String>();
    let mut ada = app.browser();
    let asked = ada.get(&format!("/login?next={form}")).await?;
    let email = format!("ada{}", &evil[1..]);
    let fields = [("email", &*email), ("password", "wrong"), ("next", evil)];
    let refused = ada.post("/login", &fields).await?;
    expect_refused(&refused)?;
    let registered = register(&mut ada, &email, "wrong").await?;
    registered.expect_status(422)?;
    for page in [&asked, &refused, &registered] {
        let raw = page.body().contains("<script>alert");
        expect(!raw, "what was typed is escaped", page.body())?;
    }
    for page in [&asked, &refused] {
        let next = page.field("next")?;
        let next = next.attribute("value").unwrap_or_default();
        expect(next == evil, "the form keeps next", next)?;
    }
    for page in [&refused, &registered] {
        let kept = page.field("email")?;
        let kept = kept.attribute("value").unwrap_or_default();
        expect(kept == email, "the form keeps the address", kept)?;
    }
    Ok(())
}

/// In production: the X-ray under a page would be about each request alone.
async fn a_wrong_password_and_an_unknown_address_look_alike(course: Course) -> Verdict {
    let settings = [("APP_ENV", "production"), ("SESSION_SECRET", super::SECRET)];
    let app = course.app_with(&settings).await?;
    let (_, email) = newcomer(&app, "known").await?;
    let look = async |email: &str| {
        let page = log_in(&mut app.browser(), email, "another password").await?;
        expect_refused(&page)?;
        let lines = page.header_lines().into_iter();
        let mut lines: Vec<String> = lines.filter(|line| !line.starts_with("date: ")).collect();
        lines.insert(0, page.status_line());
        lines.push(page.body().replace(email, "(the address)"));
        Ok::<_, Stop>(lines.join("\n"))
    };
    let known = look(&email).await?;
    let unknown = look(&new_email("nobby")).await?;
    let observed = format!("wrong password:\n{known}\nunknown address:\n{unknown}");
    expect(known == unknown, "the same answer to both", observed)
}
