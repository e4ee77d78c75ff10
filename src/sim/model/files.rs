//! Files that came with messages.

use axum::body::Bytes;

use super::Model;
use crate::sim::error::ApiError;
use crate::sim::ids::unpadded;

/// The largest file (Messages API reference: 100 MB).
pub const FILE_LIMIT: usize = 100 << 20;

/// A file as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    /// The name.
    pub name: String,
    /// The media type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// A file and the message that it belongs to.
#[derive(Debug)]
pub struct StoredFile {
    message_id: String,
    file: SentFile,
}

impl Model {
    /// Keeps the file of a message, and answers its id.
    pub(super) fn keep_file(&mut self, message_id: &str, file: SentFile) -> String {
        let id = self.mint("CONTENT");
        self.files.insert(id.clone(), StoredFile { message_id: message_id.to_owned(), file });
        id
    }

    /// The largest file that is taken from now on.
    pub fn limit_files(&mut self, bytes: usize) {
        self.file_limit = bytes;
    }

    /// Refuses a file that is too large.
    pub(super) fn check_file(&self, file: &SentFile) -> Result<(), ApiError> {
        if file.bytes.len() > self.file_limit {
            return Err(ApiError::bad_request("The file is too large."));
        }
        Ok(())
    }

    /// The URL under which a file can be read.
    pub(super) fn url_of_file(&self, id: &str) -> String {
        format!("{}/contents/{id}", self.api_base)
    }

    /// `GET /contents/{id}`: for everybody who can read the message.
    pub fn file_seen_by(&self, caller: &str, id: &str) -> Result<&SentFile, ApiError> {
        let stored = self.files.get(unpadded(id)).ok_or_else(ApiError::not_found)?;
        self.message_seen_by(caller, &stored.message_id)?;
        Ok(&stored.file)
    }

    /// The file with this id, whoever asks.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<&SentFile> {
        self.files.get(unpadded(id)).map(|stored| &stored.file)
    }
}
