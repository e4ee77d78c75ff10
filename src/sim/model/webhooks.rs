//! Webhooks: registering them, deciding who hears of what, and switching off those that fail.
//!
//! See the "Webhooks" guide: the envelope's id is the registration's, `data` never carries content, and 100 failed
//! attempts within five minutes make a webhook inactive until somebody sets it active again.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{Model, written};
use crate::sim::error::ApiError;
use crate::sim::ids::{HOME, encode, key_of, unpadded};

/// This many failed attempts ...
const TOLERATED_FAILURES: usize = 100;
/// ... within this time switch a webhook off. Right after that, for as long again, one is enough.
const FAILURE_WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// How many deliveries to one webhook are under way at a time.
const CONCURRENT_DELIVERIES: usize = 64;

/// The resources that can be watched, with their filters.
const RESOURCES: &[(&str, &[&str])] = &[
    ("messages", &["roomId", "roomType", "personId", "personEmail", "mentionedPeople"]),
    ("memberships", &["roomId", "personId", "personEmail", "isModerator"]),
    ("attachmentActions", &["messageId", "personId", "roomId"]),
    ("rooms", &["type", "isLocked"]),
    ("all", &[]),
];
const EVENTS: &[&str] = &["created", "updated", "deleted", "migrated", "all"];
/// What the resource `all` covers: attachment actions always need a webhook of their own.
const COVERED_BY_ALL: &[&str] = &["memberships", "messages", "rooms"];

/// Something that happened.
#[derive(Debug)]
pub struct Event {
    resource: &'static str,
    change: &'static str,
    actor_id: String,
    data: Value,
    /// The accounts that learn of it.
    audience: Vec<String>,
}

impl Event {
    /// Something that happened to a resource, for the accounts in the audience.
    #[must_use]
    pub fn new(
        resource: &'static str,
        change: &'static str,
        actor: &str,
        data: Value,
        audience: Vec<String>,
    ) -> Self {
        Self { resource, change, actor_id: actor.to_owned(), data, audience }
    }
}

/// A delivery that is ready to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The registration.
    pub webhook_id: String,
    /// Where it goes.
    pub target_url: String,
    /// What it is signed with.
    pub secret: Option<String>,
    /// The resource.
    pub resource: String,
    /// The event.
    pub event: String,
    /// The bytes that are signed and sent.
    pub body: Bytes,
    /// The turnstile of this webhook.
    pub slots: Arc<Semaphore>,
}

/// A registration.
#[derive(Debug, Clone)]
pub struct Webhook {
    id: String,
    name: String,
    target_url: String,
    resource: String,
    event: String,
    /// As it was given, and taken apart.
    filter: Option<String>,
    conditions: Vec<(String, String)>,
    secret: Option<String>,
    active: bool,
    owner_id: String,
    org_id: String,
    created: Timestamp,
    failures: VecDeque<Timestamp>,
    disabled_at: Option<Timestamp>,
    slots: Arc<Semaphore>,
}

impl Webhook {
    /// The registration as a delivery shows it: without the secret.
    fn envelope(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "name": self.name,
            "targetUrl": self.target_url,
            "resource": self.resource,
            "event": self.event,
            "orgId": self.org_id,
            "createdBy": self.owner_id,
            "appId": encode(HOME, "APPLICATION", &key_of(&self.owner_id).unwrap_or_default()),
            "ownedBy": "creator",
            "status": if self.active { "active" } else { "inactive" },
            "created": written(self.created),
        });
        if let Some(filter) = &self.filter {
            shown["filter"] = json!(filter);
        }
        shown
    }

    /// The registration as the Webhooks API shows it: the secret is echoed.
    fn to_json(&self) -> Value {
        let mut shown = self.envelope();
        if let Some(secret) = &self.secret {
            shown["secret"] = json!(secret);
        }
        shown
    }

    fn listens_to(&self, event: &Event) -> bool {
        let resource_fits = self.resource == event.resource
            || (self.resource == "all" && COVERED_BY_ALL.contains(&event.resource));
        let event_fits = self.event == event.change || self.event == "all";
        self.active
            && resource_fits
            && event_fits
            && event.audience.contains(&self.owner_id)
            && self.conditions.iter().all(|(field, wanted)| self.holds(field, wanted, &event.data))
    }

    fn holds(&self, field: &str, wanted: &str, data: &Value) -> bool {
        let wanted = if wanted == "me" { &self.owner_id } else { unpadded(wanted) };
        match &data[field] {
            Value::String(value) => value.eq_ignore_ascii_case(wanted),
            Value::Bool(value) => value.to_string() == wanted,
            Value::Array(values) => values.iter().any(|value| value == wanted),
            _ => false,
        }
    }

    fn outgoing(&self, event: &Event) -> Outgoing {
        let mut body = self.envelope();
        body["event"] = json!(event.change);
        body["resource"] = json!(event.resource);
        body["actorId"] = json!(event.actor_id);
        body["data"] = event.data.clone();
        Outgoing {
            webhook_id: self.id.clone(),
            target_url: self.target_url.clone(),
            secret: self.secret.clone(),
            resource: event.resource.to_owned(),
            event: event.change.to_owned(),
            body: Bytes::from(body.to_string()),
            slots: Arc::clone(&self.slots),
        }
    }

    fn failed(&mut self, now: Timestamp) {
        let recent = |at: &Timestamp| now.duration_since(*at) < FAILURE_WINDOW;
        self.failures.push_back(now);
        while self.failures.front().is_some_and(|at| !recent(at)) {
            self.failures.pop_front();
        }
        let on_probation = self.disabled_at.as_ref().is_some_and(recent);
        if on_probation || self.failures.len() >= TOLERATED_FAILURES {
            self.disable(now);
        }
    }

    fn disable(&mut self, now: Timestamp) {
        if self.active {
            self.active = false;
            self.disabled_at = Some(now);
        }
    }
}

impl Model {
    /// Puts one delivery per webhook that listens into the outbox.
    pub(super) fn publish(&mut self, event: &Event) {
        let listening = self.webhooks.iter().filter(|webhook| webhook.listens_to(event));
        let deliveries: Vec<Outgoing> = listening.map(|webhook| webhook.outgoing(event)).collect();
        self.outbox.extend(deliveries);
    }

    /// Counts a failed attempt, which may switch the webhook off.
    pub fn delivery_failed(&mut self, webhook_id: &str) {
        let now = self.now();
        if let Some(webhook) = self.webhooks.iter_mut().find(|webhook| webhook.id == webhook_id) {
            webhook.failed(now);
        }
    }

    /// Switches a webhook off as too many failures would. Answers whether it is there.
    pub fn disable_webhook(&mut self, webhook_id: &str) -> bool {
        let now = self.now();
        let found = self.webhooks.iter_mut().find(|webhook| webhook.id == unpadded(webhook_id));
        found.map(|webhook| webhook.disable(now)).is_some()
    }

    /// `POST /webhooks`.
    pub fn create_webhook(&mut self, caller: &str, body: &Value) -> Result<Value, ApiError> {
        let (name, target_url) = (required(body, "name")?, target_of(body)?);
        let (resource, event) = (required(body, "resource")?, required(body, "event")?);
        let filters = RESOURCES.iter().find(|(known, _)| *known == resource).map(|(_, filters)| *filters);
        let filters = filters.ok_or_else(|| ApiError::bad_request("The resource is not supported."))?;
        if !EVENTS.contains(&event.as_str()) {
            return Err(ApiError::bad_request("The event is not supported."));
        }
        let filter = body["filter"].as_str().filter(|filter| !filter.is_empty()).map(str::to_owned);
        let conditions = self.conditions_of(caller, filter.as_deref().unwrap_or_default(), filters)?;
        let webhook = Webhook {
            id: self.mint("WEBHOOK"),
            name,
            target_url,
            resource,
            event,
            filter,
            conditions,
            secret: body["secret"].as_str().filter(|secret| !secret.is_empty()).map(str::to_owned),
            active: true,
            owner_id: caller.to_owned(),
            org_id: self.account(caller).map(|owner| owner.org_id.clone()).unwrap_or_default(),
            created: self.now(),
            failures: VecDeque::new(),
            disabled_at: None,
            slots: Arc::new(Semaphore::new(CONCURRENT_DELIVERIES)),
        };
        let shown = webhook.to_json();
        self.webhooks.push(webhook);
        Ok(shown)
    }

    fn conditions_of(
        &self,
        caller: &str,
        filter: &str,
        known: &[&str],
    ) -> Result<Vec<(String, String)>, ApiError> {
        let invalid = || ApiError::bad_request("Invalid value for filter.");
        let mut conditions = Vec::new();
        for part in filter.split('&').filter(|part| !part.is_empty()) {
            let (field, value) = part.split_once('=').ok_or_else(invalid)?;
            let visible = match field {
                "roomId" => self.room_for(caller, value).is_ok(),
                "personId" => value == "me" || self.account(value).is_some(),
                "messageId" => self.message_seen_by(caller, value).is_ok(),
                _ => true,
            };
            if !known.contains(&field) || !visible {
                return Err(invalid());
            }
            conditions.push((field.to_owned(), value.to_owned()));
        }
        Ok(conditions)
    }

    /// `GET /webhooks`: the caller's own, oldest first.
    #[must_use]
    pub fn webhooks_of(&self, caller: &str) -> Vec<Value> {
        let own = self.webhooks.iter().filter(|webhook| webhook.owner_id == caller);
        own.map(Webhook::to_json).collect()
    }

    /// `GET /webhooks/{id}`.
    pub fn webhook(&self, caller: &str, id: &str) -> Result<Value, ApiError> {
        let mut own = self.webhooks.iter().filter(|webhook| webhook.owner_id == caller);
        own.find(|webhook| webhook.id == unpadded(id)).map(Webhook::to_json).ok_or_else(ApiError::not_found)
    }

    /// `PUT /webhooks/{id}`: name, target, secret and status; anything else in the body has no effect.
    pub fn update_webhook(&mut self, caller: &str, id: &str, body: &Value) -> Result<Value, ApiError> {
        let (name, target_url) = (required(body, "name")?, target_of(body)?);
        let activated = match &body["status"] {
            Value::Null => false,
            Value::String(status) if status == "active" => true,
            _ => return Err(ApiError::bad_request("status can only be set to active.")),
        };
        let webhook = self
            .webhooks
            .iter_mut()
            .find(|webhook| webhook.id == unpadded(id) && webhook.owner_id == caller)
            .ok_or_else(ApiError::not_found)?;
        webhook.name = name;
        webhook.target_url = target_url;
        if let Some(secret) = body["secret"].as_str() {
            webhook.secret = (!secret.is_empty()).then(|| secret.to_owned());
        }
        if activated && !webhook.active {
            webhook.active = true;
            webhook.failures.clear();
        }
        Ok(webhook.to_json())
    }

    /// `DELETE /webhooks/{id}`.
    pub fn delete_webhook(&mut self, caller: &str, id: &str) -> Result<(), ApiError> {
        let known = self.webhooks.len();
        self.webhooks.retain(|webhook| webhook.id != unpadded(id) || webhook.owner_id != caller);
        if self.webhooks.len() == known { Err(ApiError::not_found()) } else { Ok(()) }
    }
}

fn required(body: &Value, field: &str) -> Result<String, ApiError> {
    let given = body[field].as_str().filter(|value| !value.is_empty());
    given.map(str::to_owned).ok_or_else(|| ApiError::bad_request(format!("{field} is required.")))
}

fn target_of(body: &Value) -> Result<String, ApiError> {
    let target = required(body, "targetUrl")?;
    let url = url::Url::parse(&target).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(|_| target).ok_or_else(|| ApiError::bad_request("targetUrl is not a valid URL."))
}
