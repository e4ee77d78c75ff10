//! Snapshots of cards, drawn as text.

use insta::assert_snapshot;

use super::samples::notices::misspelled;
use super::samples::{self, *};
use super::sentences::words;
use crate::cards::*;
use crate::domain::{Cause, Count};

fn drawn(card: &Card) -> String {
    draw(card, 76, Ink::Plain)
}

#[test]
fn a_deletion() {
    assert_snapshot!(drawn(&devices::replaceable()), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✓ Gone: deleted and verified                                             │
    │ Result of "delete device"                                                │
    │ Webex deleted the device, and a check afterwards no longer finds it.     │
    │                                                                          │
    │ Name          BER-4 Panorama                                             │
    │ Product       Cisco Room Bar Pro                                         │
    │ Workspace     Berlin 4.12                                                │
    │ Serial        FOC2345ABCD                                                │
    │ MAC           11:22:33:44:AA:FF                                          │
    │ Device id     Y2lzY29zc…U1NTU1NTU                                        │
    │ Asked by      ana@example.com                                            │
    │ Reason        replaced in the refresh                                    │
    │ Outcome       gone                                                       │
    │ Time          2026-11-24 09:12:05 UTC                                    │
    │ Webex status  204                                                        │
    │ Tracking id   ROUTERGW_…0e9f8a7b                                         │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ To put a replacement into the same workspace, press "Activate a          │
    │ replacement", or write "activate workspace" with its name. You get the   │
    │ code in a direct message.                                                │
    │ A deletion cannot be undone: to use this device again, activate it       │
    │ again. It then has a new id.                                             │
    │                                                                          │
    │ [ Activate a replacement ]                                               │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_deletion_of_an_unknown_id() {
    let card = deletion(None, &outcome(Cause::NeverFound, Some(404)));
    assert_snapshot!(drawn(&card), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not found: nothing was deleted                                         │
    │ Result of "delete device"                                                │
    │ Webex finds no device with this id that Steward can see, so nothing was  │
    │ deleted.                                                                 │
    │                                                                          │
    │ Device id     Y2lzY29zc…U1NTU1NTU                                        │
    │ Asked by      ana@example.com                                            │
    │ Reason        replaced in the refresh                                    │
    │ Outcome       not found                                                  │
    │ Time          2026-11-24 09:12:05 UTC                                    │
    │ Webex status  404                                                        │
    │ Tracking id   ROUTERGW_…0e9f8a7b                                         │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ The id may be wrong or outdated: a factory reset gives a device a new    │
    │ one. Or the device belongs to an organization that Steward cannot see,   │
    │ or is a phone that only Control Hub can manage.                          │
    │ Copy the current id from Control Hub, then send the command again.       │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn not_understood() {
    assert_snapshot!(drawn(&render(&misspelled())), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ? Not understood                                                         │
    │                                                                          │
    │ delete device ▸lobby◂                                                    │
    │ Expected a device id (about 80 characters, as `Y2lzY29…`), found 5       │
    │ characters.                                                              │
    │ Give the id of one device, as Control Hub shows it.                      │
    │ Nothing was done. Write "help" to see what you can ask.                  │
    │                                                                          │
    │ For example: delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x              │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn help_about_and_whoami() {
    assert_snapshot!(drawn(&render(&Help { entries: &ENTRIES, has_rights: false })), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ The commands you may use                                                 │
    │ Write to it directly, or mention it in a space                           │
    │                                                                          │
    │ show device <id>                                                         │
    │ Shows one device as Webex knows it now.                                  │
    │ For example: show device Y2lzY29zcGFyazo…VzL0RFVklDRS8x                  │
    │                                                                          │
    │ delete device <id> [because "reason"]                                    │
    │ Deletes one device and proves that it is gone.                           │
    │ For example: delete device Y2lzY29zcGFyazo…VzL0RFVklDRS8x because        │
    │ "replaced"                                                               │
    │                                                                          │
    │ help                                                                     │
    │ Shows what you can ask.                                                  │
    │ For example: help                                                        │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ These are the commands you may use here. Only admins can look up and     │
    │ change devices. To become one, ask the people who run Steward.           │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(words(&render(&About { version: "0.1.0" })), @r#"
    Steward
    With this bot, the admins of this organization manage their Webex devices from chat. It deletes only what it has just read, checks afterwards that the device is gone, and says plainly when it cannot.
    Write "help" to see what you can ask, and "whoami" to see what you may do here. For anything else, ask the people who run Steward in your organization.
    "#);
    assert_snapshot!(drawn(&render(&WhoAmI { actor: &actor(), rights: Ok(&[]) })), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ How Steward sees you                                                     │
    │                                                                          │
    │ Name          Ana Ito                                                    │
    │ Email         ana@example.com                                            │
    │ Person id     person-ana                                                 │
    │ Organization  organization-acme                                          │
    │ Rights here   none                                                       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Ask the people who run Steward for access, and give them your person id. │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn a_device() {
    assert_snapshot!(drawn(&shown(&device(), true)), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Device                                                                   │
    │ As Webex sees it right now                                               │
    │                                                                          │
    │ Name         BER-4 Panorama                                              │
    │ Workspace    Berlin 4.12                                                 │
    │ Location     Berlin, Torstraße                                           │
    │ Product      Cisco Room Bar Pro                                          │
    │ Serial       FOC2345ABCD                                                 │
    │ MAC          11:22:33:44:AA:FF                                           │
    │ Status       connected with issues                                       │
    │ Last seen    2 days ago (2026-11-22 08:10:00 UTC)                        │
    │ Tags         floor-4, pilot                                              │
    │ Errors       not registered for SIP calls (sipprofileregistration)       │
    │ Type         room or desk device                                         │
    │ Platform     Cisco                                                       │
    │ IP           10.4.7.21                                                   │
    │ Software     RoomOS 11.20.1                                              │
    │ Channel      stable                                                      │
    │ Managed by   Cisco                                                       │
    │ Maintenance  none planned                                                │
    │ First seen   582 days ago (2025-04-21 17:03:12 UTC)                      │
    │ Created      582 days ago (2025-04-21 17:00:00 UTC)                      │
    │ Device id    Y2lzY29zc…U1NTU1NTU                                         │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ To delete it: delete device FOC2345ABCD                                  │
    │                                                                          │
    │ [ Delete ] [ Devices in Control Hub ↗ ] [ Workspace in Control Hub ↗ ]   │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn a_phone_has_an_owner_and_readers_no_button() {
    let text = shown(&devices::phone(), false).text().to_owned();
    assert!(text.contains("\nOwner: Ben Okafor\n") && text.contains("\nType: phone\n"), "{text}");
    assert!(!drawn(&shown(&devices::phone(), false)).contains("[ Delete ]"));
    assert!(
        !text.contains("Workspace") && !text.contains("Last seen") && !text.contains("delete device"),
        "{text}"
    );
}

#[test]
fn a_list() {
    assert_snapshot!(drawn(&devices::list()), @r#"
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
fn a_question_about_tags() {
    let (device, actor) = (device(), actor());
    let tags = ["retire".to_owned(), "floor 12".to_owned()];
    assert_snapshot!(drawn(&samples::tags::tags_asked(in_place(&device), &tags, &actor)), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Change the tags of this device?                                          │
    │ Found by its name. Nothing has been changed yet.                         │
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
    │ Add        retire                                                        │
    │ Remove     floor 12                                                      │
    │ Asked by   ana@example.com                                               │
    │ Code       K7Q2-M9                                                       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 09:27 UTC (in 15 minutes).  │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".          │
    │                                                                          │
    │ [ Confirm ] [ Cancel ]                                                   │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_choice() {
    assert_snapshot!(drawn(&devices::choice(true, Count::Exactly(17))), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Which of these devices?                                                  │
    │ 17 devices found. Nothing has been done yet.                             │
    │                                                                          │
    │ Searched for  Panorama                                                   │
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
    │ Press a button, or send the command again with the serial number, the    │
    │ MAC address or the id of the device.                                     │
    │                                                                          │
    │ For example: delete device FOC2345AB00 because "replaced"                │
    │                                                                          │
    │ [ Choose 1 ] [ Choose 2 ] [ Choose 3 ] [ Cancel ]                        │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    let subtitle = |count| words(&devices::choice(false, count)).lines().nth(1).unwrap().to_owned();
    let counts = [Count::Exactly(1), Count::AtLeast(3), Count::MoreThan(50)];
    assert_snapshot!(counts.map(subtitle).join("\n"), @r"
    1 device found. Nothing has been done yet.
    At least 3 devices found. Nothing has been done yet.
    More than 50 devices found. Nothing has been done yet.
    ");
}

#[test]
fn nothing_found() {
    assert_snapshot!(drawn(&devices::similar_found()), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not found                                                              │
    │ No device that Steward can see matches this exactly. Nothing was done.   │
    │                                                                          │
    │ Searched for  panora                                                     │
    │ Searched by   device id, serial number, MAC address, name                │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Did you mean one of these?                                               │
    │                                                                          │
    │ 1  BER-4 Panorama · connected with issues                                │
    │ Cisco Room Bar Pro · Berlin 4.12 · FOC2345ABCD · seen 2 days ago         │
    │                                                                          │
    │ 2  BER-44 Panorama · connected with issues                               │
    │ Cisco Room Bar Pro · Berlin 4.12 · 11:22:33:44:AA:FF · seen 2 days ago   │
    │                                                                          │
    │ To see all of them: list devices name:*panora*                           │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ If it is one of these, press its button. Otherwise, "list devices" shows │
    │ all devices.                                                             │
    │                                                                          │
    │ [ Choose 1 ] [ Choose 2 ]                                                │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(words(&devices::not_found(&[], "Zzz", None)), @r#"
    ✕ Not found
    No device that Steward can see matches this exactly. Nothing was done.
    What next
    "list devices" shows all devices. A factory reset gives a device a new id, but its serial number and MAC address stay the same.
    "#);
}

#[test]
fn a_question_before_a_deletion() {
    assert_snapshot!(drawn(&devices::proposal(&device(), Some("replaced in the refresh"))), @r#"
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
    │ The device leaves the organization. This cannot be undone: to use it     │
    │ again, activate it again. It then has a new id.                          │
    │ It is connected right now, so somebody may be using it.                  │
    │ Steward reads it again right before deleting it. If its name, serial     │
    │ number, MAC address, workspace or owner has changed, nothing is deleted. │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 09:27 UTC (in 15 minutes).  │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".          │
    │                                                                          │
    │ [ Delete ] [ Cancel ]                                                    │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(devices::proposal(&devices::phone(), None).text(), @r#"
    Delete this device?
    Found by its name. Nothing has been deleted yet.

    Name: Ben's phone
    Owner: Ben Okafor
    Location: Berlin, Torstraße
    Product: Cisco 9861
    Serial: FVH2711ABCD
    MAC: 11:22:33:44:AA:FF
    Status: disconnected
    Asked by: ana@example.com
    Code: K7Q2-M9

    What happens
    The device leaves the organization. This cannot be undone: to use it again, activate it again. It then has a new id.
    It is a personal device: its owner loses it. If the owner has a Webex Calling Standard license, deleting the device enables Webex Calling in their apps.
    It is a phone: nobody can make or receive calls on it any more.
    Steward reads it again right before deleting it. If its name, serial number, MAC address, workspace or owner has changed, nothing is deleted.

    Only the person who asked can confirm, until 09:27 UTC (in 15 minutes). Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".
    "#);
}

#[test]
fn a_changed_device() {
    assert_snapshot!(drawn(&devices::changed()), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not deleted: the device has changed                                    │
    │ Result of "delete device"                                                │
    │ The device was renamed, moved or replaced after Steward asked you about  │
    │ it. Nothing was deleted.                                                 │
    │                                                                          │
    │ Name       BER-4 Panorama                                                │
    │ Product    Cisco Room Bar Pro                                            │
    │ Serial     FOC2345ABCD → FOC2345WXYZ                                     │
    │ MAC        11:22:33:44:AA:FF → none                                      │
    │ Workspace  Berlin 4.12 → Berlin 5.01                                     │
    │ Owner      none → Ben Okafor                                             │
    │ Device id  Y2lzY29zc…U1NTU1NTU                                           │
    │ Asked by   ana@example.com                                               │
    │ Code       K7Q2-M9                                                       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ Check it with "show device". If it is still the one you mean, send the   │
    │ command again.                                                           │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn tags_of_one_device() {
    let differs = samples::tags::tags("floor-4", "floor-4 pilot", Some("floor-4 keep"));
    assert_snapshot!(drawn(&differs), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ? Tags differ from your request                                          │
    │ Result of "tag device"                                                   │
    │ Webex saved the tags, but a check afterwards shows others: somebody else │
    │ may have changed them at the same time. Check with "show device" before  │
    │ you send the command again.                                              │
    │                                                                          │
    │ Name        BER-4 Panorama                                               │
    │ Product     Cisco Room Bar Pro                                           │
    │ Serial      FOC2345ABCD                                                  │
    │ Before      floor-4                                                      │
    │ Requested   floor-4, pilot                                               │
    │ Found       floor-4, keep                                                │
    │ Missing     pilot                                                        │
    │ Unexpected  keep                                                         │
    │ Device id   Y2lzY29zc…U1NTU1NTU                                          │
    │ Asked by    ana@example.com                                              │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    let others = [
        samples::tags::tags("floor-4", "floor-4 pilot", Some("pilot floor-4")),
        samples::tags::tags("pilot", "pilot", Some("pilot")),
        samples::tags::tags("floor-4", "pilot", None),
    ];
    assert_snapshot!(others.map(|card| words(&card)).join("\n"), @r#"
    ✓ Tags changed and verified
    Result of "tag device"
    Webex saved the tags, and a check afterwards shows them.
    ✓ Nothing to change: the tags are already like this
    Result of "tag device"
    The device already has these tags.
    ? Tags changed, not verified
    Result of "tag device"
    Webex saved the tags, but Steward could not check the device afterwards. Check with "show device".
    "#);
}

#[test]
fn tags_of_many_devices() {
    let tags = ["retire".to_owned(), "floor 12".to_owned()];
    let filter = "status:offline location:\"Berlin*\"";
    let [asked, done, in_part, stopped, late] =
        samples::tags::many_tagged("BER-4 Panorama", filter, &tags, &actor());
    assert_snapshot!(drawn(&asked), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Change the tags of 12 devices?                                           │
    │ Nothing has been done yet                                                │
    │                                                                          │
    │ Filter      status:offline location:"Berlin*"                            │
    │ Add         retire, floor 12                                             │
    │ Remove      retire, floor 12                                             │
    │ Unreadable  2 records from Webex could not be read and are not included. │
    │ Asked by    ana@example.com                                              │
    │ Code        K7Q2-M9                                                      │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ BER-4 Panorama, BER-4 Lobby, no name, BER-4 Panorama, BER-4 Panorama and │
    │ 7 more                                                                   │
    │ status:offline location:"Berlin*" excludes no device, because a text     │
    │ matches only as a whole. status:offline location:"Berlin*" would exclude │
    │ 12 of these.                                                             │
    │ status:offline location:"Berlin*" excludes no device.                    │
    │ status:offline location:"Berlin*" excludes no device.                    │
    │ Only these devices are changed, even if others match the filter later.   │
    │ Their other tags stay.                                                   │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 09:27 UTC (in 15 minutes).  │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".          │
    │                                                                          │
    │ [ Confirm ] [ Cancel ]                                                   │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(drawn(&in_part), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ? Tags not changed everywhere                                            │
    │ Result of "tag devices"                                                  │
    │                                                                          │
    │ Changed       3                                                          │
    │ Unchanged     2                                                          │
    │ Not verified  2                                                          │
    │ Failed        4                                                          │
    │ Filter        status:offline location:"Berlin*"                          │
    │ Added         retire, floor 12                                           │
    │ Asked by      ana@example.com                                            │
    │ Code          K7Q2-M9                                                    │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What went wrong                                                          │
    │ BER-4 Panorama: Webex no longer finds it                                 │
    │ BER-4 Panorama: Steward's admin credential may not change it             │
    │ BER-4 Panorama: Webex reported an error (500)                            │
    │ BER-4 Panorama: Webex did not answer                                     │
    │ BER-4 Panorama: a check afterwards shows other tags: somebody else may   │
    │ have changed them                                                        │
    │                                                                          │
    │ and 1 more                                                               │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!([done, stopped, late].map(|card| words(&card)).join("\n\n"), @r#"
    ✓ Tags changed and verified
    Result of "tag devices"

    ? Tags not changed everywhere
    Result of "tag devices"
    Stopped because Webex is rate limiting Steward until 09:28 UTC (in 16 minutes). The rest was not tried. Send the command again later; finished devices stay as they are.

    ? Tags not changed everywhere
    Result of "tag devices"
    Stopped because it was confirmed too long ago. The rest was not tried. Send the command again later; finished devices stay as they are.
    Steward's clock is 3 days ahead of Webex's, so it may have misjudged the time. Ask the people who run Steward to correct it.
    "#);
}

#[test]
fn an_activation() {
    let (device, actor) = (device(), actor());
    let provisioned = |place, side_effects| {
        devices::provisioned(place, Some("Cisco 9861"), side_effects, in_place(&device), &actor)
    };
    let [asked, _, answer, code, added] =
        provisioned(AssignedTo::Workspace("Berlin 4.12"), &devices::OF_A_WORKSPACE);
    assert_snapshot!(drawn(&asked), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Create an activation code?                                               │
    │ Nothing has been done yet                                                │
    │                                                                          │
    │ Workspace  Berlin 4.12                                                   │
    │ Model      Cisco 9861                                                    │
    │ Asked by   ana@example.com                                               │
    │ Code       K7Q2-M9                                                       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What else changes                                                        │
    │ Webex changes the calling type of the workspace from third-party SIP     │
    │ calling to free calling.                                                 │
    │ A phone is reset to factory settings when it joins: its current settings │
    │ are lost.                                                                │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 09:27 UTC (in 15 minutes).  │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".          │
    │                                                                          │
    │ [ Confirm ] [ Cancel ]                                                   │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(drawn(&code), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Activation code                                                          │
    │                                                                          │
    │ 5414 0112 5617 3816                                                      │
    │ Keep it to yourself: anyone who enters it adds a device to the           │
    │ organization.                                                            │
    │                                                                          │
    │ Workspace    Berlin 4.12                                                 │
    │ Model        Cisco 9861                                                  │
    │ Asked by     ana@example.com                                             │
    │ Valid until  2026-12-01 09:12 UTC (in 7 days)                            │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What else changes                                                        │
    │ Webex changes the calling type of the workspace from third-party SIP     │
    │ calling to free calling.                                                 │
    │ A phone is reset to factory settings when it joins: its current settings │
    │ are lost.                                                                │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ On a new or reset device, choose Webex in the setup wizard and enter the │
    │ code when asked. On a phone, enter it on the activation code screen. It  │
    │ works only once.                                                         │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
    assert_snapshot!(words(&answer), @r"
    ✓ Activation code created
    Steward sent you the code in a direct message. It never appears in a space, because anyone who has it can add a device.
    What else changes
    Webex changes the calling type of the workspace from third-party SIP calling to free calling.
    A phone is reset to factory settings when it joins: its current settings are lost.
    What next
    Enter the code on the new device. Until then, no device is added.
    ");
    assert_snapshot!(words(&added), @r#"
    ✓ Added
    Result of "add device"
    What else changes
    Webex changes the calling type of the workspace from third-party SIP calling to free calling.
    A phone is reset to factory settings when it joins: its current settings are lost.
    What next
    Connect the device to the network. It then gets its settings from Webex and goes online.
    "#);
    let [_, asked, ..] = provisioned(AssignedTo::Person("Ben Okafor"), &devices::OF_A_PERSON);
    assert_snapshot!(words(&asked), @r#"
    Add this device?
    Nothing has been done yet
    What else changes
    If this person has a Webex Calling Standard license, adding a device disables Webex Calling in their apps.
    Only the person who asked can confirm, until 09:27 UTC (in 15 minutes). Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".
    "#);
}
