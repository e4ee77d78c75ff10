//! What became of `tag device`.

use std::collections::BTreeSet;

use serde::Serialize;

use super::safe_text::{given, list_of};
use super::{SafeText, Tone, View, wording};
use crate::domain::{Actor, DeviceFacts};

/// The tags of a device before and after.
#[derive(Debug, Clone, Copy)]
pub struct TagsChanged<'a> {
    /// The device.
    pub facts: &'a DeviceFacts,
    /// The tags that it had.
    pub before: &'a [String],
    /// The tags that it was to have.
    pub wanted: &'a [String],
    /// The tags that it has now, read back; nothing when that could not be read.
    pub found: Option<&'a [String]>,
    /// Who asked.
    pub actor: &'a Actor,
}

/// What reading back has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagsProof {
    /// It already had them.
    AlreadySo,
    /// It has them now.
    Verified,
    /// It has others: somebody else changed them at the same time.
    Differs,
    /// It could not be read.
    NotRead,
}

#[derive(Serialize)]
struct Context {
    headline_text: SafeText,
    tone: Tone,
    what: SafeText,
    name: SafeText,
    product: Option<SafeText>,
    serial: Option<SafeText>,
    before: SafeText,
    wanted: SafeText,
    found: Option<SafeText>,
    missing: Option<SafeText>,
    unexpected: Option<SafeText>,
    device_id: SafeText,
    asked_by: SafeText,
}

impl View for TagsChanged<'_> {
    const TEMPLATE: &'static str = "tags.card.json";

    fn context(&self) -> impl Serialize {
        let facts = self.facts;
        let proof = self.proof();
        let wanted = set(self.wanted);
        let found = self.found.filter(|_| proof == TagsProof::Differs);
        let missing = found.map(|found| difference(&wanted, &set(found)));
        let unexpected = found.map(|found| difference(&set(found), &wanted));
        Context {
            headline_text: SafeText::text(wording::tags_headline(proof)),
            tone: match proof {
                TagsProof::AlreadySo | TagsProof::Verified => Tone::Good,
                TagsProof::Differs | TagsProof::NotRead => Tone::Warning,
            },
            what: SafeText::sentence(wording::tags_sentence(proof)),
            name: SafeText::text(given(facts.name.as_deref()).unwrap_or(wording::NO_NAME)),
            product: given(facts.product.as_deref()).map(SafeText::word),
            serial: given(facts.serial.as_deref()).map(SafeText::word),
            before: all_of(self.before),
            wanted: all_of(self.wanted),
            found: found.map(all_of),
            missing: missing.and_then(|tags| list_of(&tags)),
            unexpected: unexpected.and_then(|tags| list_of(&tags)),
            device_id: SafeText::id(facts.id.as_str()),
            asked_by: SafeText::text(self.actor.called()),
        }
    }
}

impl TagsChanged<'_> {
    /// What is known of the tags now.
    #[must_use]
    pub fn proof(&self) -> TagsProof {
        TagsProof::of(self.before, self.wanted, self.found)
    }
}

impl TagsProof {
    /// What is known when a device had these tags, was to have those, and was read afterwards.
    #[must_use]
    pub fn of(before: &[String], wanted: &[String], found: Option<&[String]>) -> Self {
        match found {
            None => Self::NotRead,
            Some(found) if set(found) != set(wanted) => Self::Differs,
            Some(_) if set(before) == set(wanted) => Self::AlreadySo,
            Some(_) => Self::Verified,
        }
    }
}

/// Webex keeps tags as a set: their order says nothing.
fn set(tags: &[String]) -> BTreeSet<&str> {
    tags.iter().map(String::as_str).collect()
}

fn difference(all: &BTreeSet<&str>, less: &BTreeSet<&str>) -> Vec<String> {
    all.difference(less).map(|tag| (*tag).to_owned()).collect()
}

fn all_of(tags: &[String]) -> SafeText {
    list_of(tags).unwrap_or_else(|| SafeText::word(wording::NOTHING))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{actor, facts};
    use super::*;

    fn tags(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_proof_is_what_was_read_back() {
        for (before, wanted, found, expected) in [
            ("a", "a b", Some("b a"), TagsProof::Verified),
            ("a b", "b a", Some("a b"), TagsProof::AlreadySo),
            ("a", "a b", Some("a c"), TagsProof::Differs),
            ("a", "a b", Some("a"), TagsProof::Differs),
            ("a b", "a b", Some("a"), TagsProof::Differs),
            ("a", "", Some(""), TagsProof::Verified),
            ("a", "a b", None, TagsProof::NotRead),
        ] {
            let (before, wanted, found) = (tags(before), tags(wanted), found.map(tags));
            let changed = TagsChanged {
                facts: &facts(),
                before: &before,
                wanted: &wanted,
                found: found.as_deref(),
                actor: &actor(),
            };
            assert_eq!(changed.proof(), expected, "{before:?} {wanted:?} {found:?}");
        }
    }
}
