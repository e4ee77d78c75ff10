//! Files: how they arrive with a message, and how they are read.

use axum::body::Bytes;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::Shared;
use super::request::JsonBody;
use crate::sim::auth::Caller;
use crate::sim::error::ApiError;
use crate::sim::model::SentFile;
use crate::sim::model::attached::Attached;

/// The parts of a form that are fields of a message. Others are not looked at.
const FIELDS: [&str; 6] = ["roomId", "toPersonId", "toPersonEmail", "parentId", "text", "markdown"];

/// A message to be posted: as JSON, or as a form with at most one file.
#[derive(Debug)]
pub struct NewMessage {
    /// The fields, but for what hangs on the message.
    pub body: Value,
    /// What hangs on it.
    pub attached: Attached,
}

/// A message in JSON. What hangs on it is only looked into, so it stays as it is: a tree of it would take longer to
/// build than everything else takes together.
#[derive(Deserialize)]
struct WithAttachments {
    #[serde(default)]
    attachments: Option<Box<RawValue>>,
    #[serde(flatten)]
    body: Map<String, Value>,
}

impl<S: Send + Sync> FromRequest<S> for NewMessage {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(|content_type| content_type.starts_with("multipart/form-data")) {
            let JsonBody(WithAttachments { attachments, body }) =
                JsonBody::from_request(request, state).await?;
            let attached = Attached { attachments, file: None };
            return Ok(Self { body: Value::Object(body), attached });
        }
        let form = Multipart::from_request(request, state).await;
        let form = form.map_err(|_| ApiError::bad_request("The request body is not a form."))?;
        read(form).await
    }
}

async fn read(mut form: Multipart) -> Result<NewMessage, ApiError> {
    let mut message = NewMessage { body: json!({}), attached: Attached::default() };
    while let Some(part) = form.next_field().await.map_err(|error| unreadable(&error))? {
        match part.name().unwrap_or_default().to_owned().as_str() {
            "files" if message.attached.file.is_some() => {
                return Err(ApiError::bad_request("A message can have exactly one file."));
            }
            "files" => message.attached.file = Some(file_of(part).await?),
            name if FIELDS.contains(&name) => {
                let value = part.text().await.map_err(|error| unreadable(&error))?;
                message.body[name] = json!(value);
            }
            _ => {}
        }
    }
    Ok(message)
}

async fn file_of(mut part: Field<'_>) -> Result<SentFile, ApiError> {
    let described = (part.file_name().map(str::to_owned), part.content_type().map(str::to_owned));
    let (Some(name), Some(content_type)) = described else {
        return Err(ApiError::bad_request("A file must have a name and a content type."));
    };
    let mut bytes = Bytes::new();
    // Nearly always in one piece, which is kept as it is.
    while let Some(piece) = part.chunk().await.map_err(|error| unreadable(&error))? {
        bytes = if bytes.is_empty() { piece } else { [bytes, piece].concat().into() };
    }
    Ok(SentFile { name, content_type, bytes })
}

fn unreadable(error: &MultipartError) -> ApiError {
    ApiError::bad_request(format!("The form could not be read: {}", error.body_text()))
}

/// `GET /contents/{id}`; `HEAD` says the name, the type and the size.
pub async fn one(State(world): Shared, caller: Caller, Path(id): Path<String>) -> Result<Response, ApiError> {
    caller.require("spark:messages_read")?;
    let model = world.model();
    let file = model.file_seen_by(caller.person_id(), &id)?;
    let headers = [(CONTENT_TYPE, file.content_type.clone()), (CONTENT_DISPOSITION, disposition(&file.name))];
    Ok((headers, file.bytes.clone()).into_response())
}

/// The name of a file in a header (RFC 6266): plain where that is possible, encoded where it is not.
fn disposition(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '\\') || letter == ' ';
    if name.chars().all(is_plain) {
        return format!("attachment; filename=\"{name}\"");
    }
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_that_is_not_plain_is_encoded() {
        for (name, expected) in [
            ("devices 1.csv", "attachment; filename=\"devices 1.csv\""),
            ("Ger\u{e4}te.csv", "attachment; filename*=UTF-8''Ger%C3%A4te.csv"),
            ("a\"b.csv", "attachment; filename*=UTF-8''a%22b.csv"),
            ("a\r\nX: y", "attachment; filename*=UTF-8''a%0D%0AX%3A%20y"),
        ] {
            assert_eq!(disposition(name), expected);
        }
    }
}
