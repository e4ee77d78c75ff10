//! Lines that are not commands, and the answers to them.

use insta::assert_snapshot;

use super::*;

#[test]
fn a_blank_line_is_not_a_command() {
    for line in ["", " ", "\u{a0}\n"] {
        let error = parse(line).unwrap_err();
        assert_eq!((error.span(), error.is_chat()), (0..0, true), "{line:?}");
        assert_eq!(error.to_string(), "expected a command, found nothing");
        assert_eq!(error.advice().as_deref(), Some("Write a command, for example: help"));
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
        "\"delete device ID\"",
        "deleted device ID",
        "he said \"delete device ID",
        "help delte",
        "help devices",
        "help delete device ID",
    ]), @r#"
    > please do NOT delete device ID
      no command starts with "please"
      at [please]
      A message must be one command and nothing else.
    > delte device ID
      no command starts with "delte"
      at [delte]
      If that is what you meant, write: delete device ID
    > delete devices ID ID
      this command takes one device, not several: "ID Y2lzY29zcGFyazovL3VzL0RFVk…"
      at [ID ID]
      Name one device at a time, beginning with: delete device ID
    > delete ID
      no command starts with "delete ID"
      at [delete ID]
      If that is what you meant, write: delete device ID
    > lits devices
      no command starts with "lits"
      at [lits]
      If that is what you meant, write: list devices
    > move device ID
      Steward cannot move a device to another workspace or person; use Control Hub for that
      at [move]
      
    > show me
      no command starts with "show me"
      at [show me]
      If that is what you meant, write: show device me
    > "delete device ID"
      no command starts with `"delete device ID"`
      at ["delete device ID"]
      A message must be one command and nothing else.
    > deleted device ID
      no command starts with "deleted"
      at [deleted]
      If that is what you meant, write: delete device ID
    > he said "delete device ID
      no command starts with "he"
      at [he]
      A message must be one command and nothing else.
    > help delte
      expected the name of a command after "help", found "delte"
      at [delte]
      If that is what you meant, write: help delete device
    > help devices
      expected the name of a command after "help", found "devices"
      at [devices]
      Name one of the commands that "help" lists.
    > help delete device ID
      expected the name of a command after "help", found "delete device ID"
      at [delete device ID]
      If that is what you meant, write: help delete device
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
      If that is what you meant, write: delete device ID because "moved out"
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
        assert!(error.advice().is_none_or(|advice| advice.chars().count() < 270), "{error}");
    }
    let error = parse(&long).unwrap_err().to_string();
    assert_eq!(error, format!("no command starts with \"{}…\"", "x".repeat(59)));
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
