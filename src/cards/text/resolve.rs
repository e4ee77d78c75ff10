//! References to devices, workspaces, people and organizations: found, ambiguous or not found.

use crate::cards::card::Tone;
use crate::cards::notice::Notice;
use crate::domain::Count;

/// The property by which a reference matches a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookedUpBy {
    Id,
    Serial,
    Mac,
    /// The display name, which is not unique and may be any text.
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

pub(in crate::cards) fn found_by(by: LookedUpBy) -> String {
    format!("Found by its {}. Nothing has been deleted yet.", by.as_str())
}

pub(in crate::cards) fn not_the_device_asked_for(asked: &str, found: &str) -> String {
    format!("Webex lists a device under {asked}, but the device itself has {found}. Nothing was done.")
}

pub(in crate::cards) const AFTER_A_MISMATCH: &str = "Webex's list may be out of date. Check the device in Control Hub, then send the command again with its device id.";

pub(in crate::cards) fn found_before_a_change(by: LookedUpBy) -> String {
    format!("Found by its {}. Nothing has been changed yet.", by.as_str())
}

/// A list such as `serial number, name`.
pub(in crate::cards) fn looked_up_by(ways: &[LookedUpBy]) -> String {
    ways.iter().map(|way| way.as_str()).collect::<Vec<_>>().join(", ")
}

pub(in crate::cards) fn candidates_found(count: Count) -> String {
    let devices = match count {
        Count::Exactly(1) => "1 device found".to_owned(),
        Count::Exactly(count) => format!("{count} devices found"),
        Count::AtLeast(count) => format!("At least {count} devices found"),
        Count::MoreThan(count) => format!("More than {count} devices found"),
    };
    format!("{devices}. Nothing has been done yet.")
}

pub(in crate::cards) fn how_to_choose(with_buttons: bool) -> &'static str {
    if with_buttons {
        "Press a button, or send the command again with the serial number, the MAC address or the id of the device."
    } else {
        "Send the command again with the serial number, the MAC address or the id of the device."
    }
}

pub(in crate::cards) const NO_DEVICE_MATCHES: &str =
    "No device that Steward can see matches this exactly. Nothing was done.";

pub(in crate::cards) fn after_not_found(has_similar: bool) -> &'static str {
    if has_similar {
        "If it is one of these, send the command again with its serial number. Otherwise, \"list devices\" shows all devices."
    } else {
        "\"list devices\" shows all devices. A factory reset gives a device a new id, but its serial number and MAC address \
         stay the same."
    }
}

impl Notice {
    /// A device that has another serial number or MAC address than the list said.
    pub(crate) fn misnamed(asked: &str, found: &str) -> Self {
        Self::new(Tone::Attention, "✕ Not this device: nothing was done")
            .say(not_the_device_asked_for(asked, found))
            .say(AFTER_A_MISMATCH)
    }

    /// Suggests similar names.
    pub(crate) fn workspace_not_found(name: &str, similar: &[&str]) -> Self {
        let next = if similar.is_empty() {
            "Write the name exactly as in Control Hub, in quotes if it has spaces.".to_owned()
        } else {
            let names: Vec<_> = similar.iter().map(|name| format!("\"{name}\"")).collect();
            format!("Did you mean {}?", names.join(", "))
        };
        Self::new(Tone::Warning, "? No such workspace")
            .say(format!("Webex has no workspace named {name}. Nothing was done."))
            .say(next)
    }

    /// Names the ids of some of them.
    pub(crate) fn workspace_ambiguous(name: &str, ids: &[String]) -> Self {
        Self::new(Tone::Warning, "? More than one workspace")
            .say(format!("More than one workspace is named {name}. Nothing was done."))
            .say(format!("Send the command again with the id of the one you mean: {}.", ids.join(", ")))
    }

    pub(crate) fn person_not_found(email: &str) -> Self {
        Self::new(Tone::Warning, "? No such person")
            .say(format!("Webex finds nobody with the address {email}. Nothing was done."))
            .say("Write the address exactly as in Control Hub.")
    }

    /// An organization that Steward may not administer.
    pub(crate) fn org_not_named(name: &str) -> Self {
        Self::new(Tone::Attention, "✕ Not this organization")
            .say(format!("Steward is not set up to administer the devices of {name}."))
            .say("The people who run Steward can allow it, with the id of that organization.")
    }

    /// An organization that the admin credential does not see.
    pub(crate) fn org_not_found(name: &str) -> Self {
        Self::new(Tone::Warning, "? No such organization")
            .say(format!("Steward sees no organization named {name}."))
            .say("Write its name exactly as in Control Hub, or its id. Only partner administrators see other organizations.")
    }

    pub(crate) fn org_ambiguous(name: &str) -> Self {
        Self::new(Tone::Warning, "? More than one organization")
            .say(format!("Steward sees more than one organization named {name}."))
            .say("Write the id of the one you mean.")
    }
}
