//! Webex's words for a device, in words of people. What is not known here stays as Webex says it: more may come.

/// The connection status.
#[must_use]
pub fn status(status: &str) -> &str {
    match status {
        "connected_with_issues" => "connected with issues",
        "offline_expired" => "offline (expired)",
        "offline_deep_sleep" => "offline (deep sleep)",
        other => other,
    }
}

/// The kind of device.
#[must_use]
pub fn kind(kind: &str) -> &str {
    match kind {
        "roomdesk" => "room or desk device",
        "webexgo" => "Webex Go",
        other => other,
    }
}

/// The platform.
#[must_use]
pub fn platform(platform: &str) -> &str {
    match platform {
        "cisco" => "Cisco",
        "microsoftTeamsRoom" => "Microsoft Teams Room",
        other => other,
    }
}

/// Who looks after it.
#[must_use]
pub fn managed_by(managed_by: &str) -> &str {
    match managed_by {
        "CISCO" => "Cisco",
        "CUSTOMER" => "the customer",
        "PARTNER" => "a partner",
        other => other,
    }
}

/// Planned maintenance.
#[must_use]
pub fn maintenance(mode: &str) -> &str {
    match mode {
        "off" => "none planned",
        "on" => "going on now",
        other => other,
    }
}

/// How long ago it was last seen, in a list.
#[must_use]
pub fn seen(ago: &str) -> String {
    format!("seen {ago}")
}

/// What a device complains about. The codes are the names of `RoomOS` diagnostics (xAPI, *Diagnostics Message
/// Type*), which the Devices API writes in small letters.
const ERRORS: [(&str, &str); 29] = [
    ("audioechocontrol", "the echo canceller does not work well"),
    ("cameraid", "the camera is not known"),
    ("camerasdetected", "no camera found"),
    ("camerasoftwareid", "the software of the camera does not fit"),
    ("camerastatus", "a problem with the camera"),
    ("contactinfomismatch", "the contact differs from the registration"),
    ("controlsystemconnection", "the control system is not connected"),
    ("defaultcallprotocolregistered", "the default call protocol is not registered"),
    ("ecreferencedelay", "the delay of the echo reference is too long"),
    ("ethernetduplexmatches", "the duplex modes of the network do not match"),
    ("fanstatus", "a problem with the fan"),
    ("h323gatekeeperstatus", "not registered with the H.323 gatekeeper"),
    ("hasactivecallprotocol", "no call protocol is active"),
    ("hasvalidreleasekey", "no valid release key"),
    ("httpfeedbackfailed", "feedback over HTTP fails"),
    ("ipv4assignment", "no IPv4 address"),
    ("ipv6assignment", "no IPv6 address"),
    ("macrosruntimestatus", "the macros have stopped"),
    ("microphonesconnected", "no microphone connected"),
    ("networkquality", "poor network quality"),
    ("ntpstatus", "the time server is not reached"),
    ("provisioningstatus", "provisioning fails"),
    ("sipprofileregistration", "not registered for calls over SIP"),
    ("sipprofiletype", "the type of the SIP profile does not fit"),
    ("softwareupgrade", "a software upgrade has failed"),
    ("temperaturecheck", "too hot"),
    ("touchpanelconnection", "the touch panel is not connected"),
    ("ultrasoundspeakeravailability", "no speaker for ultrasound pairing"),
    ("validpasswords", "a password is missing or weak"),
];

/// Error codes in words, each with the code itself; unknown ones as they are.
#[must_use]
pub fn errors(codes: &[String]) -> String {
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
    fn error_codes_are_told_in_words_and_unknown_ones_as_they_are() {
        let codes = ["sipprofileregistration", "TemperatureCheck", "flux_capacitor"].map(str::to_owned);
        assert_eq!(
            errors(&codes),
            "not registered for calls over SIP (sipprofileregistration), too hot (TemperatureCheck), flux_capacitor"
        );
        assert_eq!(errors(&[]), "");
    }

    #[test]
    fn every_error_code_stands_once_and_in_order() {
        assert!(ERRORS.is_sorted_by(|(one, _), (other, _)| one < other));
    }

    #[test]
    fn what_is_not_known_stays_as_webex_says_it() {
        for word in [status, kind, platform, managed_by, maintenance] {
            assert_eq!(word("something_new"), "something_new");
        }
    }
}
