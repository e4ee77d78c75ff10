//! Devices API: activation codes, and phones by their MAC address.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::Shared;
use super::devices::{WRITE, administered};
use super::request::{JsonBody, Parameters};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;

/// Good for workspaces and for persons.
const ANY_CODE: &str = "identity:one_time_password";
/// Good for workspaces only.
const WORKSPACE_CODE: &str = "identity:placeonetimepassword_create";

pub async fn activation_code(
    State(world): Shared,
    caller: Caller,
    asked: Parameters,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    caller.require(WRITE)?;
    if body["personId"].is_null() {
        caller.require_any(&[ANY_CODE, WORKSPACE_CODE])?;
    } else {
        caller.require(ANY_CODE)?;
    }
    let org_id = administered(&world, &caller, &asked)?;
    world.change(|model| model.make_activation_code(&org_id, &body)).map(Json)
}

pub async fn create(
    State(world): Shared,
    caller: Caller,
    asked: Parameters,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    caller.require(WRITE)?;
    let org_id = administered(&world, &caller, &asked)?;
    world.change(|model| model.create_device(&org_id, &body)).map(Json)
}
