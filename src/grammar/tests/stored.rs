//! The stored form of commands.

use super::*;

#[test]
fn the_stored_form_does_not_change() {
    let id = format!("\"device\":\"{ID}\"");
    let parsed = |line: &str| parse(line).unwrap();
    for (command, stored) in [
        (help(None), r#"{"command":"help"}"#.to_owned()),
        (help(Some("rm")), r#"{"command":"help","topic":"delete device"}"#.to_owned()),
        (Command::About, r#"{"command":"about"}"#.to_owned()),
        (Command::WhoAmI, r#"{"command":"whoami"}"#.to_owned()),
        (show(self::id()), format!(r#"{{"command":"show_device",{id}}}"#)),
        (delete(None), format!(r#"{{"command":"delete_device",{id}}}"#)),
        (delete(Some("moved")), format!(r#"{{"command":"delete_device",{id},"reason":"moved"}}"#)),
        (
            parsed("delete device \"BER 4\" in org Acme"),
            r#"{"command":"delete_device","device":"BER 4","org":"Acme"}"#.to_owned(),
        ),
        (list(""), r#"{"command":"list_devices","csv":false}"#.to_owned()),
        (
            parsed("list devices name:\"BER 4\" sort:-name csv"),
            r#"{"command":"list_devices","filter":"name:\"BER 4\"","sort":"-name","csv":true}"#.to_owned(),
        ),
        (
            parsed("tag device lobby +a -b"),
            r#"{"command":"tag_device","device":"lobby","change":{"add":["a"],"remove":["b"]}}"#.to_owned(),
        ),
        (
            parsed("tag devices tag:a +b"),
            r#"{"command":"tag_devices","filter":"tag:a","change":{"add":["b"],"remove":[]}}"#.to_owned(),
        ),
        (
            parsed("activate workspace Lobby model X"),
            r#"{"command":"activate","place":{"workspace":"Lobby"},"model":"X"}"#.to_owned(),
        ),
        (
            parsed("activate person ana@example.com"),
            r#"{"command":"activate","place":{"person":"ana@example.com"}}"#.to_owned(),
        ),
        (
            parsed("add device mac 112233445566 model X to workspace Lobby"),
            r#"{"command":"add_device","mac":"11:22:33:44:55:66","model":"X","place":{"workspace":"Lobby"}}"#
                .to_owned(),
        ),
        (parsed("confirm k7q2m9"), r#"{"command":"confirm","code":"K7Q2-M9"}"#.to_owned()),
        (parsed("cancel k7q2m9"), r#"{"command":"cancel","code":"K7Q2-M9"}"#.to_owned()),
    ] {
        assert_eq!(serde_json::to_string(&command).unwrap(), stored);
        assert_eq!(serde_json::from_str::<Command>(&stored).unwrap(), command);
    }
}

#[test]
fn an_invalid_stored_command_is_refused() {
    for broken in [
        r#"{"command":"delete_device"}"#,
        r#"{"command":"delete_device","device":""}"#,
        r#"{"command":"list_devices","filter":"status:broken"}"#,
        r#"{"command":"tag_device","device":"x","change":{"add":[],"remove":[]}}"#,
        r#"{"command":"activate","place":{"moon":"x"}}"#,
        r#"{"command":"confirm","code":"x"}"#,
        r#"{"command":"delete_everything"}"#,
        "{}",
    ] {
        assert!(serde_json::from_str::<Command>(broken).is_err(), "{broken}");
    }
}
