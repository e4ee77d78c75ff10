//! What is said of activating and adding devices, and of what else changes by it.

use std::borrow::Cow;

/// Where a device is to stand, or whose it is to be, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignedTo<'a> {
    /// A workspace.
    Workspace(&'a str),
    /// A person.
    Person(&'a str),
}

/// What changes along with a new device (Webex, *Devices* API: Create a Device Activation Code, Create a Device by
/// MAC Address).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideEffect<'a> {
    /// The calling type of the workspace becomes `freeCalling`.
    CallingTypeReset {
        /// What it is before, as Webex calls it.
        from: &'a str,
    },
    /// Somebody with a Calling Standard license loses calling in the apps.
    CallingStandard,
    /// A phone loses what is set on it.
    FactoryReset,
}

/// The side effect in a sentence that is right before and after.
#[must_use]
pub fn side_effect(effect: SideEffect<'_>) -> Cow<'static, str> {
    match effect {
        SideEffect::CallingTypeReset { from } => {
            let from = match from {
                "none" => "none",
                "thirdPartySipCalling" => "third-party SIP calling",
                other => other,
            };
            format!("Webex sets the calling type of the workspace to free calling (freeCalling); before, it is {from}.")
                .into()
        }
        SideEffect::CallingStandard => {
            "If this person has a Webex Calling Standard license, a device disables Webex Calling in the person's apps."
                .into()
        }
        SideEffect::FactoryReset => {
            "A phone goes back to its factory settings when it joins: what is set on it now is lost.".into()
        }
    }
}

/// Heads the question.
#[must_use]
pub fn provision_question(by_mac: bool) -> &'static str {
    if by_mac { "Add this device?" } else { "Make an activation code?" }
}

/// Heads the answer in a space.
pub const ACTIVATION_MADE: &str = "✓ Activation code made";

/// Where the code is.
pub const CODE_SENT_DIRECTLY: &str = "The code was sent to you directly. It never stands in a space, because whoever has it can join a device.";

/// What comes after.
pub const AFTER_AN_ACTIVATION: &str =
    "Type the code on the device that is to join. Until then, nothing but the code exists.";

/// Heads the code.
pub const ACTIVATION_CODE: &str = "Activation code";

/// What the code is.
pub const KEEP_THE_CODE: &str = "Keep it to yourself: whoever types it joins a device to the organization.";

/// Where the code goes.
pub const WHERE_THE_CODE_GOES: &str = "On a new or reset device, choose Webex in the setup wizard and type the code when it asks for it; on a phone, type \
     it on the screen for the activation code. Once used, it is worth nothing.";

/// What comes after an addition.
pub const AFTER_AN_ADDITION: &str =
    "Connect the device to the network: it fetches its settings from Webex and is seen after that.";
