//! Compares typed text with serial numbers and names: which spellings are equal, and which few texts resemble one that
//! matches nothing. Pure.

use strsim::osa_distance;

use crate::domain::text::comparison_key;
use crate::domain::{Device, DeviceId};

/// How many near misses are kept: a hint, not a list to read.
const MAX_NEAR_MISSES: usize = 5;
/// Longer texts are not compared: the cost for each device is the product of both lengths.
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

/// A serial number or name that resembles the text. It was typed by a person and must not be rendered as markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearMiss {
    /// The serial number or name, as Webex has it.
    pub(crate) text: String,
    pub(crate) is_serial: bool,
    /// The name of the device if `text` is its serial number, and vice versa.
    pub(crate) other: Option<String>,
    /// None for a workspace.
    pub(crate) device_id: Option<DeviceId>,
    distance: usize,
}

/// The nearest texts so far, at most [`MAX_NEAR_MISSES`].
#[derive(Debug, Clone)]
pub(crate) struct NearMisses {
    name: String,
    serial: String,
    /// Nearest first, then by alphabet.
    found: Vec<NearMiss>,
}

impl NearMisses {
    pub(crate) fn to(text: &str) -> Self {
        Self { name: name_key(text), serial: serial_key(text), found: Vec::new() }
    }

    /// Checks the name and the serial number of a device, and keeps the nearer one.
    pub(crate) fn check(&mut self, device: &Device) {
        let name = device.display_name.as_deref().and_then(|name| self.name_near(name, Some(device)));
        let serial = device.serial.as_deref().and_then(|serial| self.serial_near(serial, device));
        if let Some(near) = [serial, name].into_iter().flatten().min_by_key(|near| near.distance) {
            self.keep(near);
        }
    }

    /// Checks a name without a device, such as that of a workspace.
    pub(crate) fn check_name(&mut self, name: &str) {
        if let Some(near) = self.name_near(name, None) {
            self.keep(near);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<NearMiss> {
        self.found
    }

    fn name_near(&self, name: &str, device: Option<&Device>) -> Option<NearMiss> {
        let distance = distance(&self.name, &name_key(name))?;
        Some(NearMiss {
            text: name.to_owned(),
            is_serial: false,
            other: device.and_then(|device| device.serial.clone()),
            device_id: device.map(|device| device.id.clone()),
            distance,
        })
    }

    fn serial_near(&self, serial: &str, device: &Device) -> Option<NearMiss> {
        let distance = distance(&self.serial, &serial_key(serial))?;
        Some(NearMiss {
            text: serial.to_owned(),
            is_serial: true,
            other: device.display_name.clone(),
            device_id: Some(device.id.clone()),
            distance,
        })
    }

    fn keep(&mut self, near: NearMiss) {
        // Webex may list a device twice if devices are added or deleted between two pages.
        if self.found.contains(&near) {
            return;
        }
        let rank = |near: &NearMiss| (near.distance, near.text.clone());
        let index = self.found.partition_point(|other| rank(other) <= rank(&near));
        if index < MAX_NEAR_MISSES {
            self.found.truncate(MAX_NEAR_MISSES - 1);
            self.found.insert(index, near);
        }
    }
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

    fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut nearest = NearMisses::to(text);
        for name in names {
            nearest.check_name(name);
        }
        nearest.into_vec().into_iter().map(|near| near.text).collect()
    }

    #[test]
    fn typing_errors_are_near_misses_and_other_names_are_not() {
        for (text, name, is_near) in [
            ("ber-4 panorma", "BER-4 Panorama", true),
            ("BER-4 Panorama", "BER-5 Panorama", true),
            ("FOC2345ABCE", "FOC2345ABCD", true),
            ("Lobyb", "Lobby", true),
            ("会議室一", "会議室二", true),
            ("Lobby", "Atrium", false),
            ("a", "b", false),
            ("", "", false),
            ("BER", "BER-4 Panorama", false),
            (&"x".repeat(65), &"x".repeat(65), false),
        ] {
            assert_eq!(nearest(text, [name]).len(), usize::from(is_near), "{text} {name}");
        }
    }

    #[test]
    fn the_nearest_five_are_kept_in_order() {
        let names = ["Room 9x", "Room 1", "Room 3", "Room 2", "Room 9xy", "Room 4", "Room 5", "Room 1"];
        assert_eq!(nearest("Room 9", names), ["Room 1", "Room 2", "Room 3", "Room 4", "Room 5"]);
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
        fn the_kept_texts_are_the_first_of_a_full_sort(names in prop::collection::vec("[ab]{4,6}", 0..40)) {
            let mut all: Vec<_> = names
                .iter()
                .filter_map(|name| distance("abab", name).map(|distance| (distance, name.clone())))
                .collect();
            all.sort();
            all.dedup();
            let expected: Vec<_> = all.into_iter().map(|(_, name)| name).take(MAX_NEAR_MISSES).collect();
            prop_assert_eq!(nearest("abab", names.iter().map(String::as_str)), expected);
        }
    }
}
