//! Cards as they look, and the sentences of all of them.

use insta::assert_snapshot;

use super::samples::notices::{misspelled, notices};
use super::samples::{self, *};
use crate::cards::block::{self, Block};
use crate::cards::*;
use crate::domain::{Cause, Count};

fn drawn(card: &Card) -> String {
    draw(card, 76, Ink::Plain)
}

/// The text of a card without its facts.
fn words(card: &Card) -> String {
    let mut blocks = block::read(card.content().get()).unwrap();
    blocks.retain(|block| !matches!(block, Block::Fact { .. } | Block::Actions(_)));
    plain_text::of(&blocks)
}

#[test]
fn a_deletion() {
    assert_snapshot!(drawn(&desk::replaceable()), @r#"
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
    │ The id may be wrong or outdated: a factory reset gives a device a new    │
    │ one. Or the device belongs to an organization that Steward cannot see,   │
    │ or is a phone that only Control Hub can manage.                          │
    │ Copy the current id from Control Hub, then send the command again.       │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[test]
fn a_personal_device_has_an_owner_and_no_workspace() {
    let card = deletion(Some(&personal_facts()), &outcome(Cause::Deleted, Some(204)));
    assert!(card.text().contains("\nOwner: Ben Okafor\n") && !card.text().contains("Workspace:"));
    assert_snapshot!(words(&card), @r#"
    ✓ Gone: deleted and verified
    Result of "delete device"
    Webex deleted the device, and a check afterwards no longer finds it.


    What next
    To give the owner a replacement, create a new activation code for that person in Control Hub.
    A deletion cannot be undone: to use this device again, activate it again. It then has a new id.
    If the owner has a Webex Calling Standard license, deleting the device enables Webex Calling in their apps.
    "#);
}

#[test]
fn the_words_of_every_outcome() {
    let cards = causes().into_iter().map(|(cause, status)| {
        let outcome = outcome(cause, status);
        let update = outcome.may_still_change().then(|| follow_up(&outcome, Watch::Ended));
        let first = words(&deletion(Some(&facts()), &outcome));
        update.map_or_else(|| first.clone(), |update| format!("{first}\n\n{}", words(&update)))
    });
    assert_snapshot!(cards.collect::<Vec<_>>().join("\n\n"), @r#"
    ✓ Gone: deleted and verified
    Result of "delete device"
    Webex deleted the device, and a check afterwards no longer finds it.


    What next
    To put a replacement into the same workspace, create a new activation code for it in Control Hub.
    A deletion cannot be undone: to use this device again, activate it again. It then has a new id.

    ✓ Gone: deleted and verified
    Result of "delete device"
    Webex did not confirm the deletion, but a check afterwards no longer finds the device: it is gone.


    What next
    To put a replacement into the same workspace, create a new activation code for it in Control Hub.
    A deletion cannot be undone: to use this device again, activate it again. It then has a new id.

    … Accepted: not verified yet
    Result of "delete device"
    Webex accepted the deletion, but still lists the device.


    What next
    A deletion can take Webex a while. Steward looks again and reports in this thread; you do not need to do anything.

    … Update: accepted, still not verified
    Result of "delete device", previously "accepted"
    Webex accepted the deletion, but still lists the device.


    What next
    Steward has looked several times and stops now. Check with "show device". If the device is still there, send the command again; if that does not help, give Webex support the tracking id.

    ? Unknown: could not be verified
    Result of "delete device"
    Webex accepted the deletion, but Steward could not check afterwards that the device is gone.


    What next
    Steward looks again and reports in this thread. Please do not send the command again before you have checked with "show device".

    ? Update: still unknown
    Result of "delete device", previously "accepted"
    Webex accepted the deletion, but Steward could not check afterwards that the device is gone.


    What next
    Steward has tried several times and stops now. Check with "show device" or in Control Hub before you send the command again.

    ? Unknown: could not be verified
    Result of "delete device"
    Webex did not confirm the deletion, and Steward could not check the device afterwards: it may be gone, or still there.


    What next
    Steward looks again and reports in this thread what happened.
    Please do not send the command again before you have checked with "show device".

    ? Update: still unknown
    Result of "delete device", previously "accepted"
    Webex did not confirm the deletion, and Steward could not check the device afterwards: it may be gone, or still there.


    What next
    Steward could not find out what happened and stops now.
    Check with "show device" or in Control Hub before you send the command again.

    ✕ Not found: nothing was deleted
    Result of "delete device"
    Webex finds no device with this id that Steward can see, so nothing was deleted.


    What next
    The id may be wrong or outdated: a factory reset gives a device a new one. Or the device belongs to an organization that Steward cannot see, or is a phone that only Control Hub can manage.
    Copy the current id from Control Hub, then send the command again.

    ✕ Not found: nothing was deleted
    Result of "delete device"
    The device disappeared just before Steward could delete it: somebody else was probably faster.


    What next
    There is nothing left to do. The audit log of Control Hub may show who removed it.
    If it was activated again, it has a new id: find it by its serial number with "show device".

    ✕ Not found: nothing was deleted
    Result of "delete device"
    Webex says that this device was removed earlier (410), so nothing was deleted.


    What next
    There is nothing left to do for this id. If the device was activated again, it has a new id: copy that from Control Hub.

    ✕ Failed: not deleted
    Result of "delete device"
    Webex did not accept this device id (400), so nothing was deleted.


    What next
    Copy the whole device id from Control Hub again, then send the command again.

    ✕ Failed: not deleted
    Result of "delete device"
    Webex rejected Steward's admin credential (401), so nothing was deleted.


    What next
    Ask the people who run Steward to check its admin credential, then send the command again.

    ✕ Failed: not deleted
    Result of "delete device"
    Steward's admin credential is not allowed to do this (403), so nothing was deleted.


    What next
    Ask the people who run Steward to check its admin credential: it needs the scopes spark-admin:devices_read and spark-admin:devices_write, and an admin role that may delete devices in this location.
    If the device belongs to another organization, they have to set that as the target organization.

    ✕ Failed: not deleted
    Result of "delete device"
    The Webex address that Steward uses does not delete devices (405), so nothing was deleted.


    What next
    Ask the people who run Steward to check the Webex address in its settings and any proxy on the way to it.

    ✕ Failed: not deleted
    Result of "delete device"
    Something else was changing the device at that moment (409), so nothing was deleted.


    What next
    Wait until the other change is finished (an upgrade, an activation, another admin), check with "show device", then send the command again.

    ✕ Failed: not deleted
    Result of "delete device"
    Something on the way to Webex rejected the request (415), so nothing was deleted.


    What next
    Ask the people who run Steward to check the proxy on the way to Webex: it may change requests.

    ✕ Failed: not deleted
    Result of "delete device"
    Webex has locked the device for now (423), so nothing was deleted.


    What next
    Send the command again at 09:25 UTC (in 13 minutes); the lock should be gone by then.

    ✕ Failed: not deleted
    Result of "delete device"
    Webex requires another step first (428), so nothing was deleted.


    What next
    Open the device in Control Hub and finish what it asks for, then send the command again.

    ✕ Failed: not deleted
    Result of "delete device"
    Webex is rate limiting Steward (429) for longer than it can wait, so nothing was deleted.


    What next
    Send the command again at 09:25 UTC (in 13 minutes); Webex should accept it by then.

    ✕ Failed: not deleted
    Result of "delete device"
    Webex reported that it is temporarily unavailable (503), and the device is still there.


    What next
    Webex may still delete it: Steward looks again and reports in this thread.
    If the device is still there then, send the command again. status.webex.com lists known problems.

    ✕ Update: failed, not deleted
    Result of "delete device", previously "accepted"
    Webex reported that it is temporarily unavailable (503), and the device is still there.


    What next
    Send the command again. If the error stays, give Webex support the tracking id.

    ✕ Failed: not deleted
    Result of "delete device"
    Webex did not answer in time, and the device is still there.


    What next
    Webex may have received the command anyway: Steward looks again and reports in this thread. If the device is still there then, send the command again.

    ✕ Update: failed, not deleted
    Result of "delete device", previously "accepted"
    Webex did not answer in time, and the device is still there.


    What next
    Send the command again. If Webex still does not answer, ask the people who run Steward to run "steward check".

    ✕ Failed: not deleted
    Result of "delete device"
    Webex gave an undocumented answer (418), and the device is still there.


    What next
    Steward looks again and reports in this thread. Before you try again, ask the people who run Steward to give Webex support the status and the tracking id above.

    ✕ Update: failed, not deleted
    Result of "delete device", previously "accepted"
    Webex gave an undocumented answer (418), and the device is still there.


    What next
    Before you try again, ask the people who run Steward to give Webex support the status and the tracking id above.

    ✕ Failed: not deleted
    Result of "delete device"
    Steward could not read the device first, so nothing was deleted.


    What next
    Steward deletes only what it has just read. Send the command again in a few minutes. If this keeps happening, ask the people who run Steward to run "steward check".

    ✕ Failed: not deleted
    Result of "delete device"
    Steward could not reach Webex, so nothing was deleted.


    What next
    Ask the people who run Steward to check its network connection to Webex, then send the command again.

    ✕ Failed: not deleted
    Result of "delete device"
    The device is not the same as when you sent the command (changed: owner, serial), so it was not deleted.


    What next
    Check it with "show device". If it is still the one you mean, send the command again.

    ✕ Failed: not deleted
    Result of "delete device"
    Your right to delete devices was withdrawn before the command ran, so nothing was deleted.


    What next
    If that was a mistake, ask the people who run Steward.

    ✕ Failed: not deleted
    Result of "delete device"
    Steward could not run the command in time, so nothing was deleted.


    What next
    Late commands never run. If you still want this, send it again.
    "#);
}

#[test]
fn an_update_that_it_is_gone() {
    let card = follow_up(&outcome(Cause::Deleted, Some(404)), Watch::Ended);
    assert_snapshot!(words(&card), @r#"
    ✓ Update: gone, deleted and verified
    Result of "delete device", previously "accepted"
    Webex deleted the device, and a check afterwards no longer finds it.


    What next
    To put a replacement into the same workspace, create a new activation code for it in Control Hub.
    A deletion cannot be undone: to use this device again, activate it again. It then has a new id.
    "#);
}

#[test]
fn the_words_of_every_notice() {
    let cards = notices().into_iter().map(|(_, notice)| words(&render(&notice)));
    assert_snapshot!(cards.collect::<Vec<_>>().join("\n\n"), @r#"
    ✕ Refused: your organization is not served here
    Steward answers only people of certain organizations, and Webex does not list you in any of them. Nothing was looked up or changed.
    If Steward should serve your organization, ask the people who run it.

    ✕ Refused: not a person
    Steward takes commands from people only, never from bots or machine accounts. Nothing was looked up or changed.
    Send the command from your own account.

    ✕ Refused: nobody is an admin yet
    Only admins may do this, and the list of admins is empty. Nothing was looked up or changed.
    Ask the people who run Steward to add you to the list of admins.

    ✕ Refused: you are not on the list of admins
    Only people on the list of admins may do this. Nothing was looked up or changed.
    Ask the people who run Steward for access, and give them your person id. Write "whoami" to see it.

    ? Not understood

    delete device ▸lobby◂
    Expected a device id (about 80 characters, as `Y2lzY29…`), found 5 characters.
    Give the id of one device, as Control Hub shows it.
    Nothing was done. Write "help" to see what you can ask.

    For example: delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x

    ? Could not check whether you may do this
    Steward could not ask Webex who you are, so it did nothing.
    Send the command again in a few minutes. If this keeps happening, ask the people who run Steward to run "steward check".

    ✕ Not shown
    Webex did not do this; it reported an error (503).
    Send the command again in a few minutes.
    For Webex support: the tracking id is T_1.

    ✕ Not found
    Webex finds no device with this id that Steward can see.
    Check the id in Control Hub: a factory reset or a new activation gives a device a new one. Steward cannot see devices of other organizations either.

    ✕ Not shown
    Steward's admin credential may not read this device.
    Ask the people who run Steward to check its scopes and its admin role. For a device of another organization, they have to set that as the target organization.

    ✕ Not shown
    Webex rejected Steward's admin credential.
    Ask the people who run Steward to check it, then send the command again.

    ✕ Not done
    Webex did not answer.
    Send the command again in a few minutes.

    ✕ Not found
    Webex finds nothing with this id that Steward can see.
    Check the id in Control Hub, then send the command again.

    ✕ Not done
    Steward's admin credential may not do this.
    Ask the people who run Steward to check its scopes and its admin role.

    … Busy
    Webex is rate limiting Steward until 09:28 UTC (in 16 minutes).
    Send the command again then.

    ✕ Given up
    Steward tried several times and could not finish this.
    Ask the people who run Steward to look for the reason in its log, then send the command again.

    … Waiting for Webex
    Webex is rate limiting Steward. This continues automatically at about 09:14 UTC (in 2 minutes): delete device "Board *42*" because "moved <b>out</b>"
    You do not need to send it again. The result comes in this thread, and a note if Webex stays busy for more than ten minutes.

    ? Read too late: nothing was done
    You wrote this 3 days ago (2026-11-21 09:12:05 UTC), but Steward could not read it until now. Late commands never run.
    If you still want this, send it again.

    ? Steward was away: nothing was done
    You wrote this 3 days ago (2026-11-21 09:12:05 UTC) while Steward was away. Late commands never run.
    If you still want this, send it again.

    ? Steward was away: nothing was done
    You wrote this while Steward was away. Late commands never run.
    If you still want this, send it again.

    Hello, this is Steward
    I list, show, delete, tag and add Webex devices for the admins of this organization.
    Mention me with "help" to see what you can ask. I read only messages that mention me.
    The people who run me decide who may do what; "whoami" shows what you may do.

    For example: @Steward help

    Hello, this is Steward
    I list, show, delete, tag and add Webex devices for the admins of this organization.
    Write "help" to see what you can ask.
    The people who run me decide who may do what; "whoami" shows what you may do.

    For example: help

    ? The admin credential will expire
    Steward cannot renew the tokens of its Service App. The refresh token expires at 2026-12-07 09:13 UTC (in 13 days); after that, Steward can no longer read or delete devices.
    Operators: Steward's log shows why the renewal fails. If Webex rejects it, issue new tokens on the page of the Service App (developer.webex.com, Org Authorizations), set STEWARD_SERVICE_APP_REFRESH_TOKEN to the new refresh token, and restart Steward.

    ✕ The admin credential has expired
    The refresh token of Steward's Service App expired 3 days ago (2026-11-21 09:12:05 UTC). Once its access token has expired too, Steward can no longer read or delete devices.
    Operators: Steward's log shows why the renewal fails. If Webex rejects it, issue new tokens on the page of the Service App (developer.webex.com, Org Authorizations), set STEWARD_SERVICE_APP_REFRESH_TOKEN to the new refresh token, and restart Steward.

    ✕ Not this organization
    Steward is not set up to administer the devices of Beta Corp.
    The people who run Steward can allow it, with the id of that organization.

    ? No such organization
    Steward sees no organization named Beta Corp.
    Write its name exactly as in Control Hub, or its id. Only partner administrators see other organizations.

    ? More than one organization
    Steward sees more than one organization named Beta Corp.
    Write the id of the one you mean.

    ? Which phone?
    Lobby phone takes phones, and Webex needs to know the model. Nothing was done.
    Add the model to the command, for example: model "Cisco 9861".

    ✕ The code could not be sent
    Webex created a code, but Steward could not send you a direct message, and codes never appear in a space.
    Write anything to the bot in a direct message. Then send the command again to get a new code.

    ? A code may have been created
    Steward asked Webex for a code but does not know whether Webex created it.
    If you have no direct message with a code, send the command again to get a new one. An unused code expires.

    ✕ Already there
    11:22:33:44:AA:FF already belongs to a device: BER-4 Panorama. Nothing was done.
    Check the address on the label of the device. If it is the same device, delete it first.

    ✕ Already there
    11:22:33:44:AA:FF already belongs to another device. Nothing was done.
    Check the address on the label of the device. If it is the same device, delete it first.

    ? No such workspace
    Webex has no workspace named Lobbi. Nothing was done.
    Did you mean "Lobby", "Lobby 2"?

    ? No such workspace
    Webex has no workspace named Zzz. Nothing was done.
    Write the name exactly as in Control Hub, in quotes if it has spaces.

    ? More than one workspace
    More than one workspace is named Lobby. Nothing was done.
    Send the command again with the id of the one you mean: id-1, id-2.

    ? No such person
    Webex finds nobody with the address zoe@example.com. Nothing was done.
    Write the address exactly as in Control Hub.

    ✕ Refused by Webex
    Webex created no activation code: it rejected the request (400).
    Check the model. A Webex Calling user can have at most five phones: if there are five already, delete one first.
    For Webex support: the tracking id is T_1.

    ✕ Refused by Webex
    Webex did not add the device: it rejected the request (400).
    Check the model, and whether the workspace accepts such devices: that is set when it is created and cannot be changed.

    … Confirmed
    K7Q2-M9 is confirmed. The result comes in the thread of the command.

    Canceled: nothing was done
    K7Q2-M9 is canceled. If you change your mind, send the command again.

    ? No device matches
    No device matches status:offline. Nothing was done.
    A comparison never matches a device without that value. "list devices" shows all devices.

    ✕ Too many devices
    237 devices match status:offline, but one command changes at most 200. Nothing was done.
    Narrow the filter, for example with location:"Berlin*", product:"Room Bar*" or -tag:keep, and tag one group at a time.

    ✕ Not yours to decide
    Only the person who asked can confirm or cancel this. To do it yourself, send the command.

    … Already confirmed
    It is running or done; the answer is in the thread of the command.

    … Already pressed
    The answer to the first press is in the thread. To get it again, send the command.

    ? Already canceled
    Nothing was done. If you change your mind, send the command again.

    ? Too late
    This has expired, and nothing was done. If you still want it, send the command again.

    ✕ A copy does nothing
    Only the card that Steward posted works, in its own space. Press there, or send the command.

    ? No longer valid
    This button or code is no longer valid. Send the command again.
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
    │ What you can ask Steward                                                 │
    │ Write to it directly, or mention it in a space                           │
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
fn a_phone_has_an_owner_and_readers_no_button() {
    let text = shown(&desk::phone(), false).text().to_owned();
    assert!(text.contains("\nOwner: Ben Okafor\n") && text.contains("\nType: phone\n"), "{text}");
    assert!(!drawn(&shown(&desk::phone(), false)).contains("[ Delete ]"));
    assert!(
        !text.contains("Workspace") && !text.contains("Last seen") && !text.contains("delete device"),
        "{text}"
    );
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
fn empty_lists() {
    assert_snapshot!(words(&desk::empty_list(None)), @r"
    No devices
    Webex lists no device that Steward can see.
    ");
    assert_snapshot!(words(&desk::empty_list(Some("status:offline"))), @r"
    No devices
    No device matches the whole filter. A comparison never matches a device without that value.
    ");
}

#[test]
fn a_choice() {
    assert_snapshot!(drawn(&desk::choice(true, Count::Exactly(17))), @r"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Which of these devices?                                                  │
    │ 17 devices match. Nothing has been done yet.                             │
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
    │ For example: delete device FOC2345AB00                                   │
    │                                                                          │
    │ [ Choose 1 ] [ Choose 2 ] [ Choose 3 ] [ Cancel ]                        │
    ╰──────────────────────────────────────────────────────────────────────────╯
    ");
    let subtitle = |count| words(&desk::choice(false, count)).lines().nth(1).unwrap().to_owned();
    let counts = [Count::Exactly(1), Count::AtLeast(3), Count::MoreThan(50)];
    assert_snapshot!(counts.map(subtitle).join("\n"), @r"
    1 device matches. Nothing has been done yet.
    At least 3 devices match. Nothing has been done yet.
    More than 50 devices match. Nothing has been done yet.
    ");
}

#[test]
fn nothing_found() {
    assert_snapshot!(drawn(&desk::not_found(&desk::near(), "BER-4 Panoramma")), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not found                                                              │
    │ No device that Steward can see matches this exactly. Nothing was done.   │
    │                                                                          │
    │ Searched for  BER-4 Panoramma                                            │
    │ Searched by   device id, serial number, MAC address, name                │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Similar devices                                                          │
    │ BER-4 Panorama · FOC2345ABCD                                             │
    │ BER-44 Panorama                                                          │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                │
    │ If it is one of these, send the command again with its serial number.    │
    │ Otherwise, "list devices" shows all devices.                             │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(words(&desk::not_found(&[], "Zzz")), @r#"
    ✕ Not found
    No device that Steward can see matches this exactly. Nothing was done.


    What next
    "list devices" shows all devices. A factory reset gives a device a new id, but its serial number and MAC address stay the same.
    "#);
}

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
    assert_snapshot!(desk::proposal(&desk::phone(), None).text(), @r#"
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
    assert_snapshot!(drawn(&desk::changed()), @r#"
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
    │ Device id  Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ0N │
    │            C01NTU1NTU1NTU1NTU                                            │
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
    │ Device id   Y2lzY29zcGFyazovL3VzL0RFVklDRS8xMTExMTExMS0yMjIyLTMzMzMtNDQ0 │
    │             NC01NTU1NTU1NTU1NTU                                          │
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
    let [asked, done, in_part, stopped] =
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
    assert_snapshot!([done, stopped].map(|card| words(&card)).join("\n\n"), @r#"
    ✓ Tags changed and verified
    Result of "tag devices"


    ? Tags not changed everywhere
    Result of "tag devices"


    Stopped because Webex is rate limiting Steward until 09:28 UTC (in 16 minutes). The rest was not tried. Send the command again later; finished devices stay as they are.
    "#);
}

#[test]
fn an_activation() {
    let (device, actor) = (device(), actor());
    let provisioned = |place, side_effects| {
        desk::provisioned(place, Some("Cisco 9861"), side_effects, in_place(&device), &actor)
    };
    let [asked, _, answer, code, added] =
        provisioned(AssignedTo::Workspace("Berlin 4.12"), &desk::OF_A_WORKSPACE);
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
    You have the code in a direct message. It never appears in a space, because anyone who has it can add a device.


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
    let [_, asked, ..] = provisioned(AssignedTo::Person("Ben Okafor"), &desk::OF_A_PERSON);
    assert_snapshot!(words(&asked), @r#"
    Add this device?
    Nothing has been done yet


    What else changes
    If this person has a Webex Calling Standard license, adding a device disables Webex Calling in their apps.

    Only the person who asked can confirm, until 09:27 UTC (in 15 minutes). Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".
    "#);
}
