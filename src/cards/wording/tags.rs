//! What is said of changed tags.

use crate::cards::TagsProof;

/// Heads the answer.
#[must_use]
pub fn tags_headline(proof: TagsProof) -> &'static str {
    match proof {
        TagsProof::AlreadySo => "✓ Tags as they were: nothing to change",
        TagsProof::Verified => "✓ Tags changed and verified",
        TagsProof::Differs => "? Tags are not what was asked for",
        TagsProof::NotRead => "? Tags changed, not verified",
    }
}

/// What is so, and what to do about it.
#[must_use]
pub fn tags_sentence(proof: TagsProof) -> &'static str {
    match proof {
        TagsProof::AlreadySo => "The device already has these tags.",
        TagsProof::Verified => "Webex took the tags, and a read afterwards shows them.",
        TagsProof::Differs => {
            "Webex took the tags, but a read afterwards shows others: somebody else may have changed them at the same \
             time. Look with \"show device\" before you send the command again."
        }
        TagsProof::NotRead => {
            "Webex took the tags, but the device could not be read afterwards. Look with \"show device\"."
        }
    }
}
