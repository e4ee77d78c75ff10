//! Applies the [`Budget`] to the calls with one credential.
//!
//! A call in a pause fails at once with [`WebexError::Paused`], because long waits are durable and belong to jobs. Only
//! two waits happen here, neither longer than another call takes: for a permit, and for the result of the probe after
//! a pause. A call that is dropped on the way returns its permit.
//!
//! Changes go before reads. A deletion reads its device first and must read it again after a pause. With a single
//! queue, hardly any DELETE got past hundreds of reads before the next pause, and all those reads were wasted.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::budget::{Budget, CallEnd, CallTicket, PauseChange, RateDecision};
use crate::domain::clock::Clock;
use crate::telemetry::metrics::Metrics;
use crate::webex::error::WebexError;

/// A credential whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Credential {
    /// The bot token.
    Bot,
    /// The admin credential.
    Admin,
}

impl Credential {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Bot, Self::Admin];

    /// The name, which is stored and a label of metrics: it must not change.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The rate limiters of both credentials, used by all clients of one `Transport`. `app` uses them to share pauses with
/// other processes.
#[derive(Debug, Clone)]
pub struct RateLimiters {
    bot: Arc<RateLimiter>,
    admin: Arc<RateLimiter>,
    own_pause: Arc<Notify>,
    clock: Arc<dyn Clock>,
}

impl RateLimiters {
    pub(in crate::webex) fn new(clock: &Arc<dyn Clock>, metrics: &Arc<Metrics>) -> Self {
        let own_pause = Arc::new(Notify::new());
        let limiter = |credential| Arc::new(RateLimiter::new(credential, clock, metrics, &own_pause));
        let (bot, admin) = (limiter(Credential::Bot), limiter(Credential::Admin));
        Self { bot, admin, own_pause, clock: clock.clone() }
    }

    pub(in crate::webex) fn of(&self, credential: Credential) -> &Arc<RateLimiter> {
        match credential {
            Credential::Bot => &self.bot,
            Credential::Admin => &self.admin,
        }
    }

    /// The end of the credential's current pause.
    pub(crate) fn paused_until(&self, credential: Credential) -> Option<Timestamp> {
        self.of(credential).budget().paused_until(self.clock.now())
    }

    /// Adopts a pause that Webex asked of another process, or of this one before its restart.
    pub(crate) fn pause_until(&self, credential: Credential, until: Timestamp) {
        self.of(credential).adopt_pause(until);
    }

    /// Waits until a call of this process begins or extends a pause. Returns at once if one has done so since the last
    /// time. For a single listener.
    pub(crate) async fn pause_began(&self) {
        self.own_pause.notified().await;
    }
}

/// The rate limiter of one credential.
#[derive(Debug)]
pub struct RateLimiter {
    credential: &'static str,
    budget: Mutex<Budget>,
    /// The calls that change something; they go first.
    changes: CallQueue,
    reads: CallQueue,
    own_pause: Arc<Notify>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

/// Calls that wait for a permit, first come, first served.
#[derive(Debug, Default)]
struct CallQueue {
    /// Wakes the first call to ask again.
    next: Notify,
    length: AtomicUsize,
}

/// A call in a queue.
struct QueuedCall<'a> {
    limiter: &'a RateLimiter,
    queue: &'a CallQueue,
}

/// Permission for one call, returned when dropped.
#[derive(Debug)]
pub(in crate::webex) struct Permit<'a> {
    limiter: &'a RateLimiter,
    ticket: CallTicket,
    end: CallEnd,
}

impl RateLimiter {
    fn new(
        credential: Credential,
        clock: &Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
        own_pause: &Arc<Notify>,
    ) -> Self {
        let (credential, budget) = (credential.as_str(), Budget::new());
        metrics.webex_call_limit(credential, budget.limit());
        Self {
            credential,
            budget: Mutex::new(budget),
            changes: CallQueue::default(),
            reads: CallQueue::default(),
            own_pause: own_pause.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
        }
    }

    /// Waits for a permit for one call. A change has a longest wait and goes before reads, which have none.
    ///
    /// # Errors
    /// [`WebexError::Paused`] in a pause, when one begins meanwhile, or after too long a wait.
    pub(in crate::webex) async fn acquire(
        &self,
        longest_wait: Option<Duration>,
    ) -> Result<Permit<'_>, WebexError> {
        let (start, mut has_waited) = (Instant::now(), false);
        let queued = self.enqueue(if longest_wait.is_some() { &self.changes } else { &self.reads });
        loop {
            let mut next = pin!(queued.queue.next.notified());
            // Before the decision, or a permit that is returned right after it would wake no call.
            next.as_mut().enable();
            let now = self.clock.now();
            let decision = self.budget().request(now);
            match decision {
                RateDecision::Proceed(ticket) => {
                    drop(queued);
                    let permit = Permit { limiter: self, ticket, end: CallEnd::Abandoned };
                    if has_waited && longest_wait.is_some_and(|longest| start.elapsed() > longest) {
                        return Err(WebexError::Paused { until: now, remaining: SignedDuration::ZERO });
                    }
                    return Ok(permit);
                }
                RateDecision::Wait => {
                    next.await;
                    has_waited = true;
                }
                RateDecision::Paused(until) => {
                    self.metrics.webex_call(self.credential, "paused");
                    return Err(WebexError::Paused { until, remaining: until.duration_since(now) });
                }
            }
        }
    }

    fn enqueue<'a>(&'a self, queue: &'a CallQueue) -> QueuedCall<'a> {
        queue.length.fetch_add(1, Ordering::Relaxed);
        QueuedCall { limiter: self, queue }
    }

    fn end(&self, ticket: &CallTicket, end: CallEnd) {
        let (change, limit, until) = {
            let mut budget = self.budget();
            let now = self.clock.now();
            let change = budget.end(ticket, end, now);
            (change, budget.limit(), budget.paused_until(now))
        };
        self.metrics.webex_call_limit(self.credential, limit);
        if matches!(change, PauseChange::Began | PauseChange::Extended) {
            self.own_pause.notify_one();
        }
        self.announce(change, until);
    }

    fn adopt_pause(&self, until: Timestamp) {
        let change = self.budget().adopt_pause(until, self.clock.now());
        self.announce(change, Some(until));
    }

    /// Logs the change once for all calls, and wakes the calls that can proceed or must fail.
    fn announce(&self, change: PauseChange, until: Option<Timestamp>) {
        let credential = self.credential;
        match change {
            PauseChange::Began => {
                self.metrics.webex_pause(credential);
                let until = until.map(tracing::field::display);
                tracing::warn!(credential, until, "Webex rate limits this credential; its calls are paused");
                // All queued calls fail now: their jobs wait durably.
                self.changes.next.notify_waiters();
                self.reads.next.notify_waiters();
            }
            PauseChange::Ended => {
                tracing::info!(credential, "Webex accepts calls with this credential again");
                self.wake_next();
            }
            PauseChange::None | PauseChange::Extended => self.wake_next(),
        }
    }

    /// Wakes a queued call while there is room. Every call that leaves a queue does the same, so a wake-up that reaches
    /// a call that has given up is not lost.
    fn wake_next(&self) {
        if self.budget().has_room(self.clock.now()) {
            let has_changes = self.changes.length.load(Ordering::Relaxed) > 0;
            let queue = if has_changes { &self.changes } else { &self.reads };
            queue.next.notify_one();
        }
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QueuedCall<'_> {
    fn drop(&mut self) {
        self.queue.length.fetch_sub(1, Ordering::Relaxed);
        self.limiter.wake_next();
    }
}

impl Permit<'_> {
    /// Returns the permit with the result of the call.
    pub(in crate::webex) fn release(mut self, result: Result<(), &WebexError>) {
        let label = result.map_or_else(WebexError::as_str, |()| "well");
        self.limiter.metrics.webex_call(self.limiter.credential, label);
        self.end = match result {
            Err(WebexError::Busy { retry_after, .. }) => CallEnd::RateLimited(*retry_after),
            Ok(())
            | Err(WebexError::Unreadable { .. } | WebexError::NotFound(_) | WebexError::Refused(_)) => {
                CallEnd::Accepted
            }
            Err(_) => CallEnd::Inconclusive,
        };
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.limiter.end(&self.ticket, self.end);
    }
}

#[cfg(test)]
mod tests;
