//! Cards as they look.

mod desk;
mod plans;
mod tags;

use insta::assert_snapshot;

use super::samples::{
    ENTRIES, deletion, device, facts, follow_up, misspelled, outcome, personal_facts, shown,
};
use super::wording::Watch;
use super::*;
use crate::domain::{Cause, DeviceFacts};
use crate::policy::Denied;

fn drawn(card: &Card) -> String {
    draw(card, 76, Ink::Plain)
}

fn drawn_deletion(facts: Option<&DeviceFacts>, cause: Cause, status: Option<u16>) -> String {
    drawn(&deletion(facts, &outcome(cause, status)))
}

#[test]
fn gone() {
    assert_snapshot!(drawn_deletion(Some(&facts()), Cause::Deleted, Some(204)), @r#"
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
    │ To put a replacement into the same workspace, create a new activation    │
    │ code for it in Control Hub.                                              │
    │ A deletion cannot be undone: this device itself must be activated anew,  │
    │ and then has a new id.                                                   │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn accepted() {
    assert_snapshot!(drawn_deletion(Some(&facts()), Cause::StillListed, Some(204)), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ … Accepted: not yet proven                                               │
    │ Result of "delete device"                                                │
    │ Webex accepted the deletion, but still lists the device.                 │
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
    │ Outcome       accepted                                                   │
    │ Time          2026-11-24 09:12:05 UTC                                    │
    │ Webex status  204                                                        │
    │ Tracking id   ROUTERGW_6f1c9a52                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ Deleting may take Webex a while. Steward looks again and reports in this │
    │ thread; there is nothing to do until then.                               │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn failed_because_webex_forbids_it() {
    assert_snapshot!(drawn_deletion(Some(&facts()), Cause::NotPermitted, Some(403)), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Failed: not deleted                                                    │
    │ Result of "delete device"                                                │
    │ Webex does not let Steward's admin credential do this (403), so nothing  │
    │ was deleted.                                                             │
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
    │ Outcome       failed                                                     │
    │ Time          2026-11-24 09:12:05 UTC                                    │
    │ Webex status  403                                                        │
    │ Tracking id   ROUTERGW_6f1c9a52                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ Ask the operator to check the admin credential: the scopes               │
    │ spark-admin:devices_read and spark-admin:devices_write, and a role that  │
    │ may delete devices, neither read-only nor limited to other locations.    │
    │ If the device belongs to another organization, that organization must be │
    │ set (STEWARD_TARGET_ORG).                                                │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn not_found() {
    assert_snapshot!(drawn_deletion(None, Cause::NeverFound, Some(404)), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not found: nothing was deleted                                         │
    │ Result of "delete device"                                                │
    │ Webex finds no device with this id for Steward's admin credential, so    │
    │ nothing was deleted.                                                     │
    │                                                                          │
    │ Device id     Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtND │
    │               Q0NC01NTU1NTU1NTU1NTU                                      │
    │ Asked by      ana@example.com                                            │
    │ Reason        replaced in the refresh                                    │
    │ Outcome       not found                                                  │
    │ Time          2026-11-24 09:12:05 UTC                                    │
    │ Webex status  404                                                        │
    │ Tracking id   ROUTERGW_6f1c9a52                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ The id may be wrong or old (a factory reset gives a device a new one),   │
    │ belong to an organization that this credential does not see, or to a     │
    │ phone that only Control Hub can manage.                                  │
    │ Copy the current id from Control Hub, then send the command again.       │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn unknown() {
    assert_snapshot!(drawn_deletion(Some(&facts()), Cause::Unsettled, None), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ? Unknown: could not be proven                                           │
    │ Result of "delete device"                                                │
    │ Webex did not confirm the deletion, and what became of it could not be   │
    │ found out: the device may be gone, or still there.                       │
    │                                                                          │
    │ Name       BER-4 Panorama                                                │
    │ Product    Cisco Room Bar Pro                                            │
    │ Workspace  Berlin 4.12                                                   │
    │ Serial     FOC2345ABCD                                                   │
    │ MAC        11:22:33:44:AA:FF                                             │
    │ Device id  Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ0N │
    │            C01NTU1NTU1NTU1NTU                                            │
    │ Asked by   ana@example.com                                               │
    │ Reason     replaced in the refresh                                       │
    │ Outcome    unknown                                                       │
    │ Time       2026-11-24 09:12:05 UTC                                       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ Steward looks again and reports in this thread what became of it.        │
    │ Please do not send the command a second time before you have looked with │
    │ "show device".                                                           │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_personal_device_gone() {
    assert_snapshot!(drawn_deletion(Some(&personal_facts()), Cause::Deleted, Some(204)), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✓ Gone: deleted and proven                                               │
    │ Result of "delete device"                                                │
    │ Webex deleted the device, and a read afterwards no longer finds it.      │
    │                                                                          │
    │ Name          Ben's Desk Pro                                             │
    │ Product       Cisco Desk Pro                                             │
    │ Owner         Ben Okafor                                                 │
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
    │ To give its owner a replacement, create a new activation code for that   │
    │ person in Control Hub.                                                   │
    │ A deletion cannot be undone: this device itself must be activated anew,  │
    │ and then has a new id.                                                   │
    │ If the owner has a Webex Calling Standard license, deleting the device   │
    │ enables Webex Calling in the person's apps.                              │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn an_update_that_it_is_gone() {
    assert_snapshot!(drawn(&follow_up(&outcome(Cause::Deleted, Some(404)), Watch::Ended)), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✓ Update: gone, deleted and proven                                       │
    │ Result of "delete device", which was "accepted" before                   │
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
    │ Outcome       gone                                                       │
    │ Time          2026-11-24 09:12:05 UTC                                    │
    │ Webex status  404                                                        │
    │ Tracking id   ROUTERGW_6f1c9a52                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ To put a replacement into the same workspace, create a new activation    │
    │ code for it in Control Hub.                                              │
    │ A deletion cannot be undone: this device itself must be activated anew,  │
    │ and then has a new id.                                                   │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_refusal() {
    assert_snapshot!(drawn(&render(&Notice::denied(Denied::NotAnAdmin))), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Refused: you are not on the list of admins                             │
    │ Only people on the list of admins may do this. Nothing was looked up or  │
    │ changed.                                                                 │
    │ To be put on the list of admins, turn to the people who run Steward      │
    │ (STEWARD_ADMINS) with the person id that "whoami" shows.                 │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn not_understood() {
    assert_snapshot!(drawn(&misspelled()), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ? Not understood                                                         │
    │                                                                          │
    │ delete device ▸lobby◂                                                    │
    │ Expected a device id (about 80 characters, as `Y2lzY29…`), found 5       │
    │ characters.                                                              │
    │ Give the id of one device, as Control Hub shows it.                      │
    │ Nothing was done. Write "help" for what you can ask.                     │
    │                                                                          │
    │ For example: delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x              │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_message_from_an_absence() {
    let card = render(&Notice::while_away(
        Some(samples::at("2026-11-24T06:12:05Z")),
        samples::at("2026-11-24T09:12:05Z"),
    ));
    assert_snapshot!(drawn(&card), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ? Steward was away: nothing was done                                     │
    │ You wrote this 3 hours ago (2026-11-24 06:12:05 UTC) while Steward was   │
    │ away. A late command is never run.                                       │
    │ If you still mean it, send it again.                                     │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn a_greeting() {
    assert_snapshot!(drawn(&render(&Notice::welcome("Steward", true))), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Hello, this is Steward                                                   │
    │ I list, delete, tag and add Webex devices for the admins of this         │
    │ organization, and say what became of it.                                 │
    │ Mention me with "help" to see what you can ask; I read only what         │
    │ mentions me.                                                             │
    │ Who may do what is set by the people who run me; "whoami" shows what you │
    │ may do.                                                                  │
    │                                                                          │
    │ For example: @Steward help                                               │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn help() {
    assert_snapshot!(drawn(&render(&Help { entries: &ENTRIES, has_rights: true })), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ What you can ask Steward                                                 │
    │ Write to it alone, or mention it in a space                              │
    │                                                                          │
    │ show device <id>                                                         │
    │ Shows one device as Webex knows it now.                                  │
    │ For example: show device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x                │
    │                                                                          │
    │ delete device <id> [because "reason"]                                    │
    │ Deletes one device and proves that it is gone.                           │
    │ For example: delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x because      │
    │ "replaced"                                                               │
    │                                                                          │
    │ help                                                                     │
    │ Shows what you can ask.                                                  │
    │ For example: help                                                        │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_device() {
    assert_snapshot!(drawn(&shown(&device(), true)), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Device                                                                   │
    │ What Webex knows about it right now                                      │
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
    │ Errors       not registered for calls over SIP (sipprofileregistration)  │
    │ Type         room or desk device                                         │
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
    ├──────────────────────────────────────────────────────────────────────────┤
    │ To delete it: delete device FOC2345ABCD                                  │
    │                                                                          │
    │ [ Delete ] [ Devices in Control Hub ↗ ] [ Workspace in Control Hub ↗ ]   │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
}

#[test]
fn the_text_of_a_card() {
    let card = deletion(Some(&facts()), &outcome(Cause::Deleted, Some(204)));
    assert_snapshot!(card.text(), @r#"
    ✓ Gone: deleted and proven
    Result of "delete device"
    Webex deleted the device, and a read afterwards no longer finds it.

    Name: BER-4 Panorama
    Product: Cisco Room Bar Pro
    Workspace: Berlin 4.12
    Serial: FOC2345ABCD
    MAC: 11:22:33:44:AA:FF
    Device id: Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTU
    Asked by: ana@example.com
    Reason: replaced in the refresh
    Outcome: gone
    Time: 2026-11-24 09:12:05 UTC
    Webex status: 204
    Tracking id: ROUTERGW_6f1c9a52

    What next
    To put a replacement into the same workspace, create a new activation code for it in Control Hub.
    A deletion cannot be undone: this device itself must be activated anew, and then has a new id.
    "#);
}
