//! Whether a device, read on its own, fits the reference by which a list led to it. Pure.

use super::search::{DeviceSearch, MatchedBy};
use crate::commands::failure::Misnamed;
use crate::domain::{Device, Reference};

/// The mismatch, if the device does not fit the reference by its id, serial number or MAC address. A name does not
/// count: it never changes a device alone.
pub(crate) fn misnamed(reference: &Reference, device: &Device) -> Option<Misnamed> {
    let by = DeviceSearch::new(reference).matched_by(device);
    by.is_none_or(|by| by == MatchedBy::Name)
        .then(|| Misnamed { asked: reference.as_str().to_owned(), found: identity(device) })
}

/// The serial number and MAC address of a device, in words.
fn identity(device: &Device) -> String {
    let part = |what: &str, value: &Option<String>| {
        let value = value.as_deref().filter(|value| !value.trim().is_empty());
        value.map_or_else(|| format!("no {what}"), |value| format!("{what} {value}"))
    };
    format!("{} and {}", part("serial number", &device.serial), part("MAC address", &device.mac))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixtures::a_device;

    #[test]
    fn a_device_fits_by_id_serial_number_or_mac_address_and_never_by_name() {
        let device = a_device();
        for fitting in [device.id.as_str(), "foc2345abcd", "1122.3344.aaff"] {
            assert!(misnamed(&Reference::parse(fitting).unwrap(), &device).is_none(), "{fitting}");
        }
        for other in ["FOC2345ABCE", "11:22:33:44:AA:FE", "BER-4 Panorama"] {
            let mismatch = misnamed(&Reference::parse(other).unwrap(), &device).unwrap();
            assert_eq!(mismatch.asked, other);
            assert_eq!(mismatch.found, "serial number FOC2345ABCD and MAC address 11:22:33:44:AA:FF");
        }
        let bare = Device { serial: Some(" ".to_owned()), mac: None, ..device };
        let mismatch = misnamed(&Reference::parse("FOC2345ABCD").unwrap(), &bare).unwrap();
        assert_eq!(mismatch.found, "no serial number and no MAC address");
    }
}
