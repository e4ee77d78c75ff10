//! Webex's words for a device in plain English. Unknown words stay as they are: Webex may add more.

pub(in crate::cards) fn status(status: &str) -> &str {
    match status {
        "connected_with_issues" => "connected with issues",
        "offline_expired" => "offline (expired)",
        "offline_deep_sleep" => "offline (deep sleep)",
        other => other,
    }
}

pub(in crate::cards) fn kind(kind: &str) -> &str {
    match kind {
        "roomdesk" => "room or desk device",
        "webexgo" => "Webex Go",
        other => other,
    }
}

pub(in crate::cards) fn platform(platform: &str) -> &str {
    match platform {
        "cisco" => "Cisco",
        "microsoftTeamsRoom" => "Microsoft Teams Room",
        other => other,
    }
}

pub(in crate::cards) fn managed_by(managed_by: &str) -> &str {
    match managed_by {
        "CISCO" => "Cisco",
        "CUSTOMER" => "the customer",
        "PARTNER" => "a partner",
        other => other,
    }
}

pub(in crate::cards) fn maintenance(mode: &str) -> &str {
    match mode {
        "off" => "none planned",
        "on" => "in progress",
        other => other,
    }
}

pub(in crate::cards) fn seen(ago: &str) -> String {
    format!("seen {ago}")
}

pub(in crate::cards) fn how_to_delete(exact: &str) -> String {
    format!("To delete it: delete device {exact}")
}

/// Errors that a device reports. The codes are the names of `RoomOS` diagnostics (xAPI, *Diagnostics Message Type*), which
/// the Devices API writes in lower case.
const ERRORS: [(&str, &str); 29] = [
    ("audioechocontrol", "poor echo cancellation"),
    ("cameraid", "unknown camera"),
    ("camerasdetected", "no camera found"),
    ("camerasoftwareid", "the camera software does not match"),
    ("camerastatus", "camera problem"),
    ("contactinfomismatch", "contact information does not match"),
    ("controlsystemconnection", "control system not connected"),
    ("defaultcallprotocolregistered", "default call protocol not registered"),
    ("ecreferencedelay", "echo reference delay too long"),
    ("ethernetduplexmatches", "network duplex mismatch"),
    ("fanstatus", "fan problem"),
    ("h323gatekeeperstatus", "not registered with the H.323 gatekeeper"),
    ("hasactivecallprotocol", "no call protocol is active"),
    ("hasvalidreleasekey", "no valid release key"),
    ("httpfeedbackfailed", "HTTP feedback fails"),
    ("ipv4assignment", "no IPv4 address"),
    ("ipv6assignment", "no IPv6 address"),
    ("macrosruntimestatus", "macros have stopped"),
    ("microphonesconnected", "no microphone connected"),
    ("networkquality", "poor network quality"),
    ("ntpstatus", "time server not reachable"),
    ("provisioningstatus", "provisioning fails"),
    ("sipprofileregistration", "not registered for SIP calls"),
    ("sipprofiletype", "wrong SIP profile type"),
    ("softwareupgrade", "software upgrade failed"),
    ("temperaturecheck", "too hot"),
    ("touchpanelconnection", "touch panel not connected"),
    ("ultrasoundspeakeravailability", "no speaker for ultrasound pairing"),
    ("validpasswords", "missing or weak password"),
];

/// Error codes in words, each with the code; unknown codes as they are.
pub(in crate::cards) fn errors(codes: &[String]) -> String {
    let in_words = |code: &String| {
        let known = ERRORS.iter().find(|(known, _)| code.eq_ignore_ascii_case(known));
        known.map_or_else(|| code.clone(), |(_, words)| format!("{words} ({code})"))
    };
    codes.iter().map(in_words).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_error_codes_are_shown_in_words() {
        let codes = ["sipprofileregistration", "TemperatureCheck", "flux_capacitor"].map(str::to_owned);
        assert_eq!(
            errors(&codes),
            "not registered for SIP calls (sipprofileregistration), too hot (TemperatureCheck), flux_capacitor"
        );
        assert_eq!(errors(&[]), "");
    }

    #[test]
    fn error_codes_are_unique_and_sorted() {
        assert!(ERRORS.is_sorted_by(|(one, _), (other, _)| one < other));
    }

    #[test]
    fn unknown_words_stay_as_they_are() {
        for word in [status, kind, platform, managed_by, maintenance] {
            assert_eq!(word("something_new"), "something_new");
        }
    }
}
