//! Snapshots of the sentences of similar cards, side by side: read them aloud.

use insta::assert_snapshot;

use super::samples::notices::notices;
use super::samples::*;
use crate::cards::block::{self, Block};
use crate::cards::*;
use crate::domain::Cause;

/// The text of a card without its facts.
pub(super) fn words(card: &Card) -> String {
    let mut blocks = block::read(card.content().get()).unwrap();
    blocks.retain(|block| !matches!(block, Block::Fact { .. } | Block::Actions(_)));
    let text = plain_text::of(&blocks);
    text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
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
#[expect(clippy::too_many_lines, reason = "one snapshot")]
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
    Webex did not confirm the deletion, and Steward could not find out what happened: the device may be gone, or still there.
    What next
    Steward looks again and reports in this thread what happened.
    Please do not send the command again before you have checked with "show device".

    ? Update: still unknown
    Result of "delete device", previously "accepted"
    Webex did not confirm the deletion, and Steward could not find out what happened: the device may be gone, or still there.
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
    Webex says that this is gone (410), so nothing was deleted. Either the device was removed earlier, or Webex no longer offers this call.
    What next
    Look for the device in Control Hub. If it is still there, tell the people who run Steward. If it was activated again, it has a new id: copy that from Control Hub.

    ✕ Failed: not deleted
    Result of "delete device"
    Webex says that this is gone (410), but the device is still there: Webex no longer offers this call, so nothing was deleted.
    What next
    Delete the device in Control Hub, and tell the people who run Steward: it may need a newer version.

    ? Unknown: could not be verified
    Result of "delete device"
    Webex did not confirm the deletion. A check afterwards finds neither the device nor anything else of its organization, which proves nothing: the device may be gone, or still there.
    What next
    Steward looks again and reports in this thread what happened.
    Ask the people who run Steward whether its admin credential has lost access to the organization.

    ? Update: still unknown
    Result of "delete device", previously "accepted"
    Webex did not confirm the deletion. A check afterwards finds neither the device nor anything else of its organization, which proves nothing: the device may be gone, or still there.
    What next
    Steward could not find out what happened and stops now. Check in Control Hub before you send the command again.
    Ask the people who run Steward whether its admin credential has lost access to the organization.

    ? Unknown: could not be verified
    Result of "delete device"
    Steward's admin credential was replaced after the deletion began, and the new one cannot prove what happened: the device may be gone, or still there.
    What next
    Check in Control Hub before you send the command again. If the previous admin credential is restored, Steward looks again and reports in this thread.

    ? Update: still unknown
    Result of "delete device", previously "accepted"
    Steward's admin credential was replaced after the deletion began, and the new one cannot prove what happened: the device may be gone, or still there.
    What next
    Check with "show device" and in Control Hub before you send the command again.

    ✕ Not found: nothing was deleted
    Result of "delete device"
    Webex no longer shows Steward this device, nor anything else of its organization, so the device may still be there. Nothing was deleted.
    What next
    Ask the people who run Steward whether its admin credential has lost access to the organization. Then send the command again.

    ✕ Failed: not deleted
    Result of "delete device"
    The device belongs to another organization than the one you asked about, so nothing was deleted.
    What next
    If Steward administers that organization, send the command again with "in org" and its name. Otherwise, delete the device in the Control Hub of that organization.

    ✕ Failed: not deleted
    Result of "delete device"
    Webex lists a device under FOC2345ABCD, but the device itself has serial number FOC2345ABCE and no MAC address. Nothing was done.
    What next
    Webex's list may be out of date. Check the device in Control Hub, then send the command again with its device id.

    ✕ Failed: not deleted
    Result of "delete device"
    Steward's target organization or admin credential was changed before the command ran, so nothing was deleted.
    What next
    Check with "show device" that Steward still finds the device you mean, then send the command again.

    ✕ Failed: not deleted
    Result of "delete device"
    Steward could not check with Webex whether you may still delete devices, so nothing was deleted.
    What next
    Send the command again in a few minutes. If this keeps happening, ask the people who run Steward to look at its bot token.

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
    Steward got no answer from Webex, and the device is still there.
    What next
    Webex may have received the command anyway: Steward looks again and reports in this thread. If the device is still there then, send the command again.

    ✕ Update: failed, not deleted
    Result of "delete device", previously "accepted"
    Steward got no answer from Webex, and the device is still there.
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
    Steward tried several times and could not finish this, so nothing was deleted.
    What next
    Ask the people who run Steward to look for the reason in its log, then send the command again.

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
    Steward's clock is 3 days ahead of Webex's, so it may have misjudged the time. Ask the people who run Steward to correct it.
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
#[expect(clippy::too_many_lines, reason = "one snapshot")]
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

    ✕ Refused: you are not on the list of admins
    Only people on the list of admins may do this. Nothing was changed.
    Ask the people who run Steward for access, and give them your person id. Write "whoami" to see it.

    ? Not understood
    delete device ▸lobby◂
    Expected a device id (about 80 characters, as `Y2lzY29…`), found 5 characters.
    Give the id of one device, as Control Hub shows it.
    Nothing was done. Write "help" to see what you can ask.
    For example: delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x

    ? Not understood: nothing was done. Write "help" for the commands.

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

    ✕ Not done
    This device belongs to another organization than the one you asked about. Nothing was changed.
    If Steward administers that organization, add "in org" with its name.

    … Busy
    Webex is rate limiting Steward until 09:28 UTC (in 16 minutes).
    Send the command again then.

    … Locked
    Webex has locked this device or workspace until 09:28 UTC (in 16 minutes). Something else may be changing it.
    Send the command again then.

    ✕ Not done
    Webex answered (200), but Steward could not read the answer.
    Ask the people who run Steward to check the Webex address in its settings and any proxy on the way to it.
    For Webex support: the tracking id is T_1.

    ✕ Not done
    Steward's request was redirected to another address (302), which Steward never follows.
    Ask the people who run Steward to check the Webex address in its settings and any proxy on the way to it.

    ✕ Not done
    Steward's request was rejected as too large (413).
    Shorten the command. If this keeps happening, ask the people who run Steward to check any proxy on the way to Webex.

    ✕ Not done
    Webex rejected Steward's request (409).
    Send the command again. If this keeps happening, ask the people who run Steward to look in its log.

    ✕ Not done
    Steward could not reach Webex.
    Send the command again in a few minutes.

    ✕ Not done
    Steward has no valid admin token at the moment. Nothing was done.
    Send the command again in a few minutes. If this keeps happening, ask the people who run Steward to run "steward check".

    ✕ File not posted
    Webex rejected Steward's bot token (401).
    Ask the people who run Steward to check it, then send the command again.

    ✕ File not posted
    Webex does not let Steward post files here (403). Your organization may forbid files from bots, or the space may be announcement-only.
    Write "list devices" to see the list on a card, or ask for the file in a direct message.
    For Webex support: the tracking id is T_1.

    ✕ File not posted
    Webex no longer finds this space (404).
    Ask for the file in another space, or in a direct message.

    ✕ File not posted
    The file is too large (413).
    Ask for fewer devices, for example with location:"Berlin*".

    ✕ File not posted
    Webex did not accept the file (400).
    Ask for fewer devices, for example with location:"Berlin*". If that does not help, ask the people who run Steward to look in its log.
    For Webex support: the tracking id is T_1.

    ✕ Given up
    Steward tried several times and could not finish this.
    Ask the people who run Steward to look for the reason in its log, then send the command again.

    … Waiting for Webex
    Webex is rate limiting Steward. This continues automatically at about 09:14 UTC (in 2 minutes): delete device "Board *42*" because "moved <b>out</b>"
    You do not need to send it again. The result comes in this thread, and a note if Webex stays busy for more than ten minutes.

    … Waiting for Webex
    Webex has locked this device or workspace until 09:14 UTC (in 2 minutes). Something else may be changing it. This continues automatically then: delete device "Board *42*" because "moved <b>out</b>"
    You do not need to send it again. The result comes in this thread.

    … Still working
    There is no result yet. Steward is still working on this: delete device "Board *42*" because "moved <b>out</b>"
    You do not need to send it again. The result comes in this thread.

    … Waiting for another change
    Steward makes one such change at a time. When the other one has ended, this continues: delete device "Board *42*" because "moved <b>out</b>"
    You do not need to send it again. The result comes in this thread.

    … Waiting for another change
    "delete device" by ana@example.com (2026-11-21 09:12:05 UTC) is changing the same device or place and must end first. Then this continues: delete device "Board *42*" because "moved <b>out</b>"
    You do not need to send it again. The result comes in this thread.

    ? Read too late: nothing was done
    You wrote this 3 days ago (2026-11-21 09:12:05 UTC), but Steward could not read it until now. Late commands never run.
    If you still want this, send it again.

    ? Read too late: nothing was done
    You wrote this 3 days ago (2026-11-21 09:12:05 UTC), but Steward could not read it until now. Late commands never run.
    If you still want this, send it again.
    Steward's clock is 3 days ahead of Webex's, so it may have misjudged the time. Ask the people who run Steward to correct it.

    ? Too late: nothing was done
    You asked for this 3 days ago (2026-11-21 09:12:05 UTC), but Steward was held up. Late commands never run.
    If you still want this, send it again.

    ✕ Not this device: nothing was done
    Webex lists a device under FOC2345ABCD, but the device itself has serial number FOC2345ABCE and no MAC address. Nothing was done.
    Webex's list may be out of date. Check the device in Control Hub, then send the command again with its device id.

    ? Steward was away: nothing was done
    You wrote this 3 days ago (2026-11-21 09:12:05 UTC) while Steward was away. Late commands never run.
    If you still want this, send it again.

    ? Steward was away: nothing was done
    You wrote this while Steward was away. Late commands never run.
    If you still want this, send it again.

    ? Steward was away: not run now
    You wrote this 3 days ago (2026-11-21 09:12:05 UTC), and Steward has no record of it. Late commands never run.
    Steward cannot read its own earlier answers here. If it has already answered in this thread, that answer counts. Otherwise nothing was done: if you still want this, send it again.

    ? Already answered: not run now
    You wrote this 3 days ago (2026-11-21 09:12:05 UTC). Steward has answered in this thread but has no record of it: its database was probably restored from a backup.
    Steward does not know what was done; the earlier answer counts. Check the device before you send the command again.

    ? Steward was away: 1 more message
    Steward has no record of 1 more message to it in this space. Late commands never run.
    If Steward has already answered one of them, that answer counts. If you still want something, send it again.

    ? Steward was away: 85 more messages
    Steward has no record of 85 more messages to it in this space. Late commands never run.
    If Steward has already answered one of them, that answer counts. If you still want something, send it again.

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
    Operators: Steward's log shows why the renewal fails. If Webex rejects it, issue new tokens on the page of the Service App (developer.webex.com, Org Authorizations), put the new refresh token into Steward's settings, and restart Steward.

    ✕ The admin credential has expired
    The refresh token of Steward's Service App expired 3 days ago (2026-11-21 09:12:05 UTC). Once its access token has expired too, Steward can no longer read or delete devices.
    Operators: Steward's log shows why the renewal fails. If Webex rejects it, issue new tokens on the page of the Service App (developer.webex.com, Org Authorizations), put the new refresh token into Steward's settings, and restart Steward.

    ? Webex may not reach Steward
    Steward asked its own public address and did not get its own answer: the path is not passed on.
    Operators: Let the proxy in front pass on POST /webhooks/webex with its path unchanged.
    If commands and buttons still work, ignore this: in some networks a server cannot reach its own public address.

    ✕ Not this organization
    Steward is not set up to administer the devices of Beta Corp.
    The people who run Steward can allow it, with the id of that organization.

    ✕ Not this organization
    Steward is no longer set up to administer the organization on the card, so it did not carry this out.
    The people who run Steward can allow it again. Then send the command again.

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

    ? The code may not have reached you
    Webex created a code. Steward sent it to you in a direct message, but does not know whether that arrived. Codes never appear in a space.
    If you have no direct message with a code, send the command again to get a new one. An unused code expires.

    ? A code may have been created
    Steward asked Webex for a code but does not know whether Webex created it.
    If you have no direct message with a code, send the command again to get a new one. An unused code expires.

    ? Tags may have changed
    Steward was setting these tags but got no clear answer from Webex.
    Check with "show device" before you send the command again.

    ? The device may have been added
    Steward was adding 11:22:33:44:AA:FF but got no clear answer from Webex, and has not found the device since.
    Check with "list devices mac:11:22:33:44:AA:FF" before you send the command again.

    ? The device may have been added
    Steward was adding 11:22:33:44:AA:FF but got no clear answer from Webex. The address now belongs to another device: BER-4.
    Check with "list devices mac:11:22:33:44:AA:FF" before you send the command again.

    ✕ Changed since the card: nothing was done
    The card showed the name "Lobby"; now it is "*B*".
    The calling type of the workspace was none; now it is webexCalling.
    Send the command again to see what it would do now.

    ✕ Changed since the card: nothing was done
    The card showed the name "BER-4 Panorama"; now the device has the name "*Board*".
    The card showed the MAC address "11:22:33:44:AA:FF"; now the device has no MAC address.
    Since then, the device has been moved to another workspace or out of its workspace.
    Since then, the owner of the device has changed.
    Send the command again to see what it would do now.

    ✕ Settings changed since the card: nothing was done
    Steward's admin credential was replaced after this card was shown, so Steward may see other devices now.
    Send the command again to see what it would do now.

    ✕ Not done
    This workspace belongs to another organization than the one you asked about. Nothing was changed.
    If Steward administers that organization, add "in org" with its name.

    ✕ Not done
    This person belongs to another organization than the one you asked about. Nothing was changed.
    If Steward administers that organization, add "in org" with its name.

    ✕ Changed since the card: nothing was done
    Webex no longer finds the workspace "Lobby" that the card showed.
    Send the command again to see what it would do now.

    ✕ Not this workspace: nothing was done
    Webex lists it as "Lobby", but its own record says "*B*".
    Check the workspace in Control Hub. If it is the one you mean, send the command again in a few minutes.

    ✕ Not this workspace: nothing was done
    Webex lists the workspace "Lobby", but does not find its record.
    Check the workspace in Control Hub. If it is the one you mean, send the command again in a few minutes.

    ✕ Already there
    11:22:33:44:AA:FF already belongs to a device: BER-4 Panorama. Nothing was done.
    Check the address on the label of the device. If it is the same device, delete it first.

    ✕ Already there
    11:22:33:44:AA:FF already belongs to another device. Nothing was done.
    Check the address on the label of the device. If it is the same device, delete it first.

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

    ? No device matches
    No device matches name:lobby. Nothing was done.
    A text matches only as a whole. 3 devices match name:*lobby*
    If you mean these, send the command again with that filter. It asks before it changes anything.

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

    ? This card is too old
    Steward was updated since it posted this card, and nothing was done. Send the command again.

    ✕ A copy does nothing
    Only the card that Steward posted works, in its own space. Press there, or send the command.

    ? No longer valid
    This button or code is no longer valid. Send the command again.
    "#);
}

#[test]
fn empty_lists() {
    assert_snapshot!(words(&devices::empty_list(None, None)), @r"
    No devices
    Webex lists no device that Steward can see.
    ");
    assert_snapshot!(words(&devices::empty_list(Some("status:offline"), None)), @r"
    No devices
    No device matches the whole filter. A comparison never matches a device without that value.
    ");
    assert_snapshot!(words(&devices::list_of_parts(12)), @r"
    No devices
    No device matches the whole filter. A comparison never matches a device without that value.
    A text matches only as a whole. 12 devices match name:*lobby*
    ");
    assert_snapshot!(words(&devices::list_of_parts(1)), @r"
    No devices
    No device matches the whole filter. A comparison never matches a device without that value.
    A text matches only as a whole. 1 device matches name:*lobby*
    ");
    assert_snapshot!(words(&devices::empty_page(25, 9, None, None)), @r"
    25 devices
    There is no page 9. The last page is page 3.
    ");
    assert_snapshot!(words(&devices::empty_page(1, 2, None, None)), @r"
    1 device
    There is no page 2: all devices are on page 1.
    ");
}
