//! Lines that are not commands, and the answers to them.

use insta::assert_snapshot;

use super::*;

#[test]
fn a_blank_line_is_not_a_command() {
    for line in ["", " ", "\u{a0}\n"] {
        let error = parse(line).unwrap_err();
        assert_eq!((error.span(), error.is_chat()), (0..0, true), "{line:?}");
        assert_eq!(error.to_string(), "expected a command, found nothing");
        assert_eq!(error.advice(), "Write a command, for example: help");
    }
}

#[test]
fn lines_that_do_not_begin_with_a_command() {
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
      A message must be one command and nothing else; to see the commands, write: help
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
      A message must be one command and nothing else; to see the commands, write: help
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
      A message must be one command and nothing else; to see the commands, write: help
    > deleted device ID
      expected a command, found "deleted"; did you mean "delete device"?
      at [deleted]
      If that is what you meant, write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > he said "delete device ID
      expected a command, found "he"
      at [he]
      A message must be one command and nothing else; to see the commands, write: help
    > help delte
      expected the name of a command after "help", found "delte"; did you mean "delete device"?
      at [delte]
      Name one of the commands that "help" lists, for example: help delete device
    > help devices
      expected the name of a command after "help", found "devices"
      at [devices]
      Name one of the commands that "help" lists, for example: help delete device
    > help delete device ID
      expected the name of a command after "help", found "delete device ID"; did you mean "delete device"?
      at [delete device ID]
      Name one of the commands that "help" lists, for example: help delete device
    "#);
}

#[test]
fn wrong_quotes_and_reasons() {
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
      Put double quotes around the whole text, and two for each double quote inside it, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "
      expected a closing quote, found the end of the line after `"`
      at ["]
      Put double quotes around the whole text, and two for each double quote inside it, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "moved".
      expected spaces around a text in quotes, found `"moved".`
      at ["moved".]
      Put double quotes around the whole text, and two for each double quote inside it, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "the "old" one"
      expected spaces around a text in quotes, found `"the "old"`
      at ["the "old"]
      Put double quotes around the whole text, and two for each double quote inside it, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because the 55" display
      expected spaces around a text in quotes, found `55"`
      at [55"]
      Put double quotes around the whole text, and two for each double quote inside it, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because"moved"
      expected spaces around a text in quotes, found `because"moved"`
      at [because"moved"]
      Put double quotes around the whole text, and two for each double quote inside it, for example: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because ""
      expected a reason of 1 to 500 characters, found nothing in `""`
      at [""]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete device ID because "  "
      expected a reason of 1 to 500 characters, found nothing in `" "`
      at ["  "]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > "
      expected a closing quote, found the end of the line after `"`
      at ["]
      Put double quotes around the whole text, and two for each double quote inside it, for example: delete device FOC2345ABCD because "moved to Berlin"
    "#);
}

#[test]
fn a_long_word_is_cut() {
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

#[test]
fn chat_does_not_begin_like_a_command() {
    let is_chat = |line: &str| parse(line).unwrap_err().is_chat();
    for line in ["", "hello", "good morning to you", "thanks, that is all", "!", &"x".repeat(100)] {
        assert!(is_chat(line), "{line}");
    }
    for line in
        ["delete", "delete it all", "delete device the lobby", "help dancing", "delte device x", "show"]
    {
        assert!(!is_chat(line), "{line}");
    }
}
