//! Lines that are no commands, and what their authors hear.

use insta::assert_snapshot;

use super::*;

#[test]
fn nothing_is_no_command() {
    for line in ["", " ", "\u{a0}\n"] {
        assert_eq!(parse(line), Err(ParseError::Empty), "{line:?}");
    }
    assert_snapshot!(ParseError::Empty, @"expected a command, found nothing");
    assert_snapshot!(ParseError::Empty.advice(), @"Say what you want, for example: help");
}

#[test]
fn lines_that_begin_with_no_command() {
    assert_snapshot!(answers(&[
        "please do NOT delete device ID",
        "delte device ID",
        "delete devices ID ID",
        "delete ID",
        "lits devices",
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
      If that is what you meant, write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete devices ID ID
      expected a command, found "delete devices"; did you mean "delete device"?
      at [delete devices]
      If that is what you meant, write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete ID
      expected a command, found "delete ID"; did you mean "delete device"?
      at [delete ID]
      If that is what you meant, write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > lits devices
      expected a command, found "lits"; did you mean "list devices"?
      at [lits]
      If that is what you meant, write it like this: list devices status:offline last-seen:>90d sort:-last-seen
    > move device ID
      expected a command, found "move"
      at [move]
      Start with the verb of a command and write nothing around it; to see the commands, write: help
    > show me
      expected a command, found "show me"; did you mean "show device"?
      at [show me]
      If that is what you meant, write it like this: show device "BER-4 Panorama"
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
      If that is what you meant, write it like this: delete device FOC2345ABCD because "moved to Berlin"
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
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > RM
      expected "device" after "RM", found the end of the line
      at []
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > show
      expected "device" after "show", found the end of the line
      at []
      Write it like this: show device "BER-4 Panorama"
    > who am
      expected "i" after "am", found the end of the line
      at []
      Write it like this: whoami
    > delete device
      expected one device (its id, serial number, MAC address or name) after "device", found the end of the line
      at []
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > rm device
      expected one device (its id, serial number, MAC address or name) after "device", found the end of the line
      at []
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > show device
      expected one device (its id, serial number, MAC address or name) after "device", found the end of the line
      at []
      Write it like this: show device "BER-4 Panorama"
    > delete device ID because
      expected the reason in double quotes after "because", found the end of the line
      at []
      Put the reason in double quotes, for example: delete device FOC2345ABCD because "moved to Berlin"
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
      expected the end of the command, because "reason" or in org "name", found "now" (word 4)
      at [now]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID ID
      expected the end of the command, because "reason" or in org "name", found "ID" (word 4)
      at [ID]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID becuase "moved"
      expected the end of the command, because "reason" or in org "name", found "becuase" (word 4); did you mean "because"?
      at [becuase]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because moved out
      expected the reason in double quotes, found "moved" (word 5)
      at [moved]
      Put the reason in double quotes, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because 'moved'
      expected the reason in double quotes, found "'moved'" (word 5)
      at ['moved']
      Put the reason in double quotes, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID "moved"
      expected the end of the command, because "reason" or in org "name", found `"moved"` (word 4)
      at ["moved"]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "moved" now
      expected the end of the command or in org "name", found "now" (word 6)
      at [now]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "moved" because "again"
      expected the end of the command or in org "name", found "because" (word 6)
      at [because]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete device because "moved"
      expected one device (its id, serial number, MAC address or name), found "because" (word 3)
      at [because]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > show device ID because "moved"
      expected the end of the command or in org "name", found "because" (word 4)
      at [because]
      Write it like this: show device "BER-4 Panorama"
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
      Put one pair of double quotes around the whole text, and write a quote inside it twice, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "
      expected a closing quote, found the end of the line after `"`
      at ["]
      Put one pair of double quotes around the whole text, and write a quote inside it twice, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "moved".
      expected blanks before and after a text in quotes, found `"moved".`
      at ["moved".]
      Put one pair of double quotes around the whole text, and write a quote inside it twice, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "the "old" one"
      expected blanks before and after a text in quotes, found `"the "old"`
      at ["the "old"]
      Put one pair of double quotes around the whole text, and write a quote inside it twice, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because the 55" display
      expected blanks before and after a text in quotes, found `55"`
      at [55"]
      Put one pair of double quotes around the whole text, and write a quote inside it twice, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because"moved"
      expected blanks before and after a text in quotes, found `because"moved"`
      at [because"moved"]
      Put one pair of double quotes around the whole text, and write a quote inside it twice, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because ""
      expected a reason of 1 to 500 characters, found an empty one
      at [""]
      Say why in a sentence or two, or leave the reason out, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "  "
      expected a reason of 1 to 500 characters, found an empty one
      at ["  "]
      Say why in a sentence or two, or leave the reason out, for example: delete device FOC2345ABCD because "moved to Berlin"
    > "
      expected a closing quote, found the end of the line after `"`
      at ["]
      Put one pair of double quotes around the whole text, and write a quote inside it twice, for example: delete device FOC2345ABCD because "moved to Berlin"
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
        format!("delete device lobby {long}"),
        format!("delete device name:{long}"),
        format!("list devices {long}"),
        format!("list devices name:{long}"),
        format!("list devices sort:{long}"),
        format!("tag device lobby +{long}"),
        format!("activate person {long}"),
        format!("confirm {long}"),
        format!("delete device {ID} because {long}"),
        format!("delete device {ID} because \"{long}\""),
        format!("delete device {ID} because \"{long}"),
        format!("delete device {ID} because {long}\""),
        format!("help {long}"),
    ] {
        let error = parse(&line).unwrap_err();
        assert!(error.to_string().chars().count() < 320, "{error}");
        assert!(error.advice().chars().count() < 220, "{error}");
    }
    let error = parse(&long).unwrap_err().to_string();
    assert_eq!(error, format!("expected a command, found \"{}…\"", "x".repeat(59)));
}
