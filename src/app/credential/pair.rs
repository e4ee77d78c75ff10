//! A pair of tokens: how long they last, and when to renew them. Pure.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::domain::clock::is_believable;
use crate::webex::{AdminToken, RefreshToken, RenewedTokens};

/// Assumed life of an access token if Webex does not say: its usual 14 days. If it expires earlier, Webex rejects it,
/// and that leads to a renewal.
const ACCESS_LIFETIME: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Assumed life of a refresh token if Webex does not say: 60 days as in Webex for Government. Elsewhere it is 90 days.
const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(60 * 24);
/// Pairs are renewed at least this often, however long they last: an idle Steward should notice a failing renewal
/// within days, not months.
const OLDEST_PAIR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// People are warned this long before the refresh token expires.
const WARNING: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A token younger than this that Webex rejects is not renewed: the next one would be rejected too.
const YOUNG: SignedDuration = SignedDuration::from_mins(1);

/// An access token with the refresh token that renews it. Neither can be printed.
#[derive(Debug, Clone)]
pub(crate) struct TokenPair {
    pub access_token: AdminToken,
    pub access_until: Timestamp,
    pub refresh_token: RefreshToken,
    /// The refresh token expires then unless it is used before.
    pub refresh_until: Timestamp,
    pub issued_at: Timestamp,
}

impl TokenPair {
    /// The pair that Webex issued at this time for this refresh token.
    pub(super) fn issued(used: &RefreshToken, renewed: RenewedTokens, at: Timestamp) -> Self {
        let after = |lifetime: SignedDuration| at.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        Self {
            access_token: renewed.access_token,
            access_until: after(renewed.access_lifetime.unwrap_or(ACCESS_LIFETIME)),
            refresh_token: renewed.refresh_token.unwrap_or_else(|| used.clone()),
            refresh_until: after(renewed.refresh_lifetime.unwrap_or(REFRESH_LIFETIME)),
            issued_at: at,
        }
    }

    /// Whether the pair should be renewed: at two thirds of the life of the access token, halfway through the life of
    /// the refresh token, or after a week, whichever comes first. Also if it was issued in the future: then a wrong clock
    /// set all its times.
    pub(super) fn is_renewal_due(&self, now: Timestamp) -> bool {
        now >= self.renewal_due() || !is_believable(self.issued_at, now, SignedDuration::ZERO)
    }

    fn renewal_due(&self) -> Timestamp {
        let access = self.access_until.duration_since(self.issued_at);
        let refresh = self.refresh_until.duration_since(self.issued_at);
        self.issued_at + (access / 3 * 2).min(refresh / 2).min(OLDEST_PAIR)
    }

    /// Whether the access token is so new that a rejection cannot be due to its age.
    pub(super) fn is_young(&self, now: Timestamp) -> bool {
        now.duration_since(self.issued_at).abs() < YOUNG && now < self.access_until
    }

    /// Whether people should be warned that the refresh token expires: in its last 14 days, or, if it lives for less
    /// than 28 days, in the second half of its life.
    pub(super) fn is_expiring(&self, now: Timestamp) -> bool {
        let lifetime = self.refresh_until.duration_since(self.issued_at);
        self.refresh_until.duration_since(now) <= WARNING.min(lifetime / 2)
    }

    /// The bytes to seal; `None` if they cannot be written.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let stored = StoredPair {
            access_token: self.access_token.expose(),
            access_until: self.access_until,
            refresh_token: self.refresh_token.expose(),
            refresh_until: self.refresh_until,
            since: self.issued_at,
        };
        serde_json::to_vec(&stored).ok()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let stored: StoredPair<SecretString> = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            access_token: AdminToken::new(stored.access_token),
            access_until: stored.access_until,
            refresh_token: RefreshToken::new(stored.refresh_token),
            refresh_until: stored.refresh_until,
            issued_at: stored.since,
        })
    }
}

/// A pair as it is sealed. The names of the fields are stored and must not change.
#[derive(Serialize, Deserialize)]
struct StoredPair<Token> {
    access_token: Token,
    access_until: Timestamp,
    refresh_token: Token,
    refresh_until: Timestamp,
    since: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn issued(refresh_token: Option<&str>, lifetime: Option<SignedDuration>) -> TokenPair {
        let renewed = RenewedTokens {
            access_token: AdminToken::new("hush-access".into()),
            access_lifetime: lifetime,
            refresh_token: refresh_token.map(|token| RefreshToken::new(token.into())),
            refresh_lifetime: lifetime,
        };
        TokenPair::issued(&RefreshToken::new("hush-used".into()), renewed, Timestamp::UNIX_EPOCH)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn pair(access_lifetime: i64, refresh_lifetime: i64) -> TokenPair {
        TokenPair {
            access_until: at(access_lifetime),
            refresh_until: at(refresh_lifetime),
            ..issued(None, None)
        }
    }

    #[test]
    fn a_refresh_token_that_is_not_replaced_stays_in_use() {
        assert_eq!(issued(None, None).refresh_token.expose(), "hush-used");
        assert_eq!(issued(Some("hush-next"), None).refresh_token.expose(), "hush-next");
    }

    #[test]
    fn lifetimes_from_webex_are_used_and_extreme_ones_do_not_overflow() {
        let pair = issued(None, Some(SignedDuration::from_secs(3600)));
        assert_eq!((pair.access_until, pair.refresh_until), (at(3600), at(3600)));
        assert_eq!(issued(None, None).access_until, at(14 * DAY));
        assert_eq!(issued(None, Some(SignedDuration::MAX)).refresh_until, Timestamp::MAX);
    }

    #[test]
    fn a_pair_reads_back_from_its_bytes_and_is_never_printed() {
        let pair = issued(Some("hush-next"), Some(SignedDuration::from_secs(3600)));
        let back = TokenPair::from_bytes(&pair.to_bytes().unwrap()).unwrap();
        assert_eq!(back.access_token.expose(), pair.access_token.expose());
        assert_eq!(back.refresh_token.expose(), "hush-next");
        assert_eq!((back.issued_at, back.access_until), (pair.issued_at, pair.access_until));
        assert!(!format!("{back:?}").contains("hush"));
        assert!(TokenPair::from_bytes(b"{}").is_none());
    }

    #[test]
    fn a_pair_is_renewed_at_two_thirds_of_its_life_and_at_least_weekly() {
        for (access, refresh, due) in [
            (1_209_599, 7_775_999, 7 * DAY),
            (3600, 7_775_999, 2400),
            (6 * DAY, 7_775_999, 4 * DAY),
            (365 * DAY, 7_775_999, 7 * DAY),
            (14 * DAY, 2 * DAY, DAY),
            (1, 1, 0),
        ] {
            let found = pair(access, refresh).renewal_due().as_second();
            assert!((due..=due + 1).contains(&found), "{access} {refresh}: {found}");
        }
    }

    #[test]
    fn a_pair_of_a_wrong_clock_is_renewed_at_once() {
        let pair = pair(14 * DAY, 90 * DAY);
        for (now, due) in
            [(0, false), (7 * DAY - 1, false), (7 * DAY, true), (-60, false), (-61, true), (-365 * DAY, true)]
        {
            assert_eq!(pair.is_renewal_due(at(now)), due, "{now}");
        }
    }

    #[test]
    fn the_warning_starts_fourteen_days_before_the_end_and_does_not_stop_there() {
        for (day, warned) in [(0, false), (75, false), (76, true), (89, true), (90, true), (200, true)] {
            assert_eq!(pair(14 * DAY, 90 * DAY).is_expiring(at(day * DAY)), warned, "day {day}");
        }
        assert!(!pair(DAY, 7 * DAY).is_expiring(at(3 * DAY)));
    }

    #[test]
    fn a_token_is_young_only_in_its_first_minute() {
        assert!(pair(DAY, DAY).is_young(at(59)));
        assert!(!pair(DAY, DAY).is_young(at(60)));
        assert!(!pair(30, DAY).is_young(at(30)));
    }
}
