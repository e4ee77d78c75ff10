//! Webhooks API.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::Shared;
use super::request::{JsonBody, Parameters};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;

pub async fn list(State(world): Shared, caller: Caller, asked: Parameters) -> Result<Json<Value>, ApiError> {
    let max = asked.max(100, 1000)?;
    Ok(Json(world.model().webhooks_of(caller.person_id(), max)))
}

pub async fn create(
    State(world): Shared,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    match body["resource"].as_str().unwrap_or_default() {
        "memberships" => caller.require("spark:memberships_read")?,
        "rooms" => caller.require("spark:rooms_read")?,
        _ => caller.require("spark:messages_read")?,
    }
    world.change(|model| model.create_webhook(caller.person_id(), &body)).map(Json)
}

pub async fn one(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    world.model().webhook(caller.person_id(), &id).map(Json)
}

pub async fn update(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    world.change(|model| model.update_webhook(caller.person_id(), &id, &body)).map(Json)
}

pub async fn delete(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    world.change(|model| model.delete_webhook(caller.person_id(), &id))?;
    Ok(StatusCode::NO_CONTENT)
}
