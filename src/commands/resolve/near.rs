//! What comes near to a text that fits nothing: a few serial numbers and names, found while devices stream by. Pure.

use strsim::osa_distance;

use super::spelling;
use crate::domain::{Device, DeviceId};

/// How many are shown: more is a list to read, not a hint.
const MOST: usize = 5;
/// Characters of a text that is compared: the comparison takes the product of both lengths, for each device.
const LONGEST: usize = 64;

/// A serial number or a name that comes near to what was asked for. It was typed by somebody: it is not markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Near {
    /// The serial number or name, as Webex has it.
    pub(crate) text: String,
    /// Which of the two.
    pub(crate) is_serial: bool,
    /// The other of the two, where there is one.
    pub(crate) other: Option<String>,
    /// The device that has it; nothing for a workspace.
    pub(crate) device_id: Option<DeviceId>,
    distance: usize,
}

/// The nearest texts so far, however many go by.
#[derive(Debug, Clone)]
pub(crate) struct Nearest {
    name: String,
    serial: String,
    /// Nearest first; of two that come equally near the first in the alphabet.
    found: Vec<Near>,
}

impl Nearest {
    pub(crate) fn to(text: &str) -> Self {
        Self { name: spelling::of_name(text), serial: spelling::of_serial(text), found: Vec::new() }
    }

    /// Looks at one device: at its name and its serial number, whichever comes nearer.
    pub(crate) fn look_at(&mut self, device: &Device) {
        let name = device.display_name.as_deref().and_then(|name| self.name_near(name, Some(device)));
        let serial = device.serial.as_deref().and_then(|serial| self.serial_near(serial, device));
        if let Some(near) = [serial, name].into_iter().flatten().min_by_key(|near| near.distance) {
            self.take(near);
        }
    }

    /// Looks at the name of something else.
    pub(crate) fn look_at_name(&mut self, name: &str) {
        if let Some(near) = self.name_near(name, None) {
            self.take(near);
        }
    }

    pub(crate) fn into_found(self) -> Vec<Near> {
        self.found
    }

    fn name_near(&self, name: &str, device: Option<&Device>) -> Option<Near> {
        let distance = distance(&self.name, &spelling::of_name(name))?;
        Some(Near {
            text: name.to_owned(),
            is_serial: false,
            other: device.and_then(|device| device.serial.clone()),
            device_id: device.map(|device| device.id.clone()),
            distance,
        })
    }

    fn serial_near(&self, serial: &str, device: &Device) -> Option<Near> {
        let distance = distance(&self.serial, &spelling::of_serial(serial))?;
        Some(Near {
            text: serial.to_owned(),
            is_serial: true,
            other: device.display_name.clone(),
            device_id: Some(device.id.clone()),
            distance,
        })
    }

    fn take(&mut self, near: Near) {
        // A device may be listed twice, when others are added or deleted meanwhile.
        if self.found.contains(&near) {
            return;
        }
        let rank = |near: &Near| (near.distance, near.text.clone());
        let place = self.found.partition_point(|other| rank(other) <= rank(&near));
        if place < MOST {
            self.found.truncate(MOST - 1);
            self.found.insert(place, near);
        }
    }
}

/// How many slips of the fingers lie between two texts, if that is fewer than a third of the letters.
fn distance(asked: &str, found: &str) -> Option<usize> {
    let (length, other) = (asked.chars().count(), found.chars().count());
    if length > LONGEST || other > LONGEST || length.abs_diff(other) * 3 >= length.max(other) {
        return None;
    }
    let distance = osa_distance(asked, found);
    (distance * 3 < length.max(other)).then_some(distance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut nearest = Nearest::to(text);
        for name in names {
            nearest.look_at_name(name);
        }
        nearest.into_found().into_iter().map(|near| near.text).collect()
    }

    #[test]
    fn slips_of_the_fingers_come_near_and_other_names_do_not() {
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

    proptest! {
        #[test]
        fn what_is_kept_is_what_sorting_all_would_give(names in prop::collection::vec("[ab]{4,6}", 0..40)) {
            let mut all: Vec<_> = names
                .iter()
                .filter_map(|name| distance("abab", name).map(|distance| (distance, name.clone())))
                .collect();
            all.sort();
            all.dedup();
            let expected: Vec<_> = all.into_iter().map(|(_, name)| name).take(MOST).collect();
            prop_assert_eq!(nearest("abab", names.iter().map(String::as_str)), expected);
        }
    }
}
