//! The paths that a conversation needs: people, spaces, memberships, lists of messages, buttons and webhooks.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::request::{ApiAnswer, ApiCall, JsonBody, ListUrl, QueryParameters, Scopes};
use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::model::history::HistoryQuery;

pub(super) const READ_PEOPLE: Scopes = &["spark:people_read", "spark-admin:people_read"];
const READ_ALL_PEOPLE: Scopes = &["spark-admin:people_read"];
pub(super) const READ_ROOMS: Scopes = &["spark:rooms_read"];
pub(super) const READ_MEMBERSHIPS: Scopes = &["spark:memberships_read"];
pub(super) const WRITE_MEMBERSHIPS: Scopes = &["spark:memberships_write"];
pub(super) const READ_MESSAGES: Scopes = &["spark:messages_read"];
pub(super) const WRITE_MESSAGES: Scopes = &["spark:messages_write"];

pub(super) async fn me(call: ApiCall) -> ApiAnswer {
    call.model().person(call.person_id()).map(Json)
}

/// Only admins may list all people.
pub(super) async fn list_people(call: ApiCall, url: ListUrl) -> ApiResult<Response> {
    call.require(READ_PEOPLE)?;
    let (email, name, ids) = (call.query.get("email"), call.query.get("displayName"), call.query.get("id"));
    ensure(
        email.is_some() || name.is_some() || ids.is_some() || call.require(READ_ALL_PEOPLE).is_ok(),
        "Email, displayName, or id list should be specified.",
    )?;
    let org_id = call.org_id()?;
    let found = call.model().people_of(&org_id, email, name, ids);
    url.page_of(&found, &call.query)
}

pub(super) async fn list_rooms(call: ApiCall, url: ListUrl) -> ApiResult<Response> {
    call.require(READ_ROOMS)?;
    let rooms = call.model().rooms_of(call.person_id(), call.query.get("type"));
    url.page_of(&rooms, &call.query)
}

pub(super) async fn list_memberships(call: ApiCall) -> ApiAnswer {
    call.require(READ_MEMBERSHIPS)?;
    let max = call.query.max()?;
    let model = call.model();
    let by_email = match call.query.get("personEmail").map(|email| model.account_by_email(email)) {
        Some(None) => return Ok(Json(json!({ "items": [] }))),
        Some(Some(person)) => Some(person.id.as_str()),
        None => None,
    };
    let person = call.query.get("personId").or(by_email);
    model.memberships(call.person_id(), call.query.get("roomId"), person, max).map(Json)
}

pub(super) async fn list_messages(call: ApiCall, url: ListUrl) -> ApiResult<Response> {
    call.require(READ_MESSAGES)?;
    let room_id = call.query.get("roomId").ok_or_else(|| ApiError::bad_request("roomId is required."))?;
    let page = call.model().history(call.person_id(), room_id, &history_query(&call.query)?)?;
    let response = Json(page.body).into_response();
    match page.continues_before {
        Some(last) => Ok(url.link(response, &call.query.with(&[("beforeMessage", last)]))),
        None => Ok(response),
    }
}

pub(super) async fn list_direct_messages(call: ApiCall) -> ApiAnswer {
    call.require(READ_MESSAGES)?;
    let (id, email) = (call.query.get("personId"), call.query.get("personEmail"));
    call.model().direct_history(call.person_id(), id, email, &history_query(&call.query)?).map(Json)
}

fn history_query(query: &QueryParameters) -> ApiResult<HistoryQuery<'_>> {
    let before = query.get("before").map(str::parse).transpose();
    Ok(HistoryQuery {
        mentioned_people: query.get("mentionedPeople"),
        parent_id: query.get("parentId"),
        before_message: query.get("beforeMessage"),
        before: before.map_err(|_| ApiError::bad_request("before must be a date in ISO 8601."))?,
        max: query.number("max")?,
    })
}

/// The published specification says 202, but client libraries that work with the live service accept only 200.
pub(super) async fn press(call: ApiCall, JsonBody(body): JsonBody) -> ApiAnswer {
    call.require(WRITE_MESSAGES)?;
    call.change(|model| model.press(call.person_id(), &body)).map(Json)
}

pub(super) async fn list_webhooks(call: ApiCall, url: ListUrl) -> ApiResult<Response> {
    let webhooks = call.model().webhooks_of(call.person_id());
    url.page_of(&webhooks, &call.query)
}

pub(super) async fn create_webhook(call: ApiCall, JsonBody(body): JsonBody) -> ApiAnswer {
    call.require(match body["resource"].as_str().unwrap_or_default() {
        "memberships" => READ_MEMBERSHIPS,
        "rooms" => READ_ROOMS,
        _ => READ_MESSAGES,
    })?;
    call.change(|model| model.create_webhook(call.person_id(), &body)).map(Json)
}
