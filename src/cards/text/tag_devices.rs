//! `tag devices`: the question about many devices, and the result.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::webex::answered;
use crate::cards::card::Tone;
use crate::cards::moment;
use crate::cards::notice::Notice;
use crate::cards::text::list_devices::parts_match;
use crate::domain::Cause;

/// The problem with one device of many. Stored: the names must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TagTrouble {
    /// Webex no longer finds the device.
    Gone,
    /// The device has another name than on the confirmed card.
    Renamed,
    /// The device belongs to another organization.
    OtherOrganization,
    /// The admin credential may not change the device.
    NotPermitted,
    /// Webex answered with this status.
    Status(u16),
    NoAnswer,
    /// A read afterwards shows other tags than were set.
    Differs,
    /// The device could not be read afterwards.
    NotRead,
    /// Webex gave no clear answer, and the device could not be read afterwards.
    Unclear,
    /// It is no longer the device on the card that was confirmed.
    Changed,
}

impl TagTrouble {
    /// Whether the tags may have been set nevertheless.
    pub(crate) fn is_only_unproven(self) -> bool {
        matches!(self, Self::Differs | Self::NotRead | Self::Unclear)
    }
}

/// The words after the name of the device.
pub(in crate::cards) fn tag_trouble(trouble: TagTrouble) -> String {
    match trouble {
        TagTrouble::Gone => "Webex no longer finds it".to_owned(),
        TagTrouble::Renamed => "it has another name now, so it was left alone".to_owned(),
        TagTrouble::OtherOrganization => {
            "it belongs to another organization, so it was left alone".to_owned()
        }
        TagTrouble::NotPermitted => "Steward's admin credential may not change it".to_owned(),
        TagTrouble::Status(status) => answered(status),
        TagTrouble::NoAnswer => "Webex did not answer".to_owned(),
        TagTrouble::Differs => {
            "a check afterwards shows other tags: somebody else may have changed them".to_owned()
        }
        TagTrouble::NotRead => "Webex saved the tags, but Steward could not check them afterwards".to_owned(),
        TagTrouble::Unclear => {
            "Webex gave no clear answer, and Steward could not check the tags: they may have changed".to_owned()
        }
        TagTrouble::Changed => {
            "its name, serial number, MAC address, workspace or owner has changed since the card, so it was left alone"
                .to_owned()
        }
    }
}

pub(in crate::cards) fn tag_question(total: u64) -> String {
    match total {
        1 => "Change the tags of 1 device?".to_owned(),
        _ => format!("Change the tags of {total} devices?"),
    }
}

pub(in crate::cards) const ONLY_THESE_DEVICES: &str =
    "Only these devices are changed, even if others match the filter later. Their other tags stay.";

pub(in crate::cards) fn many_tagged_headline(is_complete: bool, is_nothing: bool) -> &'static str {
    match (is_complete, is_nothing) {
        (true, false) => "✓ Tags changed and verified",
        (true, true) => "✓ Nothing to change: the tags are already like this",
        (false, _) => "? Tags not changed everywhere",
    }
}

pub(in crate::cards) fn tagging_stopped(cause: &Cause, now: Timestamp) -> String {
    let why = match cause {
        Cause::RightWithdrawn => "the right to change tags was withdrawn".to_owned(),
        Cause::TooLate => "it was confirmed too long ago".to_owned(),
        Cause::NotChecked => "Steward could not check whether you may still do this".to_owned(),
        Cause::SettingsChanged => "Steward's target organization or admin credential was changed".to_owned(),
        Cause::CredentialRejected => "Webex rejected Steward's admin credential".to_owned(),
        Cause::Locked { until } => {
            format!("Webex has locked a device until {}", moment::to_come(*until, now))
        }
        Cause::TooManyRequests { until } => {
            format!("Webex is rate limiting Steward until {}", moment::to_come(*until, now))
        }
        _ => "several devices in a row failed".to_owned(),
    };
    format!(
        "Stopped because {why}. The rest was not tried. Send the command again later; finished devices stay as they are."
    )
}

impl Notice {
    /// `wider` is the number of devices that match if texts are taken as parts, and the filter for that.
    pub(crate) fn no_device_to_tag(filter: &str, wider: Option<(u64, &str)>) -> Self {
        let none = Self::new(Tone::Warning, "? No device matches")
            .say(format!("No device matches {filter}. Nothing was done."));
        match wider {
            Some((count, wider)) => none.say(parts_match(count, wider)).say(
                "If you mean these, send the command again with that filter. It asks before it changes anything.",
            ),
            None => none.say(
                "A comparison never matches a device without that value. \"list devices\" shows all devices.",
            ),
        }
    }

    /// More devices match than one command changes.
    pub(crate) fn too_many_to_tag(count: usize, most: usize, filter: &str) -> Self {
        Self::new(Tone::Warning, "✕ Too many devices")
            .say(format!("{count} devices match {filter}, but one command changes at most {most}. Nothing was done."))
            .say(
                "Narrow the filter, for example with location:\"Berlin*\", product:\"Room Bar*\" or -tag:keep, and tag one \
                 group at a time.",
            )
    }
}
