//! Reports the result of each probe: in `/readyz` and metrics always, in the log and the alert space when it changes.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::broken_part::BrokenPart;
use super::client::FrontDoor;
use crate::cards::{self, Notice};
use crate::domain::SpaceId;
use crate::domain::clock::Clock;
use crate::store::handoff::Handoff;
use crate::store::{NewMessage, OutgoingId, Store};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::Readiness;

/// Failed probes in a row before the alert space is warned: one may hit a restart of the proxy.
const FAILURES_BEFORE_ALERT: u32 = 2;

/// The services that reports need.
#[derive(Debug, Clone)]
pub(in crate::app) struct WatchServices {
    pub(in crate::app) store: Store,
    pub(in crate::app) clock: Arc<dyn Clock>,
    pub(in crate::app) metrics: Arc<Metrics>,
    pub(in crate::app) readiness: Arc<Readiness>,
    /// Woken when there is a warning to post.
    pub(in crate::app) handoff: Arc<Handoff>,
    pub(in crate::app) alert_space: Option<SpaceId>,
}

/// Probes the public address and remembers what was reported.
#[derive(Debug)]
pub(in crate::app) struct FrontDoorWatch {
    front_door: FrontDoor,
    services: WatchServices,
    failure: Mutex<Option<Failure>>,
}

/// Failed probes in a row with the same result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Failure {
    part: BrokenPart,
    since: Timestamp,
    count: u32,
    is_alerted: bool,
}

impl Failure {
    /// The failure after one more failed probe.
    fn after(before: Option<Self>, part: BrokenPart, now: Timestamp) -> Self {
        match before.filter(|failure| failure.part == part) {
            Some(failure) => Self { count: failure.count.saturating_add(1), ..failure },
            None => Self { part, since: now, count: 1, is_alerted: false },
        }
    }

    /// Whether the alert space is to be warned: not while Webex delivers all the same.
    fn needs_alert(&self, last_delivery: Option<Timestamp>) -> bool {
        !self.is_alerted && self.count >= FAILURES_BEFORE_ALERT && last_delivery < Some(self.since)
    }
}

impl FrontDoorWatch {
    /// None without a public address.
    pub(in crate::app) fn new(front_door: Option<FrontDoor>, services: WatchServices) -> Option<Self> {
        if front_door.is_none() {
            services.readiness.set_public_address_unmanaged();
        }
        Some(Self { front_door: front_door?, services, failure: Mutex::default() })
    }

    /// Probes the public address once and reports the result.
    pub(in crate::app) async fn check(&self) {
        let asked_at = self.services.clock.now();
        let result = self.front_door.probe().await;
        let broken = result.err();
        self.services.metrics.probe(broken.map_or("ok", BrokenPart::as_str));
        if broken.is_some() {
            self.note_deliveries_to_others().await;
        }
        self.services.readiness.record_probe(asked_at, broken.map(BrokenPart::as_str));
        let before = self.failure();
        let Some(part) = broken else {
            if before.is_some() {
                tracing::info!(
                    address = self.front_door.address(),
                    "Steward's public address is reachable again"
                );
            }
            self.set_failure(None);
            return;
        };
        let mut failure = Failure::after(before, part, asked_at);
        if failure.count == 1 {
            tracing::warn!(
                address = self.front_door.address(),
                broken = part.as_str(),
                remedy = part.remedy(),
                "a probe of Steward's public address failed; Webex may not be able to deliver"
            );
        }
        if failure.needs_alert(self.services.readiness.last_delivery(asked_at)) {
            failure.is_alerted = self.alert(part, asked_at).await;
        }
        self.set_failure(Some(failure));
    }

    /// Another process on the database may have received deliveries, or this one before its start.
    async fn note_deliveries_to_others(&self) {
        match self.services.store.last_delivery().await {
            Ok(Some(at)) => self.services.readiness.record_delivery(at, self.services.clock.now()),
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "could not read the time of the last delivery"),
        }
    }

    /// Warns the alert space, at most once a day for all processes. Returns whether the warning is queued.
    async fn alert(&self, part: BrokenPart, now: Timestamp) -> bool {
        let Some(space) = &self.services.alert_space else { return true };
        let card = cards::render(&Notice::public_address_fails(part.as_str(), part.remedy()));
        let message = NewMessage {
            id: OutgoingId::public_address_alert(part.as_str(), TimeZone::UTC.to_datetime(now).date()),
            space_id: space.clone(),
            parent_id: None,
            text: card.text().to_owned(),
            card: Some(card.content().clone()),
            at: now,
        };
        match self.services.store.post(message).await {
            Ok(is_new) => {
                if is_new {
                    self.services.handoff.wake();
                }
                true
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    %space,
                    "could not queue the warning for the alert space that the public address fails"
                );
                false
            }
        }
    }

    fn failure(&self) -> Option<Failure> {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_failure(&self, failure: Option<Failure>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alert_space_is_warned_once_unless_webex_delivers() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let first = Failure::after(None, BrokenPart::Name, at(300));
        assert!(!first.needs_alert(None), "it may be a restart of the proxy");
        let second = Failure::after(Some(first), BrokenPart::Name, at(600));
        assert_eq!((second.since, second.count), (at(300), 2));
        assert!(second.needs_alert(None) && second.needs_alert(Some(at(299))));
        assert!(!second.needs_alert(Some(at(300))), "Webex has delivered since");
        assert!(!Failure { is_alerted: true, ..second }.needs_alert(None));
        let other = Failure::after(Some(second), BrokenPart::Gateway, at(900));
        assert_eq!((other.since, other.count, other.is_alerted), (at(900), 1, false));
    }
}
