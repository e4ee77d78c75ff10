//! Errors with the messages and the JSON that Webex sends.
//!
//! A handler returns an [`ApiError`]; the gateway writes its body, because only the gateway knows the tracking id
//! of the request.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The result of a request: a value, or the error to respond with.
pub(super) type ApiResult<T> = Result<T, ApiError>;

/// The refusal of a request.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl ApiError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "The request requires a valid access token set in the Authorization request header.",
        )
    }

    /// 403 with the sentence that Webex uses for missing scopes, roles and licenses alike.
    pub(super) fn forbidden() -> Self {
        Self::forbidden_because(
            "The server understood the request, but refused to fulfill it because the access token is missing \
             required scopes or the user is missing required roles or licenses.",
        )
    }

    pub(super) fn forbidden_because(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404: missing, or not visible to this token.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The requested resource could not be found.")
    }

    /// 404 for a space that the caller is not in.
    pub(super) fn room_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Could not find a room with provided ID.")
    }

    /// 404 for a path without a route.
    pub(super) fn no_resource(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("No static resource {}.", path.trim_start_matches('/')))
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "The request method is not supported for this resource.")
    }

    pub(super) fn conflict(message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(super) fn unsupported_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The content type of the request is not supported.")
    }

    /// The body of the answer, as in "Handling errors" of the REST API basics.
    pub(super) fn body(&self, tracking_id: &str) -> Value {
        json!({
            "message": self.message,
            "errors": [{ "description": self.message }],
            "trackingId": tracking_id,
        })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Refuses with 400 unless the condition holds.
pub(super) fn ensure(holds: bool, otherwise: &str) -> ApiResult<()> {
    if holds { Ok(()) } else { Err(ApiError::bad_request(otherwise)) }
}
