//! The token endpoint: a refresh token becomes an access token.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Shared;
use crate::sim::error::ApiError;

/// `POST /access_token`; the client says who it is in the form or as HTTP Basic.
pub async fn create(State(world): Shared, headers: HeaderMap, body: Bytes) -> Result<Json<Value>, ApiError> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media_type.starts_with("application/x-www-form-urlencoded") {
        return Err(ApiError::unsupported_media_type());
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if field("grant_type") != Some("refresh_token") {
        return Err(ApiError::bad_request("The grant type is not supported."));
    }
    let missing = || ApiError::bad_request("The refresh token is missing.");
    let refresh_token = field("refresh_token").ok_or_else(missing)?;
    let basic = basic(&headers);
    let client = match (&basic, field("client_id"), field("client_secret")) {
        (Some((id, secret)), _, _) => (id.as_str(), secret.as_str()),
        (None, Some(id), Some(secret)) => (id, secret),
        (None, _, _) => return Err(ApiError::unauthorized()),
    };
    world.change(|model| model.refresh(client, refresh_token)).map(Json)
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
