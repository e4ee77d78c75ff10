//! The part of the way from the public address to Steward that is broken, judged by an answer or its absence. Pure.

use std::error::Error;
use std::io;

use crate::http::probe::Probe;

/// The part of the way that is broken. The words are labels of a metric and appear in `/readyz`, so they must not
/// change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(const_into_str)]
pub(crate) enum BrokenPart {
    #[strum(serialize = "the name does not resolve")]
    Name,
    #[strum(serialize = "nothing listens there")]
    Refused,
    #[strum(serialize = "no answer in time")]
    Silent,
    #[strum(serialize = "no connection")]
    NoConnection,
    #[strum(serialize = "the certificate is not valid")]
    Certificate,
    #[strum(serialize = "the proxy on the way out refuses")]
    WayOut,
    #[strum(serialize = "the proxy in front cannot reach Steward")]
    Gateway,
    #[strum(serialize = "the path is not passed on")]
    Path,
    #[strum(serialize = "POST is not passed on")]
    Method,
    #[strum(serialize = "a redirect")]
    Redirect,
    #[strum(serialize = "a login page")]
    Login,
    #[strum(serialize = "a firewall refuses")]
    Firewall,
    #[strum(serialize = "another webhook secret")]
    OtherSecret,
    #[strum(serialize = "another program answers")]
    OtherProgram,
}

/// The parts of an HTTP answer that tell who sent it.
#[derive(Debug, Clone, Default)]
pub(super) struct ProbeAnswer {
    pub(super) status: u16,
    /// The target of a redirect.
    pub(super) location: String,
    /// Whether it asks for a password.
    pub(super) asks_to_authenticate: bool,
    pub(super) is_html: bool,
    pub(super) body: String,
}

impl BrokenPart {
    /// Its words in `/readyz`, metrics and logs.
    pub(crate) const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// The next step of an operator.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::Name => "Check the name in STEWARD_PUBLIC_URL and its DNS record.",
            Self::Refused => {
                "Start the proxy or tunnel in front of Steward, and check the port in STEWARD_PUBLIC_URL."
            }
            Self::Silent | Self::NoConnection => {
                "Check the firewall, and the address that the name in STEWARD_PUBLIC_URL leads to."
            }
            Self::Certificate => {
                "Renew the certificate of the proxy in front, with all intermediate certificates."
            }
            Self::WayOut => "Let the outgoing proxy reach this address, or add its host to NO_PROXY.",
            Self::Gateway => {
                "Let the proxy or tunnel in front lead to the address in STEWARD_LISTEN, and start Steward."
            }
            Self::Path => "Let the proxy in front pass on POST /webhooks/webex with its path unchanged.",
            Self::Method => "Let the proxy in front pass on POST, not only GET.",
            Self::Redirect => {
                "Set STEWARD_PUBLIC_URL to the address that the redirect leads to; Webex does not follow redirects."
            }
            Self::Login => {
                "Exempt /webhooks/webex from the login; Steward verifies Webex's signature instead."
            }
            Self::Firewall => {
                "Exempt /webhooks/webex from the firewall's rules; Webex delivers from changing addresses."
            }
            Self::OtherSecret => {
                "Give every Steward behind this address the same STEWARD_WEBHOOK_SECRET, and let the proxy pass on all \
                 headers."
            }
            Self::OtherProgram => "Let this address lead to Steward; something else answers there.",
        }
    }
}

/// Judges an answer to a probe.
pub(super) fn judge(answer: &ProbeAnswer, probe: &Probe) -> Result<(), BrokenPart> {
    let looks_like_a_login = answer.asks_to_authenticate || (answer.is_html && mentions_login(&answer.body));
    Err(match answer.status {
        200 if probe.is_answered_by(&answer.body) => return Ok(()),
        300..=399 if mentions_login(&answer.location) => BrokenPart::Login,
        300..=399 => BrokenPart::Redirect,
        404 | 410 => BrokenPart::Path,
        405 | 501 => BrokenPart::Method,
        407 => BrokenPart::WayOut,
        // 520 to 530 are Cloudflare's.
        502..=504 | 520..=530 => BrokenPart::Gateway,
        _ if looks_like_a_login => BrokenPart::Login,
        // Steward's own answer to a request without a valid signature is empty.
        401 if answer.body.trim().is_empty() => BrokenPart::OtherSecret,
        401 | 403 | 406 | 429 | 451 => BrokenPart::Firewall,
        _ => BrokenPart::OtherProgram,
    })
}

fn mentions_login(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["login", "log in", "signin", "sign in", "sign-in", "/sso", "sso.", "oauth", "saml", "type=\"password\""]
        .iter()
        .any(|word| text.contains(word))
}

/// Judges a call without an answer by the chain of its causes.
pub(super) fn judge_failure(error: &reqwest::Error) -> BrokenPart {
    let (mut texts, mut kinds) = (String::new(), Vec::new());
    // The outermost error quotes the address, which may contain any word.
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            kinds.push(error.kind());
        }
        texts.push_str(&error.to_string().to_ascii_lowercase());
        texts.push('\n');
        cause = error.source();
    }
    judge_causes(&texts, &kinds, error.is_timeout())
}

fn judge_causes(texts: &str, kinds: &[io::ErrorKind], is_timeout: bool) -> BrokenPart {
    if texts.contains("dns error") || texts.contains("failed to lookup address") {
        BrokenPart::Name
    } else if texts.contains("tunnel") || texts.contains("proxy") {
        BrokenPart::WayOut
    } else if texts.contains("certificate") {
        BrokenPart::Certificate
    } else if kinds.contains(&io::ErrorKind::ConnectionRefused) {
        BrokenPart::Refused
    } else if is_timeout || kinds.contains(&io::ErrorKind::TimedOut) {
        BrokenPart::Silent
    } else {
        BrokenPart::NoConnection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webex::signature::{WebhookSecret, WebhookSecrets};

    fn probe() -> Probe {
        let current = WebhookSecret::new(&"a secret that is long enough".into()).unwrap();
        Probe::new(&WebhookSecrets { current, previous: None, require_sha2: false }, [7; 16])
    }

    fn answer(status: u16, body: &str) -> ProbeAnswer {
        ProbeAnswer { status, body: body.to_owned(), is_html: body.contains('<'), ..ProbeAnswer::default() }
    }

    #[test]
    fn each_answer_names_the_part_that_gave_it() {
        let redirect = |location: &str| ProbeAnswer { location: location.to_owned(), ..answer(302, "") };
        let password = ProbeAnswer { asks_to_authenticate: true, ..answer(401, "") };
        for (answer, part) in [
            (answer(200, "ok"), BrokenPart::OtherProgram),
            (answer(200, "<h1>Welcome to nginx!</h1>"), BrokenPart::OtherProgram),
            (answer(200, "<form>Sign in <input type=\"password\"></form>"), BrokenPart::Login),
            (answer(204, ""), BrokenPart::OtherProgram),
            (redirect("https://steward.example.com/webhooks/webex"), BrokenPart::Redirect),
            (redirect("https://idp.example.com/oauth2/authorize?x=1"), BrokenPart::Login),
            (answer(400, "bad request"), BrokenPart::OtherProgram),
            (answer(401, ""), BrokenPart::OtherSecret),
            (password, BrokenPart::Login),
            (answer(401, "denied"), BrokenPart::Firewall),
            (answer(403, "<h1>Forbidden</h1>"), BrokenPart::Firewall),
            (answer(404, "<h1>Not Found</h1>"), BrokenPart::Path),
            (answer(405, ""), BrokenPart::Method),
            (answer(500, ""), BrokenPart::OtherProgram),
            (answer(502, "<h1>Bad Gateway</h1>"), BrokenPart::Gateway),
            (answer(530, "<h1>Error 1033</h1>"), BrokenPart::Gateway),
        ] {
            assert_eq!(judge(&answer, &probe()), Err(part), "{answer:?}");
        }
    }

    #[test]
    fn each_failure_names_the_part_that_it_comes_from() {
        use io::ErrorKind::{ConnectionRefused, ConnectionReset, TimedOut};
        for (texts, kind, is_timeout, part) in [
            (
                "client error (connect)\ndns error\nfailed to lookup address information",
                None,
                false,
                BrokenPart::Name,
            ),
            ("tcp connect error\nconnection refused", Some(ConnectionRefused), false, BrokenPart::Refused),
            ("operation timed out", None, true, BrokenPart::Silent),
            ("tcp connect error", Some(TimedOut), false, BrokenPart::Silent),
            ("invalid peer certificate: unknownissuer", None, false, BrokenPart::Certificate),
            ("client error (connect)\ntunnel error: unsuccessful", None, false, BrokenPart::WayOut),
            ("connection reset by peer", Some(ConnectionReset), false, BrokenPart::NoConnection),
        ] {
            let kinds: Vec<_> = kind.into_iter().collect();
            assert_eq!(judge_causes(texts, &kinds, is_timeout), part, "{texts}");
        }
    }
}
