//! The line that a person probably meant, in their own words.

use super::*;

/// The suggested line.
fn meant(line: &str) -> Option<String> {
    let line = addressed(line);
    parse(&line).err()?.correction.map(|correction| correction.line)
}

/// A line as it arrives in a direct space.
fn addressed(line: &str) -> String {
    let bot = crate::domain::PersonId::parse("bot").unwrap();
    let bot = Addressee { person_id: &bot, display_name: "Steward" };
    addressed_line(None, Some(line), &bot, SpaceKind::Direct)
}

#[test]
fn suggestions_use_the_words_of_the_person() {
    for (line, suggested) in [
        // A noun is missing, or another word is used.
        ("delete BER-1", "delete device BER-1"),
        ("Remove BER-1 because \"old\"", "Remove device BER-1 because \"old\""),
        ("delete the device BER-1", "delete device BER-1"),
        ("show BER-1", "show device BER-1"),
        ("show me BER-1", "show device BER-1"),
        ("find BER-1", "show device BER-1"),
        ("destroy device BER-1", "delete device BER-1"),
        ("activate Lobby", "activate workspace Lobby"),
        ("activate ana@example.com", "activate person ana@example.com"),
        ("tag BER-1 +retire", "tag device BER-1 +retire"),
        ("tag status:offline +retire", "tag devices status:offline +retire"),
        ("untag device BER-1 pilot", "tag device BER-1 -pilot"),
        // Courtesies.
        ("please delete device BER-1", "delete device BER-1"),
        ("Hi Steward, can you delete device BER-1", "delete device BER-1"),
        ("delete device BER-1 please", "delete device BER-1"),
        ("delete device FOC2345ABCD now", "delete device FOC2345ABCD"),
        ("I need help", "help"),
        ("How do I delete a device?", "help delete"),
        ("what can you do?", "help"),
        ("who are you", "about"),
        ("get rid of BER-1", "delete device BER-1"),
        ("Please remove the old device BER-1", "remove device BER-1"),
        ("add the tag retire to BER-1", "tag device BER-1 +retire"),
        ("remove tag pilot from device BER-1", "tag device BER-1 -pilot"),
        ("which devices are offline?", "list devices status:offline"),
        ("can you show me the offline phones please", "list devices status:offline type:phone"),
        ("list device named ber", "list devices name:*ber*"),
        // Misspelled.
        ("delte device BER-1", "delete device BER-1"),
        ("Dleete Device BER-1", "delete device BER-1"),
        ("deletedevice BER-1", "delete device BER-1"),
        ("delete-device BER-1 becuase \"old\"", "delete device BER-1 because \"old\""),
        ("lits devices", "list devices"),
        ("hlep", "help"),
        // Quotes.
        ("delete device BER 4 Panorama", "delete device \"BER 4 Panorama\""),
        ("delete device BER 4 because it moved", "delete device \"BER 4\" because \"it moved\""),
        ("delete device BER-1 because \"it moved", "delete device BER-1 because \"it moved\""),
        ("delete device 112233445566 \"it moved\"", "delete device 112233445566 because \"it moved\""),
        ("delete BER 4 please", "delete device \"BER 4\""),
        // Lists.
        ("list offline devices", "list devices status:offline"),
        ("list all devices", "list devices"),
        ("show all devices", "list devices"),
        ("devices", "list devices"),
        ("list phones", "list devices type:phone"),
        ("list devices in Berlin", "list devices location:Berlin"),
        (
            "list devices in New York sort by name page 2",
            "list devices location:\"New York\" sort:name page:2",
        ),
        ("list devices sort by name", "list devices sort:name"),
        ("list devices sorted by last seen descending", "list devices sort:-last-seen"),
        ("list devices page 2", "list devices page:2"),
        ("list devices offline", "list devices status:offline"),
        ("list devices with tag retire", "list devices tag:retire"),
        ("list devices status: offline", "list devices status:offline"),
        ("list devices status = offline", "list devices status:offline"),
        ("list devices status=offline", "list devices status:offline"),
        ("list devices status!=offline", "list devices -status:offline"),
        ("list devices lobby", "list devices name:*lobby*"),
        ("list devices nmae:lobby", "list devices name:lobby"),
        ("list devices -status:conected", "list devices -status:connected"),
        ("list devices -last-seen:90d", "list devices -last-seen:>90d"),
        ("list devices ip:10.4.7", "list devices ip:10.4.7.*"),
        ("list devices sort:-nmae", "list devices sort:-name"),
        ("list devices !status:offline", "list devices -status:offline"),
        ("list devices status:!offline", "list devices -status:offline"),
        ("export offline devices", "list devices status:offline csv"),
        ("delete device status:offline last-seen:>90d", "list devices status:offline last-seen:>90d"),
        ("delete devices status:offline", "list devices status:offline"),
        ("delete devices BER-1", "delete device BER-1"),
        ("delete device serial:FOC2345ABCD", "delete device FOC2345ABCD"),
        // Tags and new devices.
        ("tag device BER-1 retire", "tag device BER-1 +retire"),
        ("tag device BER-1 with retire", "tag device BER-1 +retire"),
        ("tag device FOC2345ABCD with retire", "tag device FOC2345ABCD +retire"),
        ("tag device 112233445566 retire", "tag device 112233445566 +retire"),
        ("tag device BER-1 remove pilot", "tag device BER-1 -pilot"),
        (
            "add device 112233445566 model X to Lobby",
            "add device mac 112233445566 model X to workspace Lobby",
        ),
        ("show device lobby in Acme", "show device lobby in org Acme"),
        // More than one.
        ("delete device A1; delete device B2", "delete device A1"),
        ("delete device A1 and list devices", "delete device A1"),
        ("delete device A1, then delete device B2", "delete device A1"),
        ("delete device FOC2345ABCD FOC2345ABCE", "delete device FOC2345ABCD"),
        ("delete device FOC2345ABCD and FOC2345ABCE", "delete device FOC2345ABCD"),
        ("delete devices FOC2345ABCD, FOC2345ABCE", "delete device FOC2345ABCD"),
        ("help delte", "help delete device"),
        ("confirm K7Q2 M9", "confirm K7Q2-M9"),
        ("delete BER-1 because it is not used", "delete device BER-1 because \"it is not used\""),
    ] {
        assert_eq!(meant(line).as_deref(), Some(suggested), "{line}");
        assert!(parse(suggested).is_ok(), "{suggested}");
    }
}

#[test]
fn lines_that_may_mean_something_else_get_no_suggestion() {
    for line in [
        "please do NOT delete device BER-1",
        "don't delete device BER-1",
        "never delete BER-1",
        "delete all devices except BER-1",
        "delete everything in Berlin",
        "delete all",
        "list devices not offline",
        "list devices without tag keep",
        "list devices offline or pending",
        "deactivate workspace Lobby",
        "undelete device BER-1",
        "unconfirm K7Q2-M9",
        "list devices status:unoffline",
        "list devices -!status:offline",
        "delete device the lobby, but not yet",
        "hello",
        "thanks, that is all",
        "",
    ] {
        assert_eq!(meant(line), None, "{line}");
        let error = parse(&addressed(line)).unwrap_err().to_string();
        assert!(!error.contains("did you mean"), "{line}: {error}");
    }
}

#[test]
fn signs_of_any_keyboard_exclude() {
    for sign in ['-', '\u{2010}', '\u{2011}', '\u{2012}', '–', '—', '\u{2015}', '\u{2212}'] {
        let line = addressed(&format!("list devices {sign}status:offline sort:{sign}name"));
        let Ok(Command::ListDevices { filter, sort, .. }) = parse(&line) else { panic!("{sign}: {line}") };
        assert_eq!(
            (filter.to_string(), sort.unwrap().to_string()),
            ("-status:offline".into(), "-name".into())
        );
        let tag = parse(&addressed(&format!("tag device X {sign}pilot"))).unwrap();
        assert_eq!(tag.to_string(), "tag device X -pilot");
        assert_eq!(
            parse(&addressed(&format!("confirm K7Q2{sign}M9."))),
            Ok(Command::Confirm { code: code() })
        );
    }
}

#[test]
fn nothing_that_a_person_may_not_use_is_suggested() {
    let only = |right: Right| move |asked: Right| asked == right;
    let error = |line: &str, right| parse(line).unwrap_err().within(only(right));
    for line in ["delete BER-1", "delte device BER-1", "delete device", "tag device BER-1 retire", "activate"]
    {
        let error = error(line, Right::Read);
        let read = format!("{error} {}", error.advice().unwrap_or_default());
        for forbidden in ["delete device", "tag device", "activate workspace"] {
            let named = format!("You may not use \"{forbidden}\" here");
            assert!(!read.replace(&named, "").contains(&format!("{forbidden} ")), "{line}: {read}");
        }
    }
    let allowed = error("list offline devices", Right::Read);
    let advice = "If that is what you meant, write: list devices status:offline";
    assert_eq!(allowed.advice().as_deref(), Some(advice));
    let hidden = error("delete device status:offline", Right::Tag);
    assert_eq!(hidden.advice().as_deref(), Some("You may not use \"delete device\" here."));
}

#[test]
fn hidden_characters_make_every_command_fail() {
    for (line, found) in [
        ("delete device FOC2501A0\u{202e}21\u{202c}", "U+202E"),
        ("delete device \u{2066}FOC2501A021\u{2069}", "U+2066"),
        ("delete device FOC\u{200b}2501A021", "U+200B"),
        ("delete device FOC2501\u{ad}A021", "U+00AD"),
        ("delete device FOC2501\u{200d}A021", "U+200D"),
        ("delete device FOC2501\u{fe0f}A021", "U+FE0F"),
        ("delete device FOC2501A021\u{e0041}", "U+E0041"),
        ("del\u{feff}ete device X", "U+FEFF"),
        ("list devices -tag:ke\u{200b}ep", "U+200B"),
        ("tag device X +pi\u{2060}lot", "U+2060"),
        ("delete device X because \"the \u{202e}old\u{202c} one\"", "U+202E"),
        ("confirm K7\u{200c}Q2-M9", "U+200C"),
        ("activate workspace \"Lob\u{200f}by\"", "U+200F"),
        ("help\u{202a}", "U+202A"),
    ] {
        let line = addressed(line);
        let error = parse(&line).expect_err(&line);
        assert!(error.to_string().contains(found), "{line:?}: {error}");
        let at = u32::from(line[error.span()].chars().next().unwrap());
        assert_eq!(format!("U+{at:04X}"), found, "the error points at the character");
    }
}

#[test]
fn zero_width_characters_around_words_change_nothing() {
    for line in [
        "\u{feff}delete device FOC2501A021",
        "delete\u{a0}device \u{200b}FOC2501A021\u{200b}",
        "\u{200e}delete device\u{200f} FOC2501A021\u{feff}",
        "delete device \"\u{200b}FOC2501A021\u{200b}\"",
        "delete device FOC2501A021.",
    ] {
        let command = Command::DeleteDevice { device: named("FOC2501A021"), reason: None, org: None };
        assert_eq!(parse(&addressed(line)), Ok(command), "{line:?}");
    }
}
