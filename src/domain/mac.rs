//! A MAC address in all its spellings.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::text::is_dash;

/// Call managers name a phone by this prefix and its MAC address.
const PHONE: &str = "SEP";

/// A MAC address of 48 bits. `aa:bb:cc:dd:ee:ff`, `AA-BB-CC-DD-EE-FF`, `aabb.ccdd.eeff`, `aabbccddeeff` and the name
/// of a phone, `SEPAABBCCDDEEFF`, are equal. Displayed in capitals as groups of two with colons.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mac([u8; 6]);

/// The error for a text that is not a MAC address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a MAC address of twelve hexadecimal digits, such as 11:22:33:44:AA:FF")]
pub struct InvalidMac;

impl Mac {
    /// Parses any usual spelling: no separators, or the same one between groups of the same length. Spreadsheets put a
    /// quote before it, or quotes around it.
    pub fn parse(text: &str) -> Result<Self, InvalidMac> {
        // Groups of two, four or six digits, with the same separator between all of them.
        static NOTATIONS: LazyLock<Regex> = LazyLock::new(|| {
            let notations = r"(?ix-u)^(?:
                [0-9a-f]{12}
                | [0-9a-f]{2}(?: (?::[0-9a-f]{2}){5} | (?:-[0-9a-f]{2}){5} | (?:\.[0-9a-f]{2}){5} | (?:\x20[0-9a-f]{2}){5} )
                | [0-9a-f]{4}(?: (?::[0-9a-f]{4}){2} | (?:-[0-9a-f]{4}){2} | (?:\.[0-9a-f]{4}){2} | (?:\x20[0-9a-f]{4}){2} )
                | [0-9a-f]{6}[:.-][0-9a-f]{6}
            )$";
            Regex::new(notations).expect("a valid pattern")
        });
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\'' || c == '"');
        let text: Cow<'_, str> =
            if text.is_ascii() { text.into() } else { text.replace(is_dash, "-").into() };
        let text = match text.split_at_checked(PHONE.len()) {
            Some((front, digits)) if front.eq_ignore_ascii_case(PHONE) && digits.len() == 12 => digits,
            _ => &*text,
        };
        if !NOTATIONS.is_match(text) {
            return Err(InvalidMac);
        }
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        let mut bytes = [0; 6];
        hex::decode_to_slice(&digits, &mut bytes).map_err(|_| InvalidMac)?;
        Ok(Self(bytes))
    }

    /// Twelve capital digits without separators, as in Webex's examples (*Devices*: Create a Device by MAC Address).
    pub(crate) fn digits(self) -> String {
        hex::encode_upper(self.0)
    }

    /// The form for people, the same for all spellings of one address. Any other text stays as it is.
    pub(crate) fn written(text: &str) -> String {
        Self::parse(text).map_or_else(|InvalidMac| text.to_owned(), |mac| mac.to_string())
    }

    /// The form for comparisons, equal for all spellings of one address. Accepts any text, because Webex may send
    /// something else.
    pub(crate) fn bare(text: &str) -> String {
        match Self::parse(text) {
            Ok(mac) => mac.digits(),
            Err(InvalidMac) => {
                text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
            }
        }
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ":" };
            write!(f, "{separator}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mac({self})")
    }
}

stored_as_text!(Mac, InvalidMac);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_are_the_same_address() {
        for text in [
            "11:22:33:44:AA:FF",
            "11-22-33-44-aa-ff",
            "11.22.33.44.aa.ff",
            "11 22 33 44 aa ff",
            "1122.3344.aaff",
            "1122:3344:AAFF",
            "112233-44aaff",
            "11223344aaff",
            " 11223344AAFF ",
            "1122 3344 aaff",
            "SEP11223344AAFF",
            "sep11223344aaff",
            "'11223344AAFF",
            "\"1122.3344.AAFF\"",
            "11–22–33–44–AA–FF",
        ] {
            let mac = Mac::parse(text).unwrap();
            assert_eq!(
                (mac.to_string().as_str(), mac.digits().as_str()),
                ("11:22:33:44:AA:FF", "11223344AAFF")
            );
        }
    }

    #[test]
    fn every_address_is_written_in_one_way() {
        for (text, written) in [
            ("1122.3344.aaff", "11:22:33:44:AA:FF"),
            ("11223344AAFF", "11:22:33:44:AA:FF"),
            ("11:22:33:44:AA:FF", "11:22:33:44:AA:FF"),
            ("11:22:33", "11:22:33"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(Mac::written(text), written);
        }
    }

    #[test]
    fn near_misses_are_not_mac_addresses() {
        for text in [
            "",
            "11:22:33:44:AA",
            "11:22:33:44:AA:FF:00",
            "11:22:33:44:AA-FF",
            "1:12:23:34:4A:AFF",
            "11:22:33:44:AA:FG",
            "11223344AAF",
            "11223344AAFF0",
            "112 233 44A AFF",
            "１1:22:33:44:AA:FF",
            ":11223344AAFF",
            "1122334455:66",
            "SEP11:22:33:44:AA:FF",
            "SEP11223344AAF",
            "XSEP11223344AAFF",
            "1122334455АА",
        ] {
            assert_eq!(Mac::parse(text), Err(InvalidMac), "{text}");
        }
    }
}
