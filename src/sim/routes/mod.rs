//! The paths of the API, each with the scopes it needs and the method of the model that serves it.
//!
//! Paths with more input than an id and a body have a handler in `conversation` or `administration`.

mod administration;
mod conversation;
mod request;
mod upload;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path};
use axum::http::{StatusCode, Uri};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use serde_json::Value;

use self::request::{ApiAnswer, ApiCall, JsonBody, Scopes};
use self::{administration as admin, conversation as chat};
use super::error::{ApiError, ApiResult};
use super::gateway;
use super::model::Model;
use super::state::SimState;

/// The API behind its gateway.
pub(super) fn router(state: &Arc<SimState>) -> Router {
    let webhook = show(&[], Model::webhook)
        .merge(update(&[], Model::update_webhook))
        .merge(delete(&[], Model::delete_webhook));
    let message = show(chat::READ_MESSAGES, Model::message_seen_by)
        .merge(update(chat::WRITE_MESSAGES, Model::edit_message))
        .merge(delete(chat::WRITE_MESSAGES, Model::delete_message));
    let device = get(admin::show_device).patch(admin::patch_device).delete(admin::delete_device);
    Router::new()
        .route(gateway::TOKEN_ENDPOINT, post(admin::create_access_token))
        .route("/v1/people/me", get(chat::me))
        .route("/v1/people/{id}", show(chat::READ_PEOPLE, |model, _, id| model.person(id)))
        .route("/v1/people", get(chat::list_people))
        .route("/v1/rooms", get(chat::list_rooms).merge(create(&["spark:rooms_write"], Model::create_room)))
        .route("/v1/rooms/{id}", show(chat::READ_ROOMS, Model::room_seen_by))
        .route(
            "/v1/memberships",
            get(chat::list_memberships).merge(create(chat::WRITE_MEMBERSHIPS, Model::add_member)),
        )
        .route("/v1/memberships/{id}", delete(chat::WRITE_MEMBERSHIPS, Model::remove_member))
        .route("/v1/messages", get(chat::list_messages).post(upload::post_message))
        .route("/v1/contents/{id}", get(upload::read_file))
        .route("/v1/messages/direct", get(chat::list_direct_messages))
        .route("/v1/messages/{id}", message)
        .route("/v1/webhooks", get(chat::list_webhooks).post(chat::create_webhook))
        .route("/v1/webhooks/{id}", webhook)
        .route("/v1/attachment/actions", post(chat::press))
        .route("/v1/attachment/actions/{id}", show(chat::READ_MESSAGES, Model::action_seen_by))
        .route("/v1/devices", get(admin::list_devices).post(admin::create_device))
        .route("/v1/devices/activationCode", post(admin::create_activation_code))
        .route("/v1/devices/{id}", device)
        .route("/v1/workspaces", get(admin::list_workspaces))
        .route("/v1/workspaces/{id}", get(admin::show_workspace))
        .route("/v1/locations", get(admin::list_locations))
        .route("/v1/locations/{id}", get(admin::show_location))
        .route("/v1/organizations", get(admin::list_organizations))
        .route("/v1/organizations/{id}", get(admin::show_organization))
        .route("/v1/telephony/config/supportedDevices", get(admin::list_supported_devices))
        .fallback(async |uri: Uri| ApiError::no_resource(uri.path()))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        // The gateway has already read the body and limited its length.
        .layer(DefaultBodyLimit::disable())
        .layer(axum::middleware::from_fn_with_state(Arc::clone(state), gateway::pass))
        .with_state(Arc::clone(state))
}

/// `GET` of an object that the caller can see.
fn show(scopes: Scopes, read: fn(&Model, &str, &str) -> ApiResult<Value>) -> MethodRouter<Arc<SimState>> {
    get(async move |call: ApiCall, Path(id): Path<String>| -> ApiAnswer {
        call.require(scopes)?;
        read(&call.model(), call.person_id(), &id).map(Json)
    })
}

/// `POST` of a new object of the caller.
fn create(
    scopes: Scopes,
    write: fn(&mut Model, &str, &Value) -> ApiResult<Value>,
) -> MethodRouter<Arc<SimState>> {
    post(async move |call: ApiCall, JsonBody(body): JsonBody| -> ApiAnswer {
        call.require(scopes)?;
        call.change(|model| write(model, call.person_id(), &body)).map(Json)
    })
}

/// `PUT` of an object of the caller.
fn update(
    scopes: Scopes,
    write: fn(&mut Model, &str, &str, &Value) -> ApiResult<Value>,
) -> MethodRouter<Arc<SimState>> {
    axum::routing::put(
        async move |call: ApiCall, Path(id): Path<String>, JsonBody(body): JsonBody| -> ApiAnswer {
            call.require(scopes)?;
            call.change(|model| write(model, call.person_id(), &id, &body)).map(Json)
        },
    )
}

/// `DELETE` of an object of the caller.
fn delete(
    scopes: Scopes,
    remove: fn(&mut Model, &str, &str) -> ApiResult<()>,
) -> MethodRouter<Arc<SimState>> {
    axum::routing::delete(async move |call: ApiCall, Path(id): Path<String>| -> ApiResult<StatusCode> {
        call.require(scopes)?;
        call.change(|model| remove(model, call.person_id(), &id))?;
        Ok(StatusCode::NO_CONTENT)
    })
}
