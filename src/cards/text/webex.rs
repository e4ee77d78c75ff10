//! Commands that Webex rejects, does not answer or rate limits, and the warning that the admin credential expires.

use jiff::Timestamp;

use crate::cards::card::Tone;
use crate::cards::moment;
use crate::cards::notice::Notice;
use crate::domain::{Actor, Cause};
use crate::grammar::Command;

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

    fn failed(headline: &str, cause: &Cause, status: Option<u16>, now: Timestamp) -> Self {
        match (cause, status) {
            (Cause::CredentialRejected, _) => Self::warning(headline)
                .say("Webex rejected Steward's admin credential.")
                .say("Ask the people who run Steward to check it, then send the command again."),
            (Cause::Locked { until } | Cause::TooManyRequests { until }, _) => Self::warning("… Busy")
                .say(format!("Webex is rate limiting Steward until {}.", moment::to_come(*until, now)))
                .say("Send the command again then."),
            (_, Some(status)) => Self::warning(headline)
                .say(format!("Webex did not do this; it reported an error ({status})."))
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

    /// A command that waits because another one must end first: that one, its requester, and when it was accepted.
    pub(crate) fn waiting_for_another(
        command: &Command,
        other: Option<(&Command, &Actor, Timestamp)>,
    ) -> Self {
        let why = other.map_or_else(
            || "Another change must end first.".to_owned(),
            |(other, by, at)| {
                let (other, by, at) = (other.name(), by.label(), moment::exact(at));
                format!("\"{other}\" by {by} ({at}) is changing the same device or place and must end first.")
            },
        );
        Self::new(Tone::Default, "… Waiting for another change")
            .say(format!("{why} Then this continues: {command}"))
            .say("You do not need to send it again. The result comes in this thread.")
    }

    /// A command that failed several times, but not because of Webex.
    pub(crate) fn given_up() -> Self {
        Self::new(Tone::Attention, "✕ Given up")
            .say("Steward tried several times and could not finish this.")
            .say("Ask the people who run Steward to look for the reason in its log, then send the command again.")
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
             Service App (developer.webex.com, Org Authorizations), set STEWARD_SERVICE_APP_REFRESH_TOKEN to the new refresh \
             token, and restart Steward.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(notice.sentences[1].contains("STEWARD_SERVICE_APP_REFRESH_TOKEN"));
        }
    }
}
