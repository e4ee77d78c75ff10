//! Devices of another organization: served only if the settings name it and the credential administers it.

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use super::list_devices::press;
use super::tag_device::tags_of;
use crate::world::{Answer, World, WorldBuilder};

/// Longer than any wait within a deletion, shorter than the first follow-up.
const A_WHILE: SignedDuration = SignedDuration::from_secs(40);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn with_both_organizations() -> WorldBuilder {
    World::with().setting_of("STEWARD_ORGS", |cast| format!("{},{}", cast.example_org, cast.partner_org))
}

#[tokio::test]
async fn a_named_organization_is_searched() {
    let world = with_both_organizations().start().await;
    world.sim.give_partner_access(true);
    let partner = world.cast.partner_org.clone();
    for org in ["\"Partner Ltd\"", "\"partner ltd\"", partner.as_str()] {
        let answer = world.ask(&world.cast.ana, &format!("list devices in org {org}")).await;
        assert_eq!(answer.headline(), "3 devices", "{}", answer.text);
        assert!(answer.text.contains("PTN-1 Panorama"), "{}", answer.text);
    }
    let shown = world.ask(&world.cast.ana, "show device FPT0001OSL in org \"Partner Ltd\"").await;
    assert!(shown.text.contains("Name: PTN-2 Atlas"), "{}", shown.text);
    let named = world.ask(&world.cast.ana, "show device \"ptn-3 borealis\" in org \"Partner Ltd\"").await;
    assert!(named.text.contains("Name: PTN-3 Borealis"), "{}", named.text);
    let calls = world.device_calls();
    let query = format!("orgId={partner}");
    assert!(calls.iter().all(|call| call.query.as_deref().is_some_and(|asked| asked.contains(&query))));
    // Without `in org`, the credential's own organization is used.
    let own = world.ask(&world.cast.ana, "list devices").await;
    assert_eq!(own.headline(), "40 devices");
    let nobody = world.ask(&world.cast.ana, "show device FPT0001OSL").await;
    assert!(nobody.text.contains("Nothing was done"), "{}", nobody.text);
}

#[tokio::test]
async fn buttons_of_a_list_keep_its_organization() {
    let world = with_both_organizations().start().await;
    world.sim.give_partner_access(true);
    let message = world.say(&world.cast.ana, "list devices in org \"Partner Ltd\"").await;
    press(&world, &world.cast.ana, &world.the_answer_to(&message), "CSV").await;
    let last = world.answers_to(&message).pop().unwrap();
    assert_eq!(last.text, "3 devices, with all fields.");
}

#[tokio::test]
async fn an_organization_not_in_the_settings_is_refused() {
    let world = World::new().await;
    world.sim.give_partner_access(true);
    let answer = world.ask(&world.cast.ana, "list devices in org \"Partner Ltd\"").await;
    assert_eq!(answer.headline(), "✕ Not this organization", "{}", answer.text);
    let answer = world.ask(&world.cast.ana, "show device FPT0001OSL in org \"Partner Ltd\"").await;
    assert_eq!(answer.headline(), "✕ Not this organization", "{}", answer.text);
    assert!(world.device_calls().is_empty());
}

#[tokio::test]
async fn an_organization_invisible_to_the_credential_is_not_found() {
    let world = with_both_organizations().start().await;
    for org in ["\"Partner Ltd\"", "Nowhere"] {
        let answer = world.ask(&world.cast.ana, &format!("list devices in org {org}")).await;
        assert_eq!(answer.headline(), "? No such organization", "{}", answer.text);
    }
    assert!(world.device_calls().is_empty());
    // The credential's own organization can be named too.
    let own = world.ask(&world.cast.ana, "list devices in org \"Example Corp\"").await;
    assert_eq!(own.headline(), "40 devices", "{}", own.text);
}

/// Asks for the deletion of a partner's device and stops Steward during the DELETE, which takes effect or not.
/// Returns the message and the device.
async fn stop_during_delete(
    world: &mut World,
    takes_effect: bool,
    changes: &[(&str, &str)],
) -> (String, String) {
    world.sim.give_partner_access(true);
    let of_partner = |device: &serde_json::Value| device["serial"] == "FPT0001OSL";
    let device = world.sim.devices().into_iter().find(of_partner).unwrap()["id"].as_str().unwrap().to_owned();
    let lost = FaultRule::on("DELETE", "/devices/*").hanging().once();
    world.sim.fault(if takes_effect { lost.after_effect() } else { lost });
    let order = "delete device FPT0001OSL in org \"Partner Ltd\"";
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, order, None);
    world.settle_until(|world| world.deletes() == 1 && world.device_exists(&device) != takes_effect).await;
    world.restart_with(changes).await.unwrap();
    (message, device)
}

fn on_organizations() -> FaultRule {
    FaultRule::on("GET", "/organizations")
}

#[tokio::test]
async fn a_started_deletion_needs_no_lookup_of_its_organization() {
    for never in [on_organizations().status(503), on_organizations().status(404)] {
        for (takes_effect, deletes) in [(true, 1), (false, 2)] {
            let mut world = with_both_organizations().start().await;
            let (message, device) = stop_during_delete(&mut world, takes_effect, &[]).await;
            world.sim.fault(never.clone());
            world.settle().await;
            world.advance_through_waits(A_WHILE).await;
            assert_eq!(world.the_result_of(&message).outcome(), "gone");
            assert!(!world.device_exists(&device));
            assert_eq!(world.deletes(), deletes);
        }
    }
}

#[tokio::test]
async fn a_started_deletion_ends_unknown_if_its_organization_is_no_longer_in_the_settings() {
    let mut world = with_both_organizations().start().await;
    let own = world.cast.example_org.clone();
    let (message, _) = stop_during_delete(&mut world, true, &[("STEWARD_ORGS", &own)]).await;
    let calls = world.device_calls().len();
    world.settle().await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "unknown", "{}", answer.text);
    assert!(answer.what_next().contains("reports in this thread"), "{}", answer.text);
    world.advance_through_waits(MINUTE * 72).await;
    let answers = world.answers_to(&message);
    assert_eq!((answers.len(), answers[1].headline()), (2, "? Update: still unknown"));
    assert_eq!(world.device_calls().len(), calls);
}

/// The device of the partner that the plans below are about.
fn atlas(world: &World) -> String {
    let of_partner = |device: &serde_json::Value| device["serial"] == "FPT0001OSL";
    world.sim.devices().into_iter().find(of_partner).unwrap()["id"].as_str().unwrap().to_owned()
}

/// Asks for a change in the partner's organization, which is only proposed.
async fn proposed(world: &World, line: &str) -> (String, Answer) {
    let message = world.say(&world.cast.ana, &format!("{line} in org \"Partner Ltd\"")).await;
    let card = world.the_answer_to(&message);
    assert_eq!(card.buttons().len(), 2, "{line}: {}", card.text);
    (message, card)
}

/// Calls that change something.
fn changes(world: &World) -> usize {
    let calls = world.sim.requests();
    calls.iter().filter(|call| call.method != "GET" && call.path.starts_with("/v1/devices")).count()
}

#[tokio::test]
async fn a_plan_is_not_carried_out_in_an_organization_that_is_no_longer_served() {
    for line in [
        "delete device \"PTN-2 Atlas\"",
        "tag device \"PTN-2 Atlas\" +retire",
        "tag devices name:\"PTN-2 Atlas\" +retire",
        "activate workspace \"PTN-9 Lounge\"",
        "add device mac 00112233440A model \"Cisco Room Bar\" to workspace \"PTN-9 Lounge\"",
    ] {
        let mut world =
            with_both_organizations().prepare_sim(|sim| sim.give_partner_access(true)).start().await;
        world.sim.add_workspace(&json!({
            "displayName": "PTN-9 Lounge",
            "orgId": world.cast.partner_org,
            "calling": { "type": "none" },
        }));
        let device = atlas(&world);
        let before = tags_of(&world, &device);
        let (message, card) = proposed(&world, line).await;
        let own = world.cast.example_org.clone();
        world.restart_with(&[("STEWARD_ORGS", &own)]).await.unwrap();
        let calls = world.device_calls().len();
        let confirm = card.buttons().remove(0);
        world.press(&world.cast.ana, &card, &confirm).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), "✕ Not this organization", "{line}: {}", answer.text);
        assert!(answer.text.contains("no longer set up to administer"), "{line}: {}", answer.text);
        assert_eq!((changes(&world), world.device_calls().len()), (0, calls), "{line}");
        assert!(world.device_exists(&device) && tags_of(&world, &device) == before, "{line}");
    }
}

#[tokio::test]
async fn a_plan_is_still_carried_out_in_an_organization_that_is_served() {
    let mut world = with_both_organizations().prepare_sim(|sim| sim.give_partner_access(true)).start().await;
    let device = atlas(&world);
    let (message, card) = proposed(&world, "delete device \"PTN-2 Atlas\"").await;
    world.restart().await;
    world.press(&world.cast.ana, &card, "Delete").await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert!(!world.device_exists(&device));
}

#[tokio::test]
async fn a_delete_of_a_plan_is_not_repeated_in_an_organization_that_is_no_longer_served() {
    let mut world = with_both_organizations().prepare_sim(|sim| sim.give_partner_access(true)).start().await;
    let device = atlas(&world);
    let (message, card) = proposed(&world, "delete device \"PTN-2 Atlas\"").await;
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(502).once());
    world.press(&world.cast.ana, &card, "Delete").await;
    assert_eq!(world.deletes(), 1);
    let own = world.cast.example_org.clone();
    world.restart_with(&[("STEWARD_ORGS", &own)]).await.unwrap();
    let calls = world.device_calls().len();
    world.advance_through_waits(A_WHILE).await;
    assert_eq!(world.the_result_of(&message).outcome(), "unknown");
    world.advance_through_waits(MINUTE * 72).await;
    assert_eq!(world.results_of(&message)[1].outcome(), "unknown");
    assert_eq!((world.deletes(), world.device_calls().len()), (1, calls));
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn tags_are_not_set_again_in_an_organization_that_is_no_longer_served() {
    for (line, is_plan) in [
        ("tag device FPT0001OSL +retire", false),
        ("tag device \"PTN-2 Atlas\" +retire", true),
        ("tag devices name:\"PTN-2 Atlas\" +retire", true),
    ] {
        let mut world =
            with_both_organizations().prepare_sim(|sim| sim.give_partner_access(true)).start().await;
        let device = atlas(&world);
        let before = tags_of(&world, &device);
        world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(502).once());
        let message = if is_plan {
            let (message, card) = proposed(&world, line).await;
            let confirm = card.buttons().remove(0);
            world.press(&world.cast.ana, &card, &confirm).await;
            message
        } else {
            world.say(&world.cast.ana, &format!("{line} in org \"Partner Ltd\"")).await
        };
        let own = world.cast.example_org.clone();
        world.restart_with(&[("STEWARD_ORGS", &own)]).await.unwrap();
        let calls = world.device_calls().len();
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_answer_to(&message);
        assert!(answer.headline().starts_with("? Tags"), "{line}: {}", answer.text);
        assert_eq!((changes(&world), world.device_calls().len()), (1, calls), "{line}");
        assert_eq!(tags_of(&world, &device), before, "{line}");
    }
}

#[tokio::test]
async fn a_workspace_of_another_organization_gets_nothing() {
    let world = with_both_organizations().start().await;
    world.sim.give_partner_access(true);
    let own = world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
    let partner =
        world.sim.add_workspace(&json!({ "displayName": "OSL-7 Lounge", "orgId": world.cast.partner_org }));
    let ana = &world.cast.ana;
    for line in [
        format!("activate workspace {own} in org \"Partner Ltd\""),
        format!("activate workspace {partner}"),
        format!("activate workspace {partner} in org \"Example Corp\""),
        format!("add device mac 02:00:00:00:77:01 model \"Cisco 9861\" to workspace {partner}"),
    ] {
        let answer = world.ask(ana, &line).await;
        assert_eq!(answer.headline(), "✕ Not done", "{line}: {}", answer.text);
        let expected = "This workspace belongs to another organization than the one you asked about.";
        assert!(answer.text.contains(expected), "{line}: {}", answer.text);
    }
    // Nor is it found by name, even if Webex lists it.
    let record = world.sim.workspace(&partner).unwrap();
    world.sim.fault(FaultRule::on("GET", "/workspaces").json_body(json!({ "items": [record] })).once());
    world.sim.fault(FaultRule::on("GET", "/workspaces").json_body(json!({ "items": [] })));
    let answer = world.ask(ana, "activate workspace \"OSL-7 Lounge\"").await;
    assert_eq!(answer.headline(), "✕ Not found", "{}", answer.text);
    assert_eq!(world.calls("POST", "/devices"), 0);
    world.sim.clear_faults();
    for line in [
        format!("activate workspace {partner} in org \"Partner Ltd\""),
        format!("activate workspace {own} in org \"Example Corp\""),
        format!("activate workspace {own}"),
    ] {
        let answer = world.ask(ana, &line).await;
        assert_eq!(answer.headline(), "✓ Activation code created", "{line}: {}", answer.text);
    }
    world.all_answers();
}

#[tokio::test]
async fn a_workspace_that_has_moved_to_another_organization_since_the_card_gets_nothing() {
    let world = with_both_organizations().start().await;
    world.sim.give_partner_access(true);
    let id =
        world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge", "calling": { "type": "none" } }));
    let message = world.say(&world.cast.ana, "activate workspace \"BER-7 Lounge\"").await;
    let card = world.the_answer_to(&message);
    world.sim.change_workspace(&id, &json!({ "orgId": world.cast.partner_org }));
    world.press(&world.cast.ana, &card, "Confirm").await;
    let answer = world.the_answer_to(&message);
    assert!(answer.text.contains("belongs to another organization"), "{}", answer.text);
    assert_eq!(world.calls("POST", "/devices"), 0);
}
