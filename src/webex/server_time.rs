//! The time at Webex, by the `Date` header of its responses.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap};

use crate::domain::clock::{Clock, Readings};

/// The clock of this machine next to that of Webex. Clones share their state.
#[derive(Debug, Clone)]
pub(super) struct ServerTime {
    clock: Arc<dyn Clock>,
    /// The last date, and when it was received.
    last: Arc<Mutex<Option<(Timestamp, SignedDuration)>>>,
}

impl ServerTime {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last: Arc::default() }
    }

    /// Keeps the date of a response. A missing or malformed one changes nothing.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|value| value.to_str().ok());
        let date = date.and_then(|text| httpdate::parse_http_date(text).ok()?.try_into().ok());
        if let Some(date) = date {
            let received = self.clock.steady();
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((date, received));
        }
    }

    pub(super) fn readings(&self) -> Readings {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let webex = last.map(|(date, received)| {
            date.saturating_add(self.clock.steady() - received).unwrap_or(Timestamp::MAX)
        });
        Readings { wall: self.clock.now(), webex }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::ManualClock;

    #[test]
    fn the_time_at_webex_goes_on_from_its_last_response() {
        let start: Timestamp = "2026-04-02T08:15:30Z".parse().unwrap();
        let clock = ManualClock::starting_at(start);
        let time = ServerTime::new(Arc::new(clock.clone()));
        assert_eq!(time.readings(), Readings { wall: start, webex: None });
        let note = |date: &'static str| time.note(&HeaderMap::from_iter([(DATE, date.parse().unwrap())]));
        note("Thu, 02 Apr 2026 09:15:30 GMT");
        clock.advance(SignedDuration::from_mins(1));
        clock.set_back(SignedDuration::from_hours(2));
        let (hour, minute) = (SignedDuration::from_hours(1), SignedDuration::from_mins(1));
        let expected = Readings { wall: start + minute - hour * 2, webex: Some(start + hour + minute) };
        assert_eq!(time.readings(), expected);
        note("yesterday");
        time.note(&HeaderMap::new());
        assert_eq!(time.readings(), expected);
    }
}
