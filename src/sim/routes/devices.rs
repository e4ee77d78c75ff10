//! Devices API: list, get, tags and delete.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use serde_json::Value;

use super::request::{Host, Parameters};
use super::{Shared, finished_json};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;
use crate::sim::faults::Lingering;
use crate::sim::model::devices::{DeviceFilter, RareFilter};
use crate::sim::world::World;

const READ: &str = "spark-admin:devices_read";
/// What changes to devices need.
pub const WRITE: &str = "spark-admin:devices_write";
/// What the links say to pages that are to be empty.
const GAP: &str = "gap";

pub async fn list(
    State(world): Shared,
    caller: Caller,
    host: Host,
    asked: Parameters,
) -> Result<Response, ApiError> {
    caller.require(READ)?;
    let org_id = administered(&world, &caller, &asked)?;
    let (start, asked_max) = (asked.number("start")?.unwrap_or(0), asked.number("max")?);
    let max = world.paging.length(asked_max);
    let filter = filter_of(&asked);
    let host = world.paging.led_to().map_or(host, Host::named);
    let link = |query: &str| host.next_page("/v1/devices", query);
    if asked.get(GAP).is_some() {
        return Ok(with_link(finished_json(r#"{"items":[]}"#.to_owned()), &link(&asked.without(GAP))));
    }
    let page = world.model().devices.list(&org_id, &filter, start, max);
    let response = finished_json(page.body);
    if !page.more {
        return Ok(response);
    }
    let mut next = vec![("start", (start + max).to_string()), ("max", max.to_string())];
    if world.paging.has_gaps() {
        next.push((GAP, "true".to_owned()));
    }
    Ok(with_link(response, &link(&asked.with(&next))))
}

fn with_link(mut response: Response, link: &str) -> Response {
    response.headers_mut().extend(link.parse().ok().map(|link| (LINK, link)));
    response
}

pub async fn one(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
    asked: Parameters,
) -> Result<Response, ApiError> {
    caller.require(READ)?;
    let org_id = administered(&world, &caller, &asked)?;
    world.model().devices.get(&org_id, &id).map(finished_json)
}

/// The content type is the only one that is taken: `application/json` is refused.
pub async fn patch(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
    asked: Parameters,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    caller.require(WRITE)?;
    let org_id = administered(&world, &caller, &asked)?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json-patch+json") {
        return Err(ApiError::unsupported_media_type());
    }
    let patch = serde_json::from_slice(&body);
    let patch = patch.map_err(|_| ApiError::bad_request("The request body is not JSON."))?;
    world.change(|model| model.patch_device(&org_id, &id, &patch)).map(Json)
}

pub async fn delete(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
    asked: Parameters,
    lingering: Option<Extension<Lingering>>,
) -> Result<StatusCode, ApiError> {
    caller.require(WRITE)?;
    let org_id = administered(&world, &caller, &asked)?;
    let lingering = lingering.map(|Extension(lingering)| lingering);
    world.change(|model| model.devices.delete(&org_id, &id, lingering))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The organization a request is about: the one that it names, if the token reaches it, or the token's own.
pub fn administered(world: &World, caller: &Caller, asked: &Parameters) -> Result<String, ApiError> {
    world.model().administered(&caller.0, asked.get("orgId"))
}

fn filter_of(asked: &Parameters) -> DeviceFilter {
    let tags = asked.all("tag").flat_map(|tags| tags.split(',')).map(str::trim).filter(|tag| !tag.is_empty());
    DeviceFilter {
        display_name: asked.owned("displayName"),
        kind: asked.owned("type"),
        product: asked.owned("product"),
        serial: asked.owned("serial"),
        mac: asked.owned("mac"),
        connection_status: asked.owned("connectionStatus"),
        workspace_id: asked.owned("workspaceId"),
        person_id: asked.owned("personId"),
        tags: tags.map(str::to_owned).collect(),
        rare: RareFilter {
            software: asked.owned("software"),
            upgrade_channel: asked.owned("upgradeChannel"),
            error_code: asked.owned("errorCode"),
            capability: asked.owned("capability"),
            permission: asked.owned("permission"),
            location_id: asked.owned("locationId"),
            workspace_location_id: asked.owned("workspaceLocationId"),
            device_platform: asked.owned("devicePlatform"),
            planned_maintenance: asked.owned("plannedMaintenance"),
        },
    }
    .normalized()
}
