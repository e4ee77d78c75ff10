//! The wait that a `Retry-After` header asks for.

use jiff::{SignedDuration, Timestamp};

/// The wait when the header is missing or malformed.
const DEFAULT: SignedDuration = SignedDuration::from_secs(15);
/// The shortest wait: `0` and past dates must not become a busy loop.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);
/// The longest wait at once, because it pauses all calls with a credential; also the longest that Webex documents. If
/// Webex needs more time, it asks the probe to wait again.
pub(crate) const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// A wait of more than a day is a mistake, and must not stop all calls.
const UNBELIEVABLE: SignedDuration = SignedDuration::from_hours(24);

/// Reads a `Retry-After` header: whole seconds or an HTTP date in any of its three forms (RFC 9110, sections 10.2.3 and
/// 5.6.7). Missing and malformed headers, and waits of more than a day, count as 15 seconds; the result is between one
/// second and an hour.
pub fn retry_after(header: Option<&str>, now: Timestamp) -> SignedDuration {
    let Some(value) = header.map(str::trim) else { return DEFAULT };
    let wait = if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        value.parse().map_or(SignedDuration::MAX, SignedDuration::from_secs)
    } else if let Some(date) = httpdate::parse_http_date(value).ok().and_then(|date| date.try_into().ok()) {
        Timestamp::duration_since(date, now)
    } else {
        DEFAULT
    };
    if wait > UNBELIEVABLE { DEFAULT } else { wait.clamp(SHORTEST, LONGEST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_header_is_read_or_harmless() {
        let now: Timestamp = "2026-04-02T08:15:30Z".parse().unwrap();
        let cases = [
            (None, 15),
            (Some("7"), 7),
            (Some(" 30 "), 30),
            (Some("0"), 1),
            (Some("3600"), 3600),
            (Some("3601"), 3600),
            (Some("86400"), 3600),
            (Some("86401"), 15),
            (Some("99999999999999999999999"), 15),
            (Some("9223372036854775807"), 15),
            (Some("Thu, 02 Apr 2026 08:15:50 GMT"), 20),
            (Some("Thu, 02 Apr 2026 08:15:00 GMT"), 1),
            (Some("Thu, 02 Apr 2026 20:15:00 GMT"), 3600),
            (Some("Thursday, 02-Apr-26 08:15:50 GMT"), 20),
            (Some("Thu Apr  2 08:15:50 2026"), 20),
            (Some("Tue, 02 Apr 2126 08:15:00 GMT"), 15),
            (Some(""), 15),
            (Some("soon"), 15),
            (Some("-5"), 15),
            (Some("1.5"), 15),
            (Some("Thu, 99 Apr 2026 08:15:50 GMT"), 15),
        ];
        for (header, seconds) in cases {
            assert_eq!(retry_after(header, now).as_secs(), seconds, "{header:?}");
        }
    }
}
