//! People API.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use super::Shared;
use super::request::Parameters;
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;

const READ: [&str; 2] = ["spark:people_read", "spark-admin:people_read"];

pub async fn me(State(world): Shared, caller: Caller) -> Result<Json<Value>, ApiError> {
    world.model().person(caller.person_id()).map(Json)
}

pub async fn one(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    caller.require_any(&READ)?;
    world.model().person(&id).map(Json)
}

pub async fn list(State(world): Shared, caller: Caller, asked: Parameters) -> Result<Json<Value>, ApiError> {
    caller.require_any(&READ)?;
    let (email, name, ids) = (asked.get("email"), asked.get("displayName"), asked.get("id"));
    let model = world.model();
    let org_id = model.administered(&caller.0, asked.get("orgId"))?;
    model.people_of(&org_id, email, name, ids).map(Json)
}
