//! Times as people read them: always UTC, because a space has people in many time zones.

use jiff::{SignedDuration, Timestamp};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment to the second: `2026-11-24 09:12:05 UTC`.
pub(crate) fn exact(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A moment in the past with its distance: `3 days ago (2026-11-21 09:12:05 UTC)`.
pub(crate) fn past(at: Timestamp, now: Timestamp) -> String {
    format!("{} ({})", ago(at, now), exact(at))
}

/// The distance to a moment in the past: `3 days ago`.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    match now.duration_since(at).as_secs() {
        ..MINUTE => "just now".to_owned(),
        seconds => format!("{} ago", distance(seconds)),
    }
}

/// A moment to come: `14:05 UTC (in 12 minutes)`, with the date on another day. Rounded up to full minutes.
pub(crate) fn to_come(at: Timestamp, now: Timestamp) -> String {
    let up = (-at.as_second()).rem_euclid(MINUTE);
    let at = at.checked_add(SignedDuration::from_secs(up)).unwrap_or(at);
    // Rounding up may have added most of a minute.
    clock_time(at, now, at.duration_since(now).as_secs(), MINUTE + 1)
}

/// A deadline: `09:27 UTC (in 15 minutes)`, with the date on another day. Rounded down to full minutes, so that nobody
/// is late by the card.
pub(crate) fn deadline(at: Timestamp, now: Timestamp) -> String {
    let beyond = at.as_second().rem_euclid(MINUTE);
    let minute = at.checked_sub(SignedDuration::from_secs(beyond)).unwrap_or(at);
    clock_time(minute, now, at.duration_since(now).as_secs(), MINUTE)
}

fn clock_time(at: Timestamp, now: Timestamp, seconds_left: i64, soon: i64) -> String {
    let day = |moment: Timestamp| moment.strftime("%Y-%m-%d").to_string();
    let form = if day(at) == day(now) { "%H:%M UTC" } else { "%Y-%m-%d %H:%M UTC" };
    let left = match distance(seconds_left) {
        _ if seconds_left < soon => "within a minute".to_owned(),
        distance => format!("in {distance}"),
    };
    format!("{} ({left})", at.strftime(form))
}

/// A length of time in its largest unit, rounded to the nearest: `12 minutes`.
fn distance(seconds: i64) -> String {
    let (unit, name) = match seconds {
        ..HOUR => (MINUTE, "minute"),
        HOUR..DAY => (HOUR, "hour"),
        _ => (DAY, "day"),
    };
    let count = ((seconds + unit / 2) / unit).max(1);
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_past_is_shown_by_distance_and_exactly() {
        let now = at("2026-11-24T09:12:05Z");
        let cases = [
            ("2026-11-24T09:12:00Z", "just now (2026-11-24 09:12:00 UTC)"),
            ("2026-11-24T09:13:00Z", "just now (2026-11-24 09:13:00 UTC)"),
            ("2026-11-24T09:11:00Z", "1 minute ago (2026-11-24 09:11:00 UTC)"),
            ("2026-11-24T06:12:05Z", "3 hours ago (2026-11-24 06:12:05 UTC)"),
            ("2026-11-23T09:12:05Z", "1 day ago (2026-11-23 09:12:05 UTC)"),
            ("2026-08-25T09:12:05Z", "91 days ago (2026-08-25 09:12:05 UTC)"),
        ];
        for (moment, expected) in cases {
            assert_eq!(past(at(moment), now), expected);
        }
    }

    #[test]
    fn a_moment_to_come_is_never_shown_too_early() {
        let now = at("2026-11-24T13:53:00Z");
        let cases = [
            ("2026-11-24T14:05:00Z", "14:05 UTC (in 12 minutes)"),
            ("2026-11-24T14:04:01Z", "14:05 UTC (in 12 minutes)"),
            ("2026-11-24T13:53:20Z", "13:54 UTC (within a minute)"),
            ("2026-11-25T01:00:00Z", "2026-11-25 01:00 UTC (in 11 hours)"),
        ];
        for (moment, expected) in cases {
            assert_eq!(to_come(at(moment), now), expected);
        }
    }

    #[test]
    fn a_deadline_is_never_shown_too_late() {
        let now = at("2026-11-24T09:12:05Z");
        let cases = [
            ("2026-11-24T09:27:05Z", "09:27 UTC (in 15 minutes)"),
            ("2026-11-24T09:27:59Z", "09:27 UTC (in 16 minutes)"),
            ("2026-11-24T09:12:59Z", "09:12 UTC (within a minute)"),
            ("2026-12-01T09:12:05Z", "2026-12-01 09:12 UTC (in 7 days)"),
        ];
        for (moment, expected) in cases {
            assert_eq!(deadline(at(moment), now), expected);
        }
    }

    #[test]
    fn the_ends_of_time_are_safe() {
        assert!(to_come(Timestamp::MAX, Timestamp::MIN).contains("in "));
        assert!(deadline(Timestamp::MAX, Timestamp::MIN).contains("in "));
        assert!(deadline(Timestamp::MIN, Timestamp::MAX).contains("within"));
        assert!(past(Timestamp::MIN, Timestamp::MAX).contains("ago"));
    }
}
