//! How many calls may be under way with one credential, and whether any may be made at all. Pure.
//!
//! Webex counts calls by credential, not by request. So an answer of 429 or 423 stops all calls with that
//! credential until the wait that it asked for is over ([`Leave::Paused`]). Then one call goes first as a *probe*,
//! and the others wait for its answer: if Webex still asks to wait, that cost one call and not hundreds.
//!
//! How many calls are under way at the same time follows what Webex takes: after the first refusal of a pause half
//! of what was under way then, and one more after each round of good answers. What was asked to wait together counts
//! once: the other calls of the same burst were made before anybody knew.

use jiff::{SignedDuration, Timestamp};

/// Calls under way at the same time with one credential while Webex is well: two for each of the jobs that are worked
/// on at the same time, because a deletion looks a name up beside its DELETE. With half of that a DELETE of a large burst
/// stood in line behind the names of others.
pub(super) const CEILING: u32 = 512;
/// One call may always be under way, or nothing would ever find out that the wait is over.
const FLOOR: u32 = 1;
/// Webex counts calls by the minute (*REST API Basics*), so what it said longer ago than a few minutes says nothing of
/// now, and a single 429 in the morning must not slow down a burst in the evening.
const FORGIVEN_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// Where the calls with one credential stand.
#[derive(Debug)]
pub(super) struct Budget {
    way: Way,
    limit: u32,
    in_flight: u32,
    /// Good answers since the limit last changed.
    good_answers: u32,
    /// Calls let through so far.
    calls: u64,
    /// RateLimiters begun by answers to our own calls so far.
    pauses: u64,
    /// The end of the last pause.
    until: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Calls are made.
    Free,
    /// None is made until the pause has ended; who asks first after that is the probe.
    Paused,
    /// The probe, the call with this number, is under way; all others wait for its answer.
    Probing(u64),
}

/// What somebody who wants to make a call is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// Make it, and say how it ended.
    Go(Ticket),
    /// Ask again when another call has ended.
    Wait,
    /// Do not make it, and come back then.
    Paused(Timestamp),
}

/// A call that was let through. It must be given back with [`Budget::end`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    number: u64,
    /// The pauses that there had been when it was let through.
    pauses: u64,
}

/// How a call ended, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Webex answered as one that has time.
    Well,
    /// 429 or 423: it asks to wait this long.
    AskedToWait(SignedDuration),
    /// An error of Webex's or no answer: that says nothing of its limits.
    Otherwise,
    /// Nobody waited for the answer any more.
    Abandoned,
}

/// What has changed for everybody, so that it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing.
    None,
    /// A pause has begun.
    PauseBegan,
    /// The pause that is in force lasts longer.
    PauseExtended,
    /// The probe was answered: calls are made again.
    PauseOver,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            way: Way::Free,
            limit: CEILING,
            in_flight: 0,
            good_answers: 0,
            calls: 0,
            pauses: 0,
            until: Timestamp::MIN,
        }
    }

    /// Calls that may be under way at the same time.
    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// The end of the pause that is in force now.
    pub(super) fn paused_until(&self, now: Timestamp) -> Option<Timestamp> {
        (self.way == Way::Paused && now < self.until).then_some(self.until)
    }

    /// Whether the next to ask would be let through.
    pub(super) fn has_room(&self, now: Timestamp) -> bool {
        let is_open = match self.way {
            Way::Free => true,
            Way::Paused => now >= self.until,
            Way::Probing(_) => false,
        };
        is_open && self.in_flight < self.limit
    }

    /// May a call be made now?
    pub(super) fn ask(&mut self, now: Timestamp) -> Leave {
        if let Some(until) = self.paused_until(now) {
            return Leave::Paused(until);
        }
        self.forgive(now);
        if !self.has_room(now) {
            return Leave::Wait;
        }
        self.calls += 1;
        self.in_flight += 1;
        if self.way == Way::Paused {
            self.way = Way::Probing(self.calls);
        }
        Leave::Go(Ticket { number: self.calls, pauses: self.pauses })
    }

    fn forgive(&mut self, now: Timestamp) {
        if self.way == Way::Free && now.duration_since(self.until) >= FORGIVEN_AFTER {
            self.limit = CEILING;
        }
    }

    /// A call has ended.
    pub(super) fn end(&mut self, ticket: &Ticket, ended: Ended, now: Timestamp) -> Turn {
        let under_way = self.in_flight;
        self.in_flight = self.in_flight.saturating_sub(1);
        let is_probe = self.way == Way::Probing(ticket.number);
        match ended {
            Ended::AskedToWait(wait) => {
                if ticket.pauses == self.pauses {
                    self.pauses += 1;
                    self.good_answers = 0;
                    self.limit = (under_way.min(self.limit) / 2).max(FLOOR);
                }
                return self.pause(now.saturating_add(wait).unwrap_or(Timestamp::MAX), now);
            }
            Ended::Well => self.grow(),
            Ended::Otherwise => {}
            Ended::Abandoned => {
                // The wait is over, and it is still not known whether for good: the next one finds out.
                if is_probe {
                    self.way = Way::Paused;
                }
                return Turn::None;
            }
        }
        if !is_probe {
            return Turn::None;
        }
        self.way = Way::Free;
        Turn::PauseOver
    }

    /// One more at the same time after as many good answers as there may be calls: after a round of them.
    fn grow(&mut self) {
        self.good_answers += 1;
        if self.good_answers >= self.limit {
            self.good_answers = 0;
            self.limit = (self.limit + 1).min(CEILING);
        }
    }

    /// Webex has asked somebody else with this credential to wait until then, or this process before it was started
    /// anew. The limit stays: it says how much of *our* calls Webex takes.
    pub(super) fn learn(&mut self, until: Timestamp, now: Timestamp) -> Turn {
        if until <= now || (self.way == Way::Paused && until <= self.until) {
            return Turn::None;
        }
        self.pause(until, now)
    }

    fn pause(&mut self, until: Timestamp, now: Timestamp) -> Turn {
        let in_force = self.paused_until(now);
        self.way = Way::Paused;
        self.until = in_force.map_or(until, |earlier| earlier.max(until));
        match in_force {
            None => Turn::PauseBegan,
            Some(earlier) if earlier < until => Turn::PauseExtended,
            Some(_) => Turn::None,
        }
    }
}

#[cfg(test)]
mod tests;
