//! Sending webhook deliveries: real HTTP, signed, once.
//!
//! A delivery counts as under way from the moment its event happens until its POST was answered or failed, so that
//! [`Dispatcher::settled`] is exact. There are no retries: what is lost is lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot, watch};

use super::faults::DeliveryFault;
use super::model::webhooks::Outgoing;
use super::signing;
use super::world::World;

/// How long a receiver has to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Not answered yet.
    UnderWay,
    /// Answered with this status.
    Answered(u16),
    /// No answer, for this reason.
    Failed(String),
}

impl Outcome {
    /// Whether the receiver took it: any 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }
}

/// One delivery, as it was sent.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryRecord {
    /// Its place in the log, from 0.
    pub number: usize,
    /// The registration.
    pub webhook_id: String,
    /// Where it went.
    pub target_url: String,
    /// The resource.
    pub resource: String,
    /// The event.
    pub event: String,
    /// The headers that were sent.
    pub headers: Vec<(String, String)>,
    /// The bytes that were signed and sent.
    #[serde(serialize_with = "as_text")]
    pub body: Bytes,
    /// When the event happened, or when the delivery was repeated.
    pub at: Timestamp,
    /// Whether it repeats an earlier delivery.
    pub repeated: bool,
    /// What became of it.
    pub outcome: Outcome,
}

fn as_text<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(body))
}

/// The sender of all deliveries and the log of them.
#[derive(Debug)]
pub struct Dispatcher {
    client: reqwest::Client,
    runtime: Handle,
    log: Mutex<Vec<DeliveryRecord>>,
    under_way: watch::Sender<usize>,
    /// Those that wait for the next delivery to overtake them.
    held: Mutex<Vec<oneshot::Sender<()>>>,
}

/// Counts as one delivery under way for as long as it lives.
struct UnderWay(watch::Sender<usize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Dispatcher {
    /// A dispatcher whose tasks run on `runtime`.
    pub fn new(runtime: Handle) -> Result<Self, reqwest::Error> {
        // Somebody else in the process may have installed a provider already, which serves as well.
        rustls::crypto::ring::default_provider().install_default().ok();
        #[expect(
            clippy::disallowed_methods,
            reason = "deliveries are Webex's calls to the bot, not the bot's"
        )]
        let builder = reqwest::Client::builder();
        let client =
            builder.redirect(reqwest::redirect::Policy::none()).timeout(ANSWER_LIMIT).no_proxy().build()?;
        Ok(Self {
            client,
            runtime,
            log: Mutex::default(),
            under_way: watch::Sender::new(0),
            held: Mutex::default(),
        })
    }

    /// The last `count` deliveries in the order of their events.
    #[must_use]
    pub fn last(&self, count: usize) -> Vec<DeliveryRecord> {
        let log = self.log();
        log[log.len().saturating_sub(count)..].to_vec()
    }

    /// Waits until no delivery is under way.
    pub async fn settled(&self) {
        let mut count = self.under_way.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        count.wait_for(|count| *count == 0).await.ok();
    }

    fn begin(&self) -> UnderWay {
        self.under_way.send_modify(|count| *count += 1);
        UnderWay(self.under_way.clone())
    }

    /// Notes a delivery in the log and gives it its number.
    fn enter(&self, mut record: DeliveryRecord) -> DeliveryRecord {
        let mut log = self.log();
        record.number = log.len();
        log.push(record.clone());
        record
    }

    /// Something to wait for: it comes with the end of the next delivery.
    fn hold(&self) -> oneshot::Receiver<()> {
        let (release, released) = oneshot::channel();
        self.held.lock().unwrap_or_else(PoisonError::into_inner).push(release);
        released
    }

    /// Lets those go that were waiting to be overtaken.
    fn release(&self) {
        for release in self.held.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // Nobody listens any more if the simulation ends.
            release.send(()).ok();
        }
    }

    fn conclude(&self, number: usize, outcome: Outcome) {
        if let Some(record) = self.log().get_mut(number) {
            record.outcome = outcome;
        }
    }

    async fn attempt(&self, record: &DeliveryRecord) -> Outcome {
        let mut request = self.client.post(&record.target_url).body(record.body.clone());
        for (name, value) in &record.headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(answer) => Outcome::Answered(answer.status().as_u16()),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }

    fn log(&self) -> MutexGuard<'_, Vec<DeliveryRecord>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends a delivery in the background; the rules for deliveries may send it twice or not at all.
pub fn send(world: &Arc<World>, outgoing: &Outgoing) {
    let fault = world.faults.for_delivery();
    let copies = match fault {
        None | Some(DeliveryFault::Overtake) => 1,
        Some(DeliveryFault::Duplicate) => 2,
        Some(DeliveryFault::Lose) => 0,
    };
    let mut release = (fault == Some(DeliveryFault::Overtake)).then(|| world.dispatcher.hold());
    let record = addressed(world, outgoing);
    for copy in 0..copies {
        let under_way = world.dispatcher.begin();
        let record = world.dispatcher.enter(DeliveryRecord { repeated: copy > 0, ..record.clone() });
        let world = Arc::clone(world);
        let slots = Arc::clone(&outgoing.slots);
        let release = release.take();
        let runtime = world.dispatcher.runtime.clone();
        runtime.spawn(async move {
            let delivering = async {
                if let Some(release) = release {
                    release.await.ok();
                }
                deliver(&world, &record, Some(slots)).await;
            };
            tokio::select! {
                () = world.stopping.cancelled() => {}
                () = delivering => {}
            }
            drop(under_way);
        });
    }
}

/// Sends the bytes and headers of an earlier delivery once more and waits for the outcome.
pub async fn repeat(world: &Arc<World>, record: &DeliveryRecord) -> Outcome {
    let _under_way = world.dispatcher.begin();
    let again = DeliveryRecord {
        repeated: true,
        at: world.clock.now(),
        outcome: Outcome::UnderWay,
        ..record.clone()
    };
    let again = world.dispatcher.enter(again);
    deliver(world, &again, None).await
}

async fn deliver(world: &Arc<World>, record: &DeliveryRecord, slots: Option<Arc<Semaphore>>) -> Outcome {
    let _turn = match slots {
        // The semaphore is never closed.
        Some(slots) => slots.acquire_owned().await.ok(),
        None => None,
    };
    let outcome = world.dispatcher.attempt(record).await;
    world.dispatcher.conclude(record.number, outcome.clone());
    if !outcome.is_success() {
        world.model().delivery_failed(&record.webhook_id);
    }
    world.dispatcher.release();
    outcome
}

fn addressed(world: &World, outgoing: &Outgoing) -> DeliveryRecord {
    let mut headers = vec![
        ("Content-Type".to_owned(), "application/json;charset=UTF-8".to_owned()),
        ("User-Agent".to_owned(), "SparkWebhook/1.0".to_owned()),
        ("TrackingID".to_owned(), world.next_tracking_id()),
    ];
    if let Some(secret) = &outgoing.secret {
        let signatures = signing::headers(secret, &outgoing.body);
        headers.extend(signatures.map(|(name, value)| (name.to_owned(), value)));
    }
    DeliveryRecord {
        number: 0,
        webhook_id: outgoing.webhook_id.clone(),
        target_url: outgoing.target_url.clone(),
        resource: outgoing.resource.clone(),
        event: outgoing.event.clone(),
        headers,
        body: outgoing.body.clone(),
        at: world.clock.now(),
        repeated: false,
        outcome: Outcome::UnderWay,
    }
}
