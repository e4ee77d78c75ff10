//! Compares typed text with serial numbers and names: which spellings read alike, and which texts resemble one that
//! matches nothing. One rule for devices, workspaces and people. Pure.

use strsim::osa_distance;

use crate::domain::text::comparison_key;
use crate::domain::{DeviceId, EmailAddress, Mac, Reference, WorkspaceId, id};

/// Longer texts are not searched for typing errors: the cost for each record is the product of both lengths.
const MAX_LENGTH: usize = 64;

/// A name in the form in which names are compared: the same for names that read alike.
pub(super) fn name_key(name: &str) -> String {
    comparison_key(name)
}

/// A serial number in the form in which serial numbers are compared. Only the case of the letters A to Z does not
/// matter: letters of other scripts equal nothing but themselves. Spaces within one are significant.
pub(super) fn serial_key(serial: &str) -> String {
    serial.trim().to_ascii_uppercase()
}

/// A typed reference in every form in which it is compared.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) id: Option<DeviceId>,
    pub(super) workspace_id: Option<WorkspaceId>,
    pub(super) mac: Option<Mac>,
    pub(super) email: Option<EmailAddress>,
    serial: String,
    name: String,
}

impl Typed {
    /// The name or email address of a person, or any name.
    pub(super) fn name(text: &str) -> Self {
        Self {
            id: None,
            workspace_id: None,
            mac: None,
            email: EmailAddress::parse(text).ok(),
            serial: serial_key(text),
            name: name_key(text),
        }
    }

    /// The name or id of a workspace.
    pub(super) fn workspace(text: &str) -> Self {
        let workspace_id = WorkspaceId::parse(text).ok().filter(|_| id::is_certain(text));
        Self { workspace_id, ..Self::name(text) }
    }

    /// The reference to a device.
    pub(super) fn device(reference: &Reference) -> Self {
        Self { id: reference.as_id(), mac: reference.as_mac(), ..Self::name(reference.as_str()) }
    }

    /// Whether a name reads like the typed text. A missing or blank name matches nothing.
    pub(super) fn is_name(&self, name: Option<&str>) -> bool {
        name.map(name_key).is_some_and(|name| !name.is_empty() && name == self.name)
    }

    /// Whether a serial number is the typed text. A missing or blank one matches nothing.
    pub(super) fn is_serial(&self, serial: Option<&str>) -> bool {
        serial.map(serial_key).is_some_and(|serial| !serial.is_empty() && serial == self.serial)
    }

    /// How a name resembles the typed text.
    pub(super) fn resembles_name(&self, name: &str) -> Option<Resemblance> {
        resemblance(&self.name, &name_key(name))
    }

    /// How a serial number resembles the typed text.
    pub(super) fn resembles_serial(&self, serial: &str) -> Option<Resemblance> {
        resemblance(&self.serial, &serial_key(serial))
    }
}

/// How an address resembles the typed one. The domain is the same for most people of an organization, so both parts must
/// resemble each other.
pub(super) fn resembles_email(typed: &EmailAddress, found: &EmailAddress) -> Option<Resemblance> {
    let (name, domain) = typed.as_str().split_once('@')?;
    let (found_name, found_domain) = found.as_str().split_once('@')?;
    if domain == found_domain {
        return resemblance(name, found_name);
    }
    if name == found_name {
        return Some(Resemblance::Part);
    }
    Some(Resemblance::Slip(distance(name, found_name)? + distance(domain, found_domain)?))
}

/// How a text resembles the typed one, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resemblance {
    /// The typed text is a whole word of it, or several.
    Word,
    /// The typed text begins a word of it.
    Beginning,
    /// The typed text is another part of it.
    Part,
    /// It differs by this many typing errors.
    Slip(usize),
}

fn resemblance(typed: &str, found: &str) -> Option<Resemblance> {
    part(typed, found).or_else(|| parts(typed, found)).or_else(|| slip(typed, found).map(Resemblance::Slip))
}

/// How the typed text is a part of the other one.
fn part(typed: &str, found: &str) -> Option<Resemblance> {
    if typed.is_empty() {
        return None;
    }
    let closest = found.match_indices(typed).map(|(at, _)| {
        let before = found[..at].chars().next_back();
        let after = found[at + typed.len()..].chars().next();
        match (before.is_some_and(char::is_alphanumeric), after.is_some_and(char::is_alphanumeric)) {
            (false, false) => Resemblance::Word,
            (false, true) => Resemblance::Beginning,
            (true, _) => Resemblance::Part,
        }
    });
    closest.min()
}

/// How the typed words are parts of the other text, in any order.
fn parts(typed: &str, found: &str) -> Option<Resemblance> {
    let words = || typed.split(' ');
    // A single word was compared already.
    words().nth(1)?;
    words()
        .map(|word| part(word, found))
        .try_fold(Resemblance::Word, |furthest, part| Some(furthest.max(part?)))
}

/// The fewest typing errors between the typed text and the other one, or as many of its words as were typed.
fn slip(typed: &str, found: &str) -> Option<usize> {
    let whole = distance(typed, found);
    let (length, words) = (typed.split(' ').count(), found.split(' ').collect::<Vec<_>>());
    if length >= words.len() {
        return whole;
    }
    let some_words = words.windows(length).filter_map(|words| distance(typed, &words.join(" ")));
    some_words.chain(whole).min()
}

/// The number of typing errors between two texts, if it is less than a third of the longer text.
fn distance(typed: &str, found: &str) -> Option<usize> {
    let (length, other) = (typed.chars().count(), found.chars().count());
    if length > MAX_LENGTH || other > MAX_LENGTH || length.abs_diff(other) * 3 >= length.max(other) {
        return None;
    }
    let distance = osa_distance(typed, found);
    (distance * 3 < length.max(other)).then_some(distance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_come_before_beginnings_parts_and_slips() {
        use Resemblance::{Beginning, Part, Slip, Word};
        for (text, name, expected) in [
            ("panorama", "BER-4 Panorama", Some(Word)),
            ("ber-4", "BER-4 Panorama", Some(Word)),
            ("BER", "BER-4 Panorama", Some(Word)),
            ("panorama ber-4", "BER-4 Panorama", Some(Word)),
            ("会议室", "会议室 一", Some(Word)),
            ("pano", "BER-4 Panorama", Some(Beginning)),
            ("ber-4 pano", "BER-4 Panorama", Some(Beginning)),
            ("pano ber", "BER-4 Panorama", Some(Beginning)),
            ("rama", "BER-4 Panorama", Some(Part)),
            ("rama ber", "BER-4 Panorama", Some(Part)),
            ("FOC2345", "FOC2345ABCD", Some(Beginning)),
            ("ABCD", "FOC2345ABCD", Some(Part)),
            ("ber-4 panorma", "BER-4 Panorama", Some(Slip(1))),
            ("panorma", "BER-4 Panorama", Some(Slip(1))),
            ("ber-4 panorma", "The BER-4 Panorama room", Some(Slip(1))),
            ("BER-4 Panorama", "BER-5 Panorama", Some(Slip(1))),
            ("BER-4 Panorama 2", "BER-4 Panorama", Some(Slip(2))),
            ("FOC2345ABCE", "FOC2345ABCD", Some(Slip(1))),
            ("Lobyb", "Lobby", Some(Slip(1))),
            ("会議室一", "会議室二", Some(Slip(1))),
            ("Lobby", "Atrium", None),
            ("Lobby Atrium", "Lobby", None),
            ("a", "b", None),
            ("the", "", None),
            (&"x".repeat(65), &"x".repeat(64), None),
        ] {
            let typed = Typed::name(text);
            assert_eq!(typed.resembles_name(name), expected, "{text} {name}");
        }
    }

    #[test]
    fn addresses_resemble_each_other_by_both_parts() {
        use Resemblance::{Part, Slip, Word};
        for (typed, found, expected) in [
            ("bem@example.com", "benn@example.com", None),
            ("ben@example.com", "benn@example.com", Some(Resemblance::Beginning)),
            ("bauer@example.com", "ben.bauer@example.com", Some(Word)),
            ("ben.baeur@example.com", "ben.bauer@example.com", Some(Slip(1))),
            ("ben@example.org", "ben@example.com", Some(Part)),
            ("ben.baeur@exmaple.com", "ben.bauer@example.com", Some(Slip(2))),
            ("ana@example.com", "ben@example.com", None),
            ("ana@other.org", "ben@example.com", None),
        ] {
            let address = |text: &str| EmailAddress::parse(text).unwrap();
            assert_eq!(resembles_email(&address(typed), &address(found)), expected, "{typed} {found}");
        }
    }

    #[test]
    fn spaces_and_case_do_not_matter_in_names() {
        for (name, same) in [
            ("  Lobby ", "lobby"),
            ("BER-4\u{a0} \tPanorama", "ber-4 panorama"),
            ("ÄRGER im Büro", "ärger im büro"),
            ("ΟΔΟΣ", "οδος".to_lowercase().as_str()),
            ("会议室 🦀", "会议室 🦀"),
            ("Ben’s “Services”", "ben's \"services\""),
            ("👩\u{200d}💻 \u{200f}Bar", "👩💻 bar"),
            ("Bu\u{308}ro 4", "BÜRO 4"),
            ("BER–4", "ber-4"),
            (" \u{3000}", ""),
        ] {
            assert_eq!(name_key(name), name_key(same), "{name}");
        }
        for (name, other) in [("Lobby", "Lobby 1"), ("BER 4", "BER4"), ("Büro", "Buro"), ("Lobby", "Lоbby")]
        {
            assert_ne!(name_key(name), name_key(other), "{name}");
        }
    }

    #[test]
    fn case_does_not_matter_in_serial_numbers() {
        assert_eq!(serial_key(" foc2345abcd"), serial_key("FOC2345ABCD"));
        assert_ne!(serial_key("FOC2345ABCD"), serial_key("FOC2345 ABCD"));
    }

    #[test]
    fn look_alike_letters_never_equal_in_serial_numbers() {
        for look_alike in ["FOC2345АBCD", "FOC2345ABCÐ", "ＦOC2345ABCD", "FOC2345ABCD\u{301}"] {
            assert_ne!(serial_key(look_alike), serial_key("FOC2345ABCD"), "{look_alike}");
        }
        // Their capitals in Unicode are I and S.
        assert_ne!(serial_key("ıſ"), serial_key("IS"));
    }

    proptest! {
        #[test]
        fn any_two_texts_can_be_compared(typed in any::<String>(), found in any::<String>()) {
            resemblance(&name_key(&typed), &name_key(&found));
        }
    }
}
