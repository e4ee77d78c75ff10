//! `tag device`: the result, verified by a read.

use crate::cards::card::Tone;
use crate::cards::notice::Notice;

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

impl Notice {
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

pub(in crate::cards) fn tags_sentence(proof: TagsProof) -> &'static str {
    match proof {
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
            "Steward was setting these tags but got no clear answer from Webex. A check shows the tags from before. Your \
             right to change tags was withdrawn meanwhile, so Steward did not try again."
        }
    }
}
