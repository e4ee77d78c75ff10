//! Rooms API.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value;

use super::Shared;
use super::request::{Host, JsonBody, Parameters, page_of};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;

pub async fn list(
    State(world): Shared,
    caller: Caller,
    host: Host,
    asked: Parameters,
) -> Result<Response, ApiError> {
    caller.require("spark:rooms_read")?;
    let rooms = world.model().rooms_of(caller.person_id(), asked.get("type"));
    page_of(&rooms, "/v1/rooms", &asked, &host)
}

pub async fn create(
    State(world): Shared,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    caller.require("spark:rooms_write")?;
    world.change(|model| model.create_room(caller.person_id(), &body)).map(Json)
}

pub async fn one(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    caller.require("spark:rooms_read")?;
    world.model().room_seen_by(caller.person_id(), &id).map(Json)
}
