//! How far the clock of this machine is from Webex's, by the `Date` header of its responses.
//!
//! Commands are refused by their age, and jobs wait by the clock, so operators must be told about a wrong one.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::domain::clock::ClockDeviation;

/// The last comparison of the two clocks.
#[derive(Debug, Default)]
pub(crate) struct ClockCheck(Mutex<Comparison>);

#[derive(Debug, Clone, Copy, Default)]
enum Comparison {
    #[default]
    NotYet,
    Agrees,
    Deviates(ClockDeviation),
}

impl ClockCheck {
    /// Compares the clocks: Webex dated a response to a request that was sent and answered at these times of this
    /// machine. Logs the beginning and the end of a deviation.
    pub(crate) fn compare(&self, webex: Timestamp, sent: Timestamp, answered: Timestamp) {
        let deviation = ClockDeviation::between(webex, sent, answered);
        let compared = deviation.map_or(Comparison::Agrees, Comparison::Deviates);
        let before = std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), compared);
        match (before, compared) {
            (Comparison::Deviates(_), Comparison::Agrees) => {
                tracing::info!("the clock of this machine agrees with Webex's again");
            }
            (Comparison::NotYet | Comparison::Agrees, Comparison::Deviates(deviation)) => {
                tracing::warn!(seconds = deviation.seconds(), "the clock of this machine is {deviation}");
            }
            _ => {}
        }
    }

    /// The deviation, if the clocks are more than a minute apart.
    pub(crate) fn deviation(&self) -> Option<ClockDeviation> {
        match self.last() {
            Comparison::Deviates(deviation) => Some(deviation),
            Comparison::NotYet | Comparison::Agrees => None,
        }
    }

    /// The state of the clock for `/readyz`.
    pub(crate) fn words(&self) -> String {
        match self.last() {
            Comparison::NotYet => "not known yet".to_owned(),
            Comparison::Agrees => "ok".to_owned(),
            Comparison::Deviates(deviation) => deviation.to_string(),
        }
    }

    fn last(&self) -> Comparison {
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
