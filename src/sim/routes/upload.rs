//! Receiving messages, as JSON or as a form with a file, and serving the files.

use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Path, Request};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::conversation::{READ_MESSAGES, WRITE_MESSAGES};
use super::request::{ApiCall, JsonBody};
use crate::sim::error::{ApiError, ApiResult};
use crate::sim::gateway::header;
use crate::sim::model::attachments::NewAttachments;
use crate::sim::model::messages::ShownMessage;
use crate::sim::model::stored::SentFile;

/// The parts of a form that are fields of a message. Other parts are ignored.
const FIELDS: [&str; 6] = ["roomId", "toPersonId", "toPersonEmail", "parentId", "text", "markdown"];

/// A message to be posted: as JSON, or as a form with at most one file.
#[derive(Debug)]
pub(super) struct MessageForm {
    /// The fields without the attachments.
    body: Value,
    attachments: NewAttachments,
}

/// A message in JSON. Its attachments are only checked, so they stay as text: parsing them into a tree would take
/// longer than the rest of the request.
#[derive(Deserialize)]
struct WithAttachments {
    #[serde(default)]
    attachments: Option<Box<RawValue>>,
    #[serde(flatten)]
    body: Map<String, Value>,
}

impl<S: Send + Sync> FromRequest<S> for MessageForm {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let content_type = header(request.headers(), CONTENT_TYPE).unwrap_or_default();
        if !content_type.starts_with("multipart/form-data") {
            let JsonBody(WithAttachments { attachments, body }) =
                JsonBody::from_request(request, state).await?;
            let attachments = NewAttachments { attachments, file: None };
            return Ok(Self { body: Value::Object(body), attachments });
        }
        let form = Multipart::from_request(request, state).await;
        let form = form.map_err(|_| ApiError::bad_request("The request body is not a form."))?;
        read(form).await
    }
}

async fn read(mut form: Multipart) -> ApiResult<MessageForm> {
    let mut message = MessageForm { body: json!({}), attachments: NewAttachments::default() };
    while let Some(part) = form.next_field().await.map_err(|error| unreadable(&error))? {
        match part.name().unwrap_or_default().to_owned().as_str() {
            "files" if message.attachments.file.is_some() => {
                return Err(ApiError::bad_request("A message can have exactly one file."));
            }
            "files" => message.attachments.file = Some(file_of(part).await?),
            name if FIELDS.contains(&name) => {
                let value = part.text().await.map_err(|error| unreadable(&error))?;
                message.body[name] = json!(value);
            }
            _ => {}
        }
    }
    Ok(message)
}

async fn file_of(mut part: Field<'_>) -> ApiResult<SentFile> {
    let described = (part.file_name().map(str::to_owned), part.content_type().map(str::to_owned));
    let (Some(name), Some(content_type)) = described else {
        return Err(ApiError::bad_request("A file must have a name and a content type."));
    };
    let mut bytes = Bytes::new();
    // A file nearly always arrives in one chunk, which is then not copied.
    while let Some(piece) = part.chunk().await.map_err(|error| unreadable(&error))? {
        bytes = if bytes.is_empty() { piece } else { [bytes, piece].concat().into() };
    }
    Ok(SentFile { name, content_type, bytes })
}

fn unreadable(error: &MultipartError) -> ApiError {
    ApiError::bad_request(format!("The form could not be read: {}", error.body_text()))
}

/// `POST /messages`.
pub(super) async fn post_message(call: ApiCall, message: MessageForm) -> ApiResult<Json<ShownMessage>> {
    call.require(WRITE_MESSAGES)?;
    let MessageForm { body, attachments } = message;
    call.change(|model| model.post(call.person_id(), &body, attachments)).map(Json)
}

/// `GET /contents/{id}`; `HEAD` answers the name, the type and the size.
pub(super) async fn read_file(call: ApiCall, Path(id): Path<String>) -> ApiResult<Response> {
    call.require(READ_MESSAGES)?;
    let model = call.model();
    let file = model.file_seen_by(call.person_id(), &id)?;
    let headers = [(CONTENT_TYPE, file.content_type.clone()), (CONTENT_DISPOSITION, disposition(&file.name))];
    Ok((headers, file.bytes.clone()).into_response())
}

/// The name of a file in a header (RFC 6266): plain if possible, otherwise encoded.
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
