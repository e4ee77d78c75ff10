//! The data of the simulated Webex: accounts, tokens, spaces, messages, cards, files, webhooks, devices, workspaces and
//! organizations.
//!
//! Plain data behind one lock, without I/O and without waiting. A change that a webhook reports leaves finished
//! deliveries in the outbox; sending them is up to `dispatch`.

pub(super) mod attachments;
pub(super) mod devices;
pub(super) mod history;
mod markdown;
pub(super) mod messages;
pub(super) mod onboarding;
mod organizations;
mod people;
pub(super) mod records;
mod rooms;
pub(super) mod stored;
pub(super) mod tokens;
mod webhooks;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use self::devices::{DeviceKeys, PageRules, WorkspaceKeys};
use self::records::RecordStore;
use self::stored::{
    AccessToken, Account, FILE_LIMIT, IssuedCode, Message, OutgoingDelivery, Room, ServiceApp, StoredFile,
    SubmittedAction, Webhook,
};
use super::error::{ApiError, ApiResult};
use super::ids::IdMint;
use crate::domain::clock::Clock;

/// The state of the simulated Webex.
#[derive(Debug)]
pub(super) struct Model {
    clock: Arc<dyn Clock>,
    /// The prefix of file URLs.
    api_base: String,
    /// The source of the ids of everything made at run time.
    ids: IdMint,
    tokens: HashMap<String, Arc<AccessToken>>,
    service_app: Option<ServiceApp>,
    accounts: HashMap<String, Account>,
    accounts_by_email: HashMap<String, String>,
    rooms: HashMap<String, Room>,
    /// The spaces in the order in which they were created.
    room_order: Vec<String>,
    messages: HashMap<String, Message>,
    files: HashMap<String, StoredFile>,
    /// The largest file that is accepted, in bytes.
    pub(super) file_limit: usize,
    actions: HashMap<String, SubmittedAction>,
    webhooks: Vec<Webhook>,
    pub(super) devices: RecordStore<DeviceKeys>,
    pub(super) device_pages: PageRules,
    pub(super) workspaces: RecordStore<WorkspaceKeys>,
    organizations: Vec<Value>,
    /// Partners with their customers.
    managed_organizations: HashSet<(String, String)>,
    locations: Vec<Value>,
    activation_codes: Vec<IssuedCode>,
    outbox: Vec<OutgoingDelivery>,
}

impl Model {
    /// A Webex without accounts, whose API is at `api_base`.
    pub(super) fn empty(clock: Arc<dyn Clock>, seed: u64, api_base: String) -> Self {
        Self {
            clock,
            api_base,
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
            devices: RecordStore::default(),
            device_pages: PageRules::default(),
            workspaces: RecordStore::default(),
            organizations: Vec::new(),
            managed_organizations: HashSet::new(),
            locations: Vec::new(),
            activation_codes: Vec::new(),
            outbox: Vec::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The next id of a kind.
    pub(super) fn mint(&mut self, kind: &str) -> String {
        self.ids.mint(kind)
    }

    /// The next id of a kind, for an object created now.
    fn mint_now(&mut self, kind: &str) -> String {
        self.ids.mint_at(kind, self.now())
    }

    /// The deliveries that the last change caused.
    pub(super) fn take_outbox(&mut self) -> Vec<OutgoingDelivery> {
        std::mem::take(&mut self.outbox)
    }

    /// The number of objects of each kind.
    pub(super) fn counts(&self) -> Value {
        json!({
            "people": self.accounts.len(),
            "spaces": self.rooms.len(),
            "messages": self.messages.len(),
            "webhooks": self.webhooks.len(),
            "devices": self.devices.len(),
            "workspaces": self.workspaces.len(),
        })
    }
}

/// A timestamp in Webex's format: UTC with milliseconds.
pub(super) fn written(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// A list as the API answers it.
fn items(items: impl IntoIterator<Item = Value>) -> Value {
    json!({ "items": items.into_iter().collect::<Vec<_>>() })
}

/// The fields of a response without nulls and empty lists, which Webex leaves out.
fn present(fields: Value) -> Map<String, Value> {
    let Value::Object(mut fields) = fields else { return Map::new() };
    fields.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
    fields
}

/// A field of a request that must be a string.
fn required<'a>(body: &'a Value, field: &str) -> ApiResult<&'a str> {
    body[field].as_str().ok_or_else(|| missing(field))
}

fn missing(field: &str) -> ApiError {
    ApiError::bad_request(format!("{field} is required."))
}
