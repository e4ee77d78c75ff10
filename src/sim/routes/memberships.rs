//! Memberships API.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Shared;
use super::request::{JsonBody, Parameters};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;

pub async fn list(State(world): Shared, caller: Caller, asked: Parameters) -> Result<Json<Value>, ApiError> {
    caller.require("spark:memberships_read")?;
    let max = asked.max(100, 1000)?;
    let model = world.model();
    let by_email = match asked.get("personEmail").map(|email| model.account_by_email(email)) {
        Some(None) => return Ok(Json(json!({ "items": [] }))),
        Some(Some(person)) => Some(person.id.as_str()),
        None => None,
    };
    let person = asked.get("personId").or(by_email);
    model.memberships(caller.person_id(), asked.get("roomId"), person, max).map(Json)
}

pub async fn create(
    State(world): Shared,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    caller.require("spark:memberships_write")?;
    world.change(|model| model.add_member(caller.person_id(), &body)).map(Json)
}

pub async fn delete(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require("spark:memberships_write")?;
    world.change(|model| model.remove_member(caller.person_id(), &id))?;
    Ok(StatusCode::NO_CONTENT)
}
