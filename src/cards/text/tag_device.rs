//! `tag device`: the result, verified by a read.

use std::borrow::Cow;

use crate::cards::card::Tone;
use crate::cards::notice::Notice;
use crate::domain::{Cause, DeviceFacts};

/// The result of reading the tags back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagsProof {
    /// The device already had the tags.
    AlreadySo,
    /// The device has the tags now.
    Verified,
    /// The device has other tags: somebody else changed them at the same time.
    Differs,
    /// The device could not be read.
    NotRead,
    /// Webex gave no clear answer, and the device could not be read.
    Unclear,
    /// Webex gave no clear answer, and the device has the tags from before.
    NotSet,
}

/// The differences between the device on a card and the same device now, a sentence each.
fn changes_of_a_device(shown: &DeviceFacts, found: &DeviceFacts) -> Vec<String> {
    let mut changes = Vec::new();
    for (what, before, now) in [
        ("name", &shown.name, &found.name),
        ("serial number", &shown.serial, &found.serial),
        ("MAC address", &shown.mac, &found.mac),
    ] {
        if before != now {
            let [before, now] = [before, now].map(|value| match value {
                Some(value) => format!("the {what} \"{value}\""),
                None => format!("no {what}"),
            });
            changes.push(format!("The card showed {before}; now the device has {now}."));
        }
    }
    if shown.workspace_id != found.workspace_id {
        changes.push(
            "Since then, the device has been moved to another workspace or out of its workspace.".to_owned(),
        );
    }
    if shown.owner_id != found.owner_id {
        changes.push("Since then, the owner of the device has changed.".to_owned());
    }
    if shown.is_elsewhere(found.org_id.as_ref()) {
        changes.push("The device now belongs to another organization.".to_owned());
    }
    changes
}

impl Notice {
    /// The device on a card has changed since.
    pub(crate) fn device_changed(shown: &DeviceFacts, found: &DeviceFacts) -> Self {
        let notice = Self::new(Tone::Attention, "✕ Changed since the card: nothing was done");
        changes_of_a_device(shown, found)
            .into_iter()
            .fold(notice, Self::say)
            .say("Send the command again to see what it would do now.")
    }

    /// A command that may have set tags, when Steward no longer knows on which device.
    pub(crate) fn tags_unclear() -> Self {
        Self::new(Tone::Warning, "? Tags may have changed")
            .say("Steward was setting these tags but got no clear answer from Webex.")
            .say("Check with \"show device\" before you send the command again.")
    }
}

pub(in crate::cards) fn tags_headline(proof: TagsProof) -> &'static str {
    match proof {
        TagsProof::AlreadySo => "✓ Nothing to change: the tags are already like this",
        TagsProof::Verified => "✓ Tags changed and verified",
        TagsProof::Differs => "? Tags differ from your request",
        TagsProof::NotRead => "? Tags changed, not verified",
        TagsProof::Unclear => "? Tags may have changed",
        TagsProof::NotSet => "✕ Tags not changed",
    }
}

/// `not_repeated` is why an interrupted change was not repeated.
pub(in crate::cards) fn tags_sentence(proof: TagsProof, not_repeated: Option<&Cause>) -> String {
    let sentence = match proof {
        TagsProof::AlreadySo => "The device already has these tags.",
        TagsProof::Verified => "Webex saved the tags, and a check afterwards shows them.",
        TagsProof::Differs => {
            "Webex saved the tags, but a check afterwards shows others: somebody else may have changed them at the same \
             time. Check with \"show device\" before you send the command again."
        }
        TagsProof::NotRead => {
            "Webex saved the tags, but Steward could not check the device afterwards. Check with \"show device\"."
        }
        TagsProof::Unclear => {
            "Steward was setting these tags but got no clear answer from Webex, and could not check the device \
             afterwards. Check with \"show device\" before you send the command again."
        }
        TagsProof::NotSet => {
            return format!(
                "Steward was setting these tags but got no clear answer from Webex. A check shows the tags from before. {}",
                why_not_repeated(not_repeated)
            );
        }
    };
    sentence.to_owned()
}

fn why_not_repeated(cause: Option<&Cause>) -> Cow<'static, str> {
    let why = match cause {
        Some(Cause::Changed { what }) => {
            return format!(
                "The device has changed meanwhile ({what}), so Steward did not try again. Check it with \"show device\". If \
                 it is still the one you mean, send the command again."
            )
            .into();
        }
        Some(Cause::RightWithdrawn) => {
            "Your right to change tags was withdrawn meanwhile, so Steward did not try again."
        }
        Some(Cause::TooLate) => {
            "By then it was too late to try again. If you still want this, send the command again."
        }
        Some(Cause::NotChecked) => {
            "Steward could not check whether you may still do this, so it did not try again. Send the command again later."
        }
        Some(Cause::SettingsChanged) => {
            "Steward's settings were changed meanwhile, so it did not try again. If you still want this, send the command \
             again."
        }
        _ => "Steward did not try again.",
    };
    why.into()
}
