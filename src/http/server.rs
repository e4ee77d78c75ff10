//! The server: the limits that it sets strangers, and the thread that it has to itself.
//!
//! Whoever delivers waits for one commit and for nothing else. In a runtime that it shared with hundreds of jobs, a
//! request would stand in line behind all of them at each of its steps; in a thread of its own it stands in none.

use std::io;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use hyper_util::rt::TokioTimer;
use tokio::runtime;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::connections::Limited;
use super::{HttpState, router};

/// How long a client may take over the head of a request.
const HEADER_DEADLINE: Duration = Duration::from_secs(10);
/// Bytes of the head of a request; Webex's have about one kilobyte.
const LONGEST_HEAD: usize = 16 << 10;
/// How long requests under way may take when the process is asked to stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// Serves until told to stop.
pub async fn serve(listener: TcpListener, state: HttpState, stop: CancellationToken) -> io::Result<()> {
    let handle = axum_server::Handle::new();
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(Limited::default())
        .http1_only()
        .first_request_timeout(HEADER_DEADLINE)
        .handle(handle.clone());
    let mut http1 = server.http_builder().http1();
    http1.timer(TokioTimer::new()).header_read_timeout(HEADER_DEADLINE).max_buf_size(LONGEST_HEAD);
    let serving = server.serve(router(state).into_make_service());
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended,
        () = stop.cancelled() => handle.graceful_shutdown(Some(FAREWELL)),
    }
    serving.await
}

/// A server in a thread of its own.
#[derive(Debug)]
pub struct Apart {
    ended: oneshot::Receiver<io::Result<()>>,
    /// Held by whoever may still use what the server has opened.
    in_use: CancellationToken,
}

impl Apart {
    /// Starts it.
    pub fn start(listener: TcpListener, state: HttpState, stop: CancellationToken) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (end, ended) = oneshot::channel();
        let in_use = CancellationToken::new();
        let released = in_use.clone();
        thread::Builder::new().name("steward-intake".to_owned()).spawn(move || {
            runtime.block_on(async {
                end.send(serve(listener, state, stop).await).ok();
                // Connections to the database that were opened here are the jobs' too, and die with this runtime.
                released.cancelled().await;
            });
        })?;
        Ok(Self { ended, in_use })
    }

    /// Waits until it has ended. The thread stays as long as this is not dropped.
    pub async fn ended(&mut self) -> io::Result<()> {
        (&mut self.ended).await.unwrap_or_else(|_| Err(io::Error::other("the thread of the server ended")))
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.in_use.cancel();
    }
}
