//! The API for programs.

use super::{CROSS_SITE, expect_problem, field, json};
use crate::browser::JSON;
use crate::lessons::{
    login::{PASSWORD, expect_user, new_email},
    prelude::*,
};
use serde_json::{Value, json};

checks! {
    Needs::Url:
        the_api_signs_up_in_and_out_with_json_and_with_a_form,
        the_errors_of_the_api_are_problems,
        the_document_of_the_api_says_what_it_answers,
        api_and_pages_share_one_session;
}

const SIGNUP: &str = "/api/v1/signup";
const SIGNIN: &str = "/api/v1/signin";
const SIGNOUT: &str = "/api/v1/signout";
const ME: &str = "/api/v1/me";

async fn send(browser: &mut Browser, path: &str, body: &Value) -> Result<Page, Stop> {
    browser
        .request("POST", path, &[JSON], &body.to_string())
        .await
}

/// The user in an answer is the one of this address.
fn expect_about(page: &Page, status: u16, email: &str) -> Verdict {
    page.expect_status(status)?;
    let answer = json(page, "application/json")?;
    let told = field(&answer, "/user/email")?;
    expect(told == email, &format!("the user {email}"), told)?;
    field(&answer, "/user/id")?;
    let role = field(&answer, "/user/role")?;
    expect(role == "student", "the role student", role)?;
    let user = answer["user"].as_object().map_or(0, serde_json::Map::len);
    expect(
        user == 3,
        "id, e-mail and role, and nothing else",
        answer.to_string(),
    )
}

async fn the_api_signs_up_in_and_out_with_json_and_with_a_form(course: Course) -> Verdict {
    let app = course.app().await?;
    for kind in ["json", "form"] {
        let (mut ada, email) = (app.browser(), new_email("ada"));
        let account = json!({ "email": email, "password": PASSWORD });
        let fields = [("email", &*email), ("password", PASSWORD)];
        let mut steps = Vec::new();
        for path in [SIGNUP, SIGNIN] {
            let page = match kind {
                "json" => send(&mut ada, path, &account).await?,
                _ => ada.post(path, &fields).await?,
            };
            expect_about(&page, if path == SIGNUP { 201 } else { 200 }, &email)?;
            expect_about(&ada.get(ME).await?, 200, &email)?;
            let copy = ada.copy();
            let page = ada.post(SIGNOUT, &[]).await?;
            page.expect_status(204)?;
            expect_problem(&ada.get(ME).await?, 401, "Please login first!")?;
            steps.push(copy);
        }
        for mut copy in steps {
            expect_problem(&copy.get(ME).await?, 401, "Please login first!")?;
        }
        // Nobody is logged in: that is no error.
        ada.post(SIGNOUT, &[]).await?.expect_status(204)?;
    }
    Ok(())
}

async fn the_errors_of_the_api_are_problems(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = (app.browser(), new_email("ada"));
    let account = |email: &str, password: &str| json!({ "email": email, "password": password });
    send(&mut ada, SIGNUP, &account(&email, PASSWORD))
        .await?
        .expect_status(201)?;
    let mut eve = app.browser();
    for (path, body, status, words) in [
        (
            SIGNUP,
            account(&email, PASSWORD),
            409,
            "That e-mail might already be taken.",
        ),
        (
            SIGNUP,
            account("ada", PASSWORD),
            422,
            "That is not an e-mail address.",
        ),
        (
            SIGNUP,
            account(&new_email("eve"), "short"),
            422,
            "at least 8 characters",
        ),
        (
            SIGNIN,
            account(&email, "four little barrel"),
            401,
            "Invalid credentials.",
        ),
        (
            SIGNIN,
            account(&new_email("eve"), PASSWORD),
            401,
            "Invalid credentials.",
        ),
        (SIGNIN, json!({ "email": email }), 422, "JSON"),
        (
            SIGNIN,
            json!({ "email": [email], "password": 7 }),
            422,
            "JSON",
        ),
    ] {
        let page = send(&mut eve, path, &body).await?;
        expect_problem(&page, status, words)?;
        let none = page.set_cookies().is_empty();
        expect(
            none,
            "no cookie with a problem",
            page.header_lines().join(", "),
        )?;
    }
    let page = eve.request("POST", SIGNIN, &[JSON], "{\"email\"").await?;
    expect_problem(&page, 400, "JSON")?;
    let plain: (&str, &[u8]) = ("content-type", b"text/plain");
    let page = eve
        .request("POST", SIGNIN, &[plain], "email=a&password=b")
        .await?;
    expect_problem(&page, 415, "JSON")?;
    let page = eve.post(SIGNIN, &[("email", &email)]).await?;
    expect_problem(&page, 422, "form")?;
    expect_problem(&eve.get("/api/v1/beers").await?, 404, "nothing here")?;
    let page = eve.request("DELETE", ME, &[], "").await?;
    expect_problem(&page, 405, "method")?;
    // Also for one who says that pages are welcome.
    let page = eve.request("GET", ME, &[PAGES], "").await?;
    expect_problem(&page, 401, "Please login first!")?;
    let page = eve.request("POST", SIGNOUT, &[CROSS_SITE], "").await?;
    expect_problem(&page, 403, "Another site")
}

async fn the_document_of_the_api_says_what_it_answers(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = (app.browser(), new_email("ada"));
    let page = ada.get("/api/v1/openapi.json").await?;
    let document = json(&page, "application/json")?;
    let version = field(&document, "/openapi")?;
    expect(
        version.starts_with("3.1"),
        "a document of OpenAPI 3.1",
        version,
    )?;
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let mut named: Vec<&str> = paths.keys().map(String::as_str).collect();
    named.sort_unstable();
    let expected = ["/me", "/signin", "/signout", "/signup"];
    expect(named == expected, "the four paths", named.join(", "))?;
    // What each answers, in this order: once right, once wrong.
    let right = json!({ "email": email, "password": PASSWORD }).to_string();
    let wrong = json!({ "email": email, "password": "something else" }).to_string();
    for (method, path, body) in [
        ("get", "/me", ""),
        ("post", "/signup", &right),
        ("post", "/signup", &right),
        ("get", "/me", ""),
        ("post", "/signout", ""),
        ("post", "/signin", &wrong),
        ("post", "/signin", &right),
    ] {
        let verb = method.to_uppercase();
        let page = ada
            .request(&verb, &format!("/api/v1{path}"), &[JSON], body)
            .await?;
        expect_documented(&document, &paths[path][method], &page)?;
    }
    Ok(())
}

/// The answer's status is one that the document names for it, with this media type and
/// the properties that its schema requires.
fn expect_documented(document: &Value, operation: &Value, page: &Page) -> Verdict {
    let responses = &operation["responses"];
    let status = page.status().to_string();
    let response = follow(document, &responses[&status]);
    let promise = format!("the document names the status {status}");
    expect(response.is_object(), &promise, responses.to_string())?;
    let Some(content) = response["content"].as_object() else {
        return expect(
            page.body().is_empty(),
            "no body, as documented",
            page.body(),
        );
    };
    let media = page.header("content-type").unwrap_or_default();
    let schema = content
        .get(media)
        .map(|media| follow(document, &media["schema"]));
    let promise = format!("the document names {media}");
    let schema = schema.ok_or_else(|| Stop::broken(promise, response.to_string()))?;
    let body = json(page, media)?;
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        expect(
            body.get(name).is_some(),
            &format!("{name} in the body"),
            body.to_string(),
        )?;
    }
    Ok(())
}

/// What a `$ref` points to, or the thing itself.
fn follow<'a>(document: &'a Value, thing: &'a Value) -> &'a Value {
    let path = thing["$ref"]
        .as_str()
        .and_then(|path| path.strip_prefix('#'));
    path.and_then(|path| document.pointer(path))
        .unwrap_or(thing)
}

async fn api_and_pages_share_one_session(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, email) = (app.browser(), new_email("ada"));
    let account = json!({ "email": email, "password": PASSWORD });
    send(&mut ada, SIGNUP, &account).await?.expect_status(201)?;
    let first = session_id(&expect_user(&mut ada, &email).await?)?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    send(&mut ada, SIGNIN, &account).await?.expect_status(200)?;
    let page = expect_user(&mut ada, &email).await?;
    expect_count(&page, 0)?;
    let second = session_id(&page)?;
    expect(
        first != second,
        "a new ID with each login",
        format!("{first}, then {second}"),
    )?;
    ada.post("/logout", &[]).await?.expect_status(303)?;
    expect_problem(&ada.get(ME).await?, 401, "Please login first!")
}
