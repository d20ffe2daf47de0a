//! Against the real browser. Without chromedriver a failure under COURSE_STRICT, and a
//! line on stderr otherwise.

use super::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A site whose first page sets two cookies, and whose others tell what came back.
async fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 8192];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let cookies = if request.starts_with("GET /first ") {
                    "set-cookie: kept=1; Max-Age=600\r\nset-cookie: brief=1\r\n"
                } else {
                    ""
                };
                let sent = request
                    .lines()
                    .find_map(|line| line.strip_prefix("Cookie: "));
                let page = format!("<main>sent: {}.</main>", sent.unwrap_or("nothing"));
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n{cookies}\r\n{page}"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    url
}

#[tokio::test]
async fn a_profile_in_a_folder_is_the_same_when_it_is_opened_again() {
    if crate::servers::find("chromedriver").is_none() && !crate::is_on("COURSE_STRICT") {
        eprintln!("not judged: needs chromedriver");
        return;
    }
    let url = site().await;
    let chromium = Chromium::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let tab = chromium.profile_in(folder.path()).await.unwrap();
    tab.open(&format!("{url}/first")).await.unwrap();
    tab.wait_for_text("sent: nothing.").await.unwrap();
    tab.open(&url).await.unwrap();
    tab.wait_for_text("sent: kept=1; brief=1.").await.unwrap();
    tab.close().await.unwrap();

    let tab = chromium.profile_in(folder.path()).await.unwrap();
    tab.open(&url).await.unwrap();
    tab.wait_for_text("sent: kept=1.").await.unwrap();

    let another = chromium.profile().await.unwrap();
    another.open(&url).await.unwrap();
    another.wait_for_text("sent: nothing.").await.unwrap();
}
