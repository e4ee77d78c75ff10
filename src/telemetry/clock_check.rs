//! The time at Webex, by the `Date` header of its responses, and how far the clock of this machine is from it.
//!
//! Commands are refused by their age, and jobs wait by the clock, so operators must be told about a wrong one.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::{Clock, ClockDeviation, Readings};

/// The clock of this machine next to that of Webex.
#[derive(Debug)]
pub(crate) struct ClockCheck {
    clock: Arc<dyn Clock>,
    last: Mutex<Option<DatedResponse>>,
}

/// The last response that Webex dated.
#[derive(Debug, Clone, Copy)]
struct DatedResponse {
    date: Timestamp,
    /// When it was received, by a clock that nobody sets.
    received: SignedDuration,
    deviation: Option<ClockDeviation>,
}

impl ClockCheck {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last: Mutex::default() }
    }

    /// Keeps the date of a response that has just arrived, to a request that was sent at this time. Logs the beginning
    /// and the end of a deviation.
    pub(crate) fn note(&self, date: Timestamp, sent: Timestamp) {
        let deviation = ClockDeviation::between(date, sent, self.clock.now());
        let dated = DatedResponse { date, received: self.clock.steady(), deviation };
        let before = self.last.lock().unwrap_or_else(PoisonError::into_inner).replace(dated);
        match (before.and_then(|before| before.deviation), deviation) {
            (Some(_), None) => tracing::info!("the clock of this machine agrees with Webex's again"),
            (None, Some(deviation)) => {
                tracing::warn!(seconds = deviation.seconds(), "the clock of this machine is {deviation}");
            }
            _ => {}
        }
    }

    /// The current time by the clock of this machine and by that of Webex.
    pub(crate) fn readings(&self) -> Readings {
        let webex = self.last().map(|DatedResponse { date, received, .. }| {
            date.saturating_add(self.clock.steady() - received).unwrap_or(Timestamp::MAX)
        });
        Readings { wall: self.clock.now(), webex }
    }

    /// The deviation, if the clocks are more than a minute apart.
    pub(crate) fn deviation(&self) -> Option<ClockDeviation> {
        self.last()?.deviation
    }

    /// The state of the clock for `/readyz`.
    pub(crate) fn words(&self) -> String {
        match self.last() {
            None => "not known yet".to_owned(),
            Some(dated) => dated.deviation.map_or_else(|| "ok".to_owned(), |deviation| deviation.to_string()),
        }
    }

    fn last(&self) -> Option<DatedResponse> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::ManualClock;

    fn check_starting_at(start: Timestamp) -> (ClockCheck, ManualClock) {
        let clock = ManualClock::starting_at(start);
        (ClockCheck::new(Arc::new(clock.clone())), clock)
    }

    #[test]
    fn the_time_at_webex_goes_on_from_its_last_response() {
        let start: Timestamp = "2026-04-02T08:15:30Z".parse().unwrap();
        let (check, clock) = check_starting_at(start);
        let (hour, minute) = (SignedDuration::from_hours(1), SignedDuration::from_mins(1));
        assert_eq!(check.readings(), Readings { wall: start, webex: None });
        check.note(start + hour, start);
        clock.advance(minute);
        clock.set_back(hour * 2);
        let expected = Readings { wall: start + minute - hour * 2, webex: Some(start + hour + minute) };
        assert_eq!(check.readings(), expected);
    }

    #[test]
    fn the_last_comparison_counts() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (check, _) = check_starting_at(at(421));
        assert_eq!(check.words(), "not known yet");
        check.note(at(0), at(420));
        assert_eq!(
            (check.words().as_str(), check.deviation().is_some()),
            ("7 minutes ahead of Webex's", true)
        );
        check.note(at(421), at(421));
        assert_eq!((check.words().as_str(), check.deviation()), ("ok", None));
    }
}
