//! The paths of the API: each handler checks the scope, asks the model, and says how the answer looks.

mod access_token;
mod actions;
mod contents;
mod devices;
mod memberships;
mod messages;
mod onboarding;
mod organizations;
mod people;
mod request;
mod rooms;
mod webhooks;
mod workspaces;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::error::ApiError;
use super::gateway;
use super::world::World;

/// What handlers share.
type Shared = State<Arc<World>>;

/// The API behind its gateway.
pub fn router(world: &Arc<World>) -> Router {
    Router::new()
        .route(gateway::TOKEN_ENDPOINT, axum::routing::post(access_token::create))
        .route("/v1/people/me", get(people::me))
        .route("/v1/people/{id}", get(people::one))
        .route("/v1/people", get(people::list))
        .route("/v1/rooms", get(rooms::list).post(rooms::create))
        .route("/v1/rooms/{id}", get(rooms::one))
        .route("/v1/memberships", get(memberships::list).post(memberships::create))
        .route("/v1/memberships/{id}", axum::routing::delete(memberships::delete))
        .route("/v1/messages", get(messages::list).post(messages::create))
        .route("/v1/contents/{id}", get(contents::one))
        .route("/v1/messages/direct", get(messages::direct))
        .route("/v1/messages/{id}", get(messages::one).put(messages::edit).delete(messages::delete))
        .route("/v1/webhooks", get(webhooks::list).post(webhooks::create))
        .route("/v1/webhooks/{id}", get(webhooks::one).put(webhooks::update).delete(webhooks::delete))
        .route("/v1/attachment/actions", axum::routing::post(actions::create))
        .route("/v1/attachment/actions/{id}", get(actions::one))
        .route("/v1/devices", get(devices::list).post(onboarding::create))
        .route("/v1/devices/activationCode", axum::routing::post(onboarding::activation_code))
        .route("/v1/devices/{id}", get(devices::one).patch(devices::patch).delete(devices::delete))
        .route("/v1/workspaces", get(workspaces::list))
        .route("/v1/workspaces/{id}", get(workspaces::one))
        .route("/v1/locations", get(organizations::locations))
        .route("/v1/locations/{id}", get(organizations::location))
        .route("/v1/organizations", get(organizations::list))
        .route("/v1/organizations/{id}", get(organizations::one))
        .route("/v1/telephony/config/supportedDevices", get(organizations::supported_devices))
        .fallback(no_resource)
        .method_not_allowed_fallback(method_not_allowed)
        // The gateway has read the body by then, and knows how long it may be.
        .layer(DefaultBodyLimit::disable())
        .layer(axum::middleware::from_fn_with_state(Arc::clone(world), gateway::pass))
        .with_state(Arc::clone(world))
}

async fn no_resource(uri: Uri) -> ApiError {
    ApiError::no_resource(uri.path())
}

async fn method_not_allowed() -> ApiError {
    ApiError::method_not_allowed()
}

/// An answer whose JSON is finished text.
fn finished_json(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
