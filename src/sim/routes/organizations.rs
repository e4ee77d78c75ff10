//! Organizations API, Locations API, and the phones that an organization can have.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::Shared;
use super::devices::administered;
use super::request::{Host, Parameters, page_of};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;
use crate::sim::model::phones;

const READ: &str = "spark-admin:organizations_read";
const READ_LOCATIONS: &str = "spark-admin:locations_read";

pub async fn list(State(world): Shared, caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.require(READ)?;
    Ok(Json(json!({ "items": world.model().organizations_seen_by(&caller.0) })))
}

pub async fn one(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    caller.require(READ)?;
    world.model().organization_seen_by(&caller.0, &id).map(Json)
}

pub async fn locations(
    State(world): Shared,
    caller: Caller,
    host: Host,
    asked: Parameters,
) -> Result<Response, ApiError> {
    caller.require(READ_LOCATIONS)?;
    let org_id = administered(&world, &caller, &asked)?;
    let locations = world.model().locations_of(&org_id, asked.get("name"));
    page_of(&locations, "/v1/locations", &asked, &host)
}

pub async fn location(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
    asked: Parameters,
) -> Result<Json<Value>, ApiError> {
    caller.require(READ_LOCATIONS)?;
    let org_id = administered(&world, &caller, &asked)?;
    world.model().location_in(&org_id, &id).map(Json)
}

pub async fn supported_devices(caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.require("spark-admin:telephony_config_read")?;
    Ok(Json(phones::supported_devices()))
}
