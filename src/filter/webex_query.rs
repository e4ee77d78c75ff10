//! The part of a filter that Webex can apply.
//!
//! Webex documents the parameters of its device list (*Devices*: List Devices), but not how it compares them: in part
//! or as a whole, with or without case. So all its answers are matched here again, and a term becomes a parameter only
//! if the answer has every matching device under each of these comparisons:
//!
//! | term | parameter | why |
//! | --- | --- | --- |
//! | `status:connected` and the other single states | `connectionStatus` | Webex spells its own words in one way |
//! | `type:phone` | `type` | the same |
//! | `platform:cisco` | `devicePlatform` | the same |
//! | `capability:xapi` | `capability` | the same |
//! | `maintenance:off` | `plannedMaintenance` | the same |
//! | `serial:FOC2345ABCD` | `serial` | Cisco's serial numbers are three letters, four digits and four of either, in capitals; other manufacturers' may be in any case |
//!
//! All other terms are matched only here. Names, tags, channels and software versions ignore case here, but perhaps not
//! in Webex. The product parameter has other names (`RoomKit`) than the record (`Cisco Room Kit`), and the notation of
//! its MAC parameter is undocumented. Groups such as `status:offline` are several values, Webex cannot negate, and an
//! unknown value in quotes may be anything.

use super::key::Key;
use super::term::{Filter, Term, TermValue};

impl Filter {
    /// Parameters for Webex's device list, each at most once. They only make the list shorter.
    pub fn webex_query(&self) -> Vec<(&'static str, String)> {
        let mut query: Vec<(&'static str, String)> = Vec::new();
        for (parameter, value) in self.terms.iter().filter_map(Term::parameter) {
            if query.iter().all(|(known, _)| *known != parameter) {
                query.push((parameter, value));
            }
        }
        query
    }
}

impl Term {
    pub(super) fn parameter(&self) -> Option<(&'static str, String)> {
        let [value] = self.values.as_slice() else { return None };
        let parameter = match self.key {
            Key::Status => "connectionStatus",
            Key::Type => "type",
            Key::Platform => "devicePlatform",
            Key::Capability => "capability",
            Key::Maintenance => "plannedMaintenance",
            Key::Serial => "serial",
            _ => return None,
        };
        let value = match value {
            TermValue::Known(known) if let [single] = known.members => (*single).to_owned(),
            TermValue::Text(pattern) if self.key == Key::Serial => cisco_serial(pattern.as_str())?,
            _ => return None,
        };
        (!self.negated).then_some((parameter, value))
    }
}

/// Whether a text is a serial number in Cisco's notation.
fn cisco_serial(text: &str) -> Option<String> {
    let fits = text.len() == 11
        && text.bytes().enumerate().all(|(at, byte)| match at {
            0..3 => byte.is_ascii_alphabetic(),
            3..7 => byte.is_ascii_digit(),
            _ => byte.is_ascii_alphanumeric(),
        });
    fits.then(|| text.to_ascii_uppercase())
}
