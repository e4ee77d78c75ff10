//! The journal of requests to the API, in order, with a count of concurrent additions of devices. Tests read it to see
//! which calls the bot really made.
//!
//! Token values and bodies are never recorded.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::ids::unpadded;
use super::model::stored::TokenKind;

/// One request to `/v1`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub struct RequestRecord {
    pub method: String,
    /// The path, with `/v1`, as it was sent.
    pub path: String,
    /// The query, as it was sent.
    pub query: Option<String>,
    /// The name of the token; none if the token is unknown.
    pub token: Option<String>,
    pub token_kind: Option<TokenKind>,
    /// The status of the response; none before the response, and also if the connection was dropped.
    pub status: Option<u16>,
    /// The `Retry-After` header of the answer.
    pub retry_after: Option<String>,
    /// Whether a fault rule applied.
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
pub(super) struct Journal {
    records: Mutex<Vec<RequestRecord>>,
    /// The number of `POST /messages` answered with 200, counted eagerly because tests that wait for a message poll it.
    posts: AtomicUsize,
    additions: Arc<Mutex<Additions>>,
}

impl Journal {
    /// Records the arrival of a request and returns its number.
    pub(super) fn arrived(&self, record: RequestRecord) -> usize {
        let mut records = self.lock();
        records.push(record);
        records.len() - 1
    }

    pub(super) fn answered(&self, number: usize, status: u16, retry_after: Option<String>) {
        if let Some(record) = self.lock().get_mut(number) {
            let is_a_post = record.method == "POST" && record.path.ends_with("/messages");
            if is_a_post && status == 200 && record.status.is_none() {
                self.posts.fetch_add(1, Ordering::Relaxed);
            }
            record.status = Some(status);
            record.retry_after = retry_after;
        }
    }

    pub(super) fn faulted(&self, number: usize) {
        if let Some(record) = self.lock().get_mut(number) {
            record.faulted = true;
        }
    }

    /// The last `count` records, oldest first.
    pub(super) fn last(&self, count: usize) -> Vec<RequestRecord> {
        let records = self.lock();
        records[records.len().saturating_sub(count)..].to_vec()
    }

    pub(super) fn count(&self, matches: impl Fn(&RequestRecord) -> bool) -> usize {
        self.lock().iter().filter(|record| matches(record)).count()
    }

    /// How many messages were posted.
    pub(super) fn posts(&self) -> usize {
        self.posts.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<RequestRecord>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The additions of devices in progress.
///
/// Additions for the same workspace or person have to run one after the other (Devices API reference: two at once race
/// for the primary device). Webex does not refuse the second one, and neither does the simulation: it only counts.
#[derive(Debug, Default)]
struct Additions {
    /// The workspace or person of each addition in progress.
    in_progress: Vec<String>,
    /// The most concurrent additions so far for one workspace or person.
    most: usize,
}

/// Counts as one addition until it is dropped.
#[derive(Debug)]
pub(super) struct AdditionInProgress {
    additions: Arc<Mutex<Additions>>,
    target: String,
}

impl Journal {
    /// Starts to count a request if it adds a device, by code or by MAC address. The addition is in progress from the
    /// arrival of the request to its response, including requested delays.
    pub(super) fn begin_addition(&self, method: &str, path: &str, body: &[u8]) -> Option<AdditionInProgress> {
        if method != "POST" || !matches!(path, "/v1/devices" | "/v1/devices/activationCode") {
            return None;
        }
        let body: Value = serde_json::from_slice(body).ok()?;
        let target = body["workspaceId"].as_str().or_else(|| body["personId"].as_str())?;
        let target = unpadded(target).to_owned();
        let mut additions = lock(&self.additions);
        additions.in_progress.push(target.clone());
        let here = additions.in_progress.iter().filter(|other| **other == target).count();
        additions.most = additions.most.max(here);
        Some(AdditionInProgress { additions: Arc::clone(&self.additions), target })
    }

    /// The most concurrent additions so far for one workspace or person.
    pub(super) fn most_additions(&self) -> usize {
        lock(&self.additions).most
    }
}

impl Drop for AdditionInProgress {
    fn drop(&mut self) {
        let mut additions = lock(&self.additions);
        if let Some(index) = additions.in_progress.iter().position(|target| *target == self.target) {
            additions.in_progress.swap_remove(index);
        }
    }
}

fn lock(additions: &Mutex<Additions>) -> MutexGuard<'_, Additions> {
    additions.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_are_counted_for_each_workspace_or_person() {
        let journal = Journal::default();
        let begin = |path: &str, body: &str| journal.begin_addition("POST", path, body.as_bytes());
        let first = begin("/v1/devices", r#"{"workspaceId":"A"}"#);
        let other = begin("/v1/devices/activationCode", r#"{"personId":"B"}"#);
        assert_eq!((first.is_some(), other.is_some(), journal.most_additions()), (true, true, 1));
        let second = begin("/v1/devices/activationCode", r#"{"workspaceId":"A=="}"#);
        assert_eq!(journal.most_additions(), 2);
        drop((first, second));
        assert_eq!(lock(&journal.additions).in_progress, ["B"]);
        for (path, body) in
            [("/v1/messages", r#"{"personId":"B"}"#), ("/v1/devices", "["), ("/v1/devices", "{}")]
        {
            assert!(begin(path, body).is_none(), "{path} {body}");
        }
        assert!(journal.begin_addition("GET", "/v1/devices", br#"{"personId":"B"}"#).is_none());
    }
}
