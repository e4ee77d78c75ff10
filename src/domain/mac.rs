//! A MAC address, however it is written.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A MAC address of 48 bits: `aa:bb:cc:dd:ee:ff`, `AA-BB-CC-DD-EE-FF`, `aabb.ccdd.eeff` and `aabbccddeeff` are
/// one. It prints in groups of two with colons, in capitals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mac([u8; 6]);

/// A text that is no MAC address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a MAC address of twelve hexadecimal digits, as 11:22:33:44:AA:FF")]
pub struct InvalidMac;

/// How many digits stand between two separators, and which separators those may be.
const WRITINGS: [(usize, &str); 3] = [(2, ":-. "), (4, ".:-"), (6, ":-.")];

impl Mac {
    /// Takes any of the usual writings: no separators, or the same one between groups of the same length.
    pub fn parse(text: &str) -> Result<Self, InvalidMac> {
        let text = text.trim();
        let separator = text.chars().find(|c| !c.is_ascii_hexdigit());
        let is_well_written = match separator {
            None => text.len() == 12,
            Some(separator) => WRITINGS.iter().any(|(length, separators)| {
                separators.contains(separator) && text.split(separator).all(|group| group.len() == *length)
            }),
        };
        let digits: String = text.chars().filter(|c| Some(*c) != separator).collect();
        if !is_well_written || digits.len() != 12 {
            return Err(InvalidMac);
        }
        let mut bytes = [0; 6];
        hex::decode_to_slice(&digits, &mut bytes).map_err(|_| InvalidMac)?;
        Ok(Self(bytes))
    }

    /// Twelve capital digits without separators, as Webex's examples write it (*Devices*: Create a Device by MAC
    /// Address).
    pub fn digits(&self) -> String {
        hex::encode_upper(self.0)
    }

    /// What two writings of one address have in common, for texts of Webex's that may be no address at all.
    pub fn bare(text: &str) -> String {
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
    fn every_writing_is_the_same_address() {
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
        ] {
            let mac = Mac::parse(text).unwrap();
            assert_eq!(
                (mac.to_string().as_str(), mac.digits().as_str()),
                ("11:22:33:44:AA:FF", "11223344AAFF")
            );
        }
    }

    #[test]
    fn what_is_nearly_a_mac_address_is_none() {
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
        ] {
            assert_eq!(Mac::parse(text), Err(InvalidMac), "{text}");
        }
    }
}
