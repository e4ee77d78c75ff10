//! When two spellings are the same. Pure.

use crate::domain::text::normalize;

/// A name as it is compared: as the plain line that everything typed is made into, with single blanks and straight
/// quotes and nothing that cannot be seen, in lower case. Unicode's own blanks and lower case count; an accent that is
/// written as a character of its own makes another name.
pub(crate) fn of_name(name: &str) -> String {
    normalize(name).to_lowercase()
}

/// A serial number as it is compared. It has no blanks within it, so those make another one.
pub(crate) fn of_serial(serial: &str) -> String {
    serial.trim().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_case_make_no_other_name() {
        for (name, same) in [
            ("  Lobby ", "lobby"),
            ("BER-4\u{a0} \tPanorama", "ber-4 panorama"),
            ("ÄRGER im Büro", "ärger im büro"),
            ("ΟΔΟΣ", "οδος".to_lowercase().as_str()),
            ("会议室 🦀", "会议室 🦀"),
            ("Ben’s “Services”", "ben's \"services\""),
            ("👩\u{200d}💻 \u{200f}Bar", "👩💻 bar"),
            (" \u{3000}", ""),
        ] {
            assert_eq!(of_name(name), of_name(same), "{name}");
        }
        for (name, other) in [("Lobby", "Lobby 1"), ("BER 4", "BER4"), ("Büro", "Buro"), ("é", "e\u{301}")]
        {
            assert_ne!(of_name(name), of_name(other), "{name}");
        }
    }

    #[test]
    fn a_serial_number_may_be_typed_in_any_case() {
        assert_eq!(of_serial(" foc2345abcd"), of_serial("FOC2345ABCD"));
        assert_ne!(of_serial("FOC2345ABCD"), of_serial("FOC2345 ABCD"));
    }
}
