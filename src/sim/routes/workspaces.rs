//! Workspaces API: list and get.

use axum::extract::{Path, State};
use axum::response::Response;

use super::devices::administered;
use super::request::Parameters;
use super::{Shared, finished_json};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;

const READ: &str = "spark-admin:workspaces_read";

pub async fn list(State(world): Shared, caller: Caller, asked: Parameters) -> Result<Response, ApiError> {
    caller.require(READ)?;
    let org_id = administered(&caller, &asked)?;
    let (start, max) = (asked.number("start")?.unwrap_or(0), asked.max(100, 1000)?);
    Ok(finished_json(world.model().workspaces.list(org_id, asked.get("displayName"), start, max)))
}

pub async fn one(State(world): Shared, caller: Caller, Path(id): Path<String>) -> Result<Response, ApiError> {
    caller.require(READ)?;
    world.model().workspaces.get(caller.org_id(), &id).map(finished_json)
}
