//! Messages API.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LINK;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Shared;
use super::contents::NewMessage;
use super::request::{Host, JsonBody, Parameters};
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;
use crate::sim::model::attached::ShownMessage;
use crate::sim::model::history::HistoryQuery;

const READ: &str = "spark:messages_read";
const WRITE: &str = "spark:messages_write";

pub async fn create(
    State(world): Shared,
    caller: Caller,
    message: NewMessage,
) -> Result<Json<ShownMessage>, ApiError> {
    caller.require(WRITE)?;
    let NewMessage { body, attached } = message;
    world.change(|model| model.post(caller.person_id(), &body, attached)).map(Json)
}

pub async fn one(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    caller.require(READ)?;
    world.model().message_seen_by(caller.person_id(), &id).map(Json)
}

pub async fn list(
    State(world): Shared,
    caller: Caller,
    host: Host,
    asked: Parameters,
) -> Result<Response, ApiError> {
    caller.require(READ)?;
    let room_id = asked.get("roomId").ok_or_else(|| ApiError::bad_request("roomId is required."))?;
    let page = world.model().history(caller.person_id(), room_id, &query_of(&asked)?)?;
    let mut response = Json(json!({ "items": page.items })).into_response();
    if let Some(last) = page.continues_before {
        let next = host.next_page("/v1/messages", &asked.with(&[("beforeMessage", last)]));
        response.headers_mut().extend(next.parse().ok().map(|next| (LINK, next)));
    }
    Ok(response)
}

pub async fn direct(
    State(world): Shared,
    caller: Caller,
    asked: Parameters,
) -> Result<Json<Value>, ApiError> {
    caller.require(READ)?;
    let (id, email) = (asked.get("personId"), asked.get("personEmail"));
    world.model().direct_history(caller.person_id(), id, email, &query_of(&asked)?).map(Json)
}

pub async fn edit(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    caller.require(WRITE)?;
    world.change(|model| model.edit_message(caller.person_id(), &id, &body)).map(Json)
}

pub async fn delete(
    State(world): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require(WRITE)?;
    world.change(|model| model.delete_message(caller.person_id(), &id))?;
    Ok(StatusCode::NO_CONTENT)
}

fn query_of(asked: &Parameters) -> Result<HistoryQuery<'_>, ApiError> {
    let before = asked.get("before").map(str::parse).transpose();
    Ok(HistoryQuery {
        mentioned_people: asked.get("mentionedPeople"),
        parent_id: asked.get("parentId"),
        before_message: asked.get("beforeMessage"),
        before: before.map_err(|_| ApiError::bad_request("before must be a date in ISO 8601."))?,
        max: asked.number("max")?,
    })
}
