//! `GET /healthz`: the process is alive. `GET /readyz`: it can do its work, or what keeps it from that.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::HttpState;

pub(super) async fn process() -> &'static str {
    "ok\n"
}

/// 200 when everything is well, else 503; either way which part is in what state, in words that give
/// nothing away.
pub(super) async fn ready(State(state): State<HttpState>) -> (StatusCode, Json<Value>) {
    let database = database_is_well(&state).await;
    let webex = state.readiness.webex();
    let well = database && webex.is_well();
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |well: bool| if well { "ok" } else { "not ok" };
    let parts = json!({
        "database": word(database),
        "bot_token": webex.bot_token.as_str(),
        "admin_credential": webex.admin_credential_words(),
        "webhooks": webex.webhooks.as_str(),
    });
    (status, Json(parts))
}

/// Seconds for which the last look at the database counts: a stranger must not make it write all the time.
const SECONDS_A_LOOK_COUNTS: i64 = 2;

async fn database_is_well(state: &HttpState) -> bool {
    let now = state.clock.now();
    let last = state.readiness.database();
    if let Some((_, well)) = last.filter(|(at, _)| now.duration_since(*at).as_secs() < SECONDS_A_LOOK_COUNTS)
    {
        return well;
    }
    let well = state.store.is_writable(now).await.is_ok();
    state.readiness.note_database(now, well);
    well
}
