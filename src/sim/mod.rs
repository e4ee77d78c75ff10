//! A simulated Webex: the parts of it that a device-administration bot meets, behind real HTTP.
//!
//! It is a *model* of the published API (the API reference and the guides of developer.webex.com), with people,
//! spaces, messages, cards, webhooks and devices in memory, and with faults on demand. It follows Webex's rules and
//! never the bot's convenience, and it shares nothing with the rest of the crate but the clock.
//!
//! ```text
//! HTTP ─ connection ─ gateway ─ routes ─ model ─ (outbox) ─ dispatch ─ HTTP to the webhooks
//!                     journal, faults, auth      seed, fleet, ids      signing
//!        control (/_sim)
//! ```
//!
//! Not modeled: files fetched from elsewhere, redeeming activation codes, licenses and roles, what `GET /workspaces`
//! includes on request, emphasis in markdown.

mod additions;
mod auth;
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
mod mention;
mod model;
mod paging;
mod routes;
mod seed;
mod signing;
mod sites;
mod steering;
mod world;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use self::auth::TokenKind;
pub use self::cast::{
    ADMIN_TOKEN, BOT_TOKEN, Cast, Person, READ_ONLY_ADMIN_TOKEN, SERVICE_APP_CLIENT_ID,
    SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN,
};
use self::connection::{Connection, Entrance};
use self::dispatch::Dispatcher;
pub use self::dispatch::{DeliveryRecord, Outcome};
use self::error::ApiError;
pub use self::faults::{DeliveryFault, Effect, FaultBody, FaultRule, Lingering};
pub use self::ids::IdMint;
pub use self::journal::RequestRecord;
use self::model::Model;
pub use self::model::{ActivationCode, RawMessage, SentFile};
use self::world::World;
use crate::domain::clock::{Clock, SystemClock};

/// How long [`Sim::stop`] waits for requests that are being answered.
const FAREWELL: Duration = Duration::from_secs(1);

/// How a simulation starts.
#[derive(Debug, Clone)]
pub struct SimOptions {
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// How many devices Example Corp has.
    pub devices: usize,
    /// The same seed gives the same people, spaces, devices and ids.
    pub seed: u64,
    /// What time it is in the simulation.
    pub clock: Arc<dyn Clock>,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), devices: 40, seed: 1, clock: Arc::new(SystemClock) }
    }
}

/// A running simulation. The server ends with the last handle, or with [`Sim::stop`].
#[derive(Debug, Clone)]
pub struct Sim {
    world: Arc<World>,
    address: SocketAddr,
    server: Arc<Server>,
}

/// The serving task, ended when nobody holds it any more.
#[derive(Debug)]
struct Server {
    stopping: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

#[expect(clippy::must_use_candidate, reason = "what acts on the simulation is often called for that alone")]
impl Sim {
    /// Starts a simulation on the current runtime.
    pub async fn start(options: SimOptions) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let mut model = Model::empty(Arc::clone(&options.clock), options.seed);
        model.reached_at(&format!("http://{address}/v1"));
        let cast = seed::populate(&mut model);
        fleet::populate(&mut model, &cast, options.devices, options.seed);
        let dispatcher = Dispatcher::new(Handle::current()).map_err(io::Error::other)?;
        let world = Arc::new(World::new(model, cast, options.clock, dispatcher));
        let server =
            Server { stopping: world.stopping.clone(), task: Mutex::new(Some(serve(&world, listener))) };
        Ok(Self { world, address, server: Arc::new(server) })
    }

    /// Where the simulation listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of the API's URLs: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn api_base(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The people, bots, spaces and tokens that are there from the start.
    #[must_use]
    pub fn cast(&self) -> Cast {
        self.world.cast.clone()
    }

    /// Posts what a person types and answers the message's id. In a group space the bot is mentioned first.
    ///
    /// # Panics
    ///
    /// If Webex would have refused the message; [`Sim::post`] answers refusals.
    pub fn say(&self, person: &Person, space_id: &str, text: &str, parent_id: Option<&str>) -> String {
        match self.world.say(person, space_id, text, parent_id) {
            Ok(message) => id_of(&message),
            Err(error) => panic!("{} could not say {text:?}: {}", person.name, error.message),
        }
    }

    /// `POST /messages` as a person, without HTTP: the message, or the status and body of the refusal.
    pub fn post(&self, person: &Person, body: &Value) -> Result<Value, (u16, Value)> {
        self.world.change(|model| model.post_message(&person.id, body)).map_err(|error| refusal(&error))
    }

    /// Stores a message with exactly this content, as another client than the API would have, and answers it.
    pub fn post_raw_message(
        &self,
        person: &Person,
        space_id: &str,
        message: RawMessage,
    ) -> Result<Value, (u16, Value)> {
        self.world
            .change(|model| model.post_raw(&person.id, space_id, message))
            .map_err(|error| refusal(&error))
    }

    /// `POST /attachment/actions` as a person, without HTTP: presses a button of a card with these inputs.
    pub fn press(&self, person: &Person, message_id: &str, inputs: &Value) -> Result<Value, (u16, Value)> {
        let body = serde_json::json!({ "type": "submit", "messageId": message_id, "inputs": inputs });
        self.world.change(|model| model.press(&person.id, &body)).map_err(|error| refusal(&error))
    }

    /// All messages of a space, whoever may see them, oldest first.
    #[must_use]
    pub fn messages(&self, space_id: &str) -> Vec<Value> {
        self.world.messages(space_id)
    }

    /// All devices that are really there, of all organizations.
    #[must_use]
    pub fn devices(&self) -> Vec<Value> {
        self.world.model().devices.all().collect()
    }

    /// A device, if it is really there.
    #[must_use]
    pub fn device(&self, id: &str) -> Option<Value> {
        self.world.model().devices.find(id)
    }

    /// Adds a device made of defaults (a connected room device of Example Corp) and these fields; answers its id.
    pub fn add_device(&self, fields: &Value) -> String {
        self.world.add_device(fields)
    }

    /// Takes a device away, as somebody in Control Hub would. Answers whether it was there.
    pub fn remove_device(&self, id: &str) -> bool {
        self.world.change(|model| model.devices.remove(id))
    }

    /// Changes fields of a device (`null` takes one away). Answers whether it is there.
    pub fn change_device(&self, id: &str, fields: &Value) -> bool {
        self.world.change(|model| model.devices.change(id, fields))
    }

    /// Changes the `displayName` or the `email` of a person. Answers whether the person is there.
    pub fn change_person(&self, id: &str, fields: &Value) -> bool {
        self.world.change(|model| model.change_account(id, fields))
    }

    /// Lets each refresh token of the Service App be good for one use from now on.
    pub fn rotate_refresh_tokens(&self) {
        self.world.change(|model| model.change_service_app(|app| app.rotates = true));
    }

    /// Lets access tokens of the Service App be good for this many seconds from now on.
    pub fn shorten_access_tokens(&self, seconds: i64) {
        self.world.change(|model| model.change_service_app(|app| app.access_seconds = seconds));
    }

    /// Ends the access tokens of the Service App before their time; its refresh tokens stay good.
    pub fn end_access_tokens(&self) {
        self.world.change(Model::end_access_tokens);
    }

    /// Takes the authorization of the Service App away, as an administrator can: none of its tokens is good.
    pub fn withdraw_service_app(&self) {
        self.world.change(Model::withdraw_service_app);
    }

    /// Issues tokens for the Service App anew, as the developer portal does; answers the refresh token.
    pub fn issue_refresh_token(&self) -> String {
        self.world.change(Model::issue_refresh_token)
    }

    /// The bot's webhooks as the API shows them, secrets included, oldest first.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Value> {
        self.world.model().webhooks_of(&self.world.cast.bot.id)
    }

    /// Switches a webhook off as a hundred failures would. Answers whether it is there.
    pub fn disable_webhook(&self, id: &str) -> bool {
        self.world.change(|model| model.disable_webhook(id))
    }

    /// Everything that was asked of `/v1`, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.world.journal.last(usize::MAX)
    }

    /// How many of the requests to `/v1` are such ones, without copying them.
    #[must_use]
    pub fn count_requests(&self, is_one: impl Fn(&RequestRecord) -> bool) -> usize {
        self.world.journal.count(is_one)
    }

    /// How many messages were posted and taken, which costs nothing to ask.
    #[must_use]
    pub fn count_posts(&self) -> usize {
        self.world.journal.posts()
    }

    /// Everything that was sent to webhooks, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<DeliveryRecord> {
        self.world.dispatcher.last(usize::MAX)
    }

    /// Sends the bytes and headers of a delivery once more; answers the receiver's status, or 0 without an answer.
    pub async fn redeliver(&self, record: &DeliveryRecord) -> u16 {
        match dispatch::repeat(&self.world, record).await {
            Outcome::Answered(status) => status,
            Outcome::UnderWay | Outcome::Failed(_) => 0,
        }
    }

    /// Adds a fault rule behind the others.
    pub fn fault(&self, rule: FaultRule) {
        self.world.faults.add(rule);
    }

    /// Forgets all fault rules.
    pub fn clear_faults(&self) {
        self.world.faults.clear();
    }

    /// Waits until no webhook delivery is under way.
    pub async fn settled(&self) {
        self.world.dispatcher.settled().await;
    }

    /// Waits until the simulation is stopped, by any handle.
    pub async fn stopped(&self) {
        self.world.stopping.cancelled().await;
    }

    /// Ends the server. What is being answered gets a second; nothing is accepted any more.
    pub async fn stop(&self) {
        self.server.stopping.cancel();
        let task = self.server.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // A client that sends half a request would otherwise hold the end for as long as it likes.
            tokio::time::timeout(FAREWELL, task).await.ok();
        }
    }
}

fn serve(world: &Arc<World>, listener: TcpListener) -> JoinHandle<()> {
    let app = routes::router(world).merge(control::router(world));
    let service = app.into_make_service_with_connect_info::<Connection>();
    let stopping = world.stopping.clone();
    tokio::spawn(async move {
        let server = axum::serve(Entrance(listener), service);
        // Serving ends only through the shutdown: failed accepts are retried inside.
        server.with_graceful_shutdown(stopping.cancelled_owned()).await.ok();
    })
}

fn id_of(message: &Value) -> String {
    message["id"].as_str().unwrap_or_default().to_owned()
}

fn refusal(error: &ApiError) -> (u16, Value) {
    (error.status.as_u16(), error.body(""))
}
