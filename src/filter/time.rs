//! Ages and dates that a time is compared with: `>90d`, `<2025-01-31`.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use strum::VariantArray;

/// Most digits of an age: nothing is older than 99,999 weeks.
const MAX_DIGITS: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeComparison {
    /// Compares with an age.
    Age { order: Comparison, amount: u32, unit: Unit },
    /// Compares with a day in UTC; without an order, the time must be on that day.
    Day { order: Option<Comparison>, day: Date },
}

/// Declared in the order in which they are tried at the front of a value: `<=` before `<`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
pub(super) enum Comparison {
    #[strum(serialize = "<=")]
    AtMost,
    #[strum(serialize = ">=")]
    AtLeast,
    #[strum(serialize = "<")]
    Less,
    #[strum(serialize = ">")]
    More,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    letter: char,
    seconds: i64,
}

const UNITS: [Unit; 4] = [
    Unit { letter: 'm', seconds: 60 },
    Unit { letter: 'h', seconds: 60 * 60 },
    Unit { letter: 'd', seconds: 24 * 60 * 60 },
    Unit { letter: 'w', seconds: 7 * 24 * 60 * 60 },
];

impl TimeComparison {
    /// Reads `>90d`, `<2h`, `<2025-01-31` or `2025-01-31`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (order, rest) = Comparison::at_front(text);
        if let Some(day) = day(rest) {
            return Some(Self::Day { order, day });
        }
        let last = rest.chars().next_back()?;
        let unit = UNITS.into_iter().find(|unit| unit.letter.eq_ignore_ascii_case(&last))?;
        let digits = &rest[..rest.len() - 1];
        if digits.len() > MAX_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self::Age { order: order?, amount: digits.parse().ok()?, unit })
    }

    pub(super) fn holds(self, at: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::Age { order, amount, unit } => {
                let bound = SignedDuration::from_secs(i64::from(amount) * unit.seconds);
                order.holds(&now.duration_since(at), &bound)
            }
            Self::Day { order, day } => {
                let at = TimeZone::UTC.to_datetime(at).date();
                order.map_or(at == day, |order| order.holds(&at, &day))
            }
        }
    }
}

impl Comparison {
    fn at_front(text: &str) -> (Option<Self>, &str) {
        let after = |order: &Self| Some((Some(*order), text.strip_prefix(<&str>::from(order))?));
        Self::VARIANTS.iter().find_map(after).unwrap_or((None, text))
    }

    fn holds<T: Ord>(self, value: &T, bound: &T) -> bool {
        match self {
            Self::Less => value < bound,
            Self::AtMost => value <= bound,
            Self::More => value > bound,
            Self::AtLeast => value >= bound,
        }
    }
}

/// A date, only in the notation `2025-01-31`.
fn day(text: &str) -> Option<Date> {
    let is_digit_or_dash = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    (text.len() == 10 && text.bytes().enumerate().all(is_digit_or_dash)).then(|| text.parse().ok())?
}

impl fmt::Display for TimeComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age { order, amount, unit } => {
                write!(f, "{}{amount}{}", <&str>::from(order), unit.letter)
            }
            Self::Day { order, day } => write!(f, "{}{day}", order.map_or("", Into::into)),
        }
    }
}
