//! The state that all requests share, and the only way to change it.
//!
//! The lock of the model is never held across a wait. The deliveries of a change are handed over before the lock is
//! released, so that a thread that sees the change can also wait for its deliveries.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::cast::{Cast, Person};
use super::dispatch::Dispatcher;
use super::error::ApiResult;
use super::faults::FaultRules;
use super::fleet;
use super::journal::Journal;
use super::model::Model;
use super::model::records::merge;
use super::model::stored::RoomKind;
use crate::domain::clock::Clock;

/// The simulation behind its HTTP endpoints.
#[derive(Debug)]
pub(super) struct SimState {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cast: Cast,
    pub(super) journal: Journal,
    pub(super) faults: FaultRules,
    pub(super) dispatcher: Arc<Dispatcher>,
    /// Set when the simulation ends.
    pub(super) stopping: CancellationToken,
    model: Arc<Mutex<Model>>,
    tracking_ids: AtomicU64,
    /// How many seconds the dates of responses are ahead of the clock.
    dates_ahead: AtomicI64,
}

impl SimState {
    /// The state around a populated model.
    pub(super) fn new(model: Model, cast: Cast, clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let (model, stopping) = (Arc::new(Mutex::new(model)), CancellationToken::new());
        Ok(Self {
            clock,
            cast,
            journal: Journal::default(),
            faults: FaultRules::default(),
            dispatcher: Dispatcher::new(Arc::clone(&model), stopping.clone())?,
            stopping,
            model,
            tracking_ids: AtomicU64::new(0),
            dates_ahead: AtomicI64::new(0),
        })
    }

    /// The date of a response.
    pub(super) fn date(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.dates_ahead.load(Ordering::SeqCst));
        self.clock.now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }

    pub(super) fn set_dates_ahead(&self, by: SignedDuration) {
        self.dates_ahead.store(by.as_secs(), Ordering::SeqCst);
    }

    /// The model, for reading. Changes go through [`SimState::change`].
    pub(super) fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the model and sends the deliveries that the change causes.
    pub(super) fn change<T>(&self, work: impl FnOnce(&mut Model) -> T) -> T {
        let mut model = self.model();
        let result = work(&mut model);
        for delivery in model.take_outbox() {
            let fault = self.faults.for_delivery();
            self.dispatcher.send(delivery, self.next_tracking_id(), self.clock.now(), fault);
        }
        result
    }

    /// Posts a text as a person in a space. In a group space the bot is mentioned first.
    pub(super) fn say(
        &self,
        speaker: &Person,
        room_id: &str,
        text: &str,
        parent_id: Option<&str>,
    ) -> ApiResult<Value> {
        self.change(|model| {
            let room = model.room_for(&speaker.id, room_id)?;
            let mut body = match room.kind {
                RoomKind::Direct => json!({ "roomId": room_id, "text": text }),
                RoomKind::Group => {
                    json!({ "roomId": room_id, "markdown": format!("<@personId:{}> {text}", self.cast.bot.id) })
                }
            };
            body["parentId"] = json!(parent_id);
            model.post_message(&speaker.id, &body)
        })
    }

    /// Adds a device of Example Corp made of defaults and these fields, and returns its id.
    pub(super) fn add_device(&self, fields: &Value) -> String {
        self.change(|model| {
            let mut device = fleet::another_device(model, &self.cast.example_org);
            merge(&mut device, fields);
            model.devices.put(&device)
        })
    }

    /// Adds a workspace of Example Corp made of defaults and these fields, and returns its id.
    pub(super) fn add_workspace(&self, fields: &Value) -> String {
        self.change(|model| {
            let mut workspace = fleet::another_workspace(model, &self.cast.example_org);
            merge(&mut workspace, fields);
            model.workspaces.put(&workspace)
        })
    }

    /// Makes Example Corp a partner that also administers Partner Ltd, or no longer.
    pub(super) fn give_partner_access(&self, given: bool) {
        let Cast { example_org, partner_org, .. } = &self.cast;
        self.change(|model| model.set_managed(example_org, partner_org, given));
    }

    /// The next tracking id, in the format of Webex's gateway.
    pub(super) fn next_tracking_id(&self) -> String {
        let number = self.tracking_ids.fetch_add(1, Ordering::Relaxed) + 1;
        format!("ROUTERGW_{}", Uuid::from_u64_pair(0, number))
    }
}
