//! A pair of tokens and how long they are good for.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::webex::{AdminToken, RefreshToken, RenewedTokens};

/// How long an access token counts as good where Webex does not say: its usual 14 days. One that ends earlier
/// is noticed when it is rejected.
const ACCESS_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long a refresh token counts as good where Webex does not say: the shorter of what is known of its clouds
/// (90 days, and 60 in Webex for Government).
const REFRESH_LASTS: SignedDuration = SignedDuration::from_hours(60 * 24);

/// An access token with the refresh token that renews it. Neither can be printed.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What calls are made with.
    pub access_token: AdminToken,
    /// When it ends.
    pub access_until: Timestamp,
    /// What the next pair is asked for with.
    pub refresh_token: RefreshToken,
    /// When it ends, unless it is used before.
    pub refresh_until: Timestamp,
    /// Since when they are good.
    pub since: Timestamp,
}

impl Pair {
    /// What came of using a refresh token at this moment.
    #[must_use]
    pub fn renewed(used: &RefreshToken, renewed: RenewedTokens, at: Timestamp) -> Self {
        let after = |lasts: SignedDuration| at.saturating_add(lasts).unwrap_or(Timestamp::MAX);
        Self {
            access_token: renewed.access_token,
            access_until: after(renewed.access_lifetime.unwrap_or(ACCESS_LASTS)),
            refresh_token: renewed.refresh_token.unwrap_or_else(|| used.clone()),
            refresh_until: after(renewed.refresh_lifetime.unwrap_or(REFRESH_LASTS)),
            since: at,
        }
    }

    /// The bytes to be sealed; nothing should they not be writable.
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let written = Written {
            access_token: self.access_token.expose(),
            access_until: self.access_until,
            refresh_token: self.refresh_token.expose(),
            refresh_until: self.refresh_until,
            since: self.since,
        };
        serde_json::to_vec(&written).ok()
    }

    /// The pair that these bytes say.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let read: Read = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            access_token: AdminToken::new(read.access_token),
            access_until: read.access_until,
            refresh_token: RefreshToken::new(read.refresh_token),
            refresh_until: read.refresh_until,
            since: read.since,
        })
    }
}

/// The names are stored and must not change.
#[derive(Serialize)]
struct Written<'a> {
    access_token: &'a str,
    access_until: Timestamp,
    refresh_token: &'a str,
    refresh_until: Timestamp,
    since: Timestamp,
}

#[derive(Deserialize)]
struct Read {
    access_token: SecretString,
    access_until: Timestamp,
    refresh_token: SecretString,
    refresh_until: Timestamp,
    since: Timestamp,
}

/// Whether two tokens are the same one.
pub(super) fn is_same(one: &AdminToken, other: &AdminToken) -> bool {
    one.expose() == other.expose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renewed(refresh_token: Option<&str>, lasts: Option<SignedDuration>) -> Pair {
        let renewed = RenewedTokens {
            access_token: AdminToken::new("hush-access".into()),
            access_lifetime: lasts,
            refresh_token: refresh_token.map(|token| RefreshToken::new(token.into())),
            refresh_lifetime: lasts,
        };
        Pair::renewed(&RefreshToken::new("hush-used".into()), renewed, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_refresh_token_that_does_not_come_back_goes_on() {
        assert_eq!(renewed(None, None).refresh_token.expose(), "hush-used");
        assert_eq!(renewed(Some("hush-next"), None).refresh_token.expose(), "hush-next");
    }

    #[test]
    fn the_times_that_webex_gives_count_and_the_ends_of_time_do_no_harm() {
        let pair = renewed(None, Some(SignedDuration::from_secs(3600)));
        assert_eq!((pair.access_until.as_second(), pair.refresh_until.as_second()), (3600, 3600));
        assert_eq!(renewed(None, None).access_until.as_second(), 14 * 86_400);
        assert_eq!(renewed(None, Some(SignedDuration::MAX)).refresh_until, Timestamp::MAX);
    }

    #[test]
    fn a_pair_comes_back_from_its_bytes_and_is_never_printed() {
        let pair = renewed(Some("hush-next"), Some(SignedDuration::from_secs(3600)));
        let back = Pair::from_bytes(&pair.to_bytes().unwrap()).unwrap();
        assert!(is_same(&back.access_token, &pair.access_token));
        assert_eq!(back.refresh_token.expose(), "hush-next");
        assert_eq!((back.since, back.access_until), (pair.since, pair.access_until));
        assert!(!format!("{back:?}").contains("hush"));
        assert!(Pair::from_bytes(b"{}").is_none());
    }
}
