//! Sending webhook deliveries: real HTTP, signed, once.
//!
//! A delivery is in progress from its event until its POST was answered or failed, so that [`Dispatcher::settled`] is
//! exact. There are no retries: a lost delivery stays lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::faults::DeliveryFault;
use super::model::Model;
use super::model::stored::OutgoingDelivery;

/// How long a receiver has to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// The outcome of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryOutcome {
    /// Not answered yet.
    UnderWay,
    /// Answered with this status.
    Answered(u16),
    /// No answer, for this reason.
    Failed(String),
}

/// One delivery, as it was sent.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub struct DeliveryRecord {
    /// Its index in the log.
    pub number: usize,
    pub webhook_id: String,
    pub target_url: String,
    pub resource: String,
    pub event: String,
    pub headers: Vec<(String, String)>,
    /// The bytes that were signed and sent.
    #[serde(serialize_with = "as_text")]
    pub body: Bytes,
    /// When the event happened, or when the delivery was repeated.
    pub at: Timestamp,
    /// Whether it repeats an earlier delivery.
    pub repeated: bool,
    pub outcome: DeliveryOutcome,
}

fn as_text<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(body))
}

impl DeliveryRecord {
    fn new(delivery: OutgoingDelivery, tracking_id: String, at: Timestamp) -> Self {
        let mut headers = vec![
            ("Content-Type", "application/json;charset=UTF-8".to_owned()),
            ("User-Agent", "SparkWebhook/1.0".to_owned()),
            ("TrackingID", tracking_id),
        ];
        headers.extend(delivery.secret.iter().flat_map(|secret| signatures(secret, &delivery.body)));
        Self {
            number: 0,
            webhook_id: delivery.webhook_id,
            target_url: delivery.target_url,
            resource: delivery.resource.to_owned(),
            event: delivery.event.to_owned(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: delivery.body,
            at,
            repeated: false,
            outcome: DeliveryOutcome::UnderWay,
        }
    }
}

/// Sends all deliveries and logs them.
#[derive(Debug)]
pub(super) struct Dispatcher {
    client: reqwest::Client,
    runtime: Handle,
    /// Set when the simulation ends.
    stopping: CancellationToken,
    /// Failed attempts count against their webhook.
    model: Arc<Mutex<Model>>,
    log: Mutex<Vec<DeliveryRecord>>,
    in_progress: watch::Sender<usize>,
    /// The deliveries that wait until the next delivery has overtaken them.
    held: Mutex<Vec<oneshot::Sender<()>>>,
}

/// Counts as one delivery in progress until it is dropped.
struct DeliveryInProgress(watch::Sender<usize>);

impl Drop for DeliveryInProgress {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Dispatcher {
    /// A dispatcher whose tasks run on the current runtime.
    pub(super) fn new(
        model: Arc<Mutex<Model>>,
        stopping: CancellationToken,
    ) -> Result<Arc<Self>, reqwest::Error> {
        // The process may have installed a provider already, which works as well.
        rustls::crypto::ring::default_provider().install_default().ok();
        #[expect(
            clippy::disallowed_methods,
            reason = "deliveries are Webex's calls to the bot, not the bot's"
        )]
        let builder = reqwest::Client::builder();
        let client =
            builder.redirect(reqwest::redirect::Policy::none()).timeout(ANSWER_LIMIT).no_proxy().build()?;
        Ok(Arc::new(Self {
            client,
            runtime: Handle::current(),
            stopping,
            model,
            log: Mutex::default(),
            in_progress: watch::Sender::new(0),
            held: Mutex::default(),
        }))
    }

    /// Sends a delivery in the background; the fault may send it twice or not at all.
    pub(super) fn send(
        self: &Arc<Self>,
        delivery: OutgoingDelivery,
        tracking_id: String,
        at: Timestamp,
        fault: Option<DeliveryFault>,
    ) {
        let copies = match fault {
            None | Some(DeliveryFault::Overtake) => 1,
            Some(DeliveryFault::Duplicate) => 2,
            Some(DeliveryFault::Lose) => 0,
        };
        let mut release = (fault == Some(DeliveryFault::Overtake)).then(|| self.hold());
        let slots = Arc::clone(&delivery.slots);
        let record = DeliveryRecord::new(delivery, tracking_id, at);
        for copy in 0..copies {
            let in_progress = self.begin();
            let record = self.enter(DeliveryRecord { repeated: copy > 0, ..record.clone() });
            let (dispatcher, slots, release) = (Arc::clone(self), Arc::clone(&slots), release.take());
            self.runtime.spawn(async move {
                let delivering = async {
                    if let Some(release) = release {
                        release.await.ok();
                    }
                    dispatcher.deliver(&record, Some(slots)).await;
                };
                dispatcher.stopping.run_until_cancelled(delivering).await;
                drop(in_progress);
            });
        }
    }

    /// Sends the bytes and headers of an earlier delivery once more and waits for the outcome.
    pub(super) async fn repeat(&self, record: &DeliveryRecord, at: Timestamp) -> DeliveryOutcome {
        let _in_progress = self.begin();
        let outcome = DeliveryOutcome::UnderWay;
        let again = self.enter(DeliveryRecord { repeated: true, at, outcome, ..record.clone() });
        self.deliver(&again, None).await
    }

    async fn deliver(&self, record: &DeliveryRecord, slots: Option<Arc<Semaphore>>) -> DeliveryOutcome {
        let _slot = match slots {
            // The semaphore is never closed.
            Some(slots) => slots.acquire_owned().await.ok(),
            None => None,
        };
        let outcome = self.attempt(record).await;
        if let Some(record) = self.log().get_mut(record.number) {
            record.outcome = outcome.clone();
        }
        if !matches!(outcome, DeliveryOutcome::Answered(200..=299)) {
            let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
            model.delivery_failed(&record.webhook_id);
        }
        for release in self.held().drain(..) {
            // The receiver is gone if the simulation ends.
            release.send(()).ok();
        }
        outcome
    }

    async fn attempt(&self, record: &DeliveryRecord) -> DeliveryOutcome {
        let mut request = self.client.post(&record.target_url).body(record.body.clone());
        for (name, value) in &record.headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(answer) => DeliveryOutcome::Answered(answer.status().as_u16()),
            Err(error) => DeliveryOutcome::Failed(error.to_string()),
        }
    }

    /// The last `count` deliveries in the order of their events.
    pub(super) fn last(&self, count: usize) -> Vec<DeliveryRecord> {
        let log = self.log();
        log[log.len().saturating_sub(count)..].to_vec()
    }

    /// Waits until no delivery is in progress.
    pub(super) async fn settled(&self) {
        let mut count = self.in_progress.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        count.wait_for(|count| *count == 0).await.ok();
    }

    fn begin(&self) -> DeliveryInProgress {
        self.in_progress.send_modify(|count| *count += 1);
        DeliveryInProgress(self.in_progress.clone())
    }

    /// Adds a delivery to the log and gives it its number.
    fn enter(&self, mut record: DeliveryRecord) -> DeliveryRecord {
        let mut log = self.log();
        record.number = log.len();
        log.push(record.clone());
        record
    }

    /// Resolves when the next delivery ends.
    fn hold(&self) -> oneshot::Receiver<()> {
        let (release, released) = oneshot::channel();
        self.held().push(release);
        released
    }

    fn held(&self) -> MutexGuard<'_, Vec<oneshot::Sender<()>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Vec<DeliveryRecord>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Both signature headers of a body ("Webhooks" guide, "Handling requests from Webex"): `X-Spark-Signature` is the
/// bare HMAC-SHA1, `X-Webex-Signature` names two digests of the same bytes. The key is the secret as UTF-8.
fn signatures(secret: &str, body: &[u8]) -> [(&'static str, String); 2] {
    /// The reason that a key is never refused.
    const ANY_LENGTH: &str = "HMAC accepts keys of any length";
    let key = secret.as_bytes();
    let sha1 = Hmac::<Sha1>::new_from_slice(key).expect(ANY_LENGTH).chain_update(body);
    let sha256 = Hmac::<Sha256>::new_from_slice(key).expect(ANY_LENGTH).chain_update(body);
    let sha512 = Hmac::<Sha512>::new_from_slice(key).expect(ANY_LENGTH).chain_update(body);
    let newer = format!(
        "SHA-256={}, SHA-512={}",
        hex::encode(sha256.finalize().into_bytes()),
        hex::encode(sha512.finalize().into_bytes()),
    );
    [("X-Spark-Signature", hex::encode(sha1.finalize().into_bytes())), ("X-Webex-Signature", newer)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_are_those_of_an_independent_computation() {
        let body = br#"{"id":"wh-1","resource":"messages","event":"created","data":{"id":"msg-1"}}"#;
        let [(_, older), (_, newer)] = signatures("correct horse battery staple", body);
        assert_eq!(older, "b1ff3f2c02fd88f94bc01653a3f3627b7efc8aeb");
        assert_eq!(
            newer,
            "SHA-256=d5e9394deb4d395fdf2ef011a1217e4d68bd00275f96220072f3bebb942308b0, \
             SHA-512=cc483487c844d87325f94a51b63d2d5ed4ac29f0352354ce798e32c5a171c9f777a17b93faa2df56c57dbc79ed\
             1391395d78795dfce6804287623fb6984d2c82"
        );
    }
}
