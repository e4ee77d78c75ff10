//! What was asked of the API, in order: the tests read here what the bot really did.
//!
//! Token values and bodies are never kept.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use super::auth::TokenKind;

/// One request to `/v1`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// The method.
    pub method: String,
    /// The path, with `/v1`, as it was sent.
    pub path: String,
    /// The query, as it was sent.
    pub query: Option<String>,
    /// The name of the token, or nothing if it was not a token of ours.
    pub token: Option<String>,
    /// The kind of the token.
    pub token_kind: Option<TokenKind>,
    /// The status that was answered; nothing while unanswered, and for good if the connection was dropped.
    pub status: Option<u16>,
    /// The `Retry-After` header of the answer.
    pub retry_after: Option<String>,
    /// Whether a fault rule had a hand in it.
    pub faulted: bool,
    /// The content type of the request.
    pub content_type: Option<String>,
    /// The length of the request's body.
    pub body_bytes: usize,
    /// The tracking id that the client sent.
    pub client_tracking_id: Option<String>,
    /// The tracking id that the answer carries.
    pub tracking_id: String,
    /// When the request arrived.
    pub at: Timestamp,
}

/// All requests since the start.
#[derive(Debug, Default)]
pub struct Journal {
    records: Mutex<Vec<RequestRecord>>,
    /// `POST /messages` that were answered with 200, counted as they come: who waits for a message looks often.
    posts: AtomicUsize,
}

/// Where a request stands in the journal.
#[derive(Debug, Clone, Copy)]
pub struct Entry(usize);

impl Journal {
    /// Notes that a request arrived.
    pub fn arrived(&self, record: RequestRecord) -> Entry {
        let mut records = self.lock();
        records.push(record);
        Entry(records.len() - 1)
    }

    /// Notes what was answered.
    pub fn answered(&self, entry: Entry, status: u16, retry_after: Option<String>) {
        if let Some(record) = self.lock().get_mut(entry.0) {
            let is_a_post = record.method == "POST" && record.path.ends_with("/messages");
            if is_a_post && status == 200 && record.status.is_none() {
                self.posts.fetch_add(1, Ordering::Relaxed);
            }
            record.status = Some(status);
            record.retry_after = retry_after;
        }
    }

    /// Notes that a fault rule applies to a request.
    pub fn faulted(&self, entry: Entry) {
        if let Some(record) = self.lock().get_mut(entry.0) {
            record.faulted = true;
        }
    }

    /// The last `count` records, oldest first.
    #[must_use]
    pub fn last(&self, count: usize) -> Vec<RequestRecord> {
        let records = self.lock();
        records[records.len().saturating_sub(count)..].to_vec()
    }

    /// How many records are such ones.
    #[must_use]
    pub fn count(&self, is_one: impl Fn(&RequestRecord) -> bool) -> usize {
        self.lock().iter().filter(|record| is_one(record)).count()
    }

    /// How many messages were posted.
    #[must_use]
    pub fn posts(&self) -> usize {
        self.posts.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<RequestRecord>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
