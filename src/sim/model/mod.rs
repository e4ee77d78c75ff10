//! What the simulated Webex knows: accounts, tokens, spaces, messages, cards, files, webhooks, devices, workspaces,
//! organizations.
//!
//! Plain data behind one lock, without I/O and without waiting. A method that changes something and is of interest
//! to a webhook leaves the finished deliveries in the outbox; sending them is not the model's business.

mod actions;
pub mod attached;
mod device_filter;
pub mod devices;
mod files;
pub mod history;
mod memberships;
pub mod messages;
mod onboarding;
mod organizations;
mod people;
pub mod phones;
mod rooms;
mod service_app;
mod shelf;
mod tags;
pub mod webhooks;
pub mod workspaces;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

pub use self::actions::Action;
pub use self::files::{FILE_LIMIT, SentFile};
pub use self::messages::{Message, RawMessage};
pub use self::onboarding::ActivationCode;
pub use self::people::{Account, AccountKind};
pub use self::rooms::{Member, Room, RoomKind};
pub use self::service_app::ServiceApp;
use super::auth::Token;
use super::ids::IdMint;
use crate::domain::clock::Clock;

/// The state of the simulated Webex.
#[derive(Debug)]
pub struct Model {
    clock: Arc<dyn Clock>,
    /// What the URLs of files begin with.
    api_base: String,
    /// Where the ids of everything made at run time come from.
    ids: IdMint,
    tokens: HashMap<String, Arc<Token>>,
    service_app: Option<ServiceApp>,
    accounts: HashMap<String, Account>,
    accounts_by_email: HashMap<String, String>,
    rooms: HashMap<String, Room>,
    /// The spaces in the order in which they were made.
    room_order: Vec<String>,
    messages: HashMap<String, Message>,
    files: HashMap<String, files::StoredFile>,
    file_limit: usize,
    actions: HashMap<String, Action>,
    webhooks: Vec<webhooks::Webhook>,
    /// The fleet.
    pub devices: devices::Devices,
    /// The rooms and desks that the fleet stands in.
    pub workspaces: workspaces::Workspaces,
    organizations: organizations::Organizations,
    activation_codes: Vec<ActivationCode>,
    outbox: Vec<webhooks::Outgoing>,
}

impl Model {
    /// A Webex without anybody in it.
    #[must_use]
    pub fn empty(clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self {
            clock,
            api_base: String::new(),
            ids: IdMint::seeded(seed),
            tokens: HashMap::new(),
            service_app: None,
            accounts: HashMap::new(),
            accounts_by_email: HashMap::new(),
            rooms: HashMap::new(),
            room_order: Vec::new(),
            messages: HashMap::new(),
            files: HashMap::new(),
            file_limit: FILE_LIMIT,
            actions: HashMap::new(),
            webhooks: Vec::new(),
            devices: devices::Devices::default(),
            workspaces: workspaces::Workspaces::default(),
            organizations: organizations::Organizations::default(),
            activation_codes: Vec::new(),
            outbox: Vec::new(),
        }
    }

    /// Says where the API is reached: the URLs of files begin with it.
    pub fn reached_at(&mut self, api_base: &str) {
        api_base.clone_into(&mut self.api_base);
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes a token known.
    pub fn add_token(&mut self, token: Token) {
        self.tokens.insert(token.value.clone(), Arc::new(token));
    }

    /// The token with this value, if it is in force.
    #[must_use]
    pub fn token(&self, value: &str) -> Option<Arc<Token>> {
        let now = self.now();
        self.tokens.get(value).filter(|token| token.until.is_none_or(|until| now < until)).cloned()
    }

    /// The next id of a kind.
    pub fn mint(&mut self, kind: &str) -> String {
        self.ids.mint(kind)
    }

    /// The next id of a kind, of something made now.
    pub fn mint_now(&mut self, kind: &str) -> String {
        self.ids.mint_at(kind, self.now())
    }

    /// The deliveries that the last change caused.
    pub fn take_outbox(&mut self) -> Vec<webhooks::Outgoing> {
        std::mem::take(&mut self.outbox)
    }

    /// How much there is of everything.
    #[must_use]
    pub fn counts(&self) -> serde_json::Value {
        serde_json::json!({
            "people": self.accounts.len(),
            "spaces": self.rooms.len(),
            "messages": self.messages.len(),
            "webhooks": self.webhooks.len(),
            "devices": self.devices.len(),
            "workspaces": self.workspaces.len(),
        })
    }
}

/// A moment as Webex writes it: UTC with milliseconds.
#[must_use]
pub fn written(at: Timestamp) -> String {
    format!("{at:.3}")
}
