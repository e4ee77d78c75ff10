//! Files that are posted, read from the disk while they go out.

use std::path::Path;
use std::time::Duration;

use reqwest::Body;
use reqwest::multipart::{Form, Part};
use tokio::fs::File;

use super::bot::{BotClient, PostedMessage, fitting};
use super::error::WebexError;
use crate::domain::{MessageId, SpaceId};

/// Characters of a file's name at most.
const LONGEST_NAME: usize = 100;
/// How long a file may take to arrive: the largest that Webex takes (100 MB) over a line of 3 Mbit/s.
const LONGEST_UPLOAD: Duration = Duration::from_mins(5);

/// A file on the disk that is to be posted. Of its contents only a small piece is in memory at a time.
#[derive(Debug)]
pub struct FileUpload {
    file: File,
    length: u64,
    name: String,
    content_type: &'static str,
}

impl FileUpload {
    /// A table in CSV, shown under this name with `.csv` behind it. What is no letter of ASCII, digit, dot or dash
    /// becomes a dash in the name.
    pub async fn csv(path: &Path, name: &str) -> std::io::Result<Self> {
        let file = File::open(path).await?;
        let length = file.metadata().await?.len();
        let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '-' };
        let name: String = name.trim().chars().map(plain).take(LONGEST_NAME).collect();
        Ok(Self { file, length, name: format!("{name}.csv"), content_type: "text/csv" })
    }

    fn into_part(self) -> Result<Part, WebexError> {
        let part = Part::stream_with_length(Body::from(self.file), self.length).file_name(self.name);
        part.mime_str(self.content_type).map_err(WebexError::Unreachable)
    }
}

impl BotClient {
    /// Posts a file with a line of text: `POST /messages` as a form (Webex, *Messages*: Create a Message). One file a
    /// message, and no card with it.
    pub async fn post_file(
        &self,
        space_id: &SpaceId,
        parent_id: Option<&MessageId>,
        text: &str,
        body: FileUpload,
    ) -> Result<MessageId, WebexError> {
        let mut form = Form::new().text("roomId", space_id.as_str().to_owned());
        if let Some(parent) = parent_id {
            form = form.text("parentId", parent.as_str().to_owned());
        }
        form = form.text("text", fitting(text).into_owned()).part("files", body.into_part()?);
        let posted: PostedMessage =
            self.transport().post_parts(self.bearer(), &["messages"], form, LONGEST_UPLOAD).await?.parse()?;
        Ok(posted.id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake_server::{FakeAnswer, FakeServer};
    use super::*;

    async fn stage() -> FakeServer {
        FakeServer::new(|_| FakeAnswer::json(json!({ "id": "m-2" }))).await
    }

    fn space() -> SpaceId {
        SpaceId::parse("space-1").unwrap()
    }

    #[tokio::test]
    async fn a_file_goes_out_as_a_part_of_a_form_with_its_name_and_type() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let table = "name,serial\r\nLobby,FOC2345ABCD\r\n".repeat(50_000);
        std::fs::write(file.path(), &table).unwrap();
        let stage = stage().await;
        let body = FileUpload::csv(file.path(), "devices 2026-11-24").await.unwrap();
        let root = MessageId::parse("m-1").unwrap();
        let posted = stage.bot().post_file(&space(), Some(&root), "50,000 devices", body).await.unwrap();
        assert_eq!(posted.as_str(), "m-2");
        let call = stage.heard().remove(0);
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
    async fn the_name_of_a_file_is_plain_whatever_it_was_made_from() {
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
    async fn a_file_that_is_not_there_or_ends_too_soon_is_not_posted() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "name,serial\r\n".repeat(100_000)).unwrap();
        let body = FileUpload::csv(file.path(), "devices").await.unwrap();
        file.as_file().set_len(7).unwrap();
        let answer = stage().await.bot().post_file(&space(), None, "devices", body).await;
        assert_eq!(answer.unwrap_err().as_str(), "no answer");
        assert!(FileUpload::csv(&file.path().join("nowhere"), "devices").await.is_err());
    }
}
