//! The stages of every request to `/v1`: the journal, the faults, the token check, and the tracking id of the response.
//!
//! The gateway does not know the resources behind it.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, AsHeaderName, CONTENT_TYPE, DATE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::connection::SeverHandle;
use super::error::ApiError;
use super::faults::{Effect, FaultBody, FaultRule};
use super::journal::RequestRecord;
use super::model::stored::{AccessToken, FILE_LIMIT};
use super::state::SimState;

/// The longest body that is read.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// The longest body with a file.
const UPLOAD_LIMIT: usize = FILE_LIMIT + BODY_LIMIT;
/// The length of a body that no client should read to its end.
const HUGE_BODY: usize = 10 << 20;
/// Header names are case-insensitive, but the library requires lower case.
const TRACKING_ID: &str = "trackingid";

/// The one path that needs no token: tokens come from there.
pub(super) const TOKEN_ENDPOINT: &str = "/v1/access_token";

/// The token of a request, for the handlers.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) Arc<AccessToken>);

/// Handles a request from its arrival to its response.
pub(super) async fn pass(State(state): State<Arc<SimState>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let connection = parts.extensions.get::<ConnectInfo<SeverHandle>>().map(|info| info.0.clone());
    let token = bearer(&parts.headers).and_then(|value| state.model().token(value));
    let is_upload = header(&parts.headers, CONTENT_TYPE).is_some_and(|kind| kind.starts_with("multipart/"));
    let limit = if is_upload { UPLOAD_LIMIT } else { BODY_LIMIT };
    let Ok(body) = axum::body::to_bytes(body, limit).await else {
        let refusal = ApiError::bad_request("The body could not be read.");
        return finish(&state, refusal.into_response(), &state.next_tracking_id());
    };
    let record = record_of(&state, &parts, token.as_deref(), body.len());
    let tracking_id = record.tracking_id.clone();
    let rule = state.faults.for_request(&record.method, &record.path);
    let _addition = state.journal.begin_addition(&record.method, &record.path, &body);
    let number = state.journal.arrived(record);
    if let Some(token) = token {
        parts.extensions.insert(Caller(token));
    }
    let request = Request::from_parts(parts, Body::from(body));

    let response = match rule {
        None => Some(serve(request, next).await),
        Some(rule) => {
            state.journal.faulted(number);
            spoil(&state, &rule, request, next).await
        }
    };
    let Some(response) = response else {
        connection.iter().for_each(SeverHandle::sever);
        return StatusCode::NO_CONTENT.into_response();
    };
    let retry_after = header(response.headers(), RETRY_AFTER).map(str::to_owned);
    state.journal.answered(number, response.status().as_u16(), retry_after);
    finish(&state, response, &tracking_id)
}

/// The real response. Without a token nothing is revealed, not even which paths exist.
async fn serve(request: Request, next: Next) -> Response {
    if request.extensions().get::<Caller>().is_none() && request.uri().path() != TOKEN_ENDPOINT {
        return ApiError::unauthorized().into_response();
    }
    next.run(request).await
}

/// The response under a fault rule; none if the connection is to be cut instead.
async fn spoil(state: &SimState, rule: &FaultRule, mut request: Request, next: Next) -> Option<Response> {
    if let Some(lingering) = rule.listed_after_delete {
        request.extensions_mut().insert(lingering);
    }
    wait(rule.latency_ms).await;
    let answer = if rule.effect == Effect::Before || !rule.replaces_answer() {
        Some(serve(request, next).await)
    } else {
        None
    };
    wait(rule.answer_latency_ms).await;
    if rule.hang {
        state.stopping.cancelled().await;
        return None;
    }
    if rule.drop {
        return None;
    }
    let mut response = match (&rule.json, rule.status, answer) {
        (Some(json), status, _) => {
            let status =
                status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
            (status, axum::Json(json)).into_response()
        }
        (None, None, Some(answer)) => answer,
        (None, status, _) => faulty(status, rule.body),
    };
    if rule.untracked {
        response.extensions_mut().insert(Untracked);
    }
    if let Some(value) = rule.retry_after.as_ref().and_then(|value| HeaderValue::from_str(value).ok()) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    Some(response)
}

async fn wait(milliseconds: u64) {
    if milliseconds > 0 {
        #[expect(clippy::disallowed_methods, reason = "the fault rule asks for a delay")]
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
}

fn faulty(status: Option<u16>, body: FaultBody) -> Response {
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let reason = status.canonical_reason().unwrap_or("Error");
    let (kind, body) = match body {
        FaultBody::Json => return ApiError { status, message: format!("{reason}.") }.into_response(),
        FaultBody::Empty => return status.into_response(),
        FaultBody::Html => {
            let page =
                format!("<html><head><title>{reason}</title></head><body><h1>{reason}</h1></body></html>");
            ("text/html", page.into_bytes())
        }
        FaultBody::Huge => ("application/json", vec![b'['; HUGE_BODY]),
        FaultBody::TruncatedJson => ("application/json", br#"{"items":[{"id":"Y2lzY29zcGFyazo"#.to_vec()),
    };
    (status, [(CONTENT_TYPE, kind)], body).into_response()
}

/// The response comes from something between Webex and the client, which sends no tracking id.
#[derive(Debug, Clone, Copy)]
struct Untracked;

/// Adds the date and the tracking id to a response, and the body of an error.
fn finish(state: &SimState, mut response: Response, tracking_id: &str) -> Response {
    let is_tracked = response.extensions().get::<Untracked>().is_none();
    let tracking_id = if is_tracked { tracking_id } else { "" };
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let mut body = error.body(tracking_id);
        if let Some(fields) = body.as_object_mut().filter(|_| !is_tracked) {
            fields.remove("trackingId");
        }
        let retry_after = response.headers_mut().remove(RETRY_AFTER);
        response = (error.status, axum::Json(body)).into_response();
        response.headers_mut().extend(retry_after.map(|value| (RETRY_AFTER, value)));
    }
    if let Some(value) = HeaderValue::from_str(tracking_id).ok().filter(|_| is_tracked) {
        response.headers_mut().insert(TRACKING_ID, value);
    }
    let seconds = u64::try_from(state.date().as_second()).unwrap_or_default();
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

fn record_of(
    state: &SimState,
    parts: &Parts,
    token: Option<&AccessToken>,
    body_bytes: usize,
) -> RequestRecord {
    let client_tracking_id = header(&parts.headers, TRACKING_ID).map(str::to_owned);
    RequestRecord {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        token: token.map(|token| token.name.clone()),
        token_kind: token.map(|token| token.kind),
        status: None,
        retry_after: None,
        faulted: false,
        content_type: header(&parts.headers, CONTENT_TYPE).map(str::to_owned),
        body_bytes,
        tracking_id: client_tracking_id.clone().unwrap_or_else(|| state.next_tracking_id()),
        client_tracking_id,
        at: state.clock.now(),
    }
}

/// A header as text, if present.
pub(super) fn header(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The bearer token of a request, if present.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header(headers, AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
