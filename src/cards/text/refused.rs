//! Refusals, commands that were not understood, and commands that come too late. Each names the rule and the way
//! forward. None reveals whether a device exists, because nothing has been looked up.

use jiff::Timestamp;

use crate::cards::card::Tone;
use crate::cards::moment;
use crate::cards::notice::{Notice, Pointer};
use crate::domain::clock::ClockDeviation;
use crate::domain::text::sentence;
use crate::policy::Denied;

/// The next step after a refusal.
pub(in crate::cards) fn way_forward(reason: Denied) -> &'static str {
    match reason {
        Denied::OtherOrganization => "If Steward should serve your organization, ask the people who run it.",
        Denied::NotAHuman => "Send the command from your own account.",
        Denied::NoAdmins => "Ask the people who run Steward to add you to the list of admins.",
        Denied::NotAnAdmin => "Ask the people who run Steward for access, and give them your person id.",
    }
}

impl Notice {
    pub(crate) fn denied(reason: Denied) -> Self {
        Self::refused(reason, "Nothing was looked up or changed.")
    }

    /// A refusal of a command that was accepted earlier, and may have looked something up since.
    pub(crate) fn denied_later(reason: Denied) -> Self {
        Self::refused(reason, "Nothing was changed.")
    }

    fn refused(reason: Denied, what_holds: &str) -> Self {
        let (headline, rule) = match reason {
            Denied::OtherOrganization => (
                "✕ Refused: your organization is not served here",
                "Steward answers only people of certain organizations, and Webex does not list you in any of them.",
            ),
            Denied::NotAHuman => (
                "✕ Refused: not a person",
                "Steward takes commands from people only, never from bots or machine accounts.",
            ),
            Denied::NoAdmins => (
                "✕ Refused: nobody is an admin yet",
                "Only admins may do this, and the list of admins is empty.",
            ),
            Denied::NotAnAdmin => (
                "✕ Refused: you are not on the list of admins",
                "Only people on the list of admins may do this.",
            ),
        };
        let where_the_id_is = if reason == Denied::NotAnAdmin { " Write \"whoami\" to see it." } else { "" };
        Self::new(Tone::Attention, headline)
            .say(format!("{rule} {what_holds}"))
            .say(format!("{}{where_the_id_is}", way_forward(reason)))
    }

    /// A line that is not a command. `expected` is the parser's message, `advice` a sentence with the correction,
    /// `example` a valid line.
    pub(crate) fn not_understood(
        pointer: Pointer,
        expected: &str,
        advice: Option<&str>,
        example: Option<&str>,
    ) -> Self {
        let notice = Self::new(Tone::Warning, "? Not understood").say(sentence(expected));
        let notice = if let Some(advice) = advice { notice.say(advice) } else { notice };
        notice
            .say("Nothing was done. Write \"help\" to see what you can ask.")
            .pointing_at(pointer)
            .example(example.map(str::to_owned))
    }

    /// Another line within a minute that is not a command, after the first one was explained in full.
    pub(crate) fn not_understood_again() -> Self {
        Self::new(Tone::Warning, "? Not understood: nothing was done. Write \"help\" for the commands.")
    }

    /// Steward could not look up the person's rights, which is not a refusal.
    pub(crate) fn could_not_check() -> Self {
        Self::new(Tone::Warning, "? Could not check whether you may do this")
            .say("Steward could not ask Webex who you are, so it did nothing.")
            .say(
                "Send the command again in a few minutes. If this keeps happening, ask the people who run Steward to run \
                 \"steward check\".",
            )
    }

    /// A message that Steward reads too late to act on it.
    pub(crate) fn too_old(written: Option<Timestamp>, now: Timestamp) -> Self {
        let when = when(written, now);
        Self::new(Tone::Warning, "? Read too late: nothing was done")
            .say(format!(
                "You wrote this{when}, but Steward could not read it until now. Late commands never run."
            ))
            .say("If you still want this, send it again.")
    }

    /// A change that could not be made soon after its requester decided on it, and was not sent.
    pub(crate) fn too_late(decided_at: Timestamp, now: Timestamp) -> Self {
        let when = moment::past(decided_at, now);
        Self::new(Tone::Warning, "? Too late: nothing was done")
            .say(format!("You asked for this {when}, but Steward was held up. Late commands never run."))
            .say("If you still want this, send it again.")
    }

    /// A message that was not delivered while Steward was away, and was found afterwards.
    pub(crate) fn while_away(written: Option<Timestamp>, now: Timestamp) -> Self {
        let when = when(written, now);
        Self::new(Tone::Warning, "? Steward was away: nothing was done")
            .say(format!("You wrote this{when} while Steward was away. Late commands never run."))
            .say("If you still want this, send it again.")
    }

    /// As [`while_away`](Self::while_away) in a space where Steward cannot see whether it has answered before.
    pub(crate) fn not_run_now(written: Option<Timestamp>, now: Timestamp) -> Self {
        let when = when(written, now);
        Self::new(Tone::Warning, "? Steward was away: not run now")
            .say(format!("You wrote this{when}, and Steward has no record of it. Late commands never run."))
            .say(
                "Steward cannot read its own earlier answers here. If it has already answered in this thread, that answer \
                 counts. Otherwise nothing was done: if you still want this, send it again.",
            )
    }

    /// As [`while_away`](Self::while_away) when the thread holds an answer that Steward has no record of.
    pub(crate) fn answered_before(written: Option<Timestamp>, now: Timestamp) -> Self {
        let when = when(written, now);
        Self::new(Tone::Warning, "? Already answered: not run now")
            .say(format!(
                "You wrote this{when}. Steward has answered in this thread but has no record of it: its database was \
                 probably restored from a backup."
            ))
            .say(
                "Steward does not know what was done; the earlier answer counts. Check the device before you send the \
                 command again.",
            )
    }

    /// Missed messages that get no answer of their own.
    pub(crate) fn more_missed(count: u64) -> Self {
        let messages =
            if count == 1 { "1 more message".to_owned() } else { format!("{count} more messages") };
        Self::new(Tone::Warning, &format!("? Steward was away: {messages}"))
            .say(format!("Steward has no record of {messages} to it in this space. Late commands never run."))
            .say("If Steward has already answered one of them, that answer counts. If you still want something, send it again.")
    }
}

impl Notice {
    /// Adds that the age of the message may have been misjudged, because Steward's clock is wrong.
    pub(crate) fn with_clock(self, deviation: Option<ClockDeviation>) -> Self {
        match deviation {
            Some(deviation) => self.say(wrong_clock(deviation)),
            None => self,
        }
    }
}

/// For an answer that depends on the time.
pub(in crate::cards) fn wrong_clock(deviation: ClockDeviation) -> String {
    format!(
        "Steward's clock is {deviation}, so it may have misjudged the time. Ask the people who run Steward to \
         correct it."
    )
}

fn when(written: Option<Timestamp>, now: Timestamp) -> String {
    written.map(|at| format!(" {}", moment::past(at, now))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_names_the_rule_and_the_way_forward() {
        for reason in [Denied::OtherOrganization, Denied::NotAHuman, Denied::NoAdmins, Denied::NotAnAdmin] {
            let notice = Notice::denied(reason);
            assert!(notice.headline.starts_with("✕ Refused: "), "{reason:?}");
            assert_eq!(notice.sentences.len(), 2, "{reason:?}");
            assert!(!notice.sentences.join(" ").contains("device"), "{reason:?} mentions a device");
        }
    }
}
