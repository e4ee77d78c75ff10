//! The control endpoint: inspects and steers the simulation from a shell.
//!
//! It is outside `/v1`, needs no token and bypasses the gateway: faults never affect it and the journal never records
//! it.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, patch, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::dispatch::DeliveryRecord;
use super::error::ApiError;
use super::faults::FaultRule;
use super::journal::RequestRecord;
use super::model::Model;
use super::state::SimState;

type Shared = State<Arc<SimState>>;

/// The routes under `/_sim`.
pub(super) fn router(state: &Arc<SimState>) -> Router {
    let device =
        record(|model, id, fields| model.devices.change(id, fields), |model, id| model.devices.remove(id));
    let workspace = record(|model, id, fields| model.workspaces.change(id, fields), Model::remove_workspace);
    Router::new()
        .route("/_sim", get(index))
        .route("/_sim/state", get(overview))
        .route("/_sim/requests", get(requests))
        .route("/_sim/deliveries", get(deliveries))
        .route("/_sim/deliveries/repeat", post(repeat))
        .route("/_sim/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_sim/settings", post(change_settings))
        .route("/_sim/devices", post(add_device))
        .route("/_sim/devices/{id}", device)
        .route("/_sim/workspaces", post(add_workspace))
        .route("/_sim/workspaces/{id}", workspace)
        .route("/_sim/messages", get(messages))
        .route("/_sim/say", post(say))
        .with_state(Arc::clone(state))
}

/// How many of the newest records a list shows; all if absent.
#[derive(Debug, Deserialize)]
struct Last {
    last: Option<usize>,
}

impl Last {
    fn count(&self) -> usize {
        self.last.unwrap_or(usize::MAX)
    }
}

async fn index() -> Json<Value> {
    Json(json!({
        "what": "A simulated Webex. The API is under /v1; these are the controls.",
        "GET /_sim/state": "people with ids and tokens, spaces, counts",
        "GET /_sim/requests?last=N": "requests to /v1, oldest first",
        "GET /_sim/deliveries?last=N": "deliveries to webhooks, oldest first",
        "POST /_sim/deliveries/repeat": { "last": 1 },
        "GET, POST, DELETE /_sim/faults": { "method": "DELETE", "path": "/devices/*", "status": 503, "times": 1 },
        "POST /_sim/settings": { "pageLimit": 50, "emptyPages": true, "partnerAccess": true, "fileLimit": 1_000_000 },
        "POST /_sim/devices": { "displayName": "BER-4 Panorama" },
        "PATCH, DELETE /_sim/devices/ID": { "serial": "FOC2100NEW1", "mac": null },
        "POST /_sim/workspaces": { "displayName": "BER-4 Lounge", "supportedDevices": "phones" },
        "PATCH, DELETE /_sim/workspaces/ID": { "displayName": "BER-4 Library" },
        "GET /_sim/messages?roomId=ID": "all messages of a space, oldest first",
        "POST /_sim/say": { "as": "ana", "text": "help", "roomId": "optional", "parentId": "optional" },
    }))
}

async fn overview(State(state): Shared) -> Json<Value> {
    let model = state.model();
    let spaces: Vec<Value> = model
        .all_rooms()
        .map(|room| {
            let members = room.members.iter().filter_map(|member| model.account(&member.person_id));
            let names: Vec<&str> = members.map(|person| person.display_name.as_str()).collect();
            json!({ "id": room.id, "title": room.title, "type": room.kind, "members": names })
        })
        .collect();
    Json(json!({
        "cast": state.cast,
        "spaces": spaces,
        "counts": model.counts(),
        "faults": state.faults.all(),
    }))
}

async fn requests(State(state): Shared, Query(asked): Query<Last>) -> Json<Vec<RequestRecord>> {
    Json(state.journal.last(asked.count()))
}

async fn deliveries(State(state): Shared, Query(asked): Query<Last>) -> Json<Vec<DeliveryRecord>> {
    Json(state.dispatcher.last(asked.count()))
}

async fn repeat(State(state): Shared, Json(asked): Json<Last>) -> Response {
    let mut outcomes = Vec::new();
    for record in state.dispatcher.last(asked.last.unwrap_or(1)) {
        outcomes.push(state.dispatcher.repeat(&record, state.clock.now()).await);
    }
    Json(outcomes).into_response()
}

async fn faults(State(state): Shared) -> Json<Vec<FaultRule>> {
    Json(state.faults.all())
}

async fn add_fault(State(state): Shared, Json(rule): Json<FaultRule>) -> StatusCode {
    state.faults.add(rule);
    StatusCode::CREATED
}

async fn clear_faults(State(state): Shared) -> StatusCode {
    state.faults.clear();
    StatusCode::NO_CONTENT
}

async fn add_device(State(state): Shared, Json(fields): Json<Value>) -> Json<Value> {
    let id = state.add_device(&fields);
    Json(state.model().devices.find(&id).unwrap_or_default())
}

async fn add_workspace(State(state): Shared, Json(fields): Json<Value>) -> Json<Value> {
    let id = state.add_workspace(&fields);
    Json(state.model().workspaces.find(&id).unwrap_or_default())
}

/// `PATCH` and `DELETE` of a device or a workspace.
fn record(
    change: fn(&mut Model, &str, &Value) -> Option<Value>,
    remove: fn(&mut Model, &str) -> bool,
) -> MethodRouter<Arc<SimState>> {
    let changed = async move |State(state): Shared, Path(id): Path<String>, Json(fields): Json<Value>| {
        let changed = state.change(|model| change(model, &id, &fields));
        changed.map(Json).ok_or(StatusCode::NOT_FOUND)
    };
    let removed = async move |State(state): Shared, Path(id): Path<String>| {
        let was_there = state.change(|model| remove(model, &id));
        if was_there { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
    };
    patch(changed).delete(removed)
}

/// Settings that make Webex harder or easier than usual. An absent setting is not changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SimSettings {
    page_limit: Option<usize>,
    empty_pages: Option<bool>,
    partner_access: Option<bool>,
    file_limit: Option<usize>,
}

async fn change_settings(State(state): Shared, Json(asked): Json<SimSettings>) -> StatusCode {
    state.change(|model| {
        if let Some(devices) = asked.page_limit {
            model.device_pages.limit(devices);
        }
        model.device_pages.gaps = asked.empty_pages.unwrap_or(model.device_pages.gaps);
        model.file_limit = asked.file_limit.unwrap_or(model.file_limit);
    });
    if let Some(given) = asked.partner_access {
        state.give_partner_access(given);
    }
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfRoom {
    room_id: Option<String>,
}

async fn messages(State(state): Shared, Query(asked): Query<OfRoom>) -> Json<Value> {
    let room_id = asked.room_id.as_ref().unwrap_or(&state.cast.operations);
    Json(json!({ "items": state.model().all_messages(room_id) }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SayRequest {
    #[serde(rename = "as")]
    speaker: String,
    text: String,
    room_id: Option<String>,
    parent_id: Option<String>,
}

async fn say(State(state): Shared, Json(asked): Json<SayRequest>) -> Response {
    let unknown = || ApiError::bad_request("Unknown person: use ana, ben, carla, oskar, helper or bot.");
    let room_id = asked.room_id.as_ref().unwrap_or(&state.cast.operations);
    let speaker = state.cast.named(&asked.speaker).ok_or_else(unknown);
    let posted =
        speaker.and_then(|speaker| state.say(speaker, room_id, &asked.text, asked.parent_id.as_deref()));
    match posted {
        Ok(message) => Json(message).into_response(),
        Err(error) => (error.status, Json(error.body(""))).into_response(),
    }
}
