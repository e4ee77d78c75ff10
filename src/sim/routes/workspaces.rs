//! Workspaces API: list and get.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value;

use super::devices::administered;
use super::request::Parameters;
use super::{Shared, finished_json};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;
use crate::sim::model::workspaces::WorkspaceFilter;

const READ: &str = "spark-admin:workspaces_read";
/// The parameters that are compared with the field of the same name.
const FIELDS: [&str; 8] = [
    "locationId",
    "floorId",
    "capacity",
    "type",
    "calling",
    "calendar",
    "supportedDevices",
    "devicePlatform",
];

pub async fn list(State(world): Shared, caller: Caller, asked: Parameters) -> Result<Response, ApiError> {
    caller.require(READ)?;
    let org_id = administered(&world, &caller, &asked)?;
    let (start, max) = (asked.number("start")?.unwrap_or(0), asked.max(100, 1000)?);
    let fields = FIELDS.into_iter().filter_map(|field| Some((field, asked.owned(field)?)));
    let filter = WorkspaceFilter {
        display_name: asked.get("displayName").map(str::to_lowercase),
        fields: fields.collect(),
    };
    Ok(finished_json(world.model().workspaces.list(&org_id, &filter, start, max)))
}

pub async fn one(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    caller.require(READ)?;
    world.model().workspace_seen_by(&caller.0, &id).map(Json)
}
