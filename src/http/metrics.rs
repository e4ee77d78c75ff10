//! `GET /metrics`: what was counted, in the text format of OpenMetrics.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::HttpState;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn exposition(State(state): State<HttpState>) -> Response {
    match state.store.count_parked_jobs().await {
        Ok(jobs) => state.metrics.parked_jobs(jobs),
        // The rest is told all the same: this may be when it is wanted most.
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "parked jobs could not be counted");
        }
    }
    match state.metrics.exposition() {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
