//! Details of individual views.

use super::samples::{actor, at, device, facts, outcome};
use super::{samples, validity};
use crate::cards::activate::in_groups;
use crate::cards::card::CARD_DEFECT;
use crate::cards::delete_device::differences;
use crate::cards::template::{Fields, fields};
use crate::cards::*;
use crate::domain::{Cause, Count, Device, DeviceFacts, DeviceId, OutcomeKind, WorkspaceId};

struct Defective;

impl View for Defective {
    const TEMPLATE: &'static str = "delete_device.card.json";

    fn fields(&self) -> Fields {
        fields! { outcome: "gone", serial: "FOC2345ABCD", reason: None::<&str> }
    }
}

#[test]
fn a_defective_template_does_not_lose_the_answer() {
    let card = render(&Defective);
    assert_eq!(card.text(), format!("{CARD_DEFECT}\noutcome: gone\nserial: FOC2345ABCD"));
    assert!(card.defect().unwrap().contains("delete_device.card.json"), "{:?}", card.defect());
    validity::check(&card);
}

#[test]
fn a_sound_card_has_no_defect() {
    assert_eq!(render(&About { version: "0.1.0" }).defect(), None);
}

#[test]
fn a_code_is_shown_in_groups_of_four() {
    for (code, expected) in [
        ("5414011256173816", "5414 0112 5617 3816"),
        ("54140112561738", "5414 0112 5617 38"),
        ("5414", "5414"),
        ("5414-0112", "5414-0112"),
        ("ABCD1234", "ABCD1234"),
        ("", ""),
    ] {
        assert_eq!(in_groups(code), expected);
    }
}

#[test]
fn long_ids_are_short_on_the_card_and_whole_in_the_text() {
    let outcome = outcome(Cause::Deleted, Some(204));
    let card = samples::deletion(Some(&facts()), &outcome);
    let texts = validity::texts(&validity::content(&card), "TextRun");
    for (short, whole) in [
        ("Y2lzY29zc…U1NTU1NTU", facts().id.as_str()),
        ("ROUTERGW_…0e9f8a7b", samples::TRACKING_ID),
        ("FOC2345ABCD", "FOC2345ABCD"),
        ("11:22:33:44:AA:FF", "11:22:33:44:AA:FF"),
    ] {
        assert!(texts.iter().any(|text| text == short), "{texts:?}");
        assert!(card.text().lines().any(|line| line.ends_with(&format!(": {whole}"))), "{}", card.text());
    }
}

#[test]
fn a_mac_address_of_an_older_record_is_written_like_all_others() {
    let stored = DeviceFacts { mac: Some("112233-44aaff".to_owned()), ..facts() };
    let card = samples::deletion(Some(&stored), &outcome(Cause::Deleted, Some(204)));
    assert!(card.text().contains("\nMAC: 11:22:33:44:AA:FF\n"), "{}", card.text());
    let now = DeviceFacts { mac: Some("112233AABBCC".to_owned()), ..facts() };
    assert_eq!(changes(&stored, &now), ["mac 11:22:33:44:AA:FF 11:22:33:AA:BB:CC"]);
}

#[test]
fn a_deletion_leads_on_to_a_replacement() {
    let (id, actor, outcome) = (device().id, actor(), outcome(Cause::Deleted, Some(204)));
    for (facts, has_button, may_activate, next) in [
        (facts(), true, true, "press \"Activate a replacement\", or write \"activate workspace\""),
        (facts(), false, true, "write \"activate workspace\" with its name"),
        (facts(), false, false, "create a new activation code for it in Control Hub"),
        (samples::personal_facts(), false, true, "write \"activate person\" with their address"),
        (
            samples::personal_facts(),
            false,
            false,
            "create a new activation code for that person in Control Hub",
        ),
    ] {
        let replace = has_button.then(|| Button::activate_replacement(samples::REFERENCE));
        let result = DeletionResult {
            facts: Some(&facts),
            device_id: &id,
            outcome: &outcome,
            actor: &actor,
            reason: None,
            replace,
            may_activate,
            clock: None,
        };
        let later = FollowUp { result, earlier: OutcomeKind::Accepted, watch: Watch::Ended };
        for card in [render(&result), render(&later)] {
            assert!(card.text().contains(next), "{}", card.text());
            assert_eq!(card.content().get().contains("Action.Submit"), has_button);
        }
    }
}

#[test]
fn a_choice_names_the_whole_command() {
    let device = Device { serial: None, ..device() };
    let namesake =
        Device { id: DeviceId::parse("99999999-2222-3333-4444-555555555555").unwrap(), ..device.clone() };
    let example = |reference: &str, candidates: &[&Device]| {
        let candidates: Vec<_> = candidates
            .iter()
            .map(|device| ChoiceRow { candidate: Candidate::Device(samples::in_place(device)), choose: None })
            .collect();
        let count = Count::Exactly(candidates.len() as u64);
        let now = at("2026-11-24T09:12:05Z");
        let choice = Choice {
            sought: Sought::Device,
            reference,
            verb: "tag device",
            rest: " +pilot",
            candidates: &candidates,
            count,
            only_among: None,
            example: None,
            cancel: None,
            now,
        };
        render(&choice).text().lines().find_map(|line| line.strip_prefix("For example: ")).map(str::to_owned)
    };
    let by_mac = "tag device 11:22:33:44:AA:FF +pilot";
    assert_eq!(example("Panorama", &[&device]).as_deref(), Some(by_mac));
    let by_id = "tag device 11111111-2222-3333-4444-555555555555 +pilot".to_owned();
    // An address that two devices have, or that led to the choice, would lead to it again.
    assert_eq!(example("Panorama", &[&device, &namesake]), Some(by_id.clone()));
    assert_eq!(example("1122.3344.aaff", &[&device]), Some(by_id));
}

#[test]
fn debug_does_not_print_the_code() {
    let actor = actor();
    let provision = Provision {
        place: AssignedTo::Workspace("Lobby"),
        model: None,
        mac: None,
        side_effects: &[],
        actor: &actor,
    };
    let (expires, now) = (Some(at("2026-12-01T09:12:05Z")), at("2026-11-24T09:12:05Z"));
    let code = ActivationCodeCard { code: "5414011256173816", provision, expires, now };
    let printed = format!("{code:?} {code:#?} {:?}", render(&code));
    assert!(!printed.contains("5414"), "{printed}");
    assert!(printed.contains("Lobby"), "{printed}");
}

#[test]
fn a_code_without_an_expiry_has_no_end() {
    let actor = actor();
    let provision = Provision {
        place: AssignedTo::Workspace("Lobby"),
        model: None,
        mac: None,
        side_effects: &[],
        actor: &actor,
    };
    let now = at("2026-11-24T09:12:05Z");
    let end = Some(at("2026-12-01T09:12:05Z"));
    for (expires, is_shown) in [(None, false), (end, true)] {
        let code = "5414011256173816";
        for card in [
            render(&Activation { provision, expires, now }),
            render(&ActivationCodeCard { code, provision, expires, now }),
        ] {
            assert_eq!(card.text().contains("Valid until"), is_shown, "{}", card.text());
        }
    }
}

fn changes(shown: &DeviceFacts, now: &DeviceFacts) -> Vec<String> {
    let difference = |(fact, [shown, now]): (&str, [safe_text::SafeText; 2])| {
        format!("{} {} {}", fact.to_lowercase(), shown.as_str(), now.as_str())
    };
    differences(shown, now).into_iter().map(difference).collect()
}

#[test]
fn only_differences_are_shown_with_both_values() {
    let shown = facts();
    let written_otherwise = Some("112233-44aaff".to_owned());
    assert!(changes(&shown, &DeviceFacts { mac: written_otherwise, ..shown.clone() }).is_empty());
    let other = DeviceFacts { serial: None, product: Some("Another".to_owned()), ..shown.clone() };
    assert_eq!(changes(&shown, &other), ["serial FOC2345ABCD none"]);
    let other = DeviceFacts { name: Some("Renamed".to_owned()), ..shown.clone() };
    assert_eq!(changes(&shown, &other), ["name BER-4 Panorama Renamed"]);
    let new_id = "99999999-2222-3333-4444-555555555555";
    let other = DeviceFacts { id: DeviceId::parse(new_id).unwrap(), ..shown.clone() };
    assert_eq!(changes(&shown, &other), [format!("device id {} {new_id}", shown.id.as_str())]);
}

#[test]
fn two_workspaces_of_one_name_are_shown_by_id() {
    let of = |id: &str, name: Option<&str>| DeviceFacts {
        workspace_id: Some(WorkspaceId::parse(id).unwrap()),
        workspace_name: name.map(str::to_owned),
        ..facts()
    };
    for (one, other, expected) in [
        (Some("Lobby"), Some("Atrium"), "workspace Lobby Atrium"),
        (Some("Lobby"), Some("Lobby"), "workspace place-1 place-2"),
        (None, None, "workspace place-1 place-2"),
        (Some("Lobby"), None, "workspace Lobby place-2"),
        (Some("Lobby"), Some(" "), "workspace Lobby place-2"),
    ] {
        assert_eq!(changes(&of("place-1", one), &of("place-2", other)), [expected]);
    }
}
