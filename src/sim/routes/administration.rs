//! The paths that an admin credential needs: devices, workspaces, locations, organizations, and the token endpoint.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::request::{ApiAnswer, ApiCall, JsonBody, ListUrl, Scopes, require_media_type};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::faults::Lingering;
use crate::sim::gateway::header;
use crate::sim::model::devices::{DEVICE_FILTERS, WORKSPACE_FILTERS};
use crate::sim::model::onboarding::supported_devices;
use crate::sim::state::SimState;

const READ_DEVICES: Scopes = &["spark-admin:devices_read"];
const WRITE_DEVICES: Scopes = &["spark-admin:devices_write"];
const READ_WORKSPACES: Scopes = &["spark-admin:workspaces_read"];
const READ_LOCATIONS: Scopes = &["spark-admin:locations_read"];
const READ_ORGANIZATIONS: Scopes = &["spark-admin:organizations_read"];
/// Sufficient for activation codes of workspaces and of persons.
const CREATE_ANY_CODE: &str = "identity:one_time_password";
/// Sufficient for activation codes of workspaces only.
const CREATE_WORKSPACE_CODE: &str = "identity:placeonetimepassword_create";
/// The parameter that makes a page empty, used in links.
const GAP: &str = "gap";

pub(super) async fn list_devices(call: ApiCall, mut url: ListUrl) -> ApiResult<Response> {
    call.require(READ_DEVICES)?;
    let org_id = call.org_id()?;
    let (start, max) = (call.query.number("start")?.unwrap_or(0), call.query.number("max")?);
    let mut model = call.model();
    let max = model.device_pages.length(max);
    url.host = model.device_pages.next_host.clone().unwrap_or(url.host);
    if call.query.get(GAP).is_some() {
        return Ok(url.link(finished_json(r#"{"items":[]}"#.to_owned()), &call.query.without(GAP)));
    }
    let tags = call.query.all("tag").flat_map(|tags| tags.split(',')).map(str::trim);
    let tags = tags.filter(|tag| !tag.is_empty()).map(|tag| ("tag", tag.to_owned()));
    let filter = tags.chain(call.query.filter(&DEVICE_FILTERS)).collect();
    let page = model.devices.page(&org_id, &filter, start, max);
    if !page.more {
        return Ok(finished_json(page.body));
    }
    let mut next = vec![("start", (start + max).to_string()), ("max", max.to_string())];
    if model.device_pages.gaps {
        next.push((GAP, "true".to_owned()));
    }
    Ok(url.link(finished_json(page.body), &call.query.with(&next)))
}

pub(super) async fn show_device(call: ApiCall, Path(id): Path<String>) -> ApiResult<Response> {
    call.require(READ_DEVICES)?;
    let org_id = call.org_id()?;
    call.model().devices.show(&org_id, &id).map(finished_json)
}

/// Only this content type is accepted; `application/json` is refused.
pub(super) async fn patch_device(
    call: ApiCall,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiAnswer {
    call.require(WRITE_DEVICES)?;
    let org_id = call.org_id()?;
    require_media_type(&headers, "application/json-patch+json")?;
    let patch = serde_json::from_slice(&body);
    let patch = patch.map_err(|_| ApiError::bad_request("The request body is not JSON."))?;
    call.change(|model| model.devices.patch_tags(&org_id, &id, &patch)).map(Json)
}

pub(super) async fn delete_device(
    call: ApiCall,
    Path(id): Path<String>,
    lingering: Option<Extension<Lingering>>,
) -> ApiResult<StatusCode> {
    call.require(WRITE_DEVICES)?;
    let org_id = call.org_id()?;
    let lingering = lingering.map(|Extension(lingering)| lingering);
    call.change(|model| model.devices.delete(&org_id, &id, lingering))?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn create_device(call: ApiCall, JsonBody(body): JsonBody) -> ApiAnswer {
    call.require(WRITE_DEVICES)?;
    let org_id = call.org_id()?;
    call.change(|model| model.create_device(&org_id, &body)).map(Json)
}

pub(super) async fn create_activation_code(call: ApiCall, JsonBody(body): JsonBody) -> ApiAnswer {
    call.require(WRITE_DEVICES)?;
    let is_for_workspace = body["personId"].is_null();
    call.require(if is_for_workspace {
        &[CREATE_ANY_CODE, CREATE_WORKSPACE_CODE]
    } else {
        &[CREATE_ANY_CODE]
    })?;
    let org_id = call.org_id()?;
    call.change(|model| model.create_activation_code(&org_id, &body)).map(Json)
}

/// There is no link to a next page: the reference does not show one for this list.
pub(super) async fn list_workspaces(call: ApiCall) -> ApiResult<Response> {
    call.require(READ_WORKSPACES)?;
    let org_id = call.org_id()?;
    let (start, max) = (call.query.number("start")?.unwrap_or(0), call.query.max()?);
    let filter = call.query.filter(&WORKSPACE_FILTERS);
    Ok(finished_json(call.model().workspaces.page(&org_id, &filter, start, max).body))
}

pub(super) async fn show_workspace(call: ApiCall, Path(id): Path<String>) -> ApiAnswer {
    call.require(READ_WORKSPACES)?;
    call.model().workspace_seen_by(&call.token, &id).map(Json)
}

pub(super) async fn list_locations(call: ApiCall, url: ListUrl) -> ApiResult<Response> {
    call.require(READ_LOCATIONS)?;
    let org_id = call.org_id()?;
    let locations = call.model().locations_of(&org_id, call.query.get("name"));
    url.page_of(&locations, &call.query)
}

pub(super) async fn show_location(call: ApiCall, Path(id): Path<String>) -> ApiAnswer {
    call.require(READ_LOCATIONS)?;
    let org_id = call.org_id()?;
    call.model().location_in(&org_id, &id).map(Json)
}

pub(super) async fn list_organizations(call: ApiCall) -> ApiAnswer {
    call.require(READ_ORGANIZATIONS)?;
    Ok(Json(json!({ "items": call.model().organizations_seen_by(&call.token) })))
}

pub(super) async fn show_organization(call: ApiCall, Path(id): Path<String>) -> ApiAnswer {
    call.require(READ_ORGANIZATIONS)?;
    call.model().organization_seen_by(&call.token, &id).map(Json)
}

pub(super) async fn list_supported_devices(call: ApiCall) -> ApiAnswer {
    call.require(&["spark-admin:telephony_config_read"])?;
    Ok(Json(supported_devices()))
}

/// `POST /access_token`; the client authenticates in the form or by HTTP Basic.
pub(super) async fn create_access_token(
    State(state): State<Arc<SimState>>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiAnswer {
    let media_type = header(&headers, CONTENT_TYPE).unwrap_or_default();
    if !media_type.starts_with("application/x-www-form-urlencoded") {
        return Err(ApiError::unsupported_media_type());
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    ensure(field("grant_type") == Some("refresh_token"), "The grant type is not supported.")?;
    let refresh_token = field("refresh_token");
    ensure(refresh_token.is_some(), "The refresh token is missing.")?;
    let basic = basic(&headers);
    let basic = basic.as_ref().map(|(id, secret)| (id.as_str(), secret.as_str()));
    let client = basic.or_else(|| field("client_id").zip(field("client_secret")));
    let client = client.ok_or_else(ApiError::unauthorized)?;
    state.change(|model| model.refresh(client, refresh_token.unwrap_or_default())).map(Json)
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = header(headers, AUTHORIZATION)?.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// A response from finished JSON text.
fn finished_json(body: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}
