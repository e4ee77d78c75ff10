//! What every request to `/v1` passes: the journal, the faults, the token, and the tracking id of the answer.
//!
//! The gateway knows nothing of the resources behind it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::auth::{Caller, Token, bearer};
use super::connection::Connection;
use super::error::ApiError;
use super::faults::{Effect, FaultBody, FaultRule};
use super::journal::RequestRecord;
use super::model::FILE_LIMIT;
use super::world::World;

/// The longest body that is read.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// The longest body that brings a file: the file and what is said about it.
const UPLOAD_LIMIT: usize = FILE_LIMIT + BODY_LIMIT;
/// The length of a body that nobody should read to its end.
const HUGE_BODY: usize = 10 << 20;
/// Header names are case-insensitive; this is the form that the library wants.
const TRACKING_ID: &str = "trackingid";

/// The one path that asks for no token: tokens come from there.
pub const TOKEN_ENDPOINT: &str = "/v1/access_token";

/// Handles a request from its arrival to its answer.
pub async fn pass(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let connection = parts.extensions.get::<ConnectInfo<Connection>>().map(|info| info.0.clone());
    let token = bearer(&parts.headers).and_then(|value| world.model().token(value));
    let is_upload = text_of(&parts.headers, CONTENT_TYPE.as_str())
        .is_some_and(|content_type| content_type.starts_with("multipart/"));
    let limit = if is_upload { UPLOAD_LIMIT } else { BODY_LIMIT };
    let Ok(body) = axum::body::to_bytes(body, limit).await else {
        let refusal = ApiError::bad_request("The body could not be read.");
        return finish(refusal.into_response(), &world.next_tracking_id());
    };
    let record = record_of(&world, &parts, token.as_deref(), body.len());
    let tracking_id = record.tracking_id.clone();
    let rule = world.faults.for_request(&record.method, &record.path);
    let _addition = world.additions.begin(&record.method, &record.path, &body);
    let entry = world.journal.arrived(record);
    if let Some(token) = token {
        parts.extensions.insert(Caller(token));
    }
    let request = Request::from_parts(parts, Body::from(body));

    let response = match rule {
        None => Some(serve(request, next).await),
        Some(rule) => {
            world.journal.faulted(entry);
            spoil(&world, &rule, request, next).await
        }
    };
    let Some(response) = response else {
        connection.iter().for_each(Connection::sever);
        return StatusCode::NO_CONTENT.into_response();
    };
    let retry_after = text_of(response.headers(), RETRY_AFTER.as_str());
    world.journal.answered(entry, response.status().as_u16(), retry_after);
    finish(response, &tracking_id)
}

/// The real answer. Without a token there is nothing to see, not even which paths exist.
async fn serve(request: Request, next: Next) -> Response {
    if request.extensions().get::<Caller>().is_none() && request.uri().path() != TOKEN_ENDPOINT {
        return ApiError::unauthorized().into_response();
    }
    next.run(request).await
}

/// What a rule makes of a request; nothing if the connection is to end without an answer.
async fn spoil(world: &World, rule: &FaultRule, mut request: Request, next: Next) -> Option<Response> {
    let slow = async |milliseconds| {
        #[expect(clippy::disallowed_methods, reason = "slowness is the fault that was ordered")]
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    };
    if rule.latency_ms > 0 {
        slow(rule.latency_ms).await;
    }
    if let Some(lingering) = rule.listed_after_delete {
        request.extensions_mut().insert(lingering);
    }
    let answer = if rule.effect == Effect::Before || !rule.replaces_answer() {
        Some(serve(request, next).await)
    } else {
        None
    };
    if rule.answer_latency_ms > 0 {
        slow(rule.answer_latency_ms).await;
    }
    if rule.hang {
        world.stopping.cancelled().await;
        return None;
    }
    if rule.drop {
        return None;
    }
    let mut response = match (rule.status, answer) {
        (None, Some(answer)) => answer,
        (status, _) => faulty(status, rule.body),
    };
    if let Some(value) = rule.retry_after.as_ref().and_then(|value| HeaderValue::from_str(value).ok()) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    Some(response)
}

fn faulty(status: Option<u16>, body: FaultBody) -> Response {
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let reason = status.canonical_reason().unwrap_or("Error");
    match body {
        FaultBody::Json => ApiError { status, message: format!("{reason}.") }.into_response(),
        FaultBody::Html => {
            let page =
                format!("<html><head><title>{reason}</title></head><body><h1>{reason}</h1></body></html>");
            (status, [(CONTENT_TYPE, "text/html")], page).into_response()
        }
        FaultBody::Empty => status.into_response(),
        FaultBody::Huge => {
            (status, [(CONTENT_TYPE, "application/json")], vec![b'['; HUGE_BODY]).into_response()
        }
        FaultBody::TruncatedJson => {
            (status, [(CONTENT_TYPE, "application/json")], r#"{"items":[{"id":"Y2lzY29zcGFyazo"#)
                .into_response()
        }
    }
}

/// Writes what only the gateway knows into the answer.
fn finish(mut response: Response, tracking_id: &str) -> Response {
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let headers = std::mem::take(response.headers_mut());
        response = (error.status, axum::Json(error.body(tracking_id))).into_response();
        if let Some(value) = headers.get(RETRY_AFTER) {
            response.headers_mut().insert(RETRY_AFTER, value.clone());
        }
    }
    if let Ok(value) = HeaderValue::from_str(tracking_id) {
        response.headers_mut().insert(TRACKING_ID, value);
    }
    response
}

fn record_of(world: &World, parts: &Parts, token: Option<&Token>, body_bytes: usize) -> RequestRecord {
    let client_tracking_id = text_of(&parts.headers, TRACKING_ID);
    RequestRecord {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        token: token.map(|token| token.name.clone()),
        token_kind: token.map(|token| token.kind),
        status: None,
        retry_after: None,
        faulted: false,
        content_type: text_of(&parts.headers, CONTENT_TYPE.as_str()),
        body_bytes,
        tracking_id: client_tracking_id.clone().unwrap_or_else(|| world.next_tracking_id()),
        client_tracking_id,
        at: world.clock.now(),
    }
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
