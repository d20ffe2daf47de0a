//! A beer API that answers as a check wants it to: a real server on a real
//! port, with a bad day.

use crate::Stop;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
    task::JoinHandle,
};

/// Answers every request alike until it is dropped.
#[derive(Debug)]
pub struct BeerApi {
    url: String,
    asked: Arc<Notify>,
    server: JoinHandle<()>,
}

impl BeerApi {
    /// Answers with this beer.
    pub async fn pouring(name: &str, style: &str) -> Result<BeerApi, Stop> {
        let beer = serde_json::json!({ "status": 200, "data": { "name": name, "style": style } });
        BeerApi::answering("200 OK", &beer.to_string()).await
    }

    /// Answers with this status line and body.
    pub async fn answering(status: &str, body: &str) -> Result<BeerApi, Stop> {
        BeerApi::answering_after(Duration::ZERO, status, body).await
    }

    /// Waits before it answers.
    pub async fn answering_after(
        delay: Duration,
        status: &str,
        body: &str,
    ) -> Result<BeerApi, Stop> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let asked = Arc::new(Notify::new());
        let tell = Arc::clone(&asked);
        let server = tokio::spawn(async move {
            while let Ok((mut browser, _)) = listener.accept().await {
                let (answer, tell) = (answer.clone(), Arc::clone(&tell));
                tokio::spawn(async move {
                    // A request for a beer fits into one read; what it says does not matter.
                    let _ = browser.read(&mut [0; 4096]).await;
                    tell.notify_one();
                    tokio::time::sleep(delay).await;
                    let _ = browser.write_all(answer.as_bytes()).await;
                });
            }
        });
        Ok(BeerApi { url, asked, server })
    }

    /// Waits until a request is here.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    /// For `BEER_API_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for BeerApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}
