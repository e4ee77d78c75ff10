//! A simulated Webex: the parts that a device-administration bot uses, behind real HTTP.
//!
//! It is a *model* of the published API (the API reference and the guides of developer.webex.com). It keeps people,
//! spaces, messages, cards, webhooks and devices in memory, and causes faults on demand. It follows Webex's rules,
//! never the bot's convenience. The clock is all it shares with the rest of the crate.
//!
//! ```text
//! HTTP ─ connection ─ gateway ─ routes ─ state ─ model ─ (outbox) ─ dispatch ─ HTTP to the webhooks
//! HTTP ─ connection ─ control ─ state
//!
//! ids, error, faults, connection <- model <- cast <- fleet
//! model <- journal, dispatch
//! cast, fleet, journal, dispatch <- state <- gateway, control <- routes <- sim (start, stop, steering)
//! ```
//!
//! Each module uses only modules to its left. The model knows no HTTP except the statuses of its refusals, and the
//! gateway knows none of the resources behind it. The files of `model` hold the methods of one type, by subject;
//! `steering` has the methods of [`Sim`] for tests.
//!
//! Not modeled: files fetched from other servers, redemption of activation codes, licenses and roles, optional parts of
//! `GET /workspaces`, and emphasis in markdown.

mod cast;
mod connection;
mod control;
mod dispatch;
mod error;
mod faults;
mod fleet;
mod gateway;
mod ids;
mod journal;
mod model;
mod routes;
mod state;
mod steering;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use self::cast::{
    ADMIN_TOKEN, BOT_TOKEN, Cast, Person, READ_ONLY_ADMIN_TOKEN, SERVICE_APP_CLIENT_ID,
    SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN,
};
use self::connection::{SeverHandle, SeverableListener};
pub use self::dispatch::{DeliveryOutcome, DeliveryRecord};
pub use self::faults::{DeliveryFault, FaultRule};
pub use self::ids::IdMint;
pub use self::journal::RequestRecord;
use self::model::Model;
pub use self::model::messages::RawMessage;
pub use self::model::stored::{IssuedCode, SentFile, TokenKind};
use self::state::SimState;
use crate::domain::clock::{Clock, SystemClock};

/// How long [`Sim::stop`] waits for requests in progress.
const STOP_LIMIT: Duration = Duration::from_secs(1);

/// The options of a simulation.
#[derive(Debug, Clone)]
pub struct SimOptions {
    /// The address to listen on; port 0 takes any free port.
    pub listen: SocketAddr,
    /// How many devices Example Corp has.
    pub devices: usize,
    /// The same seed gives the same people, spaces, devices and ids.
    pub seed: u64,
    /// The clock of the simulation.
    pub clock: Arc<dyn Clock>,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), devices: 40, seed: 1, clock: Arc::new(SystemClock) }
    }
}

/// A handle of a running simulation. The server ends when the last handle is dropped, or with [`Sim::stop`].
#[derive(Debug, Clone)]
pub struct Sim {
    state: Arc<SimState>,
    address: SocketAddr,
    server: Arc<SimServer>,
}

/// The serving task, which ends when the last handle is dropped.
#[derive(Debug)]
struct SimServer {
    stopping: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for SimServer {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl Sim {
    /// Starts a simulation on the current runtime. An error about the address names it.
    pub async fn start(options: SimOptions) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on {}: {error}", options.listen))
        })?;
        let address = listener.local_addr()?;
        let clock = Arc::clone(&options.clock);
        let mut model = Model::empty(clock, options.seed, format!("http://{address}/v1"));
        let cast = cast::populate(&mut model);
        fleet::populate(&mut model, &cast, options.devices, options.seed);
        let state = Arc::new(SimState::new(model, cast, options.clock).map_err(io::Error::other)?);
        let stopping = state.stopping.clone();
        let server = SimServer { stopping, task: Mutex::new(Some(serve(&state, listener))) };
        Ok(Self { state, address, server: Arc::new(server) })
    }

    /// The address that the simulation listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of the API's URLs: `http://127.0.0.1:PORT/v1`.
    pub fn api_base(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Ends the server. Requests in progress get a second; new ones are not accepted.
    pub async fn stop(&self) {
        self.server.stopping.cancel();
        let task = self.server.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // Without a limit, a client that sends half a request would delay the end indefinitely.
            tokio::time::timeout(STOP_LIMIT, task).await.ok();
        }
    }
}

fn serve(state: &Arc<SimState>, listener: TcpListener) -> JoinHandle<()> {
    let app = routes::router(state).merge(control::router(state));
    let service = app.into_make_service_with_connect_info::<SeverHandle>();
    let stopping = state.stopping.clone();
    tokio::spawn(async move {
        let server = axum::serve(SeverableListener(listener), service);
        // Serving ends only by the shutdown: axum retries failed accepts.
        server.with_graceful_shutdown(stopping.cancelled_owned()).await.ok();
    })
}
