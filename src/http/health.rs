//! `GET /healthz`, `GET /readyz` and `GET /metrics`. They need no authentication, so they reveal no id, no name and no
//! error text.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::state::HttpState;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long the result of a database check is reused: strangers must not be able to cause a write with every request.
const DATABASE_CHECK_LIFETIME_SECONDS: i64 = 2;

pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Answers 200 if every part is ready and 503 otherwise, with the state of each part in the body.
pub(super) async fn ready(State(state): State<HttpState>) -> (StatusCode, Json<Value>) {
    let database = is_database_writable(&state).await;
    let webex = state.readiness.webex();
    let is_ready = database && webex.are_ready();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let parts = json!({
        "database": if database { "ok" } else { "not ok" },
        "bot_token": webex.bot_token.into_str(),
        "admin_credential": webex.admin_credential_words(),
        "webhooks": webex.webhooks.into_str(),
        // Never a reason to be unready: the answers to late commands say so.
        "clock": state.clock_check.words(),
        // Never a reason to be unready: some networks cannot reach their own public address.
        "public_address": state.readiness.public_address_words(state.clock.now()),
    });
    (status, Json(parts))
}

async fn is_database_writable(state: &HttpState) -> bool {
    let now = state.clock.now();
    match state.readiness.last_database_check() {
        Some((at, is_writable))
            if (0..DATABASE_CHECK_LIFETIME_SECONDS).contains(&now.duration_since(at).as_secs()) =>
        {
            is_writable
        }
        _ => {
            let is_writable = state.store.is_writable(now).await.is_ok();
            state.readiness.record_database_check(now, is_writable);
            is_writable
        }
    }
}

pub(super) async fn metrics(State(state): State<HttpState>) -> Response {
    match state.store.count_parked_jobs().await {
        Ok(jobs) => state.metrics.parked_jobs(jobs),
        // The other metrics are needed most while the database fails.
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "could not count parked jobs");
        }
    }
    // Another process on the database may have received it, or this one before its start.
    if let Ok(Some(at)) = state.store.last_delivery().await {
        state.readiness.record_delivery(at, state.clock.now());
    }
    state.metrics.last_delivery(state.readiness.last_delivery(state.clock.now()));
    match state.metrics.exposition() {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Counts a request to a path that Steward does not serve: many of them may mean that a proxy rewrites paths.
pub(super) async fn other_path(State(state): State<HttpState>) -> StatusCode {
    state.metrics.other_request();
    StatusCode::NOT_FOUND
}
