//! Ages and days that a moment is compared with.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Digits of an age at most: 99,999 weeks are more than anything is old.
const MAX_DIGITS: usize = 5;

/// Which moments are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// By how long ago they are.
    Age {
        /// How they are compared with it.
        order: Order,
        /// How many.
        amount: u32,
        /// Of what.
        unit: Unit,
    },
    /// By a day in UTC.
    Day {
        /// How they are compared with it; nothing for that very day.
        order: Option<Order>,
        /// The day.
        day: Date,
    },
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minutes,
    Hours,
    Days,
    Weeks,
}

impl When {
    /// Reads `>90d`, `<2h`, `<2025-01-31`, `2025-01-31`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (order, rest) = Order::at_front(text);
        if let Some(day) = day(rest) {
            return Some(Self::Day { order, day });
        }
        let unit = Unit::of(rest.chars().next_back()?)?;
        let digits = &rest[..rest.len() - 1];
        let is_a_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_a_number || digits.len() > MAX_DIGITS {
            return None;
        }
        Some(Self::Age { order: order?, amount: digits.parse().ok()?, unit })
    }

    /// The same with another comparison, for somebody who left it out.
    pub(super) fn with_an_order(text: &str) -> Option<Self> {
        Self::parse(&format!(">{text}"))
    }

    /// Whether a moment is one of those that are meant.
    pub(super) fn holds(self, at: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::Age { order, amount, unit } => {
                let bound = SignedDuration::from_secs(i64::from(amount) * unit.seconds());
                order.holds(&now.duration_since(at), &bound)
            }
            Self::Day { order, day } => {
                let at = TimeZone::UTC.to_datetime(at).date();
                order.map_or(at == day, |order| order.holds(&at, &day))
            }
        }
    }
}

impl Order {
    fn at_front(text: &str) -> (Option<Self>, &str) {
        [("<=", Self::AtMost), (">=", Self::AtLeast), ("<", Self::Less), (">", Self::More)]
            .into_iter()
            .find_map(|(sign, order)| text.strip_prefix(sign).map(|rest| (Some(order), rest)))
            .unwrap_or((None, text))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
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

impl Unit {
    const ALL: [(char, Self, i64); 4] = [
        ('m', Self::Minutes, 60),
        ('h', Self::Hours, 60 * 60),
        ('d', Self::Days, 24 * 60 * 60),
        ('w', Self::Weeks, 7 * 24 * 60 * 60),
    ];

    fn of(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|(c, ..)| c.eq_ignore_ascii_case(&letter)).map(|(_, unit, _)| unit)
    }

    fn row(self) -> (char, Self, i64) {
        Self::ALL.into_iter().find(|(_, unit, _)| *unit == self).expect("every unit has its row")
    }

    fn seconds(self) -> i64 {
        self.row().2
    }
}

/// A day written as `2025-01-31` and in no other way.
fn day(text: &str) -> Option<Date> {
    let is_written_so = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if is_written_so { text.parse().ok() } else { None }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age { order, amount, unit } => write!(f, "{}{amount}{}", order.as_str(), unit.row().0),
            Self::Day { order, day } => write!(f, "{}{day}", order.map_or("", Order::as_str)),
        }
    }
}
