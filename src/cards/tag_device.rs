//! `tag device`: the question about a device that was found by its name, and the tags of a device before and after.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::action::{self, Button};
use super::card::{Tone, View};
use super::device_lines::DeviceWithNames;
use super::safe_text::{SafeText, given, list_of, name_or_none};
use super::template::{Fields, fields};
use super::text::{self, LookedUpBy, TagsProof};
use crate::domain::clock::ClockDeviation;
use crate::domain::{Actor, Cause, DeviceFacts};

/// One device, and the question whether to change its tags.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TagQuestion<'a> {
    /// As read just now.
    pub(crate) device: DeviceWithNames<'a>,
    pub(crate) found_by: LookedUpBy,
    pub(crate) add: &'a [String],
    pub(crate) remove: &'a [String],
    /// Only this person may confirm.
    pub(crate) actor: &'a Actor,
    /// The code for `confirm CODE` and `cancel CODE`.
    pub(crate) code: &'a str,
    /// The end of the time to confirm.
    pub(crate) until: Timestamp,
    /// The reference of the button Confirm.
    pub(crate) confirm: &'a str,
    /// The reference of the button Cancel.
    pub(crate) cancel: &'a str,
    pub(crate) now: Timestamp,
}

impl View for TagQuestion<'_> {
    const TEMPLATE: &'static str = "tag_device_question.card.json";

    fn fields(&self) -> Fields {
        fields! {
            subtitle: SafeText::text(&text::found_before_a_change(self.found_by)),
            device: self.device.lines(self.now),
            add: list_of(self.add),
            remove: list_of(self.remove),
            asked_by: SafeText::text(self.actor.label()),
            code: SafeText::word(self.code),
            how: SafeText::sentence(&text::how_to_confirm(self.code, self.until, self.now)),
            actions_below: action::either(Button::confirm(self.confirm), self.cancel),
        }
    }
}

/// The result of `tag device`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TagsChanged<'a> {
    pub(crate) facts: &'a DeviceFacts,
    pub(crate) before: &'a [String],
    /// The requested tags.
    pub(crate) wanted: &'a [String],
    /// The tags read back afterwards, if that succeeded.
    pub(crate) found: Option<&'a [String]>,
    pub(crate) proof: TagsProof,
    /// Why an interrupted change was not repeated, if it was not.
    pub(crate) not_repeated: Option<&'a Cause>,
    /// How far Steward's clock is from Webex's, if it may be wrong.
    pub(crate) clock: Option<ClockDeviation>,
    pub(crate) actor: &'a Actor,
}

impl View for TagsChanged<'_> {
    const TEMPLATE: &'static str = "tag_device.card.json";

    fn fields(&self) -> Fields {
        let (facts, proof) = (self.facts, self.proof);
        let found = self.found.filter(|_| proof == TagsProof::Differs);
        let is_late = proof == TagsProof::NotSet && self.not_repeated == Some(&Cause::TooLate);
        let clock = self.clock.filter(|_| is_late);
        fields! {
            headline_text: text::tags_headline(proof),
            tone: match proof {
                TagsProof::AlreadySo | TagsProof::Verified => Tone::Good,
                TagsProof::Differs | TagsProof::NotRead | TagsProof::Unclear => Tone::Warning,
                TagsProof::NotSet => Tone::Attention,
            },
            what: SafeText::sentence(&text::tags_sentence(proof, self.not_repeated)),
            clock: clock.map(|clock| SafeText::sentence(&text::wrong_clock(clock))),
            name: name_or_none(facts.name.as_deref()),
            product: given(facts.product.as_deref()).map(SafeText::word),
            serial: given(facts.serial.as_deref()).map(SafeText::word),
            before: all_of(self.before),
            wanted: all_of(self.wanted),
            found: found.map(all_of),
            missing: found.and_then(|found| difference(self.wanted, found)),
            unexpected: found.and_then(|found| difference(found, self.wanted)),
            device_id: SafeText::id(facts.id.as_str()),
            asked_by: SafeText::text(self.actor.label()),
        }
    }
}

impl TagsProof {
    /// Compares the tags read afterwards with those before and those requested. `is_saved` if Webex said that it saved
    /// them.
    pub(crate) fn of(before: &[String], wanted: &[String], found: Option<&[String]>, is_saved: bool) -> Self {
        match found {
            None if is_saved => Self::NotRead,
            None => Self::Unclear,
            Some(found) if set(found) != set(wanted) && set(found) == set(before) && !is_saved => {
                Self::NotSet
            }
            Some(found) if set(found) != set(wanted) => Self::Differs,
            Some(_) if set(before) == set(wanted) => Self::AlreadySo,
            Some(_) => Self::Verified,
        }
    }
}

/// Tags have no order in Webex.
fn set(tags: &[String]) -> BTreeSet<&str> {
    tags.iter().map(String::as_str).collect()
}

fn difference(all: &[String], less: &[String]) -> Option<SafeText> {
    list_of(&set(all).difference(&set(less)).map(|tag| (*tag).to_owned()).collect::<Vec<_>>())
}

fn all_of(tags: &[String]) -> SafeText {
    list_of(tags).unwrap_or_else(|| SafeText::word("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_proof_is_what_was_read_back() {
        for (before, wanted, found, saved, unclear) in [
            ("a", "a b", Some("b a"), TagsProof::Verified, TagsProof::Verified),
            ("a b", "b a", Some("a b"), TagsProof::AlreadySo, TagsProof::AlreadySo),
            ("a", "a b", Some("a c"), TagsProof::Differs, TagsProof::Differs),
            ("a", "a b", Some("a"), TagsProof::Differs, TagsProof::NotSet),
            ("a b", "a b", Some("a"), TagsProof::Differs, TagsProof::Differs),
            ("a", "", Some(""), TagsProof::Verified, TagsProof::Verified),
            ("a", "a b", None, TagsProof::NotRead, TagsProof::Unclear),
        ] {
            let found = found.map(tags);
            for (is_saved, expected) in [(true, saved), (false, unclear)] {
                let proof = TagsProof::of(&tags(before), &tags(wanted), found.as_deref(), is_saved);
                assert_eq!(proof, expected, "{before:?} {wanted:?} {found:?} {is_saved}");
            }
        }
    }
}
