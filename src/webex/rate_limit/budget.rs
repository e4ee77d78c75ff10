//! The rate limit of one credential: how many calls may be in flight, and whether any may be made at all. Pure.
//!
//! Webex counts calls by credential, not by request. So a 429 or 423 pauses all calls with that credential until the
//! requested wait is over. Then a single *probe* goes first and the other calls wait for its result: if Webex still
//! asks to wait, that costs one call instead of hundreds.
//!
//! The number of calls in flight adapts to what Webex accepts: the first refusal of a pause halves it, and each round
//! of successful calls adds one. Refusals of the same burst count once, because its calls were sent before the first
//! refusal arrived.

use jiff::{SignedDuration, Timestamp};

use super::retry_after::LONGEST;
use crate::domain::clock::is_believable;

/// Most calls in flight with one credential: two for each job that runs at the same time, because a deletion looks up a
/// name beside its DELETE. With half this number, the DELETEs of a large burst queued behind the lookups of other jobs.
pub(super) const CEILING: u32 = 512;
/// At least one call is always allowed, because only a call can find out that Webex accepts calls again.
const FLOOR: u32 = 1;
/// Webex counts calls by the minute (*REST API Basics*), so a refusal means nothing after a few minutes. A single 429
/// in the morning must not slow down a burst in the evening.
const FORGIVEN_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// The calls with one credential.
#[derive(Debug)]
pub(super) struct Budget {
    state: State,
    limit: u32,
    in_flight: u32,
    /// Successful calls since the limit last changed.
    successes: u32,
    /// Calls allowed so far.
    calls: u64,
    /// Pauses caused by our own calls so far.
    pauses: u64,
    /// The end of the latest pause.
    paused_until: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Calls are made.
    Open,
    /// No calls until the pause ends; the first call after it is the probe.
    Paused,
    /// The probe, the call with this number, is in flight; all other calls wait for its result.
    Probing(u64),
}

/// Whether a call may be made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RateDecision {
    /// Make the call, and report its end.
    Proceed(CallTicket),
    /// Ask again when another call has ended.
    Wait,
    /// The credential is paused until then.
    Paused(Timestamp),
}

/// A call in flight, to be returned with [`Budget::end`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CallTicket {
    number: u64,
    /// The number of pauses before this call.
    pauses: u64,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallEnd {
    /// Webex had capacity, whatever it answered.
    Accepted,
    /// 429 or 423: Webex asks for this wait.
    RateLimited(SignedDuration),
    /// A server error or no response, which proves nothing about rate limits.
    Inconclusive,
    /// The caller gave up.
    Abandoned,
}

/// The effect of an event on all calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PauseChange {
    /// Nothing.
    None,
    /// A pause has begun.
    Began,
    /// The current pause lasts longer.
    Extended,
    /// The probe succeeded: calls are made again.
    Ended,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            state: State::Open,
            limit: CEILING,
            in_flight: 0,
            successes: 0,
            calls: 0,
            pauses: 0,
            paused_until: Timestamp::MIN,
        }
    }

    /// Most calls in flight at the moment.
    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// The end of the current pause. It has ended if the clock was set back so far that it would last too long.
    pub(super) fn paused_until(&self, now: Timestamp) -> Option<Timestamp> {
        let is_over = now >= self.paused_until || !is_believable(self.paused_until, now, LONGEST);
        (self.state == State::Paused && !is_over).then_some(self.paused_until)
    }

    /// Whether the next call would proceed.
    pub(super) fn has_room(&self, now: Timestamp) -> bool {
        let is_open = match self.state {
            State::Open => true,
            State::Paused => self.paused_until(now).is_none(),
            State::Probing(_) => false,
        };
        is_open && self.in_flight < self.limit
    }

    /// Decides on one call.
    pub(super) fn request(&mut self, now: Timestamp) -> RateDecision {
        if let Some(until) = self.paused_until(now) {
            return RateDecision::Paused(until);
        }
        let is_forgiven = now.duration_since(self.paused_until) >= FORGIVEN_AFTER
            || !is_believable(self.paused_until, now, LONGEST);
        if self.state == State::Open && is_forgiven {
            self.limit = CEILING;
        }
        if !self.has_room(now) {
            return RateDecision::Wait;
        }
        self.calls += 1;
        self.in_flight += 1;
        if self.state == State::Paused {
            self.state = State::Probing(self.calls);
        }
        RateDecision::Proceed(CallTicket { number: self.calls, pauses: self.pauses })
    }

    /// Records the end of a call.
    pub(super) fn end(&mut self, ticket: &CallTicket, end: CallEnd, now: Timestamp) -> PauseChange {
        let in_flight = self.in_flight;
        self.in_flight = self.in_flight.saturating_sub(1);
        let is_probe = self.state == State::Probing(ticket.number);
        match end {
            CallEnd::RateLimited(wait) => {
                if ticket.pauses == self.pauses {
                    self.pauses += 1;
                    self.successes = 0;
                    self.limit = (in_flight.min(self.limit) / 2).max(FLOOR);
                }
                return self.pause(now.saturating_add(wait).unwrap_or(Timestamp::MAX), now);
            }
            CallEnd::Abandoned => {
                // The pause is over, but Webex may ask for another one: the next call is the probe.
                if is_probe {
                    self.state = State::Paused;
                }
                return PauseChange::None;
            }
            CallEnd::Accepted => self.grow(),
            CallEnd::Inconclusive => {}
        }
        if !is_probe {
            return PauseChange::None;
        }
        self.state = State::Open;
        PauseChange::Ended
    }

    /// Adds one call after a round of successful ones: as many as may be in flight.
    fn grow(&mut self) {
        self.successes += 1;
        if self.successes >= self.limit {
            self.successes = 0;
            self.limit = (self.limit + 1).min(CEILING);
        }
    }

    /// Adopts the pause of another process, or of this one before its restart. The limit stays: it reflects how many of
    /// *our* calls Webex accepts.
    pub(super) fn adopt_pause(&mut self, until: Timestamp, now: Timestamp) -> PauseChange {
        let is_known = self.paused_until(now).is_some_and(|known| until <= known);
        if until <= now || is_known || !is_believable(until, now, LONGEST) {
            return PauseChange::None;
        }
        self.pause(until, now)
    }

    fn pause(&mut self, until: Timestamp, now: Timestamp) -> PauseChange {
        let current = self.paused_until(now);
        self.state = State::Paused;
        self.paused_until = current.map_or(until, |current| current.max(until));
        match current {
            None => PauseChange::Began,
            Some(current) if current < until => PauseChange::Extended,
            Some(_) => PauseChange::None,
        }
    }
}

#[cfg(test)]
mod tests;
