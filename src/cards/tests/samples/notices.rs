//! Samples of every notice.

use super::parts::*;
use crate::cards::*;
use crate::domain::{Cause, DeviceFacts, PersonId, PlaceFacts, PlaceId, WorkspaceId};
use crate::grammar::{self, Command};
use crate::policy::Denied;

fn a_command() -> Command {
    grammar::parse("delete device \"Board *42*\" because \"moved <b>out</b>\"").unwrap()
}

fn a_place(name: &str, calling_type: &str) -> PlaceFacts {
    PlaceFacts {
        id: PlaceId::Workspace(WorkspaceId::parse("lobby").unwrap()),
        name: name.to_owned(),
        calling_type: Some(calling_type.to_owned()),
        supported_devices: None,
    }
}

fn device_changed() -> Notice {
    let found = DeviceFacts {
        name: Some("*Board*".to_owned()),
        mac: None,
        workspace_id: None,
        owner_id: PersonId::parse("ben").ok(),
        ..facts()
    };
    Notice::device_changed(&facts(), &found)
}

pub(in crate::cards::tests) fn misspelled() -> Notice {
    let pointer = Pointer { line: "delete device lobby".to_owned(), span: 14..19 };
    Notice::not_understood(
        pointer,
        "expected a device id (about 80 characters, as `Y2lzY29…`), found 5 characters",
        Some("Give the id of one device, as Control Hub shows it."),
        Some("delete device Y2lzY29zcGFyazovL3VzL0RFVklDRS8x"),
    )
}

/// All notices, each with a unique name.
pub(in crate::cards::tests) fn notices() -> Vec<(&'static str, Notice)> {
    let (now, until, support) = (now(), until(), Some("T_1"));
    let limited = Cause::TooManyRequests { until };
    let long_ago = at("2026-11-21T09:12:05Z");
    let wrong_clock = wrong_clock();
    vec![
        ("refused: other organization", Notice::denied(Denied::OtherOrganization)),
        ("refused: not a person", Notice::denied(Denied::NotAHuman)),
        ("refused: no admins", Notice::denied(Denied::NoAdmins)),
        ("refused: not an admin", Notice::denied(Denied::NotAnAdmin)),
        ("refused: not an admin any more", Notice::denied_later(Denied::NotAnAdmin)),
        ("not understood", misspelled()),
        ("not understood again", Notice::not_understood_again()),
        ("could not check", Notice::could_not_check()),
        ("not shown: error", Notice::not_shown(&Cause::NotRead, Some(503), support, now)),
        ("not shown: not found", Notice::not_shown(&Cause::NeverFound, Some(404), None, now)),
        ("not shown: not permitted", Notice::not_shown(&Cause::NotPermitted, Some(403), None, now)),
        ("not shown: rejected", Notice::not_shown(&Cause::CredentialRejected, Some(401), None, now)),
        ("not done: no answer", Notice::not_done(&Cause::NotRead, None, None, now)),
        ("not done: not found", Notice::not_done(&Cause::NeverFound, Some(404), None, now)),
        ("not done: not permitted", Notice::not_done(&Cause::NotPermitted, Some(403), None, now)),
        ("not done: another organization", Notice::not_done(&Cause::OtherOrganization, Some(200), None, now)),
        ("not done: busy", Notice::not_done(&limited, Some(429), None, now)),
        ("not done: locked", Notice::not_done(&Cause::Locked { until }, Some(423), None, now)),
        ("not done: answer not readable", Notice::not_done(&Cause::NotRead, Some(200), support, now)),
        ("not done: redirected", Notice::not_done(&Cause::NotRead, Some(302), None, now)),
        ("not done: too large", Notice::not_done(&Cause::NotRead, Some(413), None, now)),
        ("not done: rejected", Notice::not_done(&Cause::NotRead, Some(409), None, now)),
        ("not done: not reached", Notice::not_done(&Cause::Unreachable, None, None, now)),
        ("not done: no token", Notice::no_token_yet()),
        ("file: bot token rejected", Notice::file_not_posted(401, None)),
        ("file: not allowed", Notice::file_not_posted(403, support)),
        ("file: no space", Notice::file_not_posted(404, None)),
        ("file: too large", Notice::file_not_posted(413, None)),
        ("file: not accepted", Notice::file_not_posted(400, support)),
        ("given up", Notice::given_up()),
        ("waiting", Notice::waiting(&a_command(), at("2026-11-24T09:14:00Z"), now)),
        ("waiting for an unlock", Notice::waiting_for_unlock(&a_command(), at("2026-11-24T09:14:00Z"), now)),
        ("still working", Notice::still_working(&a_command())),
        ("waiting for another change", Notice::waiting_for_another(&a_command(), None)),
        (
            "waiting for a command",
            Notice::waiting_for_another(&a_command(), Some((&a_command(), &actor(), long_ago))),
        ),
        ("too old", Notice::too_old(Some(long_ago), now)),
        ("too old, by a wrong clock", Notice::too_old(Some(long_ago), now).with_clock(wrong_clock)),
        ("too late", Notice::too_late(long_ago, now)),
        ("misnamed", Notice::misnamed("FOC2345ABCD", "serial number FOC2345ABCE and no MAC address")),
        ("while away", Notice::while_away(Some(long_ago), now)),
        ("while away, at an unknown time", Notice::while_away(None, now)),
        ("not run now", Notice::not_run_now(Some(long_ago), now)),
        ("answered before", Notice::answered_before(Some(long_ago), now)),
        ("one more missed", Notice::more_missed(1)),
        ("more missed", Notice::more_missed(85)),
        ("welcome", Notice::welcome("Steward", true)),
        ("welcome to one person", Notice::welcome("Steward", false)),
        ("credential will expire", Notice::credential_ends(at("2026-12-07T09:12:05Z"), now)),
        ("credential has expired", Notice::credential_ends(long_ago, now)),
        (
            "public address fails",
            Notice::public_address_fails(
                "the path is not passed on",
                "Let the proxy in front pass on POST /webhooks/webex with its path unchanged.",
            ),
        ),
        ("organization not allowed", Notice::org_not_named("Beta Corp")),
        ("organization no longer served", Notice::no_longer_served()),
        ("organization not found", Notice::org_not_found("Beta Corp")),
        ("organization ambiguous", Notice::org_ambiguous("Beta Corp")),
        ("phone without a model", Notice::phone_needs_a_model("Lobby phone")),
        ("code not sent", Notice::code_not_sent()),
        ("code maybe sent", Notice::code_maybe_sent()),
        ("code unclear", Notice::code_unclear()),
        ("tags unclear", Notice::tags_unclear()),
        ("addition unclear", Notice::addition_unclear("11:22:33:44:AA:FF", None)),
        ("addition unclear, address taken", Notice::addition_unclear("11:22:33:44:AA:FF", Some("BER-4"))),
        (
            "place changed",
            Notice::place_changed(&a_place("Lobby", "none"), Some(&a_place("*B*", "webexCalling"))),
        ),
        ("device changed", device_changed()),
        ("credential changed", Notice::credential_changed()),
        ("place elsewhere: a workspace", Notice::place_elsewhere(true)),
        ("place elsewhere: a person", Notice::place_elsewhere(false)),
        ("place gone", Notice::place_changed(&a_place("Lobby", "none"), None)),
        ("unlike its list entry", Notice::unlike_its_list_entry("Lobby", Some("*B*"))),
        ("only an entry of a list", Notice::unlike_its_list_entry("Lobby", None)),
        ("MAC taken", Notice::mac_taken("11:22:33:44:AA:FF", Some("BER-4 Panorama"))),
        ("MAC taken by another", Notice::mac_taken("11:22:33:44:AA:FF", None)),
        ("no code for a person", Notice::not_provisioned(true, true, support)),
        ("no device for a workspace", Notice::not_provisioned(false, false, None)),
        ("confirmed elsewhere", Notice::plan_confirmed(CODE)),
        ("canceled", Notice::plan_cancelled(CODE)),
        ("nothing to tag", Notice::no_device_to_tag("status:offline", None)),
        ("nothing to tag, but parts", Notice::no_device_to_tag("name:lobby", Some((3, "name:*lobby*")))),
        ("too many to tag", Notice::too_many_to_tag(237, 200, "status:offline")),
    ]
    .into_iter()
    .chain(refused_presses())
    .collect()
}

fn refused_presses() -> Vec<(&'static str, Notice)> {
    vec![
        ("press: not yours", Notice::press_refused(PressRefusal::NotYours)),
        ("press: already confirmed", Notice::press_refused(PressRefusal::AlreadyConfirmed)),
        ("press: already pressed", Notice::press_refused(PressRefusal::AlreadyPressed)),
        ("press: canceled", Notice::press_refused(PressRefusal::Cancelled)),
        ("press: expired", Notice::press_refused(PressRefusal::Expired)),
        ("press: outdated", Notice::press_refused(PressRefusal::Outdated)),
        ("press: copy", Notice::press_refused(PressRefusal::Copy)),
        ("press: no longer valid", Notice::press_refused(PressRefusal::Unknown)),
    ]
}
