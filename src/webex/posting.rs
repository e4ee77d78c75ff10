//! The bot's own messages: posting cards, texts and files, and deleting messages.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::fs::File;

use super::bot::BotClient;
use super::error::WebexError;
use super::transport::Call;
use crate::domain::{LONGEST_MESSAGE_BYTES, MessageId, PersonId, SpaceId};

/// The end of a truncated text.
const ELLIPSIS: &str = "…";
/// Longest name of a file, in characters.
const LONGEST_FILE_NAME: usize = 100;
/// Longest upload: Webex's largest file (100 MB) at 3 Mbit/s.
const LONGEST_UPLOAD: Duration = Duration::from_mins(5);

/// A message to post in a space.
#[derive(Debug)]
pub struct MessagePost<'a> {
    /// The space.
    pub space_id: &'a SpaceId,
    /// The root message of the thread.
    pub parent_id: Option<&'a MessageId>,
    /// Plain text, never parsed as markdown. Truncated to [`LONGEST_MESSAGE_BYTES`].
    pub text: &'a str,
    /// An Adaptive Card 1.3.
    pub card: Option<&'a RawValue>,
}

/// A message that was posted to one person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DirectMessage {
    /// Its id.
    pub id: MessageId,
    /// The direct space with that person.
    #[serde(rename = "roomId")]
    pub space_id: SpaceId,
}

/// A file on disk to post. It is streamed, never held in memory.
#[derive(Debug)]
pub struct FileUpload {
    file: File,
    length: u64,
    name: String,
}

impl FileUpload {
    /// A CSV file, shown as `name` with `.csv` appended. In the name, everything but ASCII letters, digits, dots, dashes
    /// and underscores becomes a dash.
    pub(crate) async fn csv(path: &Path, name: &str) -> std::io::Result<Self> {
        let file = File::open(path).await?;
        let length = file.metadata().await?.len();
        let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' };
        let name: String = name.trim().chars().map(plain).take(LONGEST_FILE_NAME).collect();
        Ok(Self { file, length, name: format!("{name}.csv") })
    }

    fn into_part(self) -> Result<Part, WebexError> {
        let part = Part::stream_with_length(Body::from(self.file), self.length).file_name(self.name);
        part.mime_str("text/csv").map_err(|error| WebexError::Unreachable(error.into()))
    }
}

impl BotClient {
    /// Posts a message in a space: `POST /messages` (Webex, *Messages*: Create a Message).
    pub(crate) async fn post(&self, message: &MessagePost<'_>) -> Result<MessageId, WebexError> {
        let (room_id, parent_id) = (Some(message.space_id), message.parent_id);
        let body = PostBody { room_id, parent_id, ..PostBody::new(message.text, message.card) };
        let posted: PostedMessage = self.fetch(Call::new(Method::POST, &["messages"]).json(&body)).await?;
        Ok(posted.id)
    }

    /// Posts a message in the direct space with a person: `POST /messages` (Webex, *Messages*: Create a Message).
    pub(crate) async fn post_to_person(
        &self,
        person: &PersonId,
        text: &str,
        card: Option<&RawValue>,
    ) -> Result<DirectMessage, WebexError> {
        let body = PostBody { to_person_id: Some(person), ..PostBody::new(text, card) };
        self.fetch(Call::new(Method::POST, &["messages"]).json(&body)).await
    }

    /// Posts a file with a line of text: `POST /messages` as a form (Webex, *Messages*: Create a Message). A message
    /// takes one file, and no card beside it.
    pub(crate) async fn post_file(
        &self,
        space_id: &SpaceId,
        parent_id: Option<&MessageId>,
        text: &str,
        file: FileUpload,
    ) -> Result<MessageId, WebexError> {
        let mut form = Form::new().text("roomId", space_id.as_str().to_owned());
        if let Some(parent) = parent_id {
            form = form.text("parentId", parent.as_str().to_owned());
        }
        form = form.text("text", truncated(text).into_owned()).part("files", file.into_part()?);
        let posted: PostedMessage =
            self.transport().post_parts(self.bearer(), &["messages"], form, LONGEST_UPLOAD).await?.parse()?;
        Ok(posted.id)
    }

    /// Deletes one of the bot's messages: `DELETE /messages/{messageId}` (Webex, *Messages*: Delete a Message). A missing
    /// message counts as deleted.
    pub(crate) async fn delete_message(&self, id: &MessageId) -> Result<(), WebexError> {
        let path = ["messages", id.as_str()];
        match self.send(Call::new(Method::DELETE, &path)).await {
            // Only the status matters, not the body.
            Ok(_) | Err(WebexError::NotFound(_) | WebexError::Unreadable { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The text, truncated at a character boundary to the length that Webex accepts.
fn truncated(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_MESSAGE_BYTES {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(LONGEST_MESSAGE_BYTES - ELLIPSIS.len());
    Cow::Owned(format!("{}{ELLIPSIS}", &text[..end]))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<&'a SpaceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_person_id: Option<&'a PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a MessageId>,
    text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<[Attachment<'a>; 1]>,
}

impl<'a> PostBody<'a> {
    /// A message without a destination.
    fn new(text: &'a str, card: Option<&'a RawValue>) -> Self {
        let content_type = "application/vnd.microsoft.card.adaptive";
        let attachments = card.map(|content| [Attachment { content_type, content }]);
        Self { room_id: None, to_person_id: None, parent_id: None, text: truncated(text), attachments }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment<'a> {
    content_type: &'static str,
    content: &'a RawValue,
}

#[derive(Deserialize)]
struct PostedMessage {
    id: MessageId,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webex::fake_server::{FakeAnswer, FakeServer};

    #[tokio::test]
    async fn a_message_to_a_person_returns_its_direct_space() {
        let server = FakeServer::new(|_| FakeAnswer::json(json!({ "id": "m-1", "roomId": "space-9" }))).await;
        let card = RawValue::from_string(r#"{"type":"AdaptiveCard"}"#.to_owned()).unwrap();
        let ana = PersonId::parse("ana").unwrap();
        let posted = server.bot().post_to_person(&ana, "Here it is", Some(&card)).await.unwrap();
        assert_eq!((posted.id.as_str(), posted.space_id.as_str()), ("m-1", "space-9"));
        let content_type = "application/vnd.microsoft.card.adaptive";
        assert_eq!(
            server.calls()[0].json(),
            json!({
                "toPersonId": "ana", "text": "Here it is",
                "attachments": [{ "contentType": content_type, "content": { "type": "AdaptiveCard" } }],
            })
        );
    }

    #[tokio::test]
    async fn long_texts_are_truncated_before_posting() {
        let server = FakeServer::new(|_| FakeAnswer::json(json!({ "id": "m-1", "roomId": "space-9" }))).await;
        let (bot, text) = (server.bot(), "ä".repeat(LONGEST_MESSAGE_BYTES));
        let space_id = SpaceId::parse("space-1").unwrap();
        bot.post(&MessagePost { space_id: &space_id, parent_id: None, text: &text, card: None })
            .await
            .unwrap();
        bot.post_to_person(&PersonId::parse("ana").unwrap(), &text, None).await.unwrap();
        for call in server.calls() {
            assert!(call.json()["text"].as_str().unwrap().len() <= LONGEST_MESSAGE_BYTES);
        }
    }

    #[tokio::test]
    async fn a_missing_message_counts_as_deleted() {
        for (status, error) in [
            (204, None),
            (200, None),
            (404, None),
            (410, None),
            (403, Some("refused")),
            (500, Some("troubled")),
        ] {
            let server = FakeServer::new(move |_| FakeAnswer::status(status)).await;
            let answer = server.bot().delete_message(&MessageId::parse("m-1").unwrap()).await;
            assert_eq!(answer.err().map(|error| error.as_str()), error, "{status}");
            assert_eq!(server.lines(), ["DELETE /messages/m-1"]);
        }
    }

    #[test]
    fn a_text_is_truncated_only_above_the_limit_and_between_characters() {
        let just = "a".repeat(LONGEST_MESSAGE_BYTES);
        assert_eq!(truncated(&just), just);
        for long in ["a".repeat(LONGEST_MESSAGE_BYTES + 1), "ä🦀".repeat(LONGEST_MESSAGE_BYTES)] {
            let cut = truncated(&long);
            assert!(
                cut.len() <= LONGEST_MESSAGE_BYTES && cut.len() > LONGEST_MESSAGE_BYTES - 4,
                "{}",
                cut.len()
            );
            assert!(cut.ends_with('…') && long.starts_with(cut.trim_end_matches('…')));
        }
    }

    async fn server() -> FakeServer {
        FakeServer::new(|_| FakeAnswer::json(json!({ "id": "m-2" }))).await
    }

    fn space() -> SpaceId {
        SpaceId::parse("space-1").unwrap()
    }

    #[tokio::test]
    async fn a_file_is_posted_as_a_form_part_with_name_and_type() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let table = "name,serial\r\nLobby,FOC2345ABCD\r\n".repeat(50_000);
        std::fs::write(file.path(), &table).unwrap();
        let server = server().await;
        let body = FileUpload::csv(file.path(), "devices 2026-11-24").await.unwrap();
        let root = MessageId::parse("m-1").unwrap();
        let posted = server.bot().post_file(&space(), Some(&root), "50,000 devices", body).await.unwrap();
        assert_eq!(posted.as_str(), "m-2");
        let call = server.calls().remove(0);
        assert_eq!(call.line(), "POST /messages");
        let kind = call.content_type.unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let body = str::from_utf8(&call.body).unwrap();
        let parts: Vec<_> =
            body.split(&format!("--{boundary}")).map(|part| part.trim_end_matches("\r\n")).collect();
        let named = |name: &str| format!("\r\nContent-Disposition: form-data; name=\"{name}\"");
        assert_eq!(parts.len(), 6);
        assert_eq!(parts[1], format!("{}\r\n\r\nspace-1", named("roomId")));
        assert_eq!(parts[2], format!("{}\r\n\r\nm-1", named("parentId")));
        assert_eq!(parts[3], format!("{}\r\n\r\n50,000 devices", named("text")));
        let head = format!(
            "{}; filename=\"devices-2026-11-24.csv\"\r\nContent-Type: text/csv\r\n\r\n",
            named("files")
        );
        assert_eq!(parts[4].strip_prefix(&head).map(str::trim_end), Some(table.trim_end()));
        assert_eq!(parts[5], "--");
    }

    #[tokio::test]
    async fn file_names_are_sanitized() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (name, shown) in [
            ("devices", "devices.csv"),
            ("../../etc/passwd", "..-..-etc-passwd.csv"),
            ("a\"; filename=\"b\r\nX: y", "a---filename--b--X--y.csv"),
            ("Büro 🦀", "B-ro--.csv"),
            (&"x".repeat(300), &format!("{}.csv", "x".repeat(100))),
        ] {
            assert_eq!(FileUpload::csv(file.path(), name).await.unwrap().name, shown);
        }
    }

    #[tokio::test]
    async fn a_missing_or_truncated_file_is_not_posted() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "name,serial\r\n".repeat(100_000)).unwrap();
        let body = FileUpload::csv(file.path(), "devices").await.unwrap();
        file.as_file().set_len(7).unwrap();
        let answer = server().await.bot().post_file(&space(), None, "devices", body).await;
        assert_eq!(answer.unwrap_err().as_str(), "no answer");
        assert!(FileUpload::csv(&file.path().join("nowhere"), "devices").await.is_err());
    }
}
