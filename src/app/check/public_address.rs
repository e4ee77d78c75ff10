//! Judges the way from the public address to Steward. Pure.

use super::finding::{Check, Finding};
use super::machine::Listener;
use crate::app::front_door::BrokenPart;

const PUBLIC_ADDRESS: Check =
    Check { name: "public_address", expected: "a way through the public address to this Steward" };

/// The results of asking the public address.
#[derive(Debug)]
pub(super) struct Asked {
    /// The answer to a signed probe.
    pub(super) probe: Result<(), BrokenPart>,
    /// The status of a POST without a signature.
    pub(super) unsigned: Result<u16, BrokenPart>,
}

pub(super) fn judge_no_public_address() -> Finding {
    PUBLIC_ADDRESS.not_checked("STEWARD_PUBLIC_URL is not set")
}

/// Judges the way. While Steward does not run, a silent way proves nothing.
pub(super) fn judge_public_address(address: &str, asked: &Asked, here: &Listener) -> Finding {
    let runs_here = matches!(here, Listener::Steward);
    match (asked.probe, asked.unsigned) {
        (Ok(()), Ok(401)) => PUBLIC_ADDRESS
            .good(format!("Steward answers at {address}, and refuses a POST without a signature (401)")),
        (Ok(()), Ok(status)) => PUBLIC_ADDRESS.warning(
            format!(
                "Steward answers at {address}, but a POST without a signature gets {status} instead of 401"
            ),
            "Let the proxy in front pass on every POST to this path.",
        ),
        (Ok(()), Err(part)) => PUBLIC_ADDRESS.warning(
            format!("Steward answers at {address}, but not every time: {}", part.as_str()),
            part.remedy(),
        ),
        (Err(part @ (BrokenPart::Refused | BrokenPart::Gateway)), _) if !runs_here => PUBLIC_ADDRESS.warning(
            format!("{address}: {}; no Steward runs here", part.as_str()),
            format!("Start `steward serve` and check again. {}", part.remedy()),
        ),
        (Err(part), _) => {
            let is_a_setting = !matches!(
                part,
                BrokenPart::Silent | BrokenPart::NoConnection | BrokenPart::Refused | BrokenPart::Gateway
            );
            PUBLIC_ADDRESS.bad(is_a_setting, format!("{address}: {}", part.as_str()), part.remedy())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::check::finding::Verdict;

    #[test]
    fn a_silent_way_counts_only_while_steward_runs() {
        let address = "https://steward.example.com/webhooks/webex";
        let judge = |part, here: &Listener| {
            judge_public_address(address, &Asked { probe: Err(part), unsigned: Err(part) }, here).verdict
        };
        assert_eq!(judge(BrokenPart::Gateway, &Listener::Free), Verdict::Warning);
        assert_eq!(judge(BrokenPart::Gateway, &Listener::Steward), Verdict::Failed);
        assert_eq!(judge(BrokenPart::Login, &Listener::Free), Verdict::Misconfigured);
        let odd = Asked { probe: Ok(()), unsigned: Ok(403) };
        assert_eq!(judge_public_address(address, &odd, &Listener::Steward).verdict, Verdict::Warning);
    }
}
