//! Lines that end too early, and lines with words that do not fit.

use insta::assert_snapshot;

use super::*;

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
      If that is what you meant, write: who am i
    > delete device
      expected one device (by its id, serial number, MAC address or name) after "device", found the end of the line
      at []
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > rm device
      expected one device (by its id, serial number, MAC address or name) after "device", found the end of the line
      at []
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > show device
      expected one device (by its id, serial number, MAC address or name) after "device", found the end of the line
      at []
      Write it like this: show device "BER-4 Panorama"
    > delete device ID because
      expected the reason in double quotes after "because", found the end of the line
      at []
      Put the reason in double quotes, for example: delete device FOC2345ABCD because "moved to Berlin"
    "#);
}

#[test]
fn lists_tags_and_new_devices_that_end_too_early() {
    assert_snapshot!(answers(&[
        "list",
        "tag device",
        "tag device lobby",
        "tag devices",
        "tag devices +x",
        "tag devices tag:x",
        "activate",
        "activate person",
        "activate workspace Lobby model",
        "add device",
        "add device mac 112233445566 model X to",
        "confirm",
        "show device lobby in",
        "show device lobby in org",
    ]), @r#"
    > list
      expected "devices" after "list", found the end of the line
      at []
      If that is what you meant, write: list devices
    > tag device
      expected one device (by its id, serial number, MAC address or name) after "device", found the end of the line
      at []
      Write it like this: tag device FOC2345ABCD +floor-12 -pilot
    > tag device lobby
      expected tags to add or remove (such as +pilot -spare) after "lobby", found the end of the line
      at []
      Write it like this: tag device FOC2345ABCD +floor-12 -pilot
    > tag devices
      expected a filter such as status:offline after "devices", found the end of the line
      at []
      Write it like this: tag devices status:offline -tag:keep +retire
    > tag devices +x
      expected a filter such as status:offline after "+x", found the end of the line
      at []
      Write it like this: tag devices status:offline -tag:keep +retire
    > tag devices tag:x
      expected tags to add or remove (such as +pilot -spare) after "tag:x", found the end of the line
      at []
      Write it like this: tag devices status:offline -tag:keep +retire
    > activate
      expected "workspace" after "activate", found the end of the line
      at []
      Write it like this: activate workspace "BER-4 Panorama"
    > activate person
      expected a person's email address after "person", found the end of the line
      at []
      Write it like this: activate person ana@example.com model "DMS Cisco 8865"
    > activate workspace Lobby model
      expected one model (such as "DMS Cisco 8865") after "model", found the end of the line
      at []
      Write it like this: activate workspace "BER-4 Panorama"
    > add device
      expected "mac" after "device", found the end of the line
      at []
      Write it like this: add device mac 11:22:33:44:AA:FF model "DMS Cisco 8865" to workspace Lobby
    > add device mac 112233445566 model X to
      expected "workspace" or "person" after "to", found the end of the line
      at []
      Write it like this: add device mac 11:22:33:44:AA:FF model "DMS Cisco 8865" to workspace Lobby
    > confirm
      expected the code on a card (such as K7Q2-M9) after "confirm", found the end of the line
      at []
      Write it like this: confirm K7Q2-M9
    > show device lobby in
      expected "org" after "in", found the end of the line
      at []
      Write it like this: show device "BER-4 Panorama"
    > show device lobby in org
      expected the name of one organization after "org", found the end of the line
      at []
      Write it like this: show device "BER-4 Panorama"
    "#);
}

#[test]
fn words_that_do_not_fit() {
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
      expected "because", "in org" or the end of the line, found "now" (word 4)
      at [now]
      If that is what you meant, write: delete device ID
    > delete device ID ID
      this command takes one device, not several: "ID Y2lzY29zcGFyazovL3VzL0RFVk…"
      at [ID ID]
      Name one device at a time, beginning with: delete device ID
    > delete device ID becuase "moved"
      expected "because", "in org" or the end of the line, found "becuase" (word 4)
      at [becuase]
      If that is what you meant, write: delete device ID because "moved"
    > delete device ID because moved out
      expected the reason in double quotes, found "moved" (word 5)
      at [moved]
      Put the reason in double quotes: delete device ID because "moved out"
    > delete device ID because 'moved'
      expected the reason in double quotes, found "'moved'" (word 5)
      at ['moved']
      Put the reason in double quotes: delete device ID because "'moved'"
    > delete device ID "moved"
      expected "because", "in org" or the end of the line, found `"moved"` (word 4)
      at ["moved"]
      If that is what you meant, write: delete device ID because "moved"
    > delete device ID because "moved" now
      expected "in org" or the end of the line, found "now" (word 6)
      at [now]
      If that is what you meant, write: delete device ID because "moved"
    > delete device ID because "moved" because "again"
      expected "in org" or the end of the line, found "because" (word 6)
      at [because]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > delete device because "moved"
      expected one device (by its id, serial number, MAC address or name), found "because" (word 3)
      at [because]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > show device ID because "moved"
      expected "in org" or the end of the line, found "because" (word 4)
      at [because]
      Write it like this: show device "BER-4 Panorama"
    > about you
      expected the end of the line, found "you" (word 2)
      at [you]
      If that is what you meant, write: about
    > whoami?
      no command starts with "whoami?"
      at [whoami?]
      If that is what you meant, write: whoami
    > whoami really
      expected the end of the line, found "really" (word 2)
      at [really]
      Write it like this: whoami
    "#);
}

#[test]
fn words_that_do_not_fit_in_lists_tags_and_new_devices() {
    assert_snapshot!(answers(&[
        "delete device FOC2345ABCD becuase \"moved\"",
        "delete device 112233445566 now",
        "delete device ID in Acme",
        "delete device ID in org Acme in org Acme",
        "list devices csv csv",
        "list devices sort:name sort:serial",
        "tag device lobby pilot",
        "tag device lobby -tag:keep",
        "activate workspace Lobby modle X",
        "activate workspace Lobby because \"x\"",
        "add device 112233445566",
        "add device mac 112233445566 to workspace Lobby",
        "add device mac 112233445566 model X to Lobby",
        "confirm K7Q2-M9 now",
    ]), @r#"
    > delete device FOC2345ABCD becuase "moved"
      expected "because", "in org" or the end of the line, found "becuase" (word 4)
      at [becuase]
      If that is what you meant, write: delete device FOC2345ABCD because "moved"
    > delete device 112233445566 now
      expected "because", "in org" or the end of the line, found "now" (word 4)
      at [now]
      If that is what you meant, write: delete device 112233445566
    > delete device ID in Acme
      expected "org", found "Acme" (word 5)
      at [Acme]
      If that is what you meant, write: delete device ID in org Acme
    > delete device ID in org Acme in org Acme
      expected "because" or the end of the line, found "in" (word 7)
      at [in]
      Write it like this: delete device FOC2345ABCD because "moved to Berlin"
    > list devices csv csv
      expected "csv" only once, found "csv" (word 4)
      at [csv]
      Write it like this: list devices status:offline last-seen:>90d sort:-last-seen
    > list devices sort:name sort:serial
      expected "sort:" only once, found "sort:serial" (word 4)
      at [sort:serial]
      Write it like this: list devices status:offline last-seen:>90d sort:-last-seen
    > tag device lobby pilot
      expected one device (by its id, serial number, MAC address or name), found several words, "lobby pilot"
      at [lobby pilot]
      If that is what you meant, write: tag device lobby +pilot
    > tag device lobby -tag:keep
      expected tags to add or remove (such as +pilot -spare), found "-tag:keep" (word 4)
      at [-tag:keep]
      Write it like this: tag device FOC2345ABCD +floor-12 -pilot
    > activate workspace Lobby modle X
      expected "model", "in org" or the end of the line, found "modle" (word 4)
      at [modle]
      If that is what you meant, write: activate workspace Lobby model X
    > activate workspace Lobby because "x"
      expected "model", "in org" or the end of the line, found "because" (word 4)
      at [because]
      Write it like this: activate workspace "BER-4 Panorama"
    > add device 112233445566
      expected "mac", found "112233445566" (word 3)
      at [112233445566]
      Write it like this: add device mac 11:22:33:44:AA:FF model "DMS Cisco 8865" to workspace Lobby
    > add device mac 112233445566 to workspace Lobby
      expected "model", found "to" (word 5)
      at [to]
      Write it like this: add device mac 11:22:33:44:AA:FF model "DMS Cisco 8865" to workspace Lobby
    > add device mac 112233445566 model X to Lobby
      expected "workspace" or "person", found "Lobby" (word 8)
      at [Lobby]
      If that is what you meant, write: add device mac 112233445566 model X to workspace Lobby
    > confirm K7Q2-M9 now
      expected the end of the line, found "now" (word 3)
      at [now]
      If that is what you meant, write: confirm K7Q2-M9
    "#);
}
