//! The control endpoint: looking into the simulation and steering it, from a shell.
//!
//! It lies outside `/v1`, asks for no token and passes no gateway: faults never reach it and the journal never
//! shows it.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::dispatch;
use super::error::ApiError;
use super::faults::FaultRule;
use super::world::World;

type Shared = State<Arc<World>>;

/// The routes under `/_sim`.
pub fn router(world: &Arc<World>) -> Router {
    Router::new()
        .route("/_sim", get(index))
        .route("/_sim/state", get(state))
        .route("/_sim/requests", get(requests))
        .route("/_sim/deliveries", get(deliveries))
        .route("/_sim/deliveries/repeat", post(repeat))
        .route("/_sim/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_sim/settings", post(change_settings))
        .route("/_sim/devices", post(add_device))
        .route("/_sim/devices/{id}", patch(change_device).delete(remove_device))
        .route("/_sim/workspaces", post(add_workspace))
        .route("/_sim/workspaces/{id}", patch(change_workspace).delete(remove_workspace))
        .route("/_sim/messages", get(messages))
        .route("/_sim/say", post(say))
        .with_state(Arc::clone(world))
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
        "GET /_sim/requests?last=N": "what was asked of /v1, oldest first",
        "GET /_sim/deliveries?last=N": "what was sent to webhooks, oldest first",
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

async fn state(State(world): Shared) -> Json<Value> {
    let model = world.model();
    let spaces: Vec<Value> = model
        .all_rooms()
        .map(|room| {
            let names = room.members.iter().filter_map(|member| model.account(&member.person_id));
            let names: Vec<&str> = names.map(|person| person.display_name.as_str()).collect();
            json!({ "id": room.id, "title": room.title, "type": room.kind.as_str(), "members": names })
        })
        .collect();
    Json(json!({
        "cast": world.cast,
        "spaces": spaces,
        "counts": model.counts(),
        "faults": world.faults.rules(),
    }))
}

async fn requests(State(world): Shared, Query(asked): Query<Last>) -> Response {
    Json(world.journal.last(asked.count())).into_response()
}

async fn deliveries(State(world): Shared, Query(asked): Query<Last>) -> Response {
    Json(world.dispatcher.last(asked.count())).into_response()
}

async fn repeat(State(world): Shared, Json(asked): Json<Last>) -> Response {
    let mut outcomes = Vec::new();
    for record in world.dispatcher.last(asked.last.unwrap_or(1)) {
        outcomes.push(dispatch::repeat(&world, &record).await);
    }
    Json(outcomes).into_response()
}

async fn faults(State(world): Shared) -> Json<Vec<FaultRule>> {
    Json(world.faults.rules())
}

async fn add_fault(State(world): Shared, Json(rule): Json<FaultRule>) -> StatusCode {
    world.faults.add(rule);
    StatusCode::CREATED
}

async fn clear_faults(State(world): Shared) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn add_device(State(world): Shared, Json(fields): Json<Value>) -> Json<Value> {
    let id = world.add_device(&fields);
    Json(world.model().devices.find(&id).unwrap_or_default())
}

async fn change_device(
    State(world): Shared,
    Path(id): Path<String>,
    Json(fields): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    world.change(|model| model.devices.change(&id, &fields));
    world.model().devices.find(&id).map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn remove_device(State(world): Shared, Path(id): Path<String>) -> StatusCode {
    gone(world.change(|model| model.devices.remove(&id)))
}

async fn add_workspace(State(world): Shared, Json(fields): Json<Value>) -> Json<Value> {
    let id = world.add_workspace(&fields);
    Json(world.model().workspaces.find(&id).unwrap_or_default())
}

async fn change_workspace(
    State(world): Shared,
    Path(id): Path<String>,
    Json(fields): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    world.change(|model| model.workspaces.change(&id, &fields));
    world.model().workspaces.find(&id).map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn remove_workspace(State(world): Shared, Path(id): Path<String>) -> StatusCode {
    gone(world.remove_workspace(&id))
}

fn gone(was_there: bool) -> StatusCode {
    if was_there { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

/// What is harder or easier than usual; what is absent stays as it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    page_limit: Option<usize>,
    empty_pages: Option<bool>,
    partner_access: Option<bool>,
    file_limit: Option<usize>,
}

async fn change_settings(State(world): Shared, Json(asked): Json<Settings>) -> StatusCode {
    if let Some(devices) = asked.page_limit {
        world.paging.limit(devices);
    }
    if let Some(gaps) = asked.empty_pages {
        world.paging.leave_gaps(gaps);
    }
    if let Some(given) = asked.partner_access {
        world.give_partner_access(given);
    }
    if let Some(bytes) = asked.file_limit {
        world.change(|model| model.limit_files(bytes));
    }
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfRoom {
    room_id: Option<String>,
}

async fn messages(State(world): Shared, Query(asked): Query<OfRoom>) -> Json<Value> {
    let room_id = asked.room_id.unwrap_or_else(|| world.cast.operations.clone());
    Json(json!({ "items": world.messages(&room_id) }))
}

/// What somebody says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Words {
    #[serde(rename = "as")]
    speaker: String,
    text: String,
    room_id: Option<String>,
    parent_id: Option<String>,
}

async fn say(State(world): Shared, Json(words): Json<Words>) -> Response {
    let Some(speaker) = world.cast.named(&words.speaker) else {
        return refusal(&ApiError::bad_request(
            "Nobody of that name: ana, ben, carla, oskar, helper or bot.",
        ));
    };
    let room_id = words.room_id.unwrap_or_else(|| world.cast.operations.clone());
    match world.say(speaker, &room_id, &words.text, words.parent_id.as_deref()) {
        Ok(message) => Json(message).into_response(),
        Err(error) => refusal(&error),
    }
}

fn refusal(error: &ApiError) -> Response {
    (error.status, Json(error.body(""))).into_response()
}
