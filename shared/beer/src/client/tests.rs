//! The client against real sockets: a server that answers with fixed bytes.

use std::future::pending;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::*;

const BEER: &str = r#"{"status":200,"data":{"name":"Loud Whisper","style":"Saison"}}"#;

/// A client of a server that handles each connection with `serve`.
async fn client_of<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Client
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // The request, which fits in one packet and says nothing new.
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
            serve(stream).await;
        }
    });
    Client::new(format!("http://user:hush@{address}/").parse().unwrap())
}

/// What the client makes of an answer with this status line and body.
async fn pour(status: &str, body: &str) -> Result<Beer, Error> {
    let answer = format!(
        "HTTP/1.1 {status}\r\nLocation: /elsewhere\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let client = client_of(move |mut stream| {
        let answer = answer.clone();
        async move { stream.write_all(answer.as_bytes()).await.unwrap() }
    });
    client.await.pour().await
}

fn malformed(result: Result<Beer, Error>) -> &'static str {
    match result {
        Err(Error::Malformed(reason)) => reason,
        other => panic!("expected Malformed, got {other:?}"),
    }
}

/// The client gives up by itself: 10 s is far beyond its limit, for a busy machine.
async fn assert_slow(client: Client) {
    let pour = timeout(Duration::from_secs(10), client.pour());
    let result = pour.await.expect("the client is still waiting");
    assert!(matches!(result, Err(Error::Slow)), "{result:?}");
}

#[tokio::test]
async fn our_own_api_pours_the_beers_of_its_seed() {
    let address = api::start(Some(7)).await.unwrap();
    let client = Client::new(format!("http://{address}/").parse().unwrap());
    let mut brewery = crate::model::Brewery::new(Some(7));
    for _ in 0..5 {
        assert_eq!(client.pour().await.unwrap(), brewery.pour());
    }
}

#[tokio::test]
async fn an_answer_of_the_tutorials_shape_is_a_beer() {
    let beer = pour("200 OK", BEER).await.unwrap();
    assert_eq!((&*beer.name, &*beer.style), ("Loud Whisper", "Saison"));
}

#[tokio::test]
async fn a_refused_connection_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(format!("http://user:hush@{address}/").parse().unwrap());
    let error = client.pour().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(!format!("{error} {error:?} {client:?}").contains("hush"));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unreachable() {
    let client = client_of(|mut stream| async move {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{";
        stream.write_all(half.as_bytes()).await.unwrap();
    });
    let error = client.await.pour().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("hush"));
}

#[tokio::test]
async fn silence_is_slow() {
    let client = client_of(|stream| async move {
        let _open = stream;
        pending::<()>().await;
    });
    assert_slow(client.await).await;
}

#[tokio::test]
async fn an_answer_that_drips_is_slow() {
    let client = client_of(|mut stream| async move {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", BEER.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        for byte in BEER.as_bytes() {
            tokio::time::sleep(Duration::from_millis(200)).await;
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
    });
    assert_slow(client.await).await;
}

#[tokio::test]
async fn an_endless_answer_is_too_large() {
    let client = client_of(|mut stream| async move {
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        while stream.write_all(&[b' '; 4096]).await.is_ok() {}
    });
    let error = client.await.pour().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge), "{error:?}");
}

#[tokio::test]
async fn another_status_is_an_error_even_around_a_beer() {
    for (line, code) in [("500 Oops", 500), ("302 Found", 302), ("201 Created", 201)] {
        let error = pour(line, BEER).await.unwrap_err();
        assert!(matches!(error, Error::Status(c) if c == code), "{error:?}");
    }
}

#[tokio::test]
async fn another_status_inside_is_an_error() {
    let error = pour("200 OK", &BEER.replace("200", "500")).await;
    assert!(matches!(error, Err(Error::InnerStatus(500))), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_is_no_beer_says_why() {
    let no_json = malformed(pour("200 OK", "<h1>It works</h1>").await);
    assert_eq!(no_json, "is not JSON");
    let other_json = malformed(pour("200 OK", r#"{"status":200,"data":[]}"#).await);
    assert_eq!(other_json, "lacks a status, a name or a style");
    let blank = malformed(pour("200 OK", &BEER.replace("Loud Whisper", " \\t")).await);
    assert_eq!(blank, "has a blank name or style");
}

#[tokio::test]
async fn a_style_has_at_most_200_characters() {
    let of = |length| BEER.replace("Saison", &"ö".repeat(length));
    assert!(pour("200 OK", &of(200)).await.is_ok());
    let long = malformed(pour("200 OK", &of(201)).await);
    assert_eq!(long, "has too long a name or style");
}

#[test]
fn only_an_http_address_is_taken() {
    assert!(http_url("http://127.0.0.1:4000/beer?lang=en").is_ok());
    for (text, shown) in [
        ("https://user:hush@host/x?key=hush", "https://host/x"),
        ("HTTPS://host:8443/", "https://host:8443/"),
        ("localhost:4000", "localhost:4000"),
        ("beer", "beer"),
        ("http://user:hush#@host", "(hidden)"),
        ("mailto:user:hush@host", "(hidden)"),
    ] {
        let line = http_url(text).unwrap_err().to_string();
        assert!(
            line.starts_with(&format!("BEER_API_URL={shown}: ")),
            "{line}"
        );
        assert!(
            !line.contains("hush") && line.contains("unset it"),
            "{line}"
        );
    }
}

#[test]
fn a_seed_is_a_whole_number() {
    assert_eq!(seed("18446744073709551615").unwrap(), u64::MAX);
    for text in ["-1", "1.5", "lots", "18446744073709551616"] {
        let line = seed(text).unwrap_err().to_string();
        assert!(
            line.starts_with(&format!("BEER_SEED={text}: expected")),
            "{line}"
        );
    }
}
