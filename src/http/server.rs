//! The HTTP server: its routes, its resource limits against strangers, and its thread.
//!
//! A delivery should wait for one commit and nothing else. In a runtime shared with hundreds of jobs, each step of a
//! request would queue behind all of them, so the server runs in a separate thread.

use std::future::{Ready, ready};
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum_server::accept::Accept;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tower_service::Service;

use super::state::HttpState;
use super::{health, webhook};

/// How long a client may take to send the head of a request.
const HEADER_DEADLINE: Duration = Duration::from_secs(10);
/// The largest request head in bytes; those of Webex have about one kilobyte.
const LONGEST_HEAD: usize = 16 << 10;
/// How long a request may take, its body included. A delivery takes milliseconds; slower clients are not Webex.
const REQUEST_DEADLINE: Duration = Duration::from_secs(15);
/// How long requests in progress may still take at shutdown.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(10);
/// Connections served at once. Webex opens a few; the rest are for probes and scrapers.
const MOST_CONNECTIONS: usize = 512;

/// Serves until `stop` is canceled.
pub(crate) async fn serve(
    listener: TcpListener,
    state: HttpState,
    stop: CancellationToken,
) -> io::Result<()> {
    let handle = axum_server::Handle::new();
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(ConnectionLimit(Arc::new(Semaphore::new(MOST_CONNECTIONS))))
        .http1_only()
        .first_request_timeout(HEADER_DEADLINE)
        .handle(handle.clone());
    let mut http1 = server.http_builder().http1();
    http1.timer(TokioTimer::new()).header_read_timeout(HEADER_DEADLINE).max_buf_size(LONGEST_HEAD);
    let serving = server.serve(router(state).into_make_service());
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended,
        () = stop.cancelled() => handle.graceful_shutdown(Some(SHUTDOWN_DEADLINE)),
    }
    serving.await
}

fn router(state: HttpState) -> Router {
    Router::new()
        .route(webhook::WEBHOOK_PATH, post(webhook::receive))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(health::other_path)
        .with_state(state)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_DEADLINE))
        .layer(CatchPanicLayer::new())
}

/// The server in its separate thread.
#[derive(Debug)]
pub(crate) struct ServerThread {
    ended: oneshot::Receiver<io::Result<()>>,
    /// Canceled when the database connections that the server opened are no longer in use.
    released: CancellationToken,
}

impl ServerThread {
    pub(crate) fn start(
        listener: TcpListener,
        state: HttpState,
        stop: CancellationToken,
    ) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (end, ended) = oneshot::channel();
        let released = CancellationToken::new();
        let wait_for_release = released.clone();
        thread::Builder::new().name("steward-http".to_owned()).spawn(move || {
            runtime.block_on(async {
                end.send(serve(listener, state, stop).await).ok();
                // The jobs share database connections that were opened in this runtime and would die with it.
                wait_for_release.cancelled().await;
            });
        })?;
        Ok(Self { ended, released })
    }

    /// Waits until the server has ended. Its thread lives as long as `self`.
    pub(crate) async fn ended(&mut self) -> io::Result<()> {
        (&mut self.ended).await.unwrap_or_else(|_| Err(io::Error::other("the HTTP thread ended early")))
    }
}

impl Drop for ServerThread {
    fn drop(&mut self) {
        self.released.cancel();
    }
}

/// Limits the number of open connections and closes any beyond the limit: strangers must not be able to exhaust
/// connections or memory.
#[derive(Debug, Clone)]
struct ConnectionLimit(Arc<Semaphore>);

/// The service of one connection, which counts against the limit until the connection ends.
#[derive(Debug, Clone)]
struct Counted<S> {
    service: S,
    _permit: Arc<OwnedSemaphorePermit>,
}

impl<S> Accept<TcpStream, S> for ConnectionLimit {
    type Stream = TcpStream;
    type Service = Counted<S>;
    type Future = Ready<io::Result<(TcpStream, Counted<S>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let permit = self.0.clone().try_acquire_owned().map_err(io::Error::other);
        ready(permit.and_then(|permit| {
            stream.set_nodelay(true)?;
            Ok((stream, Counted { service, _permit: Arc::new(permit) }))
        }))
    }
}

impl<S: Service<R>, R> Service<R> for Counted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.service.call(request)
    }
}
