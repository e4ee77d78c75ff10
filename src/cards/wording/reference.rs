//! What is said of a reference: how it was looked up, that it fits several devices, that it fits none.

use crate::domain::Count;

/// A way in which a reference leads to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookedUpBy {
    /// The id that Webex gave it.
    Id,
    /// The serial number.
    Serial,
    /// The MAC address.
    Mac,
    /// The display name, which is not unique and may be anything.
    Name,
}

impl LookedUpBy {
    fn as_str(self) -> &'static str {
        match self {
            Self::Id => "device id",
            Self::Serial => "serial number",
            Self::Mac => "MAC address",
            Self::Name => "name",
        }
    }
}

/// Heads the question whether this is the device.
#[must_use]
pub fn found_by(by: LookedUpBy) -> String {
    format!("Found by its {}. Nothing has been deleted yet.", by.as_str())
}

/// All ways that were tried, as `serial number, name`.
#[must_use]
pub fn looked_up_by(ways: &[LookedUpBy]) -> String {
    ways.iter().map(|way| way.as_str()).collect::<Vec<_>>().join(", ")
}

/// Heads a choice among the devices that a reference fits.
#[must_use]
pub fn nothing_was_done_yet(fits: Count) -> String {
    let devices = match fits {
        Count::Exactly(1) => "1 device".to_owned(),
        Count::Exactly(count) => format!("{count} devices"),
        Count::AtLeast(count) => format!("at least {count} devices"),
        Count::MoreThan(count) => format!("more than {count} devices"),
    };
    format!("It fits {devices}. Nothing has been done yet.")
}

/// How to say which one.
#[must_use]
pub fn how_to_choose(with_buttons: bool) -> &'static str {
    if with_buttons {
        "Choose with a button, or write the command again with the serial number, the MAC address or the id of the \
         device."
    } else {
        "Write the command again with the serial number, the MAC address or the id of the device."
    }
}

/// Says that there is none.
pub const NO_DEVICE_FITS: &str =
    "No device that Steward's admin credential can see fits this exactly. Nothing was done.";

/// What to try instead.
#[must_use]
pub fn after_not_found(something_is_near: bool) -> &'static str {
    if something_is_near {
        "If it is one of these, send the command again with its serial number. Else \"list devices\" shows what there is."
    } else {
        "\"list devices\" shows what there is. A factory reset gives a device a new id; its serial number and its MAC \
         address stay."
    }
}
