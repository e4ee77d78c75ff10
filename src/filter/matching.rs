//! Whether a device matches a filter.

use jiff::Timestamp;

use super::address::Addresses;
use super::field::{FieldValue, RelatedNames};
use super::key::Key;
use super::pattern::folded;
use super::term::{Filter, Term, TermValue};
use crate::domain::{Device, Mac};

impl Filter {
    /// Whether a device matches every term.
    pub fn matches(&self, device: &Device, related: &RelatedNames, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.matches(device, related, now) == Some(true))
    }
}

impl Term {
    /// `None` if the value is unknown, so that the negated term does not match either.
    pub(super) fn matches(&self, device: &Device, related: &RelatedNames, now: Timestamp) -> Option<bool> {
        let field = FieldValue::of(device, related, self.key);
        let mut verdict = Some(false);
        for value in &self.values {
            match value.matches(&field, self.key, now) {
                Some(true) => return Some(!self.negated),
                Some(false) => {}
                None => verdict = None,
            }
        }
        verdict.map(|matches| matches != self.negated)
    }
}

impl TermValue {
    fn matches(&self, field: &FieldValue<'_>, key: Key, now: Timestamp) -> Option<bool> {
        match (self, field) {
            (Self::Missing, _) => Some(field.is_missing()),
            (Self::Present, _) => Some(!field.is_missing()),
            (Self::Text(pattern), _) => field.any(|text| {
                let text = folded(text);
                pattern.matches_folded(&text)
                    // The manufacturer may be left out.
                    || (key == Key::Product
                        && text.strip_prefix("cisco ").is_some_and(|model| pattern.matches_folded(model)))
            }),
            (Self::Known(known), _) => {
                field.any(|text| known.members.iter().any(|member| folded(text) == folded(member)))
            }
            (Self::Mac(mac), _) => field.any(|text| Mac::parse(text) == Ok(*mac)),
            (Self::PartOfMac(pattern), _) => field.any(|text| pattern.matches(&Mac::bare(text))),
            (Self::Addresses(Addresses::Unreadable(_)), _) => None,
            (Self::Addresses(_), _) if field.is_missing() => Some(false),
            // An address that can't be read may be one of them.
            (Self::Addresses(addresses), _) => field.text().and_then(|text| addresses.contain(text)),
            (Self::DeviceId(id), FieldValue::Id(found)) => Some(id == *found),
            (Self::RelatedId { key, .. }, FieldValue::Named { id, .. }) => Some(*id == Some(key)),
            (Self::Time(time), FieldValue::Time(at)) => at.map(|at| time.holds(at, now)),
            (Self::DeviceId(_) | Self::RelatedId { .. } | Self::Time(_), _) => None,
        }
    }
}
