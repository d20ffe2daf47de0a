//! What every step keeps, whatever its lesson is: how it starts, stops and
//! answers to settings.

use super::prelude::*;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

checks! {
    Needs::Process:
        the_first_line_says_where_the_app_listens,
        sigterm_and_ctrl_c_end_the_app_with_exit_code_0,
        a_request_in_flight_is_finished_before_the_app_stops,
        a_stuck_client_cannot_keep_the_app_from_stopping,
        a_client_that_never_ends_its_request_is_left,
        an_app_whose_log_nobody_reads_goes_on,
        logs_go_to_stderr_and_hold_no_secret_and_no_cookie,
        a_bad_host_port_mode_or_log_is_refused_in_one_line,
        a_port_in_use_is_refused_in_one_line,
        a_bad_beer_api_url_or_seed_is_refused_in_one_line,
        a_short_session_secret_is_refused_and_not_printed,
        production_needs_a_session_secret,
        the_built_in_secret_stays_on_this_machine,
        a_bad_session_lifetime_is_refused_in_one_line,
        a_dotenv_file_is_read_and_the_environment_wins;
}

/// Long enough for any secret, and easy to find where it must not be.
const SECRET: &str = "a-test-secret-of-more-than-thirty-two-bytes";

async fn the_first_line_says_where_the_app_listens(course: Course) -> Verdict {
    // The harness starts an app with PORT=0 and believes its first line: that
    // the app answers there is the proof.
    let app = course.app().await?;
    app.visitor().await?.get("/").await?.expect_status(200)?;
    // Not every machine speaks IPv6.
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        let app = course.app_with(&[("HOST", "::1")]).await?;
        app.visitor().await?.get("/").await?.expect_status(200)?;
        let url = app.url();
        expect(
            url.starts_with("http://[::1]:"),
            "HOST=::1 is where it listens",
            url,
        )?;
    }
    Ok(())
}

async fn sigterm_and_ctrl_c_end_the_app_with_exit_code_0(course: Course) -> Verdict {
    // At once after the ready line: from then on an app can be told to stop.
    for _ in 0..5 {
        let app = course.app_with(&[]).await?;
        app.terminate().await?.expect_code(0)?;
        let app = course.app_with(&[]).await?;
        app.interrupt().await?.expect_code(0)?;
    }
    let app = course.app_with(&[]).await?;
    app.browser().get("/").await?;
    app.terminate().await?.expect_code(0)
}

async fn a_request_in_flight_is_finished_before_the_app_stops(course: Course) -> Verdict {
    let slow = BeerApi::answering_after(
        Duration::from_millis(1500),
        "200 OK",
        r#"{"status":200,"data":{"name":"Last Orders","style":"Mild"}}"#,
    )
    .await?;
    let app = course.app_with(&[("BEER_API_URL", slow.url())]).await?;
    let mut ada = app.visitor().await?;
    let pour = tokio::spawn(async move { ada.post("/", &[]).await });
    slow.asked().await;
    let exit = app.terminate().await?;
    let page = pour.await.map_err(Stop::harness)??;
    page.expect_status(200)?;
    page.expect_text("Last Orders")?;
    exit.expect_code(0)
}

async fn a_stuck_client_cannot_keep_the_app_from_stopping(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let address = app.url().trim_start_matches("http://").to_owned();
    let mut stuck = TcpStream::connect(address).await?;
    // Half a request: the blank line that ends its headers never comes.
    stuck
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n")
        .await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    // Broken if the app still runs after twice the time.
    app.terminate().await?.expect_code(0)
}

async fn a_client_that_never_ends_its_request_is_left(course: Course) -> Verdict {
    let app = course.app().await?;
    let address = app.url().trim_start_matches("http://").to_owned();
    // Of the one's headers, and of the other's body, the end never comes.
    let mut slow = Vec::new();
    for half in [
        "POST /login HTTP/1.1\r\nhost: localhost\r\n",
        "POST /login HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 99\r\n\r\nnext=",
    ] {
        let mut client = TcpStream::connect(&address).await?;
        client.write_all(half.as_bytes()).await?;
        slow.push((client, half));
    }
    for (mut client, half) in slow {
        let mut answer = Vec::new();
        let end = timeout(Duration::from_secs(30), client.read_to_end(&mut answer)).await;
        let promise = format!("the end of a connection that sent {half:?}");
        expect(end.is_ok(), &promise, "it is still open after 30 seconds")?;
    }
    app.browser().get("/style.css").await?.expect_status(200)
}

async fn an_app_whose_log_nobody_reads_goes_on(course: Course) -> Verdict {
    let app = course.app_with_unread_log(&[("RUST_LOG", "trace")]).await?;
    let mut ada = app.visitor().await?;
    for _ in 0..3 {
        ada.post("/", &[]).await?.expect_status(200)?;
    }
    app.terminate().await?.expect_code(0)
}

async fn logs_go_to_stderr_and_hold_no_secret_and_no_cookie(course: Course) -> Verdict {
    let settings = [
        ("RUST_LOG", "trace"),
        ("SESSION_SECRET", SECRET),
        ("SESSION_TTL_SECS", "1"),
    ];
    let app = course.app_with(&settings).await?;
    let mut ada = app.visitor().await?;
    let mut hidden = vec![SECRET.to_owned()];
    let mut pages = vec![
        ada.get("/").await?,
        ada.post("/", &[]).await?,
        ada.post("/name", &[("name", "Ada")]).await?,
    ];
    hidden.extend(ada.cookie_values());
    // Expired, but well signed; then forged; then with an ID and no signature.
    let mut stale = app.browser();
    for name in ["beers", "beer.sid"] {
        stale.set_cookie(name, &ada.cookie(name).unwrap_or_default());
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    pages.push(stale.get("/").await?);
    hidden.extend(stale.cookie_values());
    let mut ids = pages
        .iter()
        .filter_map(|page| page.text_after("Session ID: "));
    let id = ids.next().unwrap_or_default();
    for value in ["forged", &id] {
        let mut mallory = app.browser();
        mallory.set_cookie("beer.sid", value);
        mallory.set_cookie("beers", value);
        pages.push(mallory.post("/", &[]).await?);
        pages.push(mallory.get("/count").await?);
        hidden.extend(mallory.cookie_values());
    }
    hidden.extend(
        pages
            .iter()
            .filter_map(|page| page.text_after("Session ID: ")),
    );
    let exit = app.terminate().await?;
    expect(
        exit.stdout.lines().count() == 1,
        "stdout holds the ready line alone",
        format!("stdout holds: {}", exit.stdout),
    )?;
    expect(
        !exit.stderr.is_empty(),
        "the log goes to stderr",
        "stderr is empty",
    )?;
    // Values such as `1` or `forged` stand in any log.
    for value in hidden.iter().filter(|value| value.len() > 8) {
        expect(
            !exit.stderr.contains(value.as_str()),
            "no secret and no cookie's value in the log",
            format!("the log at RUST_LOG=trace holds {value}"),
        )?;
    }
    Ok(())
}

async fn a_bad_host_port_mode_or_log_is_refused_in_one_line(course: Course) -> Verdict {
    for (name, value) in [
        ("PORT", "abc"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "3000 "),
        ("HOST", "nowhere"),
        ("HOST", "127.0.0.1:3000"),
        ("APP_ENV", "staging"),
        ("RUST_LOG", "info=loud"),
    ] {
        let exit = course.run_to_exit(&[(name, value)]).await?;
        exit.expect_refusal(&[&format!("{name}={value}"), "expected"])?;
    }
    Ok(())
}

async fn a_port_in_use_is_refused_in_one_line(course: Course) -> Verdict {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port().to_string();
    // With a secret, so that the warning about the built-in one is not in the way.
    let exit = course
        .run_to_exit(&[("PORT", &port), ("SESSION_SECRET", SECRET)])
        .await?;
    exit.expect_refusal(&[&format!("PORT={port}"), "in use"])
}

async fn a_bad_beer_api_url_or_seed_is_refused_in_one_line(course: Course) -> Verdict {
    for url in [
        "https://beers.example/",
        "beers.example",
        "ftp://beers.example/",
        "http://",
    ] {
        let exit = course.run_to_exit(&[("BEER_API_URL", url)]).await?;
        exit.expect_refusal(&["BEER_API_URL=", "http"])?;
    }
    let exit = course
        .run_to_exit(&[("BEER_API_URL", "https://ada:hush-hush@beers.example/")])
        .await?;
    exit.expect_refusal(&["BEER_API_URL="])?;
    exit.expect_silence_about("hush-hush")?;
    for seed in ["seven", "-7", "18446744073709551616"] {
        let exit = course.run_to_exit(&[("BEER_SEED", seed)]).await?;
        exit.expect_refusal(&[&format!("BEER_SEED={seed}"), "expected"])?;
    }
    Ok(())
}

async fn a_short_session_secret_is_refused_and_not_printed(course: Course) -> Verdict {
    for secret in ["hush-hush", &SECRET[..31]] {
        let exit = course.run_to_exit(&[("SESSION_SECRET", secret)]).await?;
        exit.expect_refusal(&["SESSION_SECRET", "32 bytes"])?;
        exit.expect_silence_about(secret)?;
    }
    course
        .app_with(&[("SESSION_SECRET", &SECRET[..32])])
        .await?;
    Ok(())
}

async fn production_needs_a_session_secret(course: Course) -> Verdict {
    let exit = course.run_to_exit(&[("APP_ENV", "production")]).await?;
    exit.expect_refusal(&["SESSION_SECRET", "32 bytes"])?;
    let app = course
        .app_with(&[("APP_ENV", "production"), ("SESSION_SECRET", SECRET)])
        .await?;
    app.visitor().await?.get("/").await?.expect_status(200)
}

async fn the_built_in_secret_stays_on_this_machine(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    app.visitor().await?.get("/").await?.expect_status(200)?;
    let warning = "SESSION_SECRET is not set";
    let log = app.log_when(|log| log.contains(warning)).await;
    let warnings = log.matches(warning).count();
    expect(
        warnings == 1,
        "one warning that SESSION_SECRET is not set",
        format!("{warnings} of them in the log"),
    )?;
    let exit = course.run_to_exit(&[("HOST", "0.0.0.0")]).await?;
    exit.expect_refusal(&["HOST=0.0.0.0", "SESSION_SECRET"])
}

async fn a_bad_session_lifetime_is_refused_in_one_line(course: Course) -> Verdict {
    for seconds in ["0", "-1", "34560001", "1.5", "soon"] {
        let exit = course.run_to_exit(&[("SESSION_TTL_SECS", seconds)]).await?;
        exit.expect_refusal(&[&format!("SESSION_TTL_SECS={seconds}"), "34560000"])?;
    }
    let app = course.app_with(&[("SESSION_TTL_SECS", "34560000")]).await?;
    app.visitor().await?.get("/").await?.expect_status(200)
}

async fn a_dotenv_file_is_read_and_the_environment_wins(course: Course) -> Verdict {
    let exit = course
        .run_with_dotenv("APP_ENV=from-the-file\n", &[])
        .await?;
    exit.expect_refusal(&["APP_ENV=from-the-file"])?;
    let exit = course
        .run_with_dotenv(
            "APP_ENV=from-the-file\n",
            &[("APP_ENV", "from-the-environment")],
        )
        .await?;
    exit.expect_refusal(&["APP_ENV=from-the-environment"])?;
    let exit = course
        .run_with_dotenv("SESSION_SECRET hush-hush-hush\n", &[])
        .await?;
    exit.expect_refusal(&[".env"])?;
    exit.expect_silence_about("hush-hush-hush")
}
