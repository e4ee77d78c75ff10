//! Everything the requests share, and the one way to change it.
//!
//! The lock of the model is never held across a wait. Whatever a change causes to be delivered is handed over before
//! the lock is given back: whoever sees the change can also wait for its deliveries.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::additions::Additions;
use super::cast::{Cast, Person};
use super::dispatch::{self, Dispatcher};
use super::error::ApiError;
use super::faults::Faults;
use super::fleet;
use super::journal::Journal;
use super::model::{Model, RoomKind, devices};
use super::paging::Paging;
use crate::domain::clock::Clock;

/// The simulation behind its HTTP surface.
#[derive(Debug)]
pub struct World {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who is there from the start.
    pub cast: Cast,
    /// What was asked.
    pub journal: Journal,
    /// What goes wrong.
    pub faults: Faults,
    /// Which devices are being added.
    pub additions: Additions,
    /// How lists of devices are cut into pages.
    pub paging: Paging,
    /// What is delivered.
    pub dispatcher: Dispatcher,
    /// Set when the simulation ends.
    pub stopping: CancellationToken,
    model: Mutex<Model>,
    tracked: AtomicU64,
}

impl World {
    /// A world around a populated model.
    #[must_use]
    pub fn new(model: Model, cast: Cast, clock: Arc<dyn Clock>, dispatcher: Dispatcher) -> Self {
        Self {
            clock,
            cast,
            journal: Journal::default(),
            faults: Faults::default(),
            additions: Additions::default(),
            paging: Paging::default(),
            dispatcher,
            stopping: CancellationToken::new(),
            model: Mutex::new(model),
            tracked: AtomicU64::new(0),
        }
    }

    /// The model, for looking things up. What changes it goes through [`World::change`].
    pub fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the model and sends what the change causes.
    pub fn change<T>(self: &Arc<Self>, work: impl FnOnce(&mut Model) -> T) -> T {
        let mut model = self.model();
        let result = work(&mut model);
        for outgoing in model.take_outbox() {
            dispatch::send(self, &outgoing);
        }
        result
    }

    /// Posts what somebody types in a space; in a group space the bot is mentioned first.
    pub fn say(
        self: &Arc<Self>,
        speaker: &Person,
        room_id: &str,
        text: &str,
        parent_id: Option<&str>,
    ) -> Result<Value, ApiError> {
        self.change(|model| {
            let room = model.room_for(&speaker.id, room_id)?;
            let mut body = match room.kind {
                RoomKind::Direct => json!({ "roomId": room_id, "text": text }),
                RoomKind::Group => {
                    json!({ "roomId": room_id, "markdown": format!("<@personId:{}> {text}", self.cast.bot.id) })
                }
            };
            if let Some(parent_id) = parent_id {
                body["parentId"] = json!(parent_id);
            }
            model.post_message(&speaker.id, &body)
        })
    }

    /// All messages of a space, oldest first, whoever may see them.
    #[must_use]
    pub fn messages(&self, room_id: &str) -> Vec<Value> {
        let model = self.model();
        let Some(room) = model.room(room_id) else { return Vec::new() };
        model.messages_in(room).map(|message| model.message_json(message)).collect()
    }

    /// Adds a device made of defaults and these fields, and answers its id.
    pub fn add_device(self: &Arc<Self>, fields: &Value) -> String {
        self.change(|model| {
            let mut device = fleet::one_more(model, &self.cast);
            devices::merge(&mut device, fields);
            model.devices.put(&device)
        })
    }

    /// Adds a workspace of Example Corp made of defaults and these fields, and answers its id.
    pub fn add_workspace(self: &Arc<Self>, fields: &Value) -> String {
        self.change(|model| {
            let id = model.mint("PLACES");
            let mut workspace = fleet::one_more_workspace(&id, &self.cast.example_org, model.now());
            devices::merge(&mut workspace, fields);
            model.workspaces.put(&workspace);
            workspace["id"].as_str().unwrap_or_default().to_owned()
        })
    }

    /// Takes a workspace away with all its devices. Answers whether it was there.
    pub fn remove_workspace(self: &Arc<Self>, id: &str) -> bool {
        self.change(|model| {
            model.devices.clear_workspace(id);
            model.workspaces.remove(id)
        })
    }

    /// Makes Example Corp a partner that administers Partner Ltd as well, or no longer.
    pub fn give_partner_access(self: &Arc<Self>, given: bool) {
        let Cast { example_org, partner_org, .. } = &self.cast;
        self.change(|model| model.manage(example_org, partner_org, given));
    }

    /// A tracking id as the API's gateway makes them, in counting order.
    #[must_use]
    pub fn next_tracking_id(&self) -> String {
        let number = self.tracked.fetch_add(1, Ordering::Relaxed) + 1;
        format!("ROUTERGW_{}", Uuid::from_u64_pair(0, number))
    }
}
