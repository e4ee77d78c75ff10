//! One way in for all calls with one credential: the shell around the [`Budget`].
//!
//! Who finds a pause in force is turned away at once with [`WebexError::Paused`], because waits are durable and belong
//! to the jobs. Only two things are waited for here, and neither longer than another call takes: a free place, and
//! the answer of the probe after a pause. A call that is dropped in the middle gives its place back.
//!
//! Calls that change something go ahead of those that read. Who deletes has read before, and must read again where a
//! pause comes in between: in one line behind hundreds of reads hardly any DELETE came to its turn before the next pause,
//! and all the reads had been made for nothing.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::budget::{Budget, Ended, Leave, Ticket, Turn};
use super::error::WebexError;
use crate::domain::clock::Clock;
use crate::telemetry::metrics::Metrics;

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// The bot token.
    Bot,
    /// The admin credential.
    Admin,
}

impl Credential {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Bot, Self::Admin];

    /// Its name. Stored, and a label of metrics: it must not change.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Admin => "admin",
        }
    }
}

/// The pauses that Webex has asked for. The clients of one [`Transport`](super::Transport) keep to them; what is told
/// to other processes, and what they tell, goes through here.
#[derive(Debug, Clone)]
pub struct RateLimiters {
    bot: Arc<Gate>,
    admin: Arc<Gate>,
    /// Rung when Webex has asked one of our calls to wait.
    asked: Arc<Notify>,
    clock: Arc<dyn Clock>,
}

impl RateLimiters {
    pub(super) fn new(clock: &Arc<dyn Clock>, metrics: &Arc<Metrics>) -> Self {
        let asked = Arc::new(Notify::new());
        let gate = |credential| Arc::new(Gate::new(credential, clock, metrics, &asked));
        Self {
            bot: gate(Credential::Bot),
            admin: gate(Credential::Admin),
            asked: asked.clone(),
            clock: clock.clone(),
        }
    }

    pub(super) fn gate(&self, credential: Credential) -> &Arc<Gate> {
        match credential {
            Credential::Bot => &self.bot,
            Credential::Admin => &self.admin,
        }
    }

    /// Until when no calls are made with this credential, if a pause is in force.
    #[must_use]
    pub fn paused_until(&self, credential: Credential) -> Option<Timestamp> {
        self.gate(credential).budget().paused_until(self.clock.now())
    }

    /// Makes no calls with this credential until then: Webex has asked another process to wait, or this one before it
    /// was started anew.
    pub fn pause_until(&self, credential: Credential, until: Timestamp) {
        self.gate(credential).learn(until);
    }

    /// Waits until Webex asks one of our calls to wait, unless it has since this was last called. For one listener.
    pub async fn pause_began(&self) {
        self.asked.notified().await;
    }
}

/// The way in for calls with one credential.
#[derive(Debug)]
pub(super) struct Gate {
    credential: &'static str,
    budget: Mutex<Budget>,
    /// Those who go ahead of the others.
    ahead: Line,
    others: Line,
    asked: Arc<Notify>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

/// Those who wait for a place, the first that came first.
#[derive(Debug, Default)]
struct Line {
    /// Rung when the first of them may ask again.
    turn: Notify,
    length: AtomicUsize,
}

/// Somebody in a line.
struct InLine<'a> {
    gate: &'a Gate,
    line: &'a Line,
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Place<'a> {
    gate: &'a Gate,
    ticket: Ticket,
    ended: Ended,
}

impl Gate {
    fn new(
        credential: Credential,
        clock: &Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
        asked: &Arc<Notify>,
    ) -> Self {
        let (credential, budget) = (credential.as_str(), Budget::new());
        metrics.webex_call_limit(credential, budget.limit());
        Self {
            credential,
            budget: Mutex::new(budget),
            ahead: Line::default(),
            others: Line::default(),
            asked: asked.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
        }
    }

    /// Takes a place for one call. One that must not have waited for longer than this goes ahead of those that may.
    ///
    /// # Errors
    /// [`WebexError::Paused`] when a pause is in force, or begins while a place is waited for, or the wait was too
    /// long.
    pub(super) async fn enter(&self, at_most: Option<Duration>) -> Result<Place<'_>, WebexError> {
        let (asked, mut has_waited) = (Instant::now(), false);
        let in_line = self.join(if at_most.is_some() { &self.ahead } else { &self.others });
        loop {
            let mut turn = pin!(in_line.line.turn.notified());
            // In line before the question, so that no place that becomes free in between is missed.
            turn.as_mut().enable();
            let now = self.clock.now();
            let leave = self.budget().ask(now);
            match leave {
                Leave::Go(ticket) => {
                    drop(in_line);
                    let place = Place { gate: self, ticket, ended: Ended::Abandoned };
                    if has_waited && at_most.is_some_and(|at_most| asked.elapsed() > at_most) {
                        return Err(WebexError::Paused { until: now, remaining: SignedDuration::ZERO });
                    }
                    return Ok(place);
                }
                Leave::Wait => {
                    turn.await;
                    has_waited = true;
                }
                Leave::Paused(until) => {
                    self.metrics.webex_call(self.credential, "paused");
                    return Err(WebexError::Paused { until, remaining: until.duration_since(now) });
                }
            }
        }
    }

    fn join<'a>(&'a self, line: &'a Line) -> InLine<'a> {
        line.length.fetch_add(1, Ordering::Relaxed);
        InLine { gate: self, line }
    }

    fn end(&self, ticket: &Ticket, ended: Ended) {
        let (turn, limit, until) = {
            let mut budget = self.budget();
            let now = self.clock.now();
            let turn = budget.end(ticket, ended, now);
            (turn, budget.limit(), budget.paused_until(now))
        };
        self.metrics.webex_call_limit(self.credential, limit);
        if matches!(turn, Turn::PauseBegan | Turn::PauseExtended) {
            self.asked.notify_one();
        }
        self.tell(turn, until);
    }

    fn learn(&self, until: Timestamp) {
        let turn = self.budget().learn(until, self.clock.now());
        self.tell(turn, Some(until));
    }

    /// Says once what has changed for everybody, and wakes whom it concerns.
    fn tell(&self, turn: Turn, until: Option<Timestamp>) {
        let credential = self.credential;
        match turn {
            Turn::PauseBegan => {
                self.metrics.webex_pause(credential);
                let until = until.map(tracing::field::display);
                tracing::warn!(
                    credential,
                    until,
                    "Webex asks to wait: no calls with this credential until then"
                );
                // All who wait for a place have a longer wait before them: a durable one.
                self.ahead.turn.notify_waiters();
                self.others.turn.notify_waiters();
            }
            Turn::PauseOver => {
                tracing::info!(credential, "Webex has time again: calls with this credential go on");
                self.ring_if_there_is_room();
            }
            Turn::None | Turn::PauseExtended => self.ring_if_there_is_room(),
        }
    }

    /// Whoever is let through, or waits no longer, calls the next one while there is room. So it does no harm that
    /// somebody may be called who was not waiting any more.
    fn ring_if_there_is_room(&self) {
        if self.budget().has_room(self.clock.now()) {
            let is_anybody_ahead = self.ahead.length.load(Ordering::Relaxed) > 0;
            let line = if is_anybody_ahead { &self.ahead } else { &self.others };
            line.turn.notify_one();
        }
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.line.length.fetch_sub(1, Ordering::Relaxed);
        self.gate.ring_if_there_is_room();
    }
}

impl Place<'_> {
    /// Gives the place back with what became of the call.
    pub(super) fn leave(mut self, result: Result<(), &WebexError>) {
        self.gate
            .metrics
            .webex_call(self.gate.credential, result.map_or_else(WebexError::as_str, |()| "well"));
        self.ended = match result {
            Err(WebexError::Busy { retry_after, .. }) => Ended::AskedToWait(*retry_after),
            Err(
                WebexError::Unreachable(_)
                | WebexError::NoAnswer(_)
                | WebexError::ServerError(_)
                | WebexError::NoToken { .. }
                | WebexError::Paused { .. },
            ) => Ended::Otherwise,
            Ok(())
            | Err(WebexError::Unreadable { .. } | WebexError::NotFound(_) | WebexError::Refused(_)) => {
                Ended::Well
            }
        };
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.gate.end(&self.ticket, self.ended);
    }
}

#[cfg(test)]
mod tests;
