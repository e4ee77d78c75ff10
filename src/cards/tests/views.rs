//! Details of individual views.

use super::samples::{actor, at, facts};
use super::validity;
use crate::cards::activate::in_groups;
use crate::cards::card::CARD_DEFECT;
use crate::cards::delete_device::differences;
use crate::cards::template::{Fields, fields};
use crate::cards::*;
use crate::domain::{DeviceFacts, DeviceId, WorkspaceId};

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
