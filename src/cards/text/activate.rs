//! `activate` and `add device`: the question, the answers, and the side effects.

use crate::cards::card::Tone;
use crate::cards::notice::Notice;
use crate::domain::{PlaceFacts, PlaceId};

/// The workspace or the person that a new device belongs to, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssignedTo<'a> {
    Workspace(&'a str),
    Person(&'a str),
}

/// Other changes that come with a new device (Webex, *Devices* API: Create a Device Activation Code, Create a Device by
/// MAC Address).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SideEffect<'a> {
    /// The calling type of the workspace becomes `freeCalling`.
    CallingTypeReset {
        /// The calling type before, by Webex's word.
        from: &'a str,
    },
    /// A person with a Calling Standard license loses calling in the apps.
    CallingStandard,
    /// A phone loses its settings.
    FactoryReset,
}

/// The question and the result show the same sentence, so it must be true before and after the change.
pub(in crate::cards) fn side_effect(effect: SideEffect<'_>) -> String {
    match effect {
        SideEffect::CallingTypeReset { from } => {
            let from = if from == "thirdPartySipCalling" { "third-party SIP calling" } else { from };
            format!("Webex changes the calling type of the workspace from {from} to free calling.")
        }
        SideEffect::CallingStandard => {
            "If this person has a Webex Calling Standard license, adding a device disables Webex Calling in their apps."
                .to_owned()
        }
        SideEffect::FactoryReset => {
            "A phone is reset to factory settings when it joins: its current settings are lost.".to_owned()
        }
    }
}

pub(in crate::cards) fn provision_question(by_mac: bool) -> &'static str {
    if by_mac { "Add this device?" } else { "Create an activation code?" }
}

/// The headline of the answer in a space.
pub(in crate::cards) const ACTIVATION_MADE: &str = "✓ Activation code created";

pub(in crate::cards) const CODE_SENT_DIRECTLY: &str = "Steward sent you the code in a direct message. It never appears in a space, because anyone who has it can add a device.";

pub(in crate::cards) const AFTER_AN_ACTIVATION: &str =
    "Enter the code on the new device. Until then, no device is added.";

/// The headline above the code in the direct message.
pub(in crate::cards) const ACTIVATION_CODE: &str = "Activation code";

pub(in crate::cards) const KEEP_THE_CODE: &str =
    "Keep it to yourself: anyone who enters it adds a device to the organization.";

pub(in crate::cards) const WHERE_THE_CODE_GOES: &str = "On a new or reset device, choose Webex in the setup wizard and enter the code when asked. On a phone, enter it on \
     the activation code screen. It works only once.";

pub(in crate::cards) const AFTER_AN_ADDITION: &str =
    "Connect the device to the network. It then gets its settings from Webex and goes online.";

/// The differences between the place on a card and the same place now, a sentence each.
fn changes_of_a_place(shown: &PlaceFacts, found: &PlaceFacts) -> Vec<String> {
    let unknown = || "unknown".to_owned();
    let mut changes = Vec::new();
    if shown.name != found.name {
        changes.push(format!("The card showed the name \"{}\"; now it is \"{}\".", shown.name, found.name));
    }
    for (what, before, now) in [
        ("The calling type of the workspace", &shown.calling_type, &found.calling_type),
        ("The kind of devices that the workspace takes", &shown.supported_devices, &found.supported_devices),
    ] {
        if before != now {
            let [before, now] = [before, now].map(|value| value.clone().unwrap_or_else(unknown));
            changes.push(format!("{what} was {before}; now it is {now}."));
        }
    }
    changes
}

impl Notice {
    /// Webex creates no code for a phone without its model (Webex, *Devices*: Create a Device Activation Code).
    pub(crate) fn phone_needs_a_model(workspace: &str) -> Self {
        Self::new(Tone::Warning, "? Which phone?")
            .say(format!("{workspace} takes phones, and Webex needs to know the model. Nothing was done."))
            .say("Add the model to the command, for example: model \"Cisco 9861\".")
    }

    pub(crate) fn code_not_sent() -> Self {
        Self::new(Tone::Attention, "✕ The code could not be sent")
            .say("Webex created a code, but Steward could not send you a direct message, and codes never appear in a space.")
            .say("Write anything to the bot in a direct message. Then send the command again to get a new code.")
    }

    /// Whether the direct message with the code was posted is unknown.
    pub(crate) fn code_maybe_sent() -> Self {
        Self::new(Tone::Warning, "? The code may not have reached you")
            .say(
                "Webex created a code. Steward sent it to you in a direct message, but does not know whether that arrived. \
                 Codes never appear in a space.",
            )
            .say("If you have no direct message with a code, send the command again to get a new one. An unused code expires.")
    }

    /// Whether Webex created a code is unknown.
    pub(crate) fn code_unclear() -> Self {
        Self::new(Tone::Warning, "? A code may have been created")
            .say("Steward asked Webex for a code but does not know whether Webex created it.")
            .say("If you have no direct message with a code, send the command again to get a new one. An unused code expires.")
    }

    /// The workspace or person on a card has changed since. `found` is what Webex shows now, if anything.
    pub(crate) fn place_changed(shown: &PlaceFacts, found: Option<&PlaceFacts>) -> Self {
        let kind = if matches!(shown.id, PlaceId::Workspace(_)) { "workspace" } else { "person" };
        let notice = Self::new(Tone::Attention, "✕ Changed since the card: nothing was done");
        let notice = match found {
            None => notice
                .say(format!("Webex no longer finds the {kind} \"{}\" that the card showed.", shown.name)),
            Some(found) => changes_of_a_place(shown, found).into_iter().fold(notice, Self::say),
        };
        notice.say("Send the command again to see what it would do now.")
    }

    /// A workspace that is not the one that a list showed. `found` is the name in its own record, if there is one.
    pub(crate) fn unlike_its_list_entry(listed: &str, found: Option<&str>) -> Self {
        let what = match found {
            Some(found) => format!("Webex lists it as \"{listed}\", but its own record says \"{found}\"."),
            None => format!("Webex lists the workspace \"{listed}\", but does not find its record."),
        };
        Self::new(Tone::Attention, "✕ Not this workspace: nothing was done")
            .say(what)
            .say("Check the workspace in Control Hub. If it is the one you mean, send the command again in a few minutes.")
    }

    /// Whether Webex added a device is unknown. `by` describes the device that has its address now.
    pub(crate) fn addition_unclear(mac: &str, by: Option<&str>) -> Self {
        let notice = Self::new(Tone::Warning, "? The device may have been added");
        let notice = match by {
            Some(by) => notice.say(format!(
                "Steward was adding {mac} but got no clear answer from Webex. The address now belongs to another device: {by}."
            )),
            None => notice.say(format!(
                "Steward was adding {mac} but got no clear answer from Webex, and has not found the device since."
            )),
        };
        notice.say(format!("Check with \"list devices mac:{mac}\" before you send the command again."))
    }

    /// `by` describes the device with this address, if it is known.
    pub(crate) fn mac_taken(mac: &str, by: Option<&str>) -> Self {
        let by = by.map_or_else(|| "another device".to_owned(), |by| format!("a device: {by}"));
        Self::new(Tone::Attention, "✕ Already there")
            .say(format!("{mac} already belongs to {by}. Nothing was done."))
            .say("Check the address on the label of the device. If it is the same device, delete it first.")
    }

    /// Webex answered with status 400; its reason is only in its log.
    pub(crate) fn not_provisioned(is_activation: bool, is_person: bool, tracking_id: Option<&str>) -> Self {
        let what = if is_activation { "created no activation code" } else { "did not add the device" };
        let next = if is_person {
            "Check the model. A Webex Calling user can have at most five phones: if there are five already, delete one first."
        } else {
            "Check the model, and whether the workspace accepts such devices: that is set when it is created and cannot be \
             changed."
        };
        Self::new(Tone::Attention, "✕ Refused by Webex")
            .say(format!("Webex {what}: it rejected the request (400)."))
            .say(next)
            .for_support(tracking_id)
    }
}
