//! The age of the human decision behind a change.
//!
//! A change begins, and is repeated, only on a decision that is recent by every clock: whatever was written down before,
//! a restart after days never carries out an old command. Reads may go on for as long as they are needed.

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::Readings;

/// The longest age of a decision on which a change begins or is repeated.
///
/// This is the one place for ages of decisions: an exception for a kind of change becomes a parameter of
/// [`FreshDecision::judge`] with a table here.
pub(crate) const DECISION_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// Evidence that a person decided on a change recently: sent a command, or pressed a button. Only [`judge`] makes it,
/// and the calls that change something take it.
///
/// [`judge`]: Self::judge
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreshDecision {
    made_at: Timestamp,
}

/// The error for a decision that is too old to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the decision of {made_at} is too old to act on")]
pub struct StaleDecision {
    /// When the person decided.
    pub made_at: Timestamp,
}

impl FreshDecision {
    /// Judges the decision that was made at this time, by each clock: the largest age counts. A decision far in the
    /// future shows that the clock is wrong, so its age is unknown.
    pub(crate) fn judge(made_at: Timestamp, now: Readings) -> Result<Self, StaleDecision> {
        let decision = Self { made_at };
        if decision.holds(now) { Ok(decision) } else { Err(StaleDecision { made_at }) }
    }

    /// Whether the decision is still recent.
    pub(crate) fn holds(&self, now: Readings) -> bool {
        let oldest = now.all().map(|reading| reading.duration_since(self.made_at)).max();
        oldest.is_some_and(|age| -DECISION_LIFETIME <= age && age <= DECISION_LIFETIME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    #[test]
    fn a_decision_is_fresh_for_fifteen_minutes_by_every_clock() {
        for (wall, webex, is_fresh) in [
            (0, None, true),
            (15, None, true),
            (16, None, false),
            (3 * 24 * 60, None, false),
            // Set back meanwhile.
            (1, Some(20), false),
            // Set forward, or suspended.
            (20, Some(1), false),
            // A few minutes slow.
            (-5, Some(0), true),
            (-5, None, true),
            (-60, Some(0), true),
            (-60, None, false),
        ] {
            let now = Readings { wall: at(wall), webex: webex.map(at) };
            let judged = FreshDecision::judge(at(0), now);
            assert_eq!(judged.is_ok(), is_fresh, "{wall} {webex:?}");
        }
        let last = Readings { wall: at(15) + SignedDuration::from_millis(1), webex: None };
        assert_eq!(FreshDecision::judge(at(0), last), Err(StaleDecision { made_at: at(0) }));
    }
}
