//! The cards of the device desk as they look.

use insta::assert_snapshot;

use super::super::samples::{self, desk, device, shown};
use super::super::*;
use super::drawn;
use crate::domain::Count;

#[test]
fn a_phone() {
    assert_snapshot!(drawn(&shown(&desk::phone(), false)), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Device                                                                   │
    │ What Webex knows about it right now                                      │
    │                                                                          │
    │ Name         Ben's phone                                                 │
    │ Owner        Ben Okafor                                                  │
    │ Location     Berlin, Torstraße                                           │
    │ Product      Cisco 9861                                                  │
    │ Serial       FVH2711ABCD                                                 │
    │ MAC          11:22:33:44:AA:FF                                           │
    │ Status       disconnected                                                │
    │ Type         phone                                                       │
    │ Platform     Cisco                                                       │
    │ IP           10.4.7.21                                                   │
    │ Software     RoomOS 11.20.1                                              │
    │ Channel      stable                                                      │
    │ Managed by   Cisco                                                       │
    │ Maintenance  none planned                                                │
    │ First seen   582 days ago (2025-04-21 17:03:12 UTC)                      │
    │ Created      582 days ago (2025-04-21 17:00:00 UTC)                      │
    │ Device id    Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ │
    │              0NC01NTU1NTU1NTU1NTU                                        │
    │                                                                          │
    │ [ Devices in Control Hub ↗ ]                                             │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn a_list() {
    assert_snapshot!(drawn(&desk::list()), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ 237 devices                                                              │
    │ Page 1 of 24                                                             │
    │                                                                          │
    │ Filter      location:"Berlin*" -tag:keep                                 │
    │ Sorted by   -last-seen                                                   │
    │ By status   180 connected, 42 disconnected, 15 connected with issues     │
    │ By product  96 Cisco Room Bar Pro, 81 Cisco Desk Pro, 30 Cisco Board Pro │
    │             75, 21 Cisco 9861, 9 others                                  │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ BER-0 Panorama · connected                                               │
    │ Cisco Room Bar Pro · Berlin 4.12 · FOC2345AB00 · seen just now           │
    │                                                                          │
    │ BER-1 Alpha · disconnected                                               │
    │ Cisco Desk Pro · Berlin 4.13 · FOC2345AB01 · seen 7 hours ago            │
    │                                                                          │
    │ BER-2 Lobby · connected with issues                                      │
    │ Cisco Board Pro 75 · Berlin 5.01 · FOC2345AB02 · seen 1 day ago          │
    │                                                                          │
    │ BER-3 会議室 · connected                                                 │
    │ Cisco Room Bar Pro · Berlin 2.07 · FOC2345AB03 · seen 3 days ago         │
    │                                                                          │
    │ BER-4 Kreuzberg · connected                                              │
    │ Cisco Desk Pro · Berlin 4.12 · FOC2345AB04 · seen 5 days ago             │
    │                                                                          │
    │ BER-5 Lab 2 · disconnected                                               │
    │ Cisco Board Pro 75 · Berlin 4.13 · FOC2345AB05 · seen 7 days ago         │
    │                                                                          │
    │ BER-6 War room · connected with issues                                   │
    │ Cisco Room Bar Pro · Berlin 5.01 · FOC2345AB06 · seen 11 days ago        │
    │                                                                          │
    │ BER-7 Atrium · connected                                                 │
    │ Cisco Desk Pro · Berlin 2.07 · FOC2345AB07 · seen 14 days ago            │
    │                                                                          │
    │ BER-8 Canteen · connected                                                │
    │ Cisco Board Pro 75 · Berlin 4.12 · FOC2345AB08 · seen 19 days ago        │
    │                                                                          │
    │ BER-9 Spree · disconnected                                               │
    │ Cisco Room Bar Pro · Berlin 4.13 · FOC2345AB09 · seen 24 days ago        │
    │                                                                          │
    │ and 227 more                                                             │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ To get all of them as a file: list devices csv location:"Berlin*"        │
    │ -tag:keep sort:-last-seen                                                │
    │                                                                          │
    │ [ Next page ] [ CSV ]                                                    │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_choice() {
    assert_snapshot!(drawn(&desk::choice(true, Count::Exactly(17))), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Which of these devices?                                                  │
    │ It fits 17 devices. Nothing has been done yet.                           │
    │                                                                          │
    │ Looked for  Panorama                                                     │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ 1  Panorama · connected                                                  │
    │ Cisco Room Bar Pro · Berlin 4.12 · FOC2345AB00 · seen just now           │
    │                                                                          │
    │ 2  Panorama · disconnected                                               │
    │ Cisco Desk Pro · Berlin 4.12 · FOC2345AB01 · seen 7 hours ago            │
    │                                                                          │
    │ 3  Panorama · connected with issues                                      │
    │ Cisco Board Pro 75 · Berlin 4.12 · FOC2345AB02 · seen 1 day ago          │
    │                                                                          │
    │ and 14 more                                                              │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ Choose with a button, or write the command again with the serial number, │
    │ the MAC address or the id of the device.                                 │
    │                                                                          │
    │ For example: delete device FOC2345AB00                                   │
    │                                                                          │
    │ [ Choose 1 ] [ Choose 2 ] [ Choose 3 ] [ Cancel ]                        │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn nothing_found() {
    assert_snapshot!(drawn(&desk::not_found(&desk::near(), "BER-4 Panoramma")), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not found                                                              │
    │ No device that Steward's admin credential can see fits this exactly.     │
    │ Nothing was done.                                                        │
    │                                                                          │
    │ Looked for    BER-4 Panoramma                                            │
    │ Looked up by  device id, serial number, MAC address, name                │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Nearest                                                                  │
    │ BER-4 Panorama · FOC2345ABCD                                             │
    │ BER-44 Panorama                                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ If it is one of these, send the command again with its serial number.    │
    │ Else "list devices" shows what there is.                                 │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn tags_that_somebody_else_changed() {
    assert_snapshot!(drawn(&samples::tags::tags("floor-4", "floor-4 pilot", Some("floor-4 keep"))), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ? Tags are not what was asked for                                        │
    │ Result of "tag device"                                                   │
    │ Webex took the tags, but a read afterwards shows others: somebody else   │
    │ may have changed them at the same time. Look with "show device" before   │
    │ you send the command again.                                              │
    │                                                                          │
    │ Name           BER-4 Panorama                                            │
    │ Product        Cisco Room Bar Pro                                        │
    │ Serial         FOC2345ABCD                                               │
    │ Before         floor-4                                                   │
    │ Asked for      floor-4, pilot                                            │
    │ Found          floor-4, keep                                             │
    │ Missing        pilot                                                     │
    │ Not asked for  keep                                                      │
    │ Device id      Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtN │
    │                DQ0NC01NTU1NTU1NTU1NTU                                    │
    │ Asked by       ana@example.com                                           │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn the_cards_of_an_activation() {
    let (device, actor) = (device(), samples::actor());
    let [asked, _, told, code, _] = desk::provisioned(
        AssignedTo::Workspace("Berlin 4.12"),
        Some("Cisco 9861"),
        &desk::OF_A_WORKSPACE,
        samples::in_place(&device),
        &actor,
    );
    assert_snapshot!(drawn(&asked), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Make an activation code?                                                 │
    │ Nothing has been done yet                                                │
    │                                                                          │
    │ Workspace  Berlin 4.12                                                   │
    │ Model      Cisco 9861                                                    │
    │ Asked by   ana@example.com                                               │
    │ Code       K7Q2-M9                                                       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What else changes                                                        │
    │ Webex sets the calling type of the workspace to free calling             │
    │ (freeCalling); before, it is third-party SIP calling.                    │
    │ A phone goes back to its factory settings when it joins: what is set on  │
    │ it now is lost.                                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 09:27 UTC (in 15 minutes).  │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".          │
    │                                                                          │
    │ [ Confirm ] [ Cancel ]                                                   │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(drawn(&told), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✓ Activation code made                                                   │
    │ The code was sent to you directly. It never stands in a space, because   │
    │ whoever has it can join a device.                                        │
    │                                                                          │
    │ Workspace    Berlin 4.12                                                 │
    │ Model        Cisco 9861                                                  │
    │ Asked by     ana@example.com                                             │
    │ Valid until  2026-12-01 09:12 UTC (in 7 days)                            │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What else changes                                                        │
    │ Webex sets the calling type of the workspace to free calling             │
    │ (freeCalling); before, it is third-party SIP calling.                    │
    │ A phone goes back to its factory settings when it joins: what is set on  │
    │ it now is lost.                                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ Type the code on the device that is to join. Until then, nothing but the │
    │ code exists.                                                             │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
    assert_snapshot!(drawn(&code), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Activation code                                                          │
    │                                                                          │
    │ 5414 0112 5617 3816                                                      │
    │ Keep it to yourself: whoever types it joins a device to the              │
    │ organization.                                                            │
    │                                                                          │
    │ Workspace    Berlin 4.12                                                 │
    │ Model        Cisco 9861                                                  │
    │ Asked by     ana@example.com                                             │
    │ Valid until  2026-12-01 09:12 UTC (in 7 days)                            │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What else changes                                                        │
    │ Webex sets the calling type of the workspace to free calling             │
    │ (freeCalling); before, it is third-party SIP calling.                    │
    │ A phone goes back to its factory settings when it joins: what is set on  │
    │ it now is lost.                                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ On a new or reset device, choose Webex in the setup wizard and type the  │
    │ code when it asks for it; on a phone, type it on the screen for the      │
    │ activation code. Once used, it is worth nothing.                         │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn an_added_device() {
    let (device, actor) = (device(), samples::actor());
    let [.., added] = desk::provisioned(
        AssignedTo::Workspace("Berlin 4.12"),
        None,
        &[],
        samples::in_place(&device),
        &actor,
    );
    assert_snapshot!(drawn(&added), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✓ Added                                                                  │
    │ Result of "add device"                                                   │
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
    │ Device id  Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ0N │
    │            C01NTU1NTU1NTU1NTU                                            │
    │ Asked by   ana@example.com                                               │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ Connect the device to the network: it fetches its settings from Webex    │
    │ and is seen after that.                                                  │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_result_with_a_button() {
    assert_snapshot!(drawn(&desk::replaceable()), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✓ Gone: deleted and proven                                               │
    │ Result of "delete device"                                                │
    │ Webex deleted the device, and a read afterwards no longer finds it.      │
    │                                                                          │
    │ Name          BER-4 Panorama                                             │
    │ Product       Cisco Room Bar Pro                                         │
    │ Workspace     Berlin 4.12                                                │
    │ Serial        FOC2345ABCD                                                │
    │ MAC           11:22:33:44:AA:FF                                          │
    │ Device id     Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtND │
    │               Q0NC01NTU1NTU1NTU1NTU                                      │
    │ Asked by      ana@example.com                                            │
    │ Reason        replaced in the refresh                                    │
    │ Outcome       gone                                                       │
    │ Time          2026-11-24 09:12:05 UTC                                    │
    │ Webex status  204                                                        │
    │ Tracking id   ROUTERGW_6f1c9a52                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ To put a replacement into the same workspace, press "Activate a          │
    │ replacement", or write "activate workspace" with its name: the code      │
    │ comes to you directly.                                                   │
    │ A deletion cannot be undone: this device itself must be activated anew,  │
    │ and then has a new id.                                                   │
    │                                                                          │
    │ [ Activate a replacement ]                                               │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}
