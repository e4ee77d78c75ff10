//! Webhooks: registration, the choice of events for each, and the deactivation of failing ones.
//!
//! The rules are those of the "Webhooks" guide. The envelope's id is that of the webhook, and `data` never contains
//! message content. 100 failed attempts within five minutes make a webhook inactive until it is set active again.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::stored::{OutgoingDelivery, Webhook};
use super::{Model, missing, present, written};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::ids::{HOME, encode, key_of, unpadded};

/// The number of failed attempts within [`FAILURE_WINDOW`] that deactivates a webhook.
const TOLERATED_FAILURES: usize = 100;
/// The time in which failed attempts count. A webhook that was deactivated less than this ago is deactivated again by a
/// single failure.
const FAILURE_WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// How many deliveries to one webhook can be in progress at a time.
const CONCURRENT_DELIVERIES: usize = 64;

/// The resources of webhooks, with their filters.
const RESOURCES: &[(&str, &[&str])] = &[
    ("messages", &["roomId", "roomType", "personId", "personEmail", "mentionedPeople"]),
    ("memberships", &["roomId", "personId", "personEmail", "isModerator"]),
    ("attachmentActions", &["messageId", "personId", "roomId"]),
    ("rooms", &["type", "isLocked"]),
    ("all", &[]),
];
const EVENTS: &[&str] = &["created", "updated", "deleted", "migrated", "all"];
/// The resources that `all` covers. Attachment actions always need a separate webhook.
const COVERED_BY_ALL: &[&str] = &["memberships", "messages", "rooms"];

/// A change of a resource.
#[derive(Debug)]
struct WebhookEvent {
    resource: &'static str,
    change: &'static str,
    actor_id: String,
    data: Value,
    /// The accounts that may see the event.
    audience: Vec<String>,
}

impl Webhook {
    /// The registration as a delivery shows it: without the secret.
    fn envelope(&self) -> Value {
        let fields = present(json!({
            "id": self.id,
            "name": self.name,
            "targetUrl": self.target_url,
            "resource": self.resource,
            "event": self.event,
            "filter": self.filter,
            "orgId": self.org_id,
            "createdBy": self.owner_id,
            "appId": encode(HOME, "APPLICATION", &key_of(&self.owner_id).unwrap_or_default()),
            "ownedBy": "creator",
            "status": if self.active { "active" } else { "inactive" },
            "created": written(self.created),
        }));
        fields.into()
    }

    /// The registration as the Webhooks API shows it: with the secret.
    fn to_json(&self) -> Value {
        let mut shown = self.envelope();
        if let Some(secret) = &self.secret {
            shown["secret"] = json!(secret);
        }
        shown
    }

    fn receives(&self, event: &WebhookEvent) -> bool {
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

    fn outgoing(&self, event: &WebhookEvent) -> OutgoingDelivery {
        let mut body = self.envelope();
        body["event"] = json!(event.change);
        body["resource"] = json!(event.resource);
        body["actorId"] = json!(event.actor_id);
        body["data"] = event.data.clone();
        OutgoingDelivery {
            webhook_id: self.id.clone(),
            target_url: self.target_url.clone(),
            secret: self.secret.clone(),
            resource: event.resource,
            event: event.change,
            body: Bytes::from(body.to_string()),
            slots: Arc::clone(&self.slots),
        }
    }

    fn count_failure(&mut self, now: Timestamp) {
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
    /// Puts one delivery per webhook that receives the event into the outbox.
    pub(super) fn publish(
        &mut self,
        resource: &'static str,
        change: &'static str,
        actor: &str,
        data: Value,
        audience: Vec<String>,
    ) {
        let event = WebhookEvent { resource, change, actor_id: actor.to_owned(), data, audience };
        let receiving = self.webhooks.iter().filter(|webhook| webhook.receives(&event));
        self.outbox.extend(receiving.map(|webhook| webhook.outgoing(&event)));
    }

    /// Counts a failed attempt, which may deactivate the webhook.
    pub(crate) fn delivery_failed(&mut self, webhook_id: &str) {
        let now = self.now();
        if let Some(webhook) = self.webhooks.iter_mut().find(|webhook| webhook.id == webhook_id) {
            webhook.count_failure(now);
        }
    }

    /// Deactivates a webhook as too many failures would. Returns whether it exists.
    pub(crate) fn disable_webhook(&mut self, webhook_id: &str) -> bool {
        let now = self.now();
        let found = self.webhooks.iter_mut().find(|webhook| webhook.id == unpadded(webhook_id));
        found.map(|webhook| webhook.disable(now)).is_some()
    }

    /// `POST /webhooks`.
    pub(crate) fn create_webhook(&mut self, caller: &str, body: &Value) -> ApiResult<Value> {
        let (name, target_url) = (filled(body, "name")?, target_of(body)?);
        let (resource, event) = (filled(body, "resource")?, filled(body, "event")?);
        let filters = RESOURCES.iter().find(|(known, _)| *known == resource).map(|(_, filters)| *filters);
        let filters = filters.ok_or_else(|| ApiError::bad_request("The resource is not supported."))?;
        ensure(EVENTS.contains(&event.as_str()), "The event is not supported.")?;
        let filter = text(body, "filter");
        let conditions = self.conditions_of(caller, filter.as_deref().unwrap_or_default(), filters)?;
        let webhook = Webhook {
            id: self.mint("WEBHOOK"),
            name,
            target_url,
            resource,
            event,
            filter,
            conditions,
            secret: text(body, "secret"),
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

    fn conditions_of(&self, caller: &str, filter: &str, known: &[&str]) -> ApiResult<Vec<(String, String)>> {
        let condition = |part: &str| {
            let (field, value) = part.split_once('=')?;
            let is_visible = match field {
                "roomId" => self.room_for(caller, value).is_ok(),
                "personId" => value == "me" || self.account(value).is_some(),
                "messageId" => self.message_seen_by(caller, value).is_ok(),
                _ => true,
            };
            (known.contains(&field) && is_visible).then(|| (field.to_owned(), value.to_owned()))
        };
        let conditions = filter.split('&').filter(|part| !part.is_empty()).map(condition);
        conditions.collect::<Option<_>>().ok_or_else(|| ApiError::bad_request("Invalid value for filter."))
    }

    /// `GET /webhooks`: the caller's own, oldest first.
    pub(crate) fn webhooks_of(&self, caller: &str) -> Vec<Value> {
        let own = self.webhooks.iter().filter(|webhook| webhook.owner_id == caller);
        own.map(Webhook::to_json).collect()
    }

    fn index_of_webhook(&self, caller: &str, id: &str) -> ApiResult<usize> {
        let is_it = |webhook: &Webhook| webhook.id == unpadded(id) && webhook.owner_id == caller;
        self.webhooks.iter().position(is_it).ok_or_else(ApiError::not_found)
    }

    /// `GET /webhooks/{id}`.
    pub(crate) fn webhook(&self, caller: &str, id: &str) -> ApiResult<Value> {
        Ok(self.webhooks[self.index_of_webhook(caller, id)?].to_json())
    }

    /// `PUT /webhooks/{id}`: name, target, secret and status; anything else in the body has no effect.
    pub(crate) fn update_webhook(&mut self, caller: &str, id: &str, body: &Value) -> ApiResult<Value> {
        let (name, target_url) = (filled(body, "name")?, target_of(body)?);
        let activated = body["status"] == "active";
        ensure(activated || body["status"].is_null(), "status can only be set to active.")?;
        let index = self.index_of_webhook(caller, id)?;
        let webhook = &mut self.webhooks[index];
        webhook.name = name;
        webhook.target_url = target_url;
        if body["secret"].is_string() {
            webhook.secret = text(body, "secret");
        }
        if activated && !webhook.active {
            webhook.active = true;
            webhook.failures.clear();
        }
        Ok(webhook.to_json())
    }

    /// `DELETE /webhooks/{id}`.
    pub(crate) fn delete_webhook(&mut self, caller: &str, id: &str) -> ApiResult<()> {
        let index = self.index_of_webhook(caller, id)?;
        self.webhooks.remove(index);
        Ok(())
    }
}

/// A required field that must be a non-empty string.
fn text(body: &Value, field: &str) -> Option<String> {
    body[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn filled(body: &Value, field: &str) -> ApiResult<String> {
    text(body, field).ok_or_else(|| missing(field))
}

fn target_of(body: &Value) -> ApiResult<String> {
    let target = filled(body, "targetUrl")?;
    let url = url::Url::parse(&target).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(|_| target).ok_or_else(|| ApiError::bad_request("targetUrl is not a valid URL."))
}
