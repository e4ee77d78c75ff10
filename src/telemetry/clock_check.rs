//! How far the clock of this machine is from Webex's, by the `Date` header of its responses.
//!
//! Commands are refused by their age, and jobs wait by the clock, so operators must hear of a wrong one.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::domain::clock::ClockDeviation;

/// The last comparison of the two clocks.
#[derive(Debug, Default)]
pub(crate) struct ClockCheck(Mutex<Option<Option<ClockDeviation>>>);

impl ClockCheck {
    /// Compares the clocks: Webex dated a response to a request that was sent and answered at these times of this
    /// machine. Logs the beginning and the end of a deviation.
    pub(crate) fn compare(&self, webex: Timestamp, sent: Timestamp, answered: Timestamp) {
        let deviation = ClockDeviation::between(webex, sent, answered);
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(deviation).flatten();
        match (before, deviation) {
            (None, Some(deviation)) => {
                tracing::warn!(seconds = deviation.seconds(), "the clock of this machine is {deviation}");
            }
            (Some(_), None) => tracing::info!("the clock of this machine agrees with Webex's again"),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    /// The deviation, if the clocks are more than a minute apart.
    pub(crate) fn deviation(&self) -> Option<ClockDeviation> {
        self.last().flatten()
    }

    /// The state of the clock for `/readyz`.
    pub(crate) fn words(&self) -> String {
        match self.last() {
            None => "not known yet".to_owned(),
            Some(None) => "ok".to_owned(),
            Some(Some(deviation)) => deviation.to_string(),
        }
    }

    fn last(&self) -> Option<Option<ClockDeviation>> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_comparison_counts() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let check = ClockCheck::default();
        assert_eq!(check.words(), "not known yet");
        check.compare(at(0), at(420), at(421));
        assert_eq!(
            (check.words().as_str(), check.deviation().is_some()),
            ("7 minutes ahead of Webex's", true)
        );
        check.compare(at(421), at(421), at(421));
        assert_eq!((check.words().as_str(), check.deviation()), ("ok", None));
    }
}
