//! Refusals in the words and the shape of Webex.
//!
//! A handler returns an [`ApiError`]; the gateway writes its body, because only the gateway knows the tracking id
//! of the request.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The status of the answer.
    pub status: StatusCode,
    /// The sentence in the body.
    pub message: String,
}

impl ApiError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// 400, with what is wrong.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401: no token, or one that nobody has.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "The request requires a valid access token set in the Authorization request header.",
        )
    }

    /// 403 in the one sentence that Webex has for scopes, roles and licenses.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "The server understood the request, but refused to fulfill it because the access token is missing \
             required scopes or the user is missing required roles or licenses.",
        )
    }

    /// 403 for a reason of its own.
    pub fn forbidden_because(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404: not there, or not for this token's eyes.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The requested resource could not be found.")
    }

    /// 404 for a space that the caller is not in.
    #[must_use]
    pub fn room_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Could not find a room with provided ID.")
    }

    /// 404 for a path that no route has.
    #[must_use]
    pub fn no_resource(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("No static resource {}.", path.trim_start_matches('/')))
    }

    /// 405.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "The request method is not supported for this resource.")
    }

    /// 409, with what is there already.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 415.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The content type of the request is not supported.")
    }

    /// The body of the answer, as in "Handling errors" of the REST API basics.
    #[must_use]
    pub fn body(&self, tracking_id: &str) -> Value {
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
