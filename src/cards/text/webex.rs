//! Commands that Webex rejects, does not answer or rate limits, and the warning that the admin credential expires.

use jiff::Timestamp;

use crate::cards::card::Tone;
use crate::cards::moment;
use crate::cards::notice::Notice;
use crate::domain::{Actor, Cause};
use crate::grammar::Command;

/// A sentence about a status that explains nothing about the request itself. An unexpected success, redirect or size
/// limit usually comes from a proxy.
fn answer_of(status: u16) -> String {
    match status {
        200..=299 => format!("Webex answered ({status}), but Steward could not read the answer."),
        300..=399 => {
            format!(
                "Steward's request was redirected to another address ({status}), which Steward never follows."
            )
        }
        413 => format!("Steward's request was rejected as too large ({status})."),
        400..=499 => format!("Webex rejected Steward's request ({status})."),
        _ => format!("Webex did not do this; it reported an error ({status})."),
    }
}

/// Webex answers 423 for a single locked device or place, whatever the credential.
fn locked_until(until: Timestamp, now: Timestamp) -> String {
    format!(
        "Webex has locked this device or workspace until {}. Something else may be changing it.",
        moment::to_come(until, now)
    )
}

fn after_answer(status: u16) -> &'static str {
    match status {
        200..=399 => {
            "Ask the people who run Steward to check the Webex address in its settings and any proxy on the way to it."
        }
        413 => {
            "Shorten the command. If this keeps happening, ask the people who run Steward to check any proxy on the way \
             to Webex."
        }
        400..=499 => {
            "Send the command again. If this keeps happening, ask the people who run Steward to look in its log."
        }
        _ => "Send the command again in a few minutes.",
    }
}

/// As [`answer_of`], in the words after the name of a device.
pub(in crate::cards) fn answered(status: u16) -> String {
    match status {
        200..=299 => format!("Steward could not read Webex's answer ({status})"),
        300..=399 => format!("the request was redirected to another address ({status})"),
        413 => format!("the request was rejected as too large ({status})"),
        400..=499 => format!("Webex rejected the request ({status})"),
        _ => format!("Webex reported an error ({status})"),
    }
}

impl Notice {
    /// A device that could not be shown: the cause is one that a deletion can have before anything is sent.
    pub(crate) fn not_shown(
        cause: &Cause,
        status: Option<u16>,
        tracking_id: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let notice = match cause {
            Cause::NeverFound | Cause::Vanished | Cause::RemovedForGood => Self::warning("✕ Not found")
                .say("Webex finds no device with this id that Steward can see.")
                .say(
                    "Check the id in Control Hub: a factory reset or a new activation gives a device a new one. Steward \
                     cannot see devices of other organizations either.",
                ),
            Cause::NotPermitted => Self::warning("✕ Not shown")
                .say("Steward's admin credential may not read this device.")
                .say(
                    "Ask the people who run Steward to check its scopes and its admin role. For a device of another \
                     organization, they have to set that as the target organization.",
                ),
            _ => Self::failed("✕ Not shown", cause, status, now),
        };
        notice.for_support(tracking_id)
    }

    /// A command that Webex did not carry out.
    pub(crate) fn not_done(
        cause: &Cause,
        status: Option<u16>,
        tracking_id: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let notice = match cause {
            Cause::NeverFound | Cause::Vanished | Cause::RemovedForGood => Self::warning("✕ Not found")
                .say("Webex finds nothing with this id that Steward can see.")
                .say("Check the id in Control Hub, then send the command again."),
            Cause::NotPermitted => Self::warning("✕ Not done")
                .say("Steward's admin credential may not do this.")
                .say("Ask the people who run Steward to check its scopes and its admin role."),
            _ => Self::failed("✕ Not done", cause, status, now),
        };
        notice.for_support(tracking_id)
    }

    /// A workspace or person of another organization.
    pub(crate) fn place_elsewhere(is_workspace: bool) -> Self {
        Self::elsewhere("✕ Not done", if is_workspace { "workspace" } else { "person" })
    }

    fn elsewhere(headline: &str, what: &str) -> Self {
        Self::warning(headline)
            .say(format!(
                "This {what} belongs to another organization than the one you asked about. Nothing was changed."
            ))
            .say("If Steward administers that organization, add \"in org\" with its name.")
    }

    fn failed(headline: &str, cause: &Cause, status: Option<u16>, now: Timestamp) -> Self {
        match (cause, status) {
            (Cause::CredentialRejected, _) => Self::warning(headline)
                .say("Webex rejected Steward's admin credential.")
                .say("Ask the people who run Steward to check it, then send the command again."),
            (Cause::OtherOrganization, _) => Self::elsewhere(headline, "device"),
            (Cause::Locked { until }, _) => {
                Self::warning("… Locked").say(locked_until(*until, now)).say("Send the command again then.")
            }
            (Cause::TooManyRequests { until }, _) => Self::warning("… Busy")
                .say(format!("Webex is rate limiting Steward until {}.", moment::to_come(*until, now)))
                .say("Send the command again then."),
            (_, Some(status)) => Self::warning(headline).say(answer_of(status)).say(after_answer(status)),
            (Cause::Unreachable, None) => Self::warning(headline)
                .say("Steward could not reach Webex.")
                .say("Send the command again in a few minutes."),
            (_, None) => Self::warning(headline)
                .say("Webex did not answer.")
                .say("Send the command again in a few minutes."),
        }
    }

    fn warning(headline: &str) -> Self {
        Self::new(Tone::Warning, headline)
    }

    /// Adds the tracking id, if there is one.
    pub(super) fn for_support(self, tracking_id: Option<&str>) -> Self {
        match tracking_id {
            Some(id) => self.say(format!("For Webex support: the tracking id is {id}.")),
            None => self,
        }
    }

    /// A command without an admin token, for example while another process renews it. No call was made.
    pub(crate) fn no_token_yet() -> Self {
        Self::warning("✕ Not done")
            .say("Steward has no valid admin token at the moment. Nothing was done.")
            .say(
                "Send the command again in a few minutes. If this keeps happening, ask the people who run Steward to run \
                 \"steward check\".",
            )
    }

    /// A command that continues automatically at this time, because Webex is rate limiting Steward. The notice stays in
    /// the thread, so it says nothing about the device that may become wrong.
    pub(crate) fn waiting(command: &Command, until: Timestamp, now: Timestamp) -> Self {
        let until = moment::to_come(until, now);
        Self::new(Tone::Default, "… Waiting for Webex")
            .say(format!("Webex is rate limiting Steward. This continues automatically at about {until}: {command}"))
            .say(
                "You do not need to send it again. The result comes in this thread, and a note if Webex stays busy for more \
                 than ten minutes.",
            )
    }

    /// As [`waiting`](Self::waiting) while a device or place is locked, which has nothing to do with Steward.
    pub(crate) fn waiting_for_unlock(command: &Command, until: Timestamp, now: Timestamp) -> Self {
        Self::new(Tone::Default, "… Waiting for Webex")
            .say(format!("{} This continues automatically then: {command}", locked_until(until, now)))
            .say("You do not need to send it again. The result comes in this thread.")
    }

    /// A command without an answer for half a minute, whatever holds it up. It stays in the thread as well.
    pub(crate) fn still_working(command: &Command) -> Self {
        Self::new(Tone::Default, "… Still working")
            .say(format!("There is no result yet. Steward is still working on this: {command}"))
            .say("You do not need to send it again. The result comes in this thread.")
    }

    /// A command that waits because another one must end first: that one, its requester, and when it was accepted.
    pub(crate) fn waiting_for_another(
        command: &Command,
        other: Option<(&Command, &Actor, Timestamp)>,
    ) -> Self {
        let why = match other {
            None => "Steward makes one such change at a time. When the other one has ended, this continues:"
                .to_owned(),
            Some((other, by, at)) => {
                let (other, by, at) = (other.name(), by.label(), moment::exact(at));
                format!(
                    "\"{other}\" by {by} ({at}) is changing the same device or place and must end first. Then this \
                     continues:"
                )
            }
        };
        Self::new(Tone::Default, "… Waiting for another change")
            .say(format!("{why} {command}"))
            .say("You do not need to send it again. The result comes in this thread.")
    }

    /// A command that failed several times, but not because of Webex.
    pub(crate) fn given_up() -> Self {
        Self::new(Tone::Attention, "✕ Given up")
            .say("Steward tried several times and could not finish this.")
            .say("Ask the people who run Steward to look for the reason in its log, then send the command again.")
    }

    /// A probe of Steward's public address failed. For operators, so the remedy names settings.
    pub(crate) fn public_address_fails(broken: &str, remedy: &str) -> Self {
        Self::new(Tone::Warning, "? Webex may not reach Steward")
            .say(format!("Steward asked its own public address and did not get its own answer: {broken}."))
            .say(format!("Operators: {remedy}"))
            .say(
                "If commands and buttons still work, ignore this: in some networks a server cannot reach its own public \
                 address.",
            )
    }

    /// The refresh token of the Service App expires, or has expired, because renewing it fails. For operators, so it
    /// names the setting.
    pub(crate) fn credential_ends(ends: Timestamp, now: Timestamp) -> Self {
        let notice = if ends <= now {
            let ago = moment::past(ends, now);
            Self::new(Tone::Attention, "✕ The admin credential has expired").say(format!(
                "The refresh token of Steward's Service App expired {ago}. Once its access token has expired too, Steward \
                 can no longer read or delete devices."
            ))
        } else {
            let when = moment::to_come(ends, now);
            Self::new(Tone::Warning, "? The admin credential will expire").say(format!(
                "Steward cannot renew the tokens of its Service App. The refresh token expires at {when}; after that, \
                 Steward can no longer read or delete devices."
            ))
        };
        notice.say(
            "Operators: Steward's log shows why the renewal fails. If Webex rejects it, issue new tokens on the page of the \
             Service App (developer.webex.com, Org Authorizations), put the new refresh token into Steward's settings, and \
             restart Steward.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_called_what_it_is() {
        let now = Timestamp::UNIX_EPOCH;
        let said = |status| Notice::not_done(&Cause::NotRead, Some(status), None, now).sentences.join(" ");
        for (status, said_as, is_an_error) in [
            (200, "could not read the answer", false),
            (302, "redirected to another address", false),
            (413, "too large", false),
            (409, "rejected", false),
            (500, "reported an error", true),
        ] {
            let (sentences, on_a_device) = (said(status), answered(status));
            assert!(sentences.contains(said_as) && sentences.contains(&format!("({status})")), "{sentences}");
            assert_eq!(sentences.contains("error"), is_an_error, "{sentences}");
            assert_eq!(on_a_device.contains("error"), is_an_error, "{on_a_device}");
        }
    }

    #[test]
    fn an_expiring_credential_shows_when_and_what_to_do() {
        let ends: Timestamp = "2026-07-01T09:00:00Z".parse().unwrap();
        for (now, headline, when) in [
            (
                "2026-06-18T09:00:00Z",
                "? The admin credential will expire",
                "2026-07-01 09:00 UTC (in 13 days)",
            ),
            ("2026-07-03T09:00:00Z", "✕ The admin credential has expired", "expired 2 days ago"),
        ] {
            let notice = Notice::credential_ends(ends, now.parse().unwrap());
            assert_eq!(notice.headline, headline);
            assert!(notice.sentences[0].contains(when), "{}", notice.sentences[0]);
            assert!(notice.sentences[1].contains("the new refresh token"));
        }
    }
}
