//! When to renew, when to try again, when to warn. Pure.

use jiff::{SignedDuration, Timestamp};

use super::Pair;
use crate::domain::backoff::pause_after;

/// A pair is renewed at least this often, however long it would last: an idle Steward must not find out after
/// months that it cannot.
const OLDEST_PAIR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long before the end of the refresh token people are warned.
const WARNING: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The pause after a refusal. It will hardly pass by itself, and asking all the time helps nobody.
const PAUSE_AFTER_REFUSAL: SignedDuration = SignedDuration::from_hours(1);
/// A token younger than this that Webex rejects is not renewed: the next one would be rejected as well.
const YOUNG: SignedDuration = SignedDuration::from_mins(1);

/// When a pair is to be renewed: at two thirds of the access token's life, and after a week at the latest. A
/// refresh token that lives no longer than that is used at half of its life.
#[must_use]
pub fn renewal_due(pair: &Pair) -> Timestamp {
    let access = pair.access_until.duration_since(pair.since);
    let refresh = pair.refresh_until.duration_since(pair.since);
    pair.since + (access / 3 * 2).min(refresh / 2).min(OLDEST_PAIR)
}

/// When a renewal that failed for the `failures`th time in a row may be tried again: after 1 s, 2 s, 4 s … up to 5
/// minutes, after what Webex asked for if that is longer, and after an hour if it refused.
#[must_use]
pub fn next_attempt(
    failures: u32,
    client_id: &str,
    asked: Option<SignedDuration>,
    is_refused: bool,
    now: Timestamp,
) -> Timestamp {
    let pause = if is_refused { PAUSE_AFTER_REFUSAL } else { pause_after(failures, client_id) };
    now.saturating_add(pause.max(asked.unwrap_or_default())).unwrap_or(now)
}

/// Whether a token is so new, and by its own account in force, that a rejection is not the fault of its age.
#[must_use]
pub fn is_young(pair: &Pair, now: Timestamp) -> bool {
    now.duration_since(pair.since).abs() < YOUNG && now < pair.access_until
}

/// Whether people are to be warned that the refresh token ends: in its last 14 days. Where its whole life is so
/// short that it would always be so, in the last half of it.
#[must_use]
pub fn is_ending(pair: &Pair, now: Timestamp) -> bool {
    let life = pair.refresh_until.duration_since(pair.since);
    pair.refresh_until.duration_since(now) <= WARNING.min(life / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webex::{AdminToken, RefreshToken};

    const DAY: i64 = 86_400;

    fn pair(access_lifetime: i64, refresh_lifetime: i64) -> Pair {
        let after = |seconds| Timestamp::from_second(seconds).unwrap();
        Pair {
            access_token: AdminToken::new("a".into()),
            access_until: after(access_lifetime),
            refresh_token: RefreshToken::new("r".into()),
            refresh_until: after(refresh_lifetime),
            since: after(0),
        }
    }

    #[test]
    fn it_is_renewed_at_two_thirds_of_its_life_and_at_least_weekly() {
        for (access, refresh, due) in [
            (1_209_599, 7_775_999, 7 * DAY),
            (3600, 7_775_999, 2400),
            (6 * DAY, 7_775_999, 4 * DAY),
            (365 * DAY, 7_775_999, 7 * DAY),
            (14 * DAY, 2 * DAY, DAY),
            (1, 1, 0),
        ] {
            let found = renewal_due(&pair(access, refresh)).as_second();
            assert!((due..=due + 1).contains(&found), "{access} {refresh}: {found}");
        }
    }

    #[test]
    fn failures_are_followed_by_growing_pauses_and_webex_is_obeyed() {
        let pause = |failures, asked, is_refused| {
            let asked = Some(SignedDuration::from_secs(asked));
            next_attempt(failures, "C1", asked, is_refused, Timestamp::UNIX_EPOCH).as_second()
        };
        assert!(pause(1, 0, false) <= 1 && pause(3, 0, false) > pause(1, 0, false));
        assert!((240..=300).contains(&pause(50, 0, false)));
        assert_eq!(pause(1, 900, false), 900);
        assert_eq!((pause(1, 0, true), pause(1, 7200, true)), (3600, 7200));
    }

    #[test]
    fn the_warning_begins_fourteen_days_before_the_end_and_does_not_stop_there() {
        let ends = 90 * DAY;
        for (day, warned) in [(0, false), (75, false), (76, true), (89, true), (90, true), (200, true)] {
            let now = Timestamp::from_second(day * DAY).unwrap();
            assert_eq!(is_ending(&pair(14 * DAY, ends), now), warned, "day {day}");
        }
        assert!(!is_ending(&pair(DAY, 7 * DAY), Timestamp::from_second(3 * DAY).unwrap()));
    }

    #[test]
    fn only_a_token_in_its_first_minute_is_young() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(is_young(&pair(DAY, DAY), at(59)));
        assert!(!is_young(&pair(DAY, DAY), at(60)));
        assert!(!is_young(&pair(30, DAY), at(30)));
    }
}
