//! A beer API that answers as a check wants it to: a real server on a real
//! port, with a bad day.

use crate::Stop;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinHandle,
};

/// Answers every request alike until it is dropped.
#[derive(Debug)]
pub struct BeerApi {
    url: String,
    /// A permit for each request that is here.
    asked: Arc<Semaphore>,
    /// How often it was told to answer.
    orders: watch::Sender<u64>,
    server: JoinHandle<()>,
}

/// What a request waits for.
#[derive(Debug, Clone, Copy)]
enum Until {
    Passed(Duration),
    /// The next [`release`](BeerApi::release).
    Released,
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
        BeerApi::start(Until::Passed(delay), status, body).await
    }

    /// Keeps every request waiting until it is [released](BeerApi::release): so a
    /// check says what comes first.
    pub async fn held() -> Result<BeerApi, Stop> {
        let beer = r#"{"status":200,"data":{"name":"Slow","style":"Lager"}}"#;
        BeerApi::start(Until::Released, "200 OK", beer).await
    }

    async fn start(until: Until, status: &str, body: &str) -> Result<BeerApi, Stop> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let asked = Arc::new(Semaphore::new(0));
        let tell = Arc::clone(&asked);
        let (orders, order) = watch::channel(0);
        let server = tokio::spawn(async move {
            while let Ok((mut browser, _)) = listener.accept().await {
                let (answer, tell) = (answer.clone(), Arc::clone(&tell));
                let mut order = order.clone();
                tokio::spawn(async move {
                    // A request for a beer fits into one read; what it says does not matter.
                    let _ = browser.read(&mut [0; 4096]).await;
                    order.mark_unchanged();
                    tell.add_permits(1);
                    match until {
                        Until::Passed(delay) => tokio::time::sleep(delay).await,
                        Until::Released => drop(order.changed().await),
                    }
                    let _ = browser.write_all(answer.as_bytes()).await;
                });
            }
        });
        Ok(BeerApi {
            url,
            asked,
            orders,
            server,
        })
    }

    /// Waits until a request is here that nobody has waited for yet.
    pub async fn asked(&self) {
        if let Ok(one) = self.asked.acquire().await {
            one.forget();
        }
    }

    /// Answers all requests that are here, and keeps the next waiting again.
    pub fn release(&self) {
        self.orders.send_modify(|orders| *orders += 1);
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
