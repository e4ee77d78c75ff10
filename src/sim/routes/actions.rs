//! Attachment Actions API.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::Shared;
use super::request::JsonBody;
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;

pub async fn create(
    State(world): Shared,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.require("spark:messages_write")?;
    let action = world.change(|model| model.press(caller.person_id(), &body))?;
    Ok((StatusCode::ACCEPTED, Json(action)))
}

pub async fn one(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    caller.require("spark:messages_read")?;
    world.model().action_seen_by(caller.person_id(), &id).map(Json)
}
