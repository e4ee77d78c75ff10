//! What of a filter Webex can look for itself.
//!
//! The list of devices takes parameters (Webex, *Devices*: List Devices), but how it compares is not documented: by
//! part or as a whole, in this case or any. So what it answers is always matched again here, and a term is handed to
//! it only where its answer holds every device that matches here, whichever way it compares:
//!
//! | term | parameter | why |
//! | --- | --- | --- |
//! | `status:connected` and the other single states | `connectionStatus` | Webex writes its own words in one way |
//! | `type:phone` | `type` | the same |
//! | `platform:cisco` | `devicePlatform` | the same |
//! | `capability:xapi` | `capability` | the same |
//! | `maintenance:off` | `plannedMaintenance` | the same |
//! | `serial:FOC2345ABCD` | `serial` | Cisco's serial numbers are three letters, four digits and four of either, in capitals; phones of other makers may write theirs in any case, so others stay here |
//!
//! Everything else is matched here only. Names, tags, channels and software are compared here in any case, which a
//! server that knows only one would not do; products are called otherwise in the parameter (`RoomKit`) than in the
//! record (`Cisco Room Kit`); how a MAC address is to be written is not said; groups such as `status:offline` are
//! several values; what a negated term leaves out cannot be asked for; and an unknown value in quotes may be anything.

use super::key::Key;
use super::value::Value;
use super::{Filter, Term};

impl Filter {
    /// The parameters for Webex's list of devices, each at most once. They only make the list shorter.
    #[must_use]
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
    fn parameter(&self) -> Option<(&'static str, String)> {
        let [value] = self.values.as_slice() else { return None };
        if self.negated {
            return None;
        }
        match (self.key, value) {
            (Key::Status, Value::Known(known)) => Some(("connectionStatus", (*known).to_owned())),
            (Key::Type, Value::Known(known)) => Some(("type", (*known).to_owned())),
            (Key::Platform, Value::Known(known)) => Some(("devicePlatform", (*known).to_owned())),
            (Key::Capability, Value::Known(known)) => Some(("capability", (*known).to_owned())),
            (Key::Maintenance, Value::Known(known)) => Some(("plannedMaintenance", (*known).to_owned())),
            (Key::Serial, Value::Text(pattern)) => {
                ciscos_serial(pattern.as_str()).map(|serial| ("serial", serial))
            }
            _ => None,
        }
    }
}

/// A serial number of Cisco's in its own writing.
fn ciscos_serial(text: &str) -> Option<String> {
    let fits = text.len() == 11
        && text.bytes().enumerate().all(|(at, byte)| match at {
            0..3 => byte.is_ascii_alphabetic(),
            3..7 => byte.is_ascii_digit(),
            _ => byte.is_ascii_alphanumeric(),
        });
    fits.then(|| text.to_ascii_uppercase())
}
