//! The current state of the parts that Steward depends on, as `GET /readyz` reports it. The code that calls Webex or
//! the database keeps it up to date.

use std::borrow::Cow;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use strum::IntoStaticStr;

use crate::domain::clock::is_believable;

/// The state of one part that Steward depends on. The words appear in `/readyz` and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, IntoStaticStr)]
#[strum(const_into_str)]
pub(crate) enum Health {
    #[default]
    #[strum(serialize = "not known yet")]
    Unknown,
    #[strum(serialize = "ok")]
    Healthy,
    /// The settings leave this part to the operator.
    #[strum(serialize = "not looked after")]
    Unmanaged,
    /// The log says why.
    #[strum(serialize = "not ok")]
    Unhealthy,
}

impl Health {
    fn is_ready(self) -> bool {
        matches!(self, Self::Healthy | Self::Unmanaged)
    }
}

/// The state of the parts that depend on Webex.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WebexParts {
    pub(crate) bot_token: Health,
    pub(crate) admin_credential: Health,
    pub(crate) webhooks: Health,
    /// The last renewal of the admin credential failed. Its current token may still work for days.
    pub(crate) renewal_fails: bool,
}

impl WebexParts {
    /// The state of the admin credential in words. A failing renewal is a reason to read the log, but not to take this
    /// process out of service while the credential works.
    pub(crate) fn admin_credential_words(self) -> &'static str {
        match self.admin_credential {
            Health::Healthy if self.renewal_fails => "ok, but its renewal fails",
            health => health.into_str(),
        }
    }

    pub(crate) fn are_ready(self) -> bool {
        self.bot_token.is_ready() && self.admin_credential.is_ready() && self.webhooks.is_ready()
    }
}

/// The last probe of the public address.
#[derive(Debug, Clone, Copy, Default)]
enum PublicAddress {
    #[default]
    Unknown,
    Unmanaged,
    Reached,
    /// When the probe failed, and where.
    NotReached(Timestamp, &'static str),
}

/// The current state, shared by the code that observes it and the endpoint that reports it.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    webex: Mutex<WebexParts>,
    database: Mutex<Option<(Timestamp, bool)>>,
    public_address: Mutex<PublicAddress>,
    /// In milliseconds since 1970; 0 if there was none. Set by each delivery, so it is not locked.
    last_delivery: AtomicI64,
}

impl Readiness {
    pub(crate) fn webex(&self) -> WebexParts {
        *self.webex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut WebexParts)) {
        change(&mut self.webex.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Records that Webex delivered something, here or to another process. A moment that a wrong clock wrote is ignored,
    /// and replaced once the clock is right.
    pub(crate) fn record_delivery(&self, at: Timestamp, now: Timestamp) {
        let new = at.as_millisecond();
        let is_news = |known: i64| new > known || believed(known, now).is_none();
        let update = |known| (believed(new, now).is_some() && is_news(known)).then_some(new);
        self.last_delivery.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update).ok();
    }

    /// When Webex last delivered something, as far as this process knows.
    pub(crate) fn last_delivery(&self, now: Timestamp) -> Option<Timestamp> {
        believed(self.last_delivery.load(Ordering::Relaxed), now)
    }

    pub(crate) fn set_public_address_unmanaged(&self) {
        self.set_public_address(PublicAddress::Unmanaged);
    }

    /// Records a probe of the public address: when, and the words for the part of the way that is broken.
    pub(crate) fn record_probe(&self, at: Timestamp, broken: Option<&'static str>) {
        self.set_public_address(match broken {
            None => PublicAddress::Reached,
            Some(broken) => PublicAddress::NotReached(at, broken),
        });
    }

    fn set_public_address(&self, state: PublicAddress) {
        *self.public_address.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// The state of the public address in words. A delivery after a failed probe takes precedence.
    pub(crate) fn public_address_words(&self, now: Timestamp) -> Cow<'static, str> {
        let state = *self.public_address.lock().unwrap_or_else(PoisonError::into_inner);
        match state {
            PublicAddress::Unknown => Health::Unknown.into_str().into(),
            PublicAddress::Unmanaged => Health::Unmanaged.into_str().into(),
            PublicAddress::Reached => Health::Healthy.into_str().into(),
            PublicAddress::NotReached(at, broken) if self.last_delivery(now) >= Some(at) => {
                format!("ok: Webex delivers, although a probe from here failed ({broken})").into()
            }
            PublicAddress::NotReached(_, broken) => format!("not ok: {broken}").into(),
        }
    }

    /// When the database was last checked, and whether it could be written to.
    pub(crate) fn last_database_check(&self) -> Option<(Timestamp, bool)> {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn record_database_check(&self, at: Timestamp, is_writable: bool) {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, is_writable));
    }
}

/// A stored moment of a delivery; `None` if there was none, or a wrong clock wrote it.
fn believed(millisecond: i64, now: Timestamp) -> Option<Timestamp> {
    let at = Timestamp::from_millisecond(millisecond).ok().filter(|_| millisecond > 0)?;
    is_believable(at, now, SignedDuration::ZERO).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn the_last_delivery_counts() {
        let readiness = Readiness::default();
        assert_eq!(readiness.last_delivery(at(0)), None);
        for (delivered, last) in [(10, 10), (30, 30), (20, 30)] {
            readiness.record_delivery(at(delivered), at(40));
            assert_eq!(readiness.last_delivery(at(40)), Some(at(last)));
        }
    }

    #[test]
    fn a_delivery_at_a_wrong_clock_does_not_overrule_later_probes() {
        const DAY: i64 = 86_400;
        let readiness = Readiness::default();
        readiness.record_delivery(at(DAY), at(DAY));
        readiness.record_probe(at(100), Some("the name"));
        assert_eq!(readiness.public_address_words(at(100)), "not ok: the name");
        assert_eq!(readiness.last_delivery(at(100)), None);
        // As read from the database.
        readiness.record_delivery(at(DAY), at(100));
        assert_eq!(readiness.last_delivery(at(100)), None);
        readiness.record_delivery(at(110), at(110));
        assert_eq!(readiness.last_delivery(at(110)), Some(at(110)));
        assert!(readiness.public_address_words(at(110)).starts_with("ok: Webex delivers"));
    }
}
