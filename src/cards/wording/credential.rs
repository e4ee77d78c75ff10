//! What the alert space is told of Steward's own credential.

use jiff::Timestamp;

use super::refusal::Said;
use crate::cards::moment;

/// The refresh token of the Service App ends, or has ended, because renewing it fails.
#[must_use]
pub fn credential_ends(ends: Timestamp, now: Timestamp) -> Said {
    let (headline, what) = if ends <= now {
        (
            "✕ The admin credential has ended",
            format!(
                "The refresh token of Steward's Service App ended {}. Steward can no longer read or delete devices once \
                 its access token has ended too.",
                moment::past(ends, now)
            ),
        )
    } else {
        (
            "? The admin credential will end",
            format!(
                "Steward cannot renew the tokens of its Service App. The refresh token ends at {}; after that Steward can \
                 no longer read or delete devices.",
                moment::to_come(ends, now)
            ),
        )
    };
    Said {
        headline: headline.to_owned(),
        sentences: vec![
            what,
            "Operators: the log of Steward says why renewing fails. If Webex refuses it, issue new tokens on the page of the \
             Service App (developer.webex.com, Org Authorizations), set STEWARD_SERVICE_APP_REFRESH_TOKEN to the new \
             refresh token, and restart Steward."
                .to_owned(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_when_it_ends_and_what_to_do_before_and_after() {
        let ends: Timestamp = "2026-07-01T09:00:00Z".parse().unwrap();
        for (now, headline, when) in [
            ("2026-06-18T09:00:00Z", "? The admin credential will end", "2026-07-01 09:00 UTC (in 13 days)"),
            ("2026-07-03T09:00:00Z", "✕ The admin credential has ended", "ended 2 days ago"),
        ] {
            let said = credential_ends(ends, now.parse().unwrap());
            assert_eq!(said.headline, headline);
            assert!(said.sentences[0].contains(when), "{}", said.sentences[0]);
            assert!(said.sentences[1].contains("STEWARD_SERVICE_APP_REFRESH_TOKEN"));
        }
    }
}
