//! From a step's router to a running server, and back to a clean end.

use crate::{SettingError, Settings, error_page, xray};
use axum::{
    Router,
    extract::{ConnectInfo, Request},
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
    serve::Listener,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{
    convert::Infallible,
    io::{self, ErrorKind, Write},
    mem,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tower_http::timeout::TimeoutBody;
use tower_service::Service;
use tracing::Level;

/// How long a request in flight may go on once the app was told to stop: longer
/// than any limit inside a step, shorter than the 30 s that container platforms
/// wait before they kill.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// How long a client may take over a request's headers, and over each piece of its body.
/// Whoever begins requests and never ends them would have all connections one day.
const CLIENT_LIMIT: Duration = Duration::from_secs(10);

/// Serves `app`, with what [`surround`] puts around it, as [`listen`] does.
pub async fn serve(settings: &Settings, app: Router) -> Result<(), SettingError> {
    listen(settings, surround(settings, app)).await
}

/// Listens on the settings' address until Ctrl-C or SIGTERM, then lets the requests in
/// flight finish. A handler finds its client's address in `ConnectInfo<SocketAddr>`, and
/// each request is a line in the log.
pub async fn listen(settings: &Settings, app: Router) -> Result<(), SettingError> {
    let address = settings.address();
    let mut listener = TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => SettingError::new(
                "PORT",
                address.port(),
                "in use by another program; choose another",
            ),
            ErrorKind::PermissionDenied => SettingError::new(
                "PORT",
                address.port(),
                "needs more rights; choose one from 1024 on",
            ),
            _ => SettingError::new(
                "HOST",
                address.ip(),
                format!("cannot listen here ({error}); choose an address of this machine"),
            ),
        })?;
    let address = listener.local_addr().unwrap_or(address);

    // Before the ready line: whoever has read it may tell us to stop.
    let mut signals = Signals::listen()
        .map_err(|error| SettingError::unset("signals", format!("not to be had: {error}")))?;

    // Not println!, which panics when nobody reads stdout any more.
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "listening on http://{address}").and_then(|()| stdout.flush());

    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(CLIENT_LIMIT);
    let connections = GracefulShutdown::new();
    loop {
        let (stream, client) = tokio::select! {
            // Accepts again when accepting fails.
            accepted = Listener::accept(&mut listener) => accepted,
            () = signals.next() => break,
        };
        let app = app.clone();
        let service = service_fn(move |request| answer(app.clone(), client, request));
        let connection = http.serve_connection(TokioIo::new(stream), service);
        // An error is the client's, who has gone or was told what was wrong.
        tokio::spawn(connections.watch(connection));
    }
    tracing::info!("stopping: waiting for requests in flight");
    // From now on nobody else gets through.
    drop(listener);
    tokio::select! {
        () = connections.shutdown() => tracing::info!("stopped"),
        () = signals.next() => tracing::warn!("told twice: not waiting any longer"),
        () = tokio::time::sleep(STOP_LIMIT) => tracing::warn!("stopping in the middle of requests"),
    }
    // Not dropped: a database's client would begin to end its sessions, and the one of
    // MongoDB panics when the runtime ends before it has done so.
    mem::forget(app);
    Ok(())
}

/// Around the step's routes, and so outside any session layer of theirs: the static
/// files, the pages for unknown paths and wrong methods and, for a developer, the X-ray.
pub fn surround(settings: &Settings, app: Router) -> Router {
    let mut app = app
        .route("/style.css", get(style))
        .route("/favicon.svg", get(icon))
        .route("/countdown.js", get(countdown))
        .fallback(error_page::not_found)
        .method_not_allowed_fallback(error_page::method_not_allowed);
    if settings.developer_tools() {
        app = xray::under_every_page(settings, app);
    }
    app
}

async fn style() -> impl IntoResponse {
    static_file(
        "text/css; charset=utf-8",
        include_str!("../static/style.css"),
    )
}

async fn icon() -> impl IntoResponse {
    static_file("image/svg+xml", include_str!("../static/favicon.svg"))
}

async fn countdown() -> impl IntoResponse {
    static_file(
        "text/javascript; charset=utf-8",
        include_str!("../static/countdown.js"),
    )
}

fn static_file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "max-age=300")],
        text,
    )
}

/// One request. This is no layer of the router: for each request a router copies all the
/// layers that a route has, once for each of them.
async fn answer(
    mut app: Router,
    client: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(|body| TimeoutBody::new(CLIENT_LIMIT, body));
    request.extensions_mut().insert(ConnectInfo(client));
    if !tracing::enabled!(Level::INFO) {
        return app.call(request).await;
    }
    // Method, path and status; no query, header or cookie, where secrets travel.
    let method = request.method().clone();
    let path: String = request.uri().path().chars().take(200).collect();
    let start = Instant::now();
    let response = app.call(request).await?;
    let status = response.status().as_u16();
    tracing::info!(%method, path, status, elapsed = ?start.elapsed(), "request");
    Ok(response)
}

/// Ctrl-C, and SIGTERM where there is such a thing.
#[cfg(unix)]
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> io::Result<Signals> {
        Ok(Signals(tokio::signal::windows::ctrl_c()?))
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        body::{Body, to_bytes},
        http::{StatusCode, header::SET_COOKIE},
        response::{Html, Redirect},
    };
    use tower::ServiceExt;

    async fn home() -> impl IntoResponse {
        let set = [(SET_COOKIE, "taste=<b>bitter</b>; HttpOnly")];
        (set, Html("<body><main>a page</main></body>"))
    }

    async fn ask(settings: &[(&str, &str)], path: &str) -> (StatusCode, String) {
        let pairs = settings
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let settings = Settings::from_variables(pairs.collect()).unwrap();
        let app = surround(&settings, Router::new().route("/", get(home)));
        let request = Request::get(path).header("cookie", "taste=<i>sour</i>");
        let response = app
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let status = response.status();
        let length = response.headers().get("content-length").cloned();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        if let Some(length) = length {
            assert_eq!(length, body.len().to_string());
        }
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_x_ray_shows_cookies_in_and_out_and_escapes_them() {
        let (_, page) = ask(&[], "/").await;
        assert!(
            page.contains("<main>a page</main><aside id=\"x-ray\""),
            "{page}"
        );
        assert!(
            page.contains("taste=&lt;i&gt;sour&lt;&#x2f;i&gt;"),
            "{page}"
        );
        assert!(
            page.contains("taste=&lt;b&gt;bitter&lt;&#x2f;b&gt;; HttpOnly"),
            "{page}"
        );
        assert!(page.ends_with("</aside></body>"), "{page}");
    }

    #[tokio::test]
    async fn the_x_ray_tells_of_the_requests_before() {
        let settings = Settings::from_variables([].into()).unwrap();
        let leads_on = || async { ([(SET_COOKIE, "taste=bitter")], Redirect::to("/")) };
        let app = Router::new()
            .route("/", get(home))
            .route("/on", get(leads_on));
        let app = surround(&settings, app);
        let page = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            String::from_utf8(body.to_vec()).unwrap()
        };
        assert!(!page("/").await.contains("Before that"));
        page("/on").await;
        let third = page("/").await;
        let (_, before) = third.split_once("Before that").unwrap();
        let (first, second) = before.split_once("GET &#x2f;on → 303").unwrap();
        assert!(first.contains("GET &#x2f; → 200"), "{before}");
        assert!(second.contains("taste bitter"), "{before}");
    }

    #[tokio::test]
    async fn the_x_ray_is_off_outside_development_and_beyond_this_machine() {
        for setting in [("APP_ENV", "production"), ("HOST", "0.0.0.0")] {
            let (_, page) = ask(&[setting], "/").await;
            assert_eq!(page, "<body><main>a page</main></body>");
        }
    }

    #[tokio::test]
    async fn an_unknown_path_is_escaped_in_the_x_ray() {
        let (status, page) = ask(&[], "/it's").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(page.contains("GET &#x2f;it&#x27;s"), "{page}");
    }

    #[tokio::test]
    async fn static_files_have_no_x_ray() {
        for file in ["/style.css", "/favicon.svg", "/countdown.js"] {
            let (status, text) = ask(&[], file).await;
            assert_eq!(status, StatusCode::OK);
            assert!(!text.contains("X-ray"), "{file}");
        }
    }
}
