//! References to devices, workspaces, people and organizations: found, ambiguous or not found.

use crate::cards::card::Tone;
use crate::cards::notice::Notice;
use crate::domain::Count;

/// The kind of thing that a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought {
    Device,
    Workspace,
    Person,
}

impl Sought {
    /// The noun for this many.
    fn noun(self, count: u64) -> &'static str {
        match (self, count) {
            (Self::Device, 1) => "device",
            (Self::Device, _) => "devices",
            (Self::Workspace, 1) => "workspace",
            (Self::Workspace, _) => "workspaces",
            (Self::Person, 1) => "person",
            (Self::Person, _) => "people",
        }
    }
}

/// The property by which a reference matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookedUpBy {
    Id,
    Serial,
    Mac,
    WorkspaceId,
    Email,
    /// The display name, which is not unique and may be any text.
    Name,
}

impl LookedUpBy {
    fn as_str(self) -> &'static str {
        match self {
            Self::Id => "device id",
            Self::Serial => "serial number",
            Self::Mac => "MAC address",
            Self::WorkspaceId => "workspace id",
            Self::Email => "email address",
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

/// A search that did not reach the end of Webex's list.
pub(in crate::cards) fn only_among(sought: Sought, count: u64) -> String {
    let noun = sought.noun(count);
    format!(
        "Steward searched only {count} {noun}, because Webex did not show it all of them. There may be another match."
    )
}

pub(in crate::cards) fn which_of(sought: Sought) -> &'static str {
    match sought {
        Sought::Device => "Which of these devices?",
        Sought::Workspace => "Which of these workspaces?",
        Sought::Person => "Which of these people?",
    }
}

pub(in crate::cards) fn candidates_found(sought: Sought, count: Count) -> String {
    let (limit, number) = match count {
        Count::Exactly(number) => ("", number),
        Count::AtLeast(number) => ("At least ", number),
        Count::MoreThan(number) => ("More than ", number),
    };
    format!("{limit}{number} {} found. Nothing has been done yet.", sought.noun(number))
}

pub(in crate::cards) fn how_to_choose(sought: Sought, with_buttons: bool) -> &'static str {
    match (sought, with_buttons) {
        (Sought::Device, true) => {
            "Press a button, or send the command again with the serial number, the MAC address or the id of the device."
        }
        (Sought::Device, false) => {
            "Send the command again with the serial number, the MAC address or the id of the device."
        }
        (Sought::Workspace, true) => {
            "Press a button, or send the command again with the id of the workspace."
        }
        (Sought::Workspace, false) => "Send the command again with the id of the workspace.",
        (Sought::Person, true) => {
            "Press a button, or send the command again with the email address of the person."
        }
        (Sought::Person, false) => {
            "Their email addresses are the same too, so Steward cannot tell them apart. Correct the addresses in \
             Control Hub, then send the command again."
        }
    }
}

/// The purpose of a workspace, such as `meeting room`. Webex may add more.
pub(in crate::cards) fn workspace_kind(kind: &str) -> String {
    match kind {
        "meetingRoom" => "meeting room".to_owned(),
        "notSet" => "no type set".to_owned(),
        other => other.to_owned(),
    }
}

pub(in crate::cards) const FOR_PHONES: &str = "for phones";

/// The beginning of a UUID, which is enough to find it in an address of Control Hub.
pub(in crate::cards) fn beginning_of_id(id: &str) -> String {
    let beginning: String = id.chars().take(8).collect();
    format!("id {beginning}…")
}

pub(in crate::cards) fn nothing_matches(sought: Sought) -> &'static str {
    match sought {
        Sought::Device => "No device that Steward can see matches this exactly. Nothing was done.",
        Sought::Workspace => "No workspace that Steward can see matches this exactly. Nothing was done.",
        Sought::Person => "Steward found no person who matches this exactly. Nothing was done.",
    }
}

pub(in crate::cards) fn after_not_found(sought: Sought, has_similar: bool) -> &'static str {
    match (sought, has_similar) {
        (Sought::Device, true) => {
            "If it is one of these, press its button. Otherwise, \"list devices\" shows all devices."
        }
        (Sought::Device, false) => {
            "\"list devices\" shows all devices. A factory reset gives a device a new id, but its serial number and MAC \
             address stay the same."
        }
        (Sought::Workspace, true) => {
            "If it is one of these, press its button. Otherwise, send the command again with the name exactly as in \
             Control Hub."
        }
        (Sought::Workspace, false) => "Write the name exactly as in Control Hub, in quotes if it has spaces.",
        (Sought::Person, true) => {
            "If it is one of these, press the button. Otherwise, send the command again with the email address \
             exactly as in Control Hub."
        }
        (Sought::Person, false) => "Write the email address exactly as in Control Hub.",
    }
}

impl Notice {
    /// A device that has another serial number or MAC address than the list said.
    pub(crate) fn misnamed(asked: &str, found: &str) -> Self {
        Self::new(Tone::Attention, "✕ Not this device: nothing was done")
            .say(not_the_device_asked_for(asked, found))
            .say(AFTER_A_MISMATCH)
    }

    /// An organization that Steward may not administer.
    pub(crate) fn org_not_named(name: &str) -> Self {
        Self::new(Tone::Attention, "✕ Not this organization")
            .say(format!("Steward is not set up to administer the devices of {name}."))
            .say("The people who run Steward can allow it, with the id of that organization.")
    }

    /// A plan in an organization that Steward may not administer any more.
    pub(crate) fn no_longer_served() -> Self {
        Self::new(Tone::Attention, "✕ Not this organization")
            .say(
                "Steward is no longer set up to administer the organization on the card, so it did not carry this out.",
            )
            .say("The people who run Steward can allow it again. Then send the command again.")
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
