//! The cards of a plan as they look: the question, and what becomes of it.

use insta::assert_snapshot;

use super::super::samples::{desk, device};
use super::super::*;
use super::drawn;

#[test]
fn a_question_before_a_deletion() {
    assert_snapshot!(drawn(&desk::proposal(&device(), Some("replaced in the refresh"))), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Delete this device?                                                      │
    │ Found by its name. Nothing has been deleted yet.                         │
    │                                                                          │
    │ Name       BER-4 Panorama                                                │
    │ Workspace  Berlin 4.12                                                   │
    │ Location   Berlin, Torstraße                                             │
    │ Product    Cisco Room Bar Pro                                            │
    │ Serial     FOC2345ABCD                                                   │
    │ MAC        11:22:33:44:AA:FF                                             │
    │ Status     connected with issues                                         │
    │ Last seen  2 days ago (2026-11-22 08:10:00 UTC)                          │
    │ Tags       floor-4, pilot                                                │
    │ Asked by   ana@example.com                                               │
    │ Reason     replaced in the refresh                                       │
    │ Code       K7Q2-M9                                                       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What happens                                                             │
    │ The device leaves the organization. That cannot be undone: it must be    │
    │ activated anew, and then has a new id.                                   │
    │ It is connected right now, so somebody may be using it.                  │
    │ It is read once more just before. If its name, serial number, MAC        │
    │ address, workspace or owner are others by then, it is not deleted.       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 09:27 UTC (in 15 minutes).  │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".          │
    │                                                                          │
    │ [ Delete ] [ Cancel ]                                                    │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_question_before_a_phone_is_deleted() {
    assert_snapshot!(drawn(&desk::proposal(&desk::phone(), None)), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Delete this device?                                                      │
    │ Found by its name. Nothing has been deleted yet.                         │
    │                                                                          │
    │ Name      Ben's phone                                                    │
    │ Owner     Ben Okafor                                                     │
    │ Location  Berlin, Torstraße                                              │
    │ Product   Cisco 9861                                                     │
    │ Serial    FVH2711ABCD                                                    │
    │ MAC       11:22:33:44:AA:FF                                              │
    │ Status    disconnected                                                   │
    │ Asked by  ana@example.com                                                │
    │ Code      K7Q2-M9                                                        │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What happens                                                             │
    │ The device leaves the organization. That cannot be undone: it must be    │
    │ activated anew, and then has a new id.                                   │
    │ It is a personal device: its owner loses it. If the owner has a Webex    │
    │ Calling Standard license, deleting it enables Webex Calling in the       │
    │ person's apps.                                                           │
    │ It is a phone: nobody can call or be called on it any more.              │
    │ It is read once more just before. If its name, serial number, MAC        │
    │ address, workspace or owner are others by then, it is not deleted.       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 09:27 UTC (in 15 minutes).  │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".          │
    │                                                                          │
    │ [ Delete ] [ Cancel ]                                                    │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_question_in_plain_text() {
    assert_snapshot!(desk::proposal(&device(), None).text(), @r#"
    Delete this device?
    Found by its name. Nothing has been deleted yet.

    Name: BER-4 Panorama
    Workspace: Berlin 4.12
    Location: Berlin, Torstraße
    Product: Cisco Room Bar Pro
    Serial: FOC2345ABCD
    MAC: 11:22:33:44:AA:FF
    Status: connected with issues
    Last seen: 2 days ago (2026-11-22 08:10:00 UTC)
    Tags: floor-4, pilot
    Asked by: ana@example.com
    Code: K7Q2-M9

    What happens
    The device leaves the organization. That cannot be undone: it must be activated anew, and then has a new id.
    It is connected right now, so somebody may be using it.
    It is read once more just before. If its name, serial number, MAC address, workspace or owner are others by then, it is not deleted.

    Only the person who asked can confirm, until 09:27 UTC (in 15 minutes). Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".
    "#);
}

#[test]
fn a_changed_device() {
    assert_snapshot!(drawn(&desk::changed()), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not deleted: the device has changed                                    │
    │ Result of "delete device"                                                │
    │ Between the question and the deletion the device became another one, got │
    │ another name, or moved. Nothing was deleted.                             │
    │                                                                          │
    │ Name       BER-4 Panorama                                                │
    │ Product    Cisco Room Bar Pro                                            │
    │ Serial     FOC2345ABCD → FOC2345WXYZ                                     │
    │ MAC        11:22:33:44:AA:FF → none                                      │
    │ Workspace  Berlin 4.12 → Berlin 5.01                                     │
    │ Owner      none → Ben Okafor                                             │
    │ Device id  Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ0N │
    │            C01NTU1NTU1NTU1NTU                                            │
    │ Asked by   ana@example.com                                               │
    │ Code       K7Q2-M9                                                       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ Look at it with "show device"; if it is still the one you mean, send the │
    │ command again.                                                           │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_press_that_changes_nothing() {
    assert_snapshot!(drawn(&render(&Notice::press_refused(PressRefusal::NotYours))), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not yours to decide                                                    │
    │ Only the person who asked can confirm or cancel this. To do it yourself, │
    │ send the command.                                                        │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
}
