//! A short answer in sentences: a refusal, an error, a command that was not understood.

use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;

use super::safe_text::{given, sentences};
use super::wording::{self, PressRefusal, Said};
use super::{SafeText, Tone, View};
use crate::domain::Cause;
use crate::grammar::Command;
use crate::policy::Denied;

/// A headline and sentences, and for a command that was not understood the place where it went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The color of the headline.
    pub tone: Tone,
    /// A few words.
    pub headline: String,
    /// What is so, then what to do about it.
    pub sentences: Vec<String>,
    /// What was said, with the place that is meant.
    pub pointer: Option<Pointer>,
    /// A line that would work.
    pub example: Option<String>,
}

/// A line of chat and the part of it that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The line as it was written.
    pub line: String,
    /// The part, in bytes; empty where something is missing. What lies outside the line, or within a
    /// character, is moved to the nearest place before it.
    pub span: Range<usize>,
}

impl Notice {
    /// A refusal.
    #[must_use]
    pub fn denied(reason: Denied) -> Self {
        Self::saying(Tone::Attention, wording::denied(reason))
    }

    /// A line that is no command. `expected` is the parser's message, `advice` a sentence on what to write
    /// instead, `example` a line that would work.
    #[must_use]
    pub fn not_understood(
        pointer: Pointer,
        expected: &str,
        advice: Option<&str>,
        example: Option<&str>,
    ) -> Self {
        Self {
            pointer: Some(pointer),
            example: example.map(str::to_owned),
            ..Self::saying(Tone::Warning, wording::not_understood(expected, advice))
        }
    }

    /// The policy could not be asked, which is not the same as a refusal.
    #[must_use]
    pub fn could_not_check() -> Self {
        Self::saying(Tone::Warning, wording::could_not_check())
    }

    /// A message from a time when Steward was away.
    #[must_use]
    pub fn too_old(written: Option<Timestamp>, now: Timestamp) -> Self {
        Self::saying(Tone::Warning, wording::too_old(written, now))
    }

    /// A message from a time when Steward was away, which it found afterwards.
    #[must_use]
    pub fn while_away(written: Option<Timestamp>, now: Timestamp) -> Self {
        Self::saying(Tone::Warning, wording::while_away(written, now))
    }

    /// The greeting in a space that the bot was added to under this name.
    #[must_use]
    pub fn welcome(bot_name: &str, in_group: bool) -> Self {
        let example = if in_group { format!("@{bot_name} help") } else { "help".to_owned() };
        Self { example: Some(example), ..Self::saying(Tone::Accent, wording::welcome(in_group)) }
    }

    /// A device that could not be shown.
    #[must_use]
    pub fn not_shown(cause: &Cause, status: Option<u16>, tracking_id: Option<&str>, now: Timestamp) -> Self {
        Self::saying(Tone::Warning, wording::not_shown(cause, status, tracking_id, now))
    }

    /// Webex did not do what a command needs.
    #[must_use]
    pub fn not_done(cause: &Cause, status: Option<u16>, tracking_id: Option<&str>, now: Timestamp) -> Self {
        Self::saying(Tone::Warning, wording::not_done(cause, status, tracking_id, now))
    }

    /// A command that goes on by itself at this moment, because Webex asked to wait.
    #[must_use]
    pub fn waiting(command: &Command, until: Timestamp, now: Timestamp) -> Self {
        Self::saying(Tone::Default, wording::waiting(command, until, now))
    }

    /// A command that failed again and again for reasons that are not Webex's.
    #[must_use]
    pub fn given_up() -> Self {
        Self::saying(Tone::Attention, wording::given_up())
    }

    /// An organization that the policy does not name.
    #[must_use]
    pub fn org_not_named(name: &str) -> Self {
        Self::saying(Tone::Attention, wording::org_not_named(name))
    }

    /// An organization that the admin credential does not see.
    #[must_use]
    pub fn org_not_found(name: &str) -> Self {
        Self::saying(Tone::Warning, wording::org_not_found(name))
    }

    /// A name that more than one organization has.
    #[must_use]
    pub fn org_ambiguous(name: &str) -> Self {
        Self::saying(Tone::Warning, wording::org_ambiguous(name))
    }

    /// A workspace for phones, for which a model must be said.
    #[must_use]
    pub fn phone_needs_a_model(workspace: &str) -> Self {
        Self::saying(Tone::Warning, wording::phone_needs_a_model(workspace))
    }

    /// A code that was made and could not be sent.
    #[must_use]
    pub fn code_not_sent() -> Self {
        Self::saying(Tone::Attention, wording::code_not_sent())
    }

    /// An activation code of which it is not known whether it was made.
    #[must_use]
    pub fn code_unclear() -> Self {
        Self::saying(Tone::Warning, wording::code_unclear())
    }

    /// A MAC address that a device has already, with what is known of that device.
    #[must_use]
    pub fn mac_taken(mac: &str, by: Option<&str>) -> Self {
        Self::saying(Tone::Attention, wording::mac_taken(mac, by))
    }

    /// A workspace that is not there, with the names that come near.
    #[must_use]
    pub fn workspace_not_found(name: &str, near: &[&str]) -> Self {
        Self::saying(Tone::Warning, wording::workspace_not_found(name, near))
    }

    /// A name that more than one workspace has, with the ids of some.
    #[must_use]
    pub fn workspace_ambiguous(name: &str, ids: &[String]) -> Self {
        Self::saying(Tone::Warning, wording::workspace_ambiguous(name, ids))
    }

    /// A person whom the admin credential does not find.
    #[must_use]
    pub fn person_not_found(email: &str) -> Self {
        Self::saying(Tone::Warning, wording::person_not_found(email))
    }

    /// Webex refused to bring a device in.
    #[must_use]
    pub fn not_provisioned(is_activation: bool, is_person: bool, tracking_id: Option<&str>) -> Self {
        Self::saying(Tone::Attention, wording::not_provisioned(is_activation, is_person, tracking_id))
    }

    /// No device is among those whose tags are to be changed.
    #[must_use]
    pub fn no_device_to_tag(filter: &str) -> Self {
        Self::saying(Tone::Warning, wording::no_device_to_tag(filter))
    }

    /// More devices match than are tagged at once.
    #[must_use]
    pub fn too_many_to_tag(count: usize, most: usize, filter: &str) -> Self {
        Self::saying(Tone::Warning, wording::too_many_to_tag(count, most, filter))
    }

    /// The refresh token of the Service App ends, or has ended: for the people who run Steward.
    #[must_use]
    pub fn credential_ends(ends: Timestamp, now: Timestamp) -> Self {
        let tone = if ends <= now { Tone::Attention } else { Tone::Warning };
        Self::saying(tone, wording::credential_ends(ends, now))
    }

    /// A plan that its requester has just confirmed from another thread, by its code.
    #[must_use]
    pub fn plan_confirmed(code: &str) -> Self {
        Self::saying(Tone::Default, wording::plan_confirmed(code))
    }

    /// A plan that somebody took back, by its code.
    #[must_use]
    pub fn plan_cancelled(code: &str) -> Self {
        Self::saying(Tone::Default, wording::plan_cancelled(code))
    }

    /// A plan that nobody confirmed in time, by its code.
    #[must_use]
    pub fn plan_expired(code: &str) -> Self {
        Self::saying(Tone::Warning, wording::plan_expired(code))
    }

    /// A press of a button, or the same in words, that changes nothing.
    #[must_use]
    pub fn press_refused(refusal: PressRefusal) -> Self {
        Self::saying(Tone::Warning, wording::press_refused(refusal))
    }

    fn saying(tone: Tone, said: Said) -> Self {
        Self { tone, headline: said.headline, sentences: said.sentences, pointer: None, example: None }
    }
}

#[derive(Serialize)]
struct Context {
    tone: Tone,
    headline_text: SafeText,
    said: Option<SaidLine>,
    sentences: Vec<SafeText>,
    example: Option<SafeText>,
}

#[derive(Serialize)]
struct SaidLine {
    before: SafeText,
    word: SafeText,
    after: SafeText,
}

impl View for Notice {
    const TEMPLATE: &'static str = "notice.card.json";

    fn context(&self) -> impl Serialize {
        Context {
            tone: self.tone,
            headline_text: SafeText::text(&self.headline),
            said: self.pointer.as_ref().map(Pointer::split),
            sentences: sentences(self.sentences.iter().map(Into::into)),
            example: given(self.example.as_deref()).map(SafeText::text),
        }
    }
}

impl Pointer {
    /// Split before it is cleaned, because cleaning may move what the span counts.
    fn split(&self) -> SaidLine {
        let end = self.line.floor_char_boundary(self.span.end);
        let start = self.line.floor_char_boundary(self.span.start).min(end);
        SaidLine {
            before: SafeText::end_of(&self.line[..start]),
            word: SafeText::text(&self.line[start..end]),
            after: SafeText::text(&self.line[end..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(line: &str, span: Range<usize>) -> [String; 3] {
        let said = Pointer { line: line.to_owned(), span }.split();
        [said.before, said.word, said.after].map(|part| part.as_str().to_owned())
    }

    #[test]
    fn the_word_that_is_meant_stands_apart() {
        assert_eq!(split("delete device lobby now", 14..19), ["delete device ", "lobby", " now"]);
        assert_eq!(split("delete device", 13..13), ["delete device", "", ""]);
        assert_eq!(split("größe", 0..3), ["", "gr", "öße"]);
    }

    proptest! {
        #[test]
        fn no_span_does_harm(line in any::<String>(), start in 0_usize..99, end in 0_usize..99) {
            let parts = split(&line, start..end).concat();
            prop_assert!(parts.chars().count() <= line.chars().count());
        }
    }
}
