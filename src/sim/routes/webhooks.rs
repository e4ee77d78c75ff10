//! Webhooks API.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
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
    let webhooks = world.model().webhooks_of(caller.person_id());
    page_of(&webhooks, "/v1/webhooks", &asked, &host)
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
