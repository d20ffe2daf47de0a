//! From one stream to the other and back.

use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

/// How long a browser may take to agree on keys. Without a limit, one that says
/// nothing would stay for ever.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Passes every connection on to an app, each by itself, until it is dropped.
pub async fn pass_on(listener: TcpListener, tls: TlsAcceptor, app: SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(one(stream, tls.clone(), app));
            }
            // Such as too many open files, until others have ended.
            Err(error) => {
                eprintln!("https: {error}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn one(stream: TcpStream, tls: TlsAcceptor, app: SocketAddr) {
    // Both sides send whole messages. An error means that the stream is at its end.
    let _ = stream.set_nodelay(true);
    // A browser that does not trust the certificate yet leaves here, as does whoever
    // speaks plain HTTP.
    let Ok(Ok(mut browser)) = timeout(HANDSHAKE_LIMIT, tls.accept(stream)).await else {
        return;
    };
    let mut app = match TcpStream::connect(app).await {
        Ok(stream) => stream,
        Err(error) => {
            eprintln!("https: nobody answers at http://{app} ({error}); does the app run?");
            // It says that nothing was cut off.
            let _ = browser.shutdown().await;
            return;
        }
    };
    let _ = app.set_nodelay(true);
    // The end of one direction goes on to the other side, and the other direction
    // may go on. An error ends both, without the word that all was sent.
    let _ = copy_bidirectional(&mut browser, &mut app).await;
}
