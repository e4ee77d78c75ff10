//! Devices API: list, get and delete.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LINK;
use axum::response::Response;

use super::request::{Host, Parameters};
use super::{Shared, finished_json};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;
use crate::sim::faults::Lingering;
use crate::sim::ids::unpadded;
use crate::sim::model::devices::DeviceFilter;

const READ: &str = "spark-admin:devices_read";
const WRITE: &str = "spark-admin:devices_write";
/// The length of a page if none is asked for: the reference does not publish one.
const DEFAULT_MAX: usize = 100;
/// The longest page: the reference does not publish this one either.
const LIMIT: usize = 1000;

pub async fn list(
    State(world): Shared,
    caller: Caller,
    host: Host,
    asked: Parameters,
) -> Result<Response, ApiError> {
    caller.require(READ)?;
    let org_id = administered(&caller, &asked)?;
    let (start, max) = (asked.number("start")?.unwrap_or(0), asked.max(DEFAULT_MAX, LIMIT)?);
    let filter = filter_of(&asked);
    let page = world.model().devices.list(org_id, &filter, start, max);
    let mut response = finished_json(page.body);
    if page.more {
        let query = asked.with(&[("start", (start + max).to_string()), ("max", max.to_string())]);
        let next = host.next_page("/v1/devices", &query);
        response.headers_mut().extend(next.parse().ok().map(|next| (LINK, next)));
    }
    Ok(response)
}

pub async fn one(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
    asked: Parameters,
) -> Result<Response, ApiError> {
    caller.require(READ)?;
    let org_id = administered(&caller, &asked)?;
    world.model().devices.get(org_id, &id).map(finished_json)
}

pub async fn delete(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
    asked: Parameters,
    lingering: Option<Extension<Lingering>>,
) -> Result<StatusCode, ApiError> {
    caller.require(WRITE)?;
    let org_id = administered(&caller, &asked)?;
    let lingering = lingering.map(|Extension(lingering)| lingering);
    world.change(|model| model.devices.delete(org_id, &id, lingering))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The organization a request is about: the token's own, which can also be named; any other is refused.
pub fn administered<'a>(caller: &'a Caller, asked: &Parameters) -> Result<&'a str, ApiError> {
    match asked.get("orgId") {
        Some(named) if unpadded(named) != caller.org_id() => Err(ApiError::forbidden()),
        _ => Ok(caller.org_id()),
    }
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
    }
    .normalized()
}
