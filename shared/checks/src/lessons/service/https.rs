//! TLS: before the app, for browsers, and behind it, to MongoDB.

use crate::{
    app::App,
    chromium::{Chromium, Tab},
    lessons::{
        chromium::logged_out,
        login::{PASSWORD, expect_home, expect_user, log_in, newcomer},
        prelude::*,
        stores::settings::SECRET,
    },
    store::Store,
};
use fantoccini::cookies::Cookie;
use std::{fs, net::Ipv4Addr, path::Path};
use tls::{Folder, pass_on};
use tokio::net::TcpListener;

checks! {
    Needs::Browser:
        chromium_keeps_the_secure_cookie_over_https_and_removes_it;
    Needs::Process:
        mongodb_is_reached_over_tls_if_its_certificate_is_trusted,
        a_name_of_mongodb_that_nobody_knows_is_one_clear_line;
}

const REFUSED: &str = "its certificate is refused";

/// Must never be printed.
const SECRET_PART: &str = "hush-hush";

/// Chromium goes by this name to the app. It treats `localhost` and loopback addresses
/// as if they were HTTPS (Secure Contexts, section 3.1), and keeps Secure cookies there.
const HOST: &str = "beer.test";

async fn chromium_keeps_the_secure_cookie_over_https_and_removes_it(course: Course) -> Verdict {
    let app = course.app_with(&[("COOKIE_SECURE", "1")]).await?;
    let (_, email) = newcomer(&app, "ada").await?;
    let folder = tempfile::tempdir()?;
    let certificate = certificate(folder.path(), "https")?;
    let port = serve_https(&app, &certificate).await?;
    let chromium = Chromium::start().await?;
    let fingerprint = certificate.fingerprint().map_err(Stop::Harness)?;
    let arguments = [
        format!("--host-resolver-rules=MAP {HOST} 127.0.0.1"),
        // No other certificate without a signature.
        format!("--ignore-certificate-errors-spki-list={fingerprint}"),
    ];
    let tab = chromium.profile_with(&arguments).await?;

    // First, because who was here over HTTPS goes there by itself (HSTS).
    let site = app.url().replace("127.0.0.1", HOST);
    log_in_by_hand(&tab, &site, &email).await?;
    tab.wait_for_path("/login?next=/").await?;
    expect_no_cookie(&tab, "over plain HTTP").await?;

    let site = format!("https://{HOST}:{port}");
    log_in_by_hand(&tab, &site, &email).await?;
    tab.wait_for_text(&format!("Logged in as: {email}")).await?;
    tab.open(&format!("{site}/profile")).await?;
    tab.wait_for_text(&format!("Hello {email}")).await?;
    let kept = tab.cookies().await?;
    let is_as_promised = |cookie: &Cookie| {
        cookie.name() == "__Host-beer.sid"
            && cookie.secure() == Some(true)
            && cookie.http_only() == Some(true)
            && cookie.same_site().is_some_and(|site| site.is_lax())
            && cookie.path() == Some("/")
            // With a dot before it, it would be for subdomains, too.
            && cookie.domain() == Some(HOST)
    };
    let promise = "Chromium keeps __Host-beer.sid: Secure, HttpOnly, Lax, for / of this host";
    let as_promised = kept.len() == 1 && kept.iter().all(is_as_promised);
    expect(as_promised, promise, format!("{kept:?}"))?;
    tab.click_button("Log Out").await?;
    tab.wait_for_text(logged_out(&app).await?).await?;
    expect_no_cookie(&tab, "after the logout").await
}

/// HTTPS before an app, until the check ends. Answers its port.
async fn serve_https(app: &App, certificate: &Folder) -> Result<u16, Stop> {
    let acceptor = certificate.open().map_err(Stop::Harness)?;
    let address = app.socket()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(pass_on(listener, acceptor, address));
    Ok(port)
}

async fn log_in_by_hand(tab: &Tab, site: &str, email: &str) -> Verdict {
    tab.open(&format!("{site}/login")).await?;
    tab.fill("E-mail", email).await?;
    tab.fill("Password", PASSWORD).await?;
    tab.click_button("Log In").await
}

async fn expect_no_cookie(tab: &Tab, when: &str) -> Verdict {
    let kept = tab.cookies().await?;
    let promise = format!("{when} Chromium keeps no cookie");
    expect(kept.is_empty(), &promise, format!("{kept:?}"))
}

/// A certificate with its key, for localhost.
fn certificate(folder: &Path, name: &str) -> Result<Folder, Stop> {
    let certificate = Folder(folder.join(name));
    certificate.open().map_err(Stop::Harness)?;
    Ok(certificate)
}

async fn mongodb_is_reached_over_tls_if_its_certificate_is_trusted(course: Course) -> Verdict {
    let folder = tempfile::tempdir()?;
    let its_own = certificate(folder.path(), "its-own")?;
    let another = certificate(folder.path(), "another")?;
    let pem = folder.path().join("both.pem");
    let text = fs::read_to_string(its_own.certificate())? + &fs::read_to_string(its_own.key())?;
    fs::write(&pem, text)?;
    let server = Store::over_tls(pem).await?;
    let mongodb = server.url();
    let trusting = |url: &str, file: &Path| format!("{url}?tls=true&tlsCAFile={}", file.display());

    let url = trusting(&mongodb, &its_own.certificate());
    let settings = [("SESSION_STORE", &*url), ("DATABASE_URL", &*url)];
    let mut app = course.app_with(&settings).await?;
    let (mut ada, email) = newcomer(&app, "ada").await?;
    let mut at_work = app.browser();
    expect_home(&log_in(&mut at_work, &email, PASSWORD).await?)?;
    app.restart().await?;
    expect_user(&mut ada, &email).await?;
    expect_user(&mut at_work, &email).await?;

    // Mostly without a password: a MongoDB without users would refuse that, too.
    let with_password = mongodb.replace("://", &format!("://ada:{SECRET_PART}@"));
    let anothers = another.certificate();
    let nowhere = folder.path().join("nowhere.pem");
    let refusals = [
        ("SESSION_STORE", trusting(&mongodb, &anothers), REFUSED),
        ("DATABASE_URL", trusting(&mongodb, &anothers), REFUSED),
        ("DATABASE_URL", trusting(&with_password, &anothers), REFUSED),
        // Without a file, only authorities that the whole world knows are trusted.
        ("DATABASE_URL", format!("{mongodb}?tls=true"), REFUSED),
        (
            "SESSION_STORE",
            trusting(&with_password, &nowhere),
            "nowhere.pem",
        ),
        ("SESSION_STORE", mongodb.clone(), "no MongoDB answers"),
    ];
    at_once(refusals.map(|(variable, url, word)| refuse(course.clone(), variable, url, word))).await
}

async fn a_name_of_mongodb_that_nobody_knows_is_one_clear_line(course: Course) -> Verdict {
    // A name that never is one (RFC 2606).
    let url = format!("mongodb+srv://ada:{SECRET_PART}@cluster.invalid/course");
    let variables = ["SESSION_STORE", "DATABASE_URL"];
    at_once(variables.map(|variable| refuse(course.clone(), variable, url.clone(), "DNS"))).await
}

/// One line with the setting's name and this word, and no password.
async fn refuse(course: Course, variable: &'static str, url: String, word: &str) -> Verdict {
    let exit = course.run_to_exit(&[SECRET, (variable, &url)]).await?;
    exit.expect_refusal(&[variable, word])?;
    exit.expect_silence_about(SECRET_PART)
}
