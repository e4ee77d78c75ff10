//! How many connections are served at once: a stranger must not be able to take them all, nor all the memory.

use std::future::{Ready, ready};
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_service::Service;

/// Connections served at once. Webex opens a few; the rest is for probes and scrapers.
const MOST_CONNECTIONS: usize = 512;

/// Takes connections up to a number, and closes those beyond it at once.
#[derive(Debug, Clone)]
pub struct Limited(Arc<Semaphore>);

impl Default for Limited {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_CONNECTIONS)))
    }
}

/// What serves one connection, holding its place until the connection ends.
#[derive(Debug, Clone)]
pub struct Placed<S> {
    service: S,
    _place: Arc<OwnedSemaphorePermit>,
}

impl<S> Accept<TcpStream, S> for Limited {
    type Stream = TcpStream;
    type Service = Placed<S>;
    type Future = Ready<io::Result<(TcpStream, Placed<S>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = self.0.clone().try_acquire_owned().map_err(io::Error::other);
        let placed = place.and_then(|place| {
            stream.set_nodelay(true)?;
            Ok((stream, Placed { service, _place: Arc::new(place) }))
        });
        ready(placed)
    }
}

impl<S: Service<R>, R> Service<R> for Placed<S> {
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
