//! The grammar as tables of lines: what is understood, what is refused and with which words, and what holds
//! for every line.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::domain::InvalidDeviceId;

/// `ciscospark://us/DEVICE/1`
const ID: &str = "Y2lzY29zcGFyazovL3VzL0RFVklDRS8x";
/// `ciscospark://us/ROOM/12`
const ROOM: &str = "Y2lzY29zcGFyazovL3VzL1JPT00vMTI";

fn id() -> DeviceId {
    DeviceId::parse(ID).unwrap()
}

fn show() -> Command {
    Command::ShowDevice { device: id() }
}

fn delete(reason: Option<&str>) -> Command {
    Command::DeleteDevice { device: id(), reason: reason.map(|text| Reason::parse(text).unwrap()) }
}

fn help(topic: Option<&str>) -> Command {
    Command::Help { topic: topic.map(|text| Topic::parse(text).unwrap()) }
}

/// The line with `ID` and `ROOM` filled in.
fn filled(line: &str) -> String {
    line.replace("ID", ID).replace("ROOM", ROOM)
}

#[test]
fn lines_that_are_understood() {
    for (line, command) in [
        ("help", help(None)),
        ("HELP", help(None)),
        ("help delete", help(Some("delete device"))),
        ("help Delete Device", help(Some("delete device"))),
        ("help rm device", help(Some("delete device"))),
        ("help help", help(Some("help"))),
        ("about", Command::About),
        ("whoami", Command::WhoAmI),
        ("Who Am I", Command::WhoAmI),
        ("show device ID", show()),
        ("Show DEVICE \"ID\"", show()),
        ("delete device ID", delete(None)),
        ("  delete   device ID  ", delete(None)),
        ("delete device ID==", delete(None)),
        ("Remove Device ID", delete(None)),
        ("rm device ID", delete(None)),
        ("delete device ID because \"moved to Berlin\"", delete(Some("moved to Berlin"))),
        ("rm device ID BECAUSE \" because \"", delete(Some("because"))),
        ("delete device \"ID\" because \"Ana's\"", delete(Some("Ana's"))),
    ] {
        assert_eq!(parse(&filled(line)), Ok(command), "{line}");
    }
}

/// What is said of lines: for each the line, the error, where it points, and what to do.
fn answers(lines: &[&str]) -> String {
    let answer = |line: &&str| {
        let filled = filled(line);
        let error = parse(&filled).expect_err(line);
        let at = &filled[error.span()];
        format!("> {line}\n  {error}\n  at [{at}]\n  {}\n", error.what_to_do())
    };
    lines.iter().map(answer).collect::<String>().replace(ID, "ID").replace(ROOM, "ROOM")
}

#[test]
fn nothing_is_no_command() {
    for line in ["", " ", "\u{a0}\n"] {
        assert_eq!(parse(line), Err(ParseError::Empty), "{line:?}");
    }
    assert_snapshot!(ParseError::Empty, @"expected a command, found nothing");
    assert_snapshot!(ParseError::Empty.what_to_do(), @"Say what you want, for example: help");
}

#[test]
fn lines_that_begin_with_no_command() {
    assert_snapshot!(answers(&[
        "please do NOT delete device ID",
        "delte device ID",
        "delete devices ID ID",
        "delete ID",
        "list devices",
        "move device ID",
        "show me",
        "/help",
        "\"delete device ID\"",
        "deleted device ID",
        "he said \"delete device ID",
        "help delte",
        "help devices",
        "help delete device ID",
    ]), @r#"
    > please do NOT delete device ID
      expected a command, found "please"
      at [please]
      Start with the verb of a command and write nothing around it; to see the commands, write: help
    > delte device ID
      expected a command, found "delte"; did you mean "delete device"?
      at [delte]
      If that is what you meant, write it like this: delete device ID because "moved to Berlin"
    > delete devices ID ID
      expected a command, found "delete devices"; did you mean "delete device"?
      at [delete devices]
      If that is what you meant, write it like this: delete device ID because "moved to Berlin"
    > delete ID
      expected a command, found "delete ID"; did you mean "delete device"?
      at [delete ID]
      If that is what you meant, write it like this: delete device ID because "moved to Berlin"
    > list devices
      expected a command, found "list"
      at [list]
      Start with the verb of a command and write nothing around it; to see the commands, write: help
    > move device ID
      expected a command, found "move"
      at [move]
      Start with the verb of a command and write nothing around it; to see the commands, write: help
    > show me
      expected a command, found "show me"; did you mean "show device"?
      at [show me]
      If that is what you meant, write it like this: show device ID
    > /help
      expected a command, found "/help"; did you mean "help"?
      at [/help]
      If that is what you meant, write it like this: help delete device
    > "delete device ID"
      expected a command, found `"delete device ID"`
      at ["delete device ID"]
      Start with the verb of a command and write nothing around it; to see the commands, write: help
    > deleted device ID
      expected a command, found "deleted"; did you mean "delete device"?
      at [deleted]
      If that is what you meant, write it like this: delete device ID because "moved to Berlin"
    > he said "delete device ID
      expected a command, found "he"
      at [he]
      Start with the verb of a command and write nothing around it; to see the commands, write: help
    > help delte
      expected the name of a command after "help", found "delte"; did you mean "delete device"?
      at [delte]
      Name one of the commands that "help" shows, for example: help delete device
    > help devices
      expected the name of a command after "help", found "devices"
      at [devices]
      Name one of the commands that "help" shows, for example: help delete device
    > help delete device ID
      expected the name of a command after "help", found "delete device ID"; did you mean "delete device"?
      at [delete device ID]
      Name one of the commands that "help" shows, for example: help delete device
    "#);
}

#[test]
fn lines_that_end_too_early() {
    assert_snapshot!(answers(&[
        "delete",
        "RM",
        "show",
        "who am",
        "delete device",
        "rm device",
        "show device",
        "delete device ID because",
    ]), @r#"
    > delete
      expected "device" after "delete", found the end of the line
      at []
      Write it like this: delete device ID because "moved to Berlin"
    > RM
      expected "device" after "RM", found the end of the line
      at []
      Write it like this: delete device ID because "moved to Berlin"
    > show
      expected "device" after "show", found the end of the line
      at []
      Write it like this: show device ID
    > who am
      expected "i" after "am", found the end of the line
      at []
      Write it like this: whoami
    > delete device
      expected the id of a device after "device", found the end of the line
      at []
      Write it like this: delete device ID because "moved to Berlin"
    > rm device
      expected the id of a device after "device", found the end of the line
      at []
      Write it like this: delete device ID because "moved to Berlin"
    > show device
      expected the id of a device after "device", found the end of the line
      at []
      Write it like this: show device ID
    > delete device ID because
      expected the reason in double quotes after "because", found the end of the line
      at []
      Put the reason in double quotes, for example: delete device ID because "moved to Berlin"
    "#);
}

#[test]
fn what_cannot_be_a_device() {
    assert_snapshot!(answers(&[
        "delete device ../people/me",
        "delete device lobby",
        "delete device \"\"",
        "delete device \"the lobby\"",
        "delete device ID.",
        "delete device ROOM",
        "show device ID?x=1",
        "show device device",
    ]), @r#"
    > delete device ../people/me
      expected only letters, digits, '-', '_' and '=' in a device id, found '.' in "../people/me"
      at [../people/me]
      Give the id of one device, for example: delete device ID because "moved to Berlin"
    > delete device lobby
      expected a device id (about 80 characters, as `Y2lzY29…`), found 5 characters in "lobby"
      at [lobby]
      Give the id of one device, for example: delete device ID because "moved to Berlin"
    > delete device ""
      expected a device id, found nothing in `""`
      at [""]
      Give the id of one device, for example: delete device ID because "moved to Berlin"
    > delete device "the lobby"
      expected only letters, digits, '-', '_' and '=' in a device id, found ' ' in `"the lobby"`
      at ["the lobby"]
      Give the id of one device, for example: delete device ID because "moved to Berlin"
    > delete device ID.
      expected only letters, digits, '-', '_' and '=' in a device id, found '.' in "ID."
      at [ID.]
      Give the id of one device, for example: delete device ID because "moved to Berlin"
    > delete device ROOM
      expected the id of a device, found the id of a space in "ROOM"
      at [ROOM]
      Give the id of one device, for example: delete device ID because "moved to Berlin"
    > show device ID?x=1
      expected only letters, digits, '-', '_' and '=' in a device id, found '?' in "ID?x=1"
      at [ID?x=1]
      Give the id of one device, for example: show device ID
    > show device device
      expected a device id (about 80 characters, as `Y2lzY29…`), found 6 characters in "device"
      at [device]
      Give the id of one device, for example: show device ID
    "#);
}

#[test]
fn words_that_fit_nowhere() {
    assert_snapshot!(answers(&[
        "delete device ID now",
        "delete device ID ID",
        "delete device ID becuase \"moved\"",
        "delete device ID because moved out",
        "delete device ID because 'moved'",
        "delete device ID \"moved\"",
        "delete device ID because \"moved\" now",
        "delete device ID because \"moved\" because \"again\"",
        "delete device because \"moved\"",
        "show device ID because \"moved\"",
        "about you",
        "whoami?",
        "whoami really",
    ]), @r#"
    > delete device ID now
      expected the end of the command or because "reason", found "now" (word 4)
      at [now]
      Write it like this: delete device ID because "moved to Berlin"
    > delete device ID ID
      expected the end of the command or because "reason", found "ID" (word 4)
      at [ID]
      Write it like this: delete device ID because "moved to Berlin"
    > delete device ID becuase "moved"
      expected the end of the command or because "reason", found "becuase" (word 4); did you mean "because"?
      at [becuase]
      Write it like this: delete device ID because "moved to Berlin"
    > delete device ID because moved out
      expected the reason in double quotes, found "moved" (word 5)
      at [moved]
      Put the reason in double quotes, for example: delete device ID because "moved to Berlin"
    > delete device ID because 'moved'
      expected the reason in double quotes, found "'moved'" (word 5)
      at ['moved']
      Put the reason in double quotes, for example: delete device ID because "moved to Berlin"
    > delete device ID "moved"
      expected the end of the command or because "reason", found `"moved"` (word 4)
      at ["moved"]
      Write it like this: delete device ID because "moved to Berlin"
    > delete device ID because "moved" now
      expected the end of the command, found "now" (word 6)
      at [now]
      Write it like this: delete device ID because "moved to Berlin"
    > delete device ID because "moved" because "again"
      expected the end of the command, found "because" (word 6)
      at [because]
      Write it like this: delete device ID because "moved to Berlin"
    > delete device because "moved"
      expected the id of a device, found "because" (word 3)
      at [because]
      Write it like this: delete device ID because "moved to Berlin"
    > show device ID because "moved"
      expected the end of the command, found "because" (word 4)
      at [because]
      Write it like this: show device ID
    > about you
      expected the end of the command, found "you" (word 2)
      at [you]
      Write it like this: about
    > whoami?
      expected a command, found "whoami?"; did you mean "whoami"?
      at [whoami?]
      If that is what you meant, write it like this: whoami
    > whoami really
      expected the end of the command, found "really" (word 2)
      at [really]
      Write it like this: whoami
    "#);
}

#[test]
fn quotes_and_reasons_that_are_wrong() {
    assert_snapshot!(answers(&[
        "delete device ID because \"moved out",
        "delete device ID because \"",
        "delete device ID because \"moved\".",
        "delete device ID because \"the \"old\" one\"",
        "delete device ID because the 55\" display",
        "delete device ID because\"moved\"",
        "delete device ID because \"\"",
        "delete device ID because \"  \"",
        "\"",
    ]), @r#"
    > delete device ID because "moved out
      expected a closing quote, found the end of the line after `"moved out`
      at ["moved out]
      Put one pair of double quotes around the whole reason and none inside it, for example: delete device ID because "moved to Berlin"
    > delete device ID because "
      expected a closing quote, found the end of the line after `"`
      at ["]
      Put one pair of double quotes around the whole reason and none inside it, for example: delete device ID because "moved to Berlin"
    > delete device ID because "moved".
      expected blanks before and after a text in quotes, found `"moved".`
      at ["moved".]
      Put one pair of double quotes around the whole reason and none inside it, for example: delete device ID because "moved to Berlin"
    > delete device ID because "the "old" one"
      expected blanks before and after a text in quotes, found `"the "old"`
      at ["the "old"]
      Put one pair of double quotes around the whole reason and none inside it, for example: delete device ID because "moved to Berlin"
    > delete device ID because the 55" display
      expected blanks before and after a text in quotes, found `55"`
      at [55"]
      Put one pair of double quotes around the whole reason and none inside it, for example: delete device ID because "moved to Berlin"
    > delete device ID because"moved"
      expected blanks before and after a text in quotes, found `because"moved"`
      at [because"moved"]
      Put one pair of double quotes around the whole reason and none inside it, for example: delete device ID because "moved to Berlin"
    > delete device ID because ""
      expected a reason of 1 to 500 characters, found an empty one
      at [""]
      Say why in a sentence or two, or leave the reason out, for example: delete device ID because "moved to Berlin"
    > delete device ID because "  "
      expected a reason of 1 to 500 characters, found an empty one
      at ["  "]
      Say why in a sentence or two, or leave the reason out, for example: delete device ID because "moved to Berlin"
    > "
      expected a closing quote, found the end of the line after `"`
      at ["]
      Put one pair of double quotes around the whole reason and none inside it, for example: delete device ID because "moved to Berlin"
    "#);
}

#[test]
fn a_very_long_word_is_cut() {
    let long = "x".repeat(10_000);
    for line in [
        long.clone(),
        format!("delete {long}"),
        format!("delete device {long}"),
        format!("delete device {ID} {long}"),
        format!("delete device {ID} because {long}"),
        format!("delete device {ID} because \"{long}\""),
        format!("delete device {ID} because \"{long}"),
        format!("delete device {ID} because {long}\""),
        format!("help {long}"),
    ] {
        let error = parse(&line).unwrap_err();
        assert!(error.to_string().chars().count() < 220, "{error}");
        assert!(error.what_to_do().chars().count() < 220, "{error}");
    }
    let error = parse(&long).unwrap_err().to_string();
    assert_eq!(error, format!("expected a command, found \"{}…\"", "x".repeat(59)));
}

#[test]
fn an_error_carries_what_an_answer_needs() {
    assert_eq!(
        parse("delete device lobby"),
        Err(ParseError::InvalidDevice {
            command: "delete device",
            found: "lobby".to_owned(),
            span: 14..19,
            error: InvalidDeviceId::NotAnId { length: 5 },
        })
    );
    assert_eq!(
        parse(&format!("rm device {ID} becuase \"x\"")),
        Err(ParseError::UnexpectedWord {
            command: "delete device",
            found: "becuase".to_owned(),
            position: 4,
            span: 43..50,
            expected: Expected::BecauseOrEnd,
            suggestion: Some("because"),
        })
    );
    assert_eq!(
        parse(&format!("delete device {ID} because \"a\u{7}b\"")),
        Err(ParseError::InvalidReason {
            command: "delete device",
            span: 55..60,
            error: InvalidReason::ControlCharacter { character: '\u{7}' },
        })
    );
}

#[test]
fn a_command_knows_its_name_and_its_right() {
    for (command, name, right) in [
        (help(None), "help", None),
        (Command::About, "about", None),
        (Command::WhoAmI, "whoami", None),
        (show(), "show device", Some(Right::Read)),
        (delete(None), "delete device", Some(Right::Delete)),
    ] {
        assert_eq!((command.name(), command.right()), (name, right));
    }
}

#[test]
fn the_stored_form_stays_as_it_is() {
    let id = format!("\"device\":\"{ID}\"");
    for (command, stored) in [
        (help(None), r#"{"command":"help"}"#.to_owned()),
        (help(Some("rm")), r#"{"command":"help","topic":"delete device"}"#.to_owned()),
        (Command::About, r#"{"command":"about"}"#.to_owned()),
        (Command::WhoAmI, r#"{"command":"whoami"}"#.to_owned()),
        (show(), format!(r#"{{"command":"show_device",{id}}}"#)),
        (delete(None), format!(r#"{{"command":"delete_device",{id}}}"#)),
        (delete(Some("moved")), format!(r#"{{"command":"delete_device",{id},"reason":"moved"}}"#)),
    ] {
        assert_eq!(serde_json::to_string(&command).unwrap(), stored);
        assert_eq!(serde_json::from_str::<Command>(&stored).unwrap(), command);
    }
    for broken in [
        r#"{"command":"delete_device"}"#,
        r#"{"command":"delete_device","device":"../people/me"}"#,
        r#"{"command":"delete_everything"}"#,
        "{}",
    ] {
        assert!(serde_json::from_str::<Command>(broken).is_err(), "{broken}");
    }
}

/// Any command.
fn commands() -> impl Strategy<Value = Command> {
    let device = || "[A-Za-z0-9_-]{40,80}={0,2}".prop_filter_map("an id", |text| DeviceId::parse(&text).ok());
    let reason = any::<String>().prop_filter_map("a reason", |text| Reason::parse(&text).ok());
    let topic = prop::sample::select(vec!["help", "about", "whoami", "show", "delete", "rm device"]);
    prop_oneof![
        prop::option::of(topic).prop_map(help),
        Just(Command::About),
        Just(Command::WhoAmI),
        device().prop_map(|device| Command::ShowDevice { device }),
        (device(), prop::option::of(reason))
            .prop_map(|(device, reason)| Command::DeleteDevice { device, reason }),
    ]
}

/// Lines that look like commands, mostly wrong ones.
fn almost_commands() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "delete", "Device", "rm", "show", "help", "because", "\"", "\"x\"", ID, " ", " ", " ", "\u{a0}", "ß",
        "",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

/// Each letter in the case that a bit says.
fn in_mixed_case(text: &str, bits: u64) -> String {
    let case = |(at, c): (usize, char)| {
        if bits >> (at % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
    };
    text.chars().enumerate().map(case).collect()
}

proptest! {
    #[test]
    fn no_line_is_too_odd(line in prop_oneof![any::<String>(), almost_commands()]) {
        match parse(&line) {
            Ok(command) => prop_assert_eq!(parse(&command.to_string()), Ok(command)),
            Err(error) => {
                prop_assert!(line.get(error.span()).is_some());
                prop_assert!(!error.to_string().chars().any(char::is_control));
                prop_assert!(!error.to_string().ends_with('.'));
                prop_assert!(!error.what_to_do().is_empty());
            }
        }
    }

    #[test]
    fn printing_and_parsing_again_is_the_identity(command in commands()) {
        let line = command.to_string();
        prop_assert_eq!(parse(&line), Ok(command.clone()));
        prop_assert_eq!(parse(&normal::normalize(&line)), Ok(command.clone()));
        let stored = serde_json::to_string(&command).unwrap();
        prop_assert_eq!(serde_json::from_str::<Command>(&stored).unwrap(), command);
    }

    #[test]
    fn nothing_may_follow_a_complete_delete(junk in "\\PC{0,20}[^\\s\\pC]\\PC{0,20}") {
        let bare = parse(&format!("delete device {ID} {junk}"));
        prop_assert!(bare.is_err() || junk.trim().to_lowercase().starts_with("because"));
        for blank in ["", " "] {
            let line = format!("delete device {ID} because \"moved\"{blank}{junk}");
            prop_assert!(parse(&line).is_err(), "{}", line);
        }
    }

    #[test]
    fn nothing_may_precede_a_delete(junk in "\\PC{0,20}[^\\s\\pC]\\PC{0,20}") {
        let line = format!("{junk} delete device {ID}");
        prop_assert!(!matches!(parse(&line), Ok(Command::DeleteDevice { .. })), "{}", line);
    }

    #[test]
    fn upper_and_lower_case_are_the_same(bits in any::<u64>()) {
        for (words, command) in [
            ("delete device", delete(Some("x"))),
            ("remove device", delete(Some("x"))),
            ("rm device", delete(Some("x"))),
        ] {
            let line = format!("{} {ID} {} \"x\"", in_mixed_case(words, bits), in_mixed_case("because", bits));
            prop_assert_eq!(parse(&line), Ok(command));
        }
        prop_assert_eq!(parse(&in_mixed_case("help delete device", bits)), Ok(help(Some("delete"))));
        prop_assert_eq!(parse(&in_mixed_case("whoami", bits)), Ok(Command::WhoAmI));
    }
}
