//! What hangs on a message: a card, kept as the text that it came as, and a file.
//!
//! The rules are those of the "Buttons and Cards" guide: one card per message.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::SentFile;
use crate::sim::error::ApiError;

/// The only attachment there is besides files.
const CARD_TYPE: &str = "application/vnd.microsoft.card.adaptive";

/// What hangs on a message that is posted.
#[derive(Debug, Default)]
pub struct Attached {
    /// The field `attachments`.
    pub attachments: Option<Box<RawValue>>,
    /// The file.
    pub file: Option<SentFile>,
}

/// A message as the API shows it.
#[derive(Debug, Serialize)]
pub struct ShownMessage {
    #[serde(flatten)]
    pub(super) fields: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attachments: Option<Arc<RawValue>>,
}

impl From<ShownMessage> for Value {
    fn from(shown: ShownMessage) -> Self {
        let mut fields = shown.fields;
        if let Some(attachments) = shown.attachments {
            // It was JSON when it came.
            let attachments = serde_json::from_str(attachments.get()).unwrap_or_default();
            fields.insert("attachments".to_owned(), attachments);
        }
        Self::Object(fields)
    }
}

/// The card of a new message: none, or exactly one.
pub(super) fn checked(attachments: Option<Box<RawValue>>) -> Result<Option<Arc<RawValue>>, ApiError> {
    #[derive(Deserialize)]
    struct Attachment {
        #[serde(default, rename = "contentType")]
        content_type: String,
        #[serde(default)]
        content: Content,
    }
    #[derive(Default, Deserialize)]
    struct Content {
        #[serde(default, rename = "type")]
        kind: String,
    }
    let Some(attachments) = attachments.filter(|attachments| attachments.get() != "null") else {
        return Ok(None);
    };
    let Ok(read) = serde_json::from_str::<Vec<Attachment>>(attachments.get()) else {
        return Err(ApiError::bad_request("attachments must be an array of attachments."));
    };
    let [attachment] = read.as_slice() else {
        return Err(ApiError::bad_request("A message can have exactly one attachment."));
    };
    if attachment.content_type != CARD_TYPE {
        return Err(ApiError::bad_request("The content type of the attachment is not supported."));
    }
    if attachment.content.kind != "AdaptiveCard" {
        return Err(ApiError::bad_request("The content of the attachment is not an adaptive card."));
    }
    Ok(Some(attachments.into()))
}
