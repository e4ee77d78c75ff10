//! A device counts as gone only if Webex itself says so, about this device, in the organization and with the credential
//! that the DELETE was sent with.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::{Cast, FaultRule};

use crate::world::{Answer, World, WorldBuilder};

/// Longer than any wait within a deletion, shorter than the first recheck.
const A_WHILE: SignedDuration = SignedDuration::from_secs(40);
/// Longer than all rechecks.
const ALL_RECHECKS: SignedDuration = SignedDuration::from_mins(72);

fn on_delete() -> FaultRule {
    FaultRule::on("DELETE", "/devices/*")
}

fn on_read() -> FaultRule {
    FaultRule::on("GET", "/devices/*")
}

/// A 404 of something between Steward and Webex, in every form.
fn foreign_404s() -> [FaultRule; 6] {
    let unknown_path = json!({ "message": "No static resource devices.", "errors": [] });
    [
        on_read().status(404).html_body(),
        on_read().status(404).empty_body(),
        on_read().status(404).truncated_body(),
        on_read().status(404).untracked(),
        on_read().status(404).json_body(unknown_path),
        on_read().status(410).html_body(),
    ]
}

/// The credential no longer sees anything in its organization: Webex's own 404, and empty lists.
fn lose_access(world: &World) {
    let nothing = json!({ "items": [] });
    world.sim.fault(on_delete().status(404));
    world.sim.fault(on_read().status(404));
    world.sim.fault(FaultRule::on("GET", "/devices").json_body(nothing.clone()));
    world.sim.fault(FaultRule::on("GET", "/workspaces").json_body(nothing));
}

fn outcomes(world: &World, message: &str) -> Vec<String> {
    world.answers_to(message).iter().map(Answer::outcome).collect()
}

#[tokio::test]
async fn a_404_of_a_gateway_after_an_unclear_delete_proves_nothing() {
    for foreign in foreign_404s() {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(on_delete().status(502).once());
        world.sim.fault(foreign.skipping(1));
        let message = world.delete(&device).await;
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_result_of(&message);
        assert_eq!(answer.outcome(), "unknown", "{}", answer.text);
        assert!(world.device_exists(&device));
        world.sim.clear_faults();
        world.advance_through_waits(ALL_RECHECKS).await;
        assert_eq!(outcomes(&world, &message), ["unknown", "failed"]);
        assert_eq!(world.deletes(), 1);
    }
}

#[tokio::test]
async fn a_404_of_a_gateway_is_a_failed_read_everywhere() {
    for foreign in foreign_404s() {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(foreign);
        let message = world.delete(&device).await;
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_result_of(&message);
        assert_eq!(answer.outcome(), "failed", "{}", answer.text);
        for (line, headline) in [
            (format!("show device {device}"), "✕ Not shown"),
            (format!("tag device {device} +retire"), "✕ Not done"),
        ] {
            let message = world.say(&world.cast.ana, &line).await;
            world.advance_through_waits(A_WHILE).await;
            let answer = world.the_result_of(&message);
            assert_eq!(answer.headline(), headline, "{}", answer.text);
            assert!(answer.text.contains("Webex did not answer."), "{}", answer.text);
        }
        assert!(world.device_exists(&device) && world.deletes() == 0);
    }
}

#[tokio::test]
async fn a_404_of_a_gateway_in_a_recheck_proves_nothing() {
    for foreign in foreign_404s() {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(on_delete().status(204));
        let message = world.delete(&device).await;
        world.advance_through_waits(A_WHILE).await;
        world.sim.fault(foreign);
        world.advance_through_waits(ALL_RECHECKS).await;
        assert_eq!(outcomes(&world, &message), ["accepted", "unknown"]);
        assert!(world.device_exists(&device));
    }
}

#[tokio::test]
async fn a_404_of_a_credential_that_lost_its_access_proves_nothing() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(on_delete().hanging().once());
    let mut world = stop_during_delete(world, &device).await;
    lose_access(&world);
    world.restart().await;
    world.settle().await;
    let message = last_message(&world);
    let answer = world.the_result_of(&message);
    assert_eq!(answer.outcome(), "unknown", "{}", answer.text);
    assert!(answer.happened().contains("which proves nothing"), "{}", answer.happened());
    assert!(world.device_exists(&device));
    world.advance_through_waits(ALL_RECHECKS).await;
    assert_eq!(outcomes(&world, &message), ["unknown", "unknown"]);
}

#[tokio::test]
async fn a_device_out_of_sight_is_never_called_deleted_by_somebody_else() {
    // The access is lost between the read and the DELETE, or during a wait.
    for waits in [false, true] {
        let world = World::new().await;
        let device = world.a_device_id();
        if waits {
            world.sim.fault(on_delete().status(429).retry_after("10").once());
        } else {
            world.sim.fault(on_read().status(404).skipping(1));
            world.sim.fault(on_delete().status(404));
            world.sim.fault(FaultRule::on("GET", "/devices").json_body(json!({ "items": [] })));
            world.sim.fault(FaultRule::on("GET", "/workspaces").json_body(json!({ "items": [] })));
        }
        let message = world.delete(&device).await;
        if waits {
            lose_access(&world);
            world.advance_through_waits(A_WHILE).await;
        }
        let answer = world.the_result_of(&message);
        assert_eq!(answer.outcome(), if waits { "not found" } else { "unknown" }, "{}", answer.text);
        assert!(!answer.text.contains("nothing left to do"), "{}", answer.text);
        assert!(answer.text.contains("still") && world.device_exists(&device), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_last_device_of_an_organization_is_proven_gone_by_a_workspace() {
    let world = World::with().devices(0).start().await;
    let device = world.sim.add_device(&json!({}));
    let others: Vec<Value> = world.sim.devices();
    for other in others.iter().filter(|other| other["id"] != device.as_str()) {
        world.sim.remove_device(other["id"].as_str().unwrap());
    }
    world.sim.add_workspace(&json!({ "displayName": "Empty" }));
    world.sim.fault(on_delete().status(502).after_effect().once());
    let message = world.delete(&device).await;
    assert_eq!(world.the_result_of(&message).outcome(), "gone");
}

fn with_both_organizations() -> WorldBuilder {
    World::with().setting_of("STEWARD_ORGS", |cast| format!("{},{}", cast.example_org, cast.partner_org))
}

/// Asks for the deletion of a device, and leaves Steward in the middle of the DELETE, which hangs.
async fn stop_during_delete(world: World, device: &str) -> World {
    let line = format!("delete device {device}");
    world.sim.say(&world.cast.ana, &world.cast.operations, &line, None);
    world.settle_until(|world| world.deletes() == 1).await;
    world
}

/// The last message of Ana.
fn last_message(world: &World) -> String {
    let messages = world.sim.messages(&world.cast.operations);
    let last = messages.into_iter().rfind(|message| message["personId"] == world.cast.ana.id.as_str());
    last.unwrap()["id"].as_str().unwrap().to_owned()
}

/// The organizations that the calls about devices named, each once.
fn named_organizations(world: &World) -> Vec<String> {
    let named = |query: &str| {
        let parameters = url::form_urlencoded::parse(query.as_bytes());
        parameters.into_owned().find(|(name, _)| name == "orgId").map(|(_, org)| org)
    };
    let calls = world.device_calls().into_iter();
    let mut named: Vec<String> =
        calls.map(|call| call.query.as_deref().and_then(named).unwrap_or_default()).collect();
    named.sort();
    named.dedup();
    named
}

#[tokio::test]
async fn another_target_organization_after_a_restart_does_not_change_a_begun_deletion() {
    for takes_effect in [false, true] {
        for begins_with_partner in [false, true] {
            let target = move |cast: &Cast| {
                if begins_with_partner { cast.partner_org.clone() } else { String::new() }
            };
            let world = with_both_organizations().setting_of("STEWARD_TARGET_ORG", target);
            let world = world.prepare_sim(|sim| sim.give_partner_access(true)).start().await;
            let org = if begins_with_partner { &world.cast.partner_org } else { &world.cast.example_org };
            let of_org = |device: &Value| device["orgId"] == org.as_str();
            let device = world.sim.devices().into_iter().find(of_org).unwrap();
            let device = device["id"].as_str().unwrap().to_owned();
            let lost = on_delete().hanging().once();
            world.sim.fault(if takes_effect { lost.after_effect() } else { lost });
            let mut world = stop_during_delete(world, &device).await;
            world.until(|world| world.device_exists(&device) != takes_effect).await;
            let before = named_organizations(&world);
            let partner = world.cast.partner_org.clone();
            let changed = if begins_with_partner { "" } else { partner.as_str() };
            world.restart_with(&[("STEWARD_TARGET_ORG", changed)]).await.unwrap();
            world.settle().await;
            world.advance_through_waits(A_WHILE).await;
            let message = last_message(&world);
            assert_eq!(world.the_result_of(&message).outcome(), "gone");
            assert!(!world.device_exists(&device));
            assert_eq!(named_organizations(&world), before, "every call went to the first organization");
            assert_eq!(world.deletes(), if takes_effect { 1 } else { 2 });
        }
    }
}

#[tokio::test]
async fn a_deletion_that_has_not_begun_is_not_begun_in_another_organization() {
    // Waiting for a rate limit, or for a confirmation.
    for confirms in [false, true] {
        let mut world =
            with_both_organizations().prepare_sim(|sim| sim.give_partner_access(true)).start().await;
        let device = world.sim.add_device(&json!({ "displayName": "The desk" }));
        let mut card = None;
        let message = if confirms {
            let message = world.say(&world.cast.ana, "delete device \"The desk\"").await;
            card = Some(world.the_result_of(&message));
            message
        } else {
            world.sim.fault(on_read().status(429).retry_after("10").once());
            world.delete(&device).await
        };
        let partner = world.cast.partner_org.clone();
        world.restart_with(&[("STEWARD_TARGET_ORG", &partner)]).await.unwrap();
        if let Some(card) = card {
            world.press(&world.cast.ana, &card, "Delete").await;
        }
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_result_of(&message);
        assert_eq!(answer.outcome(), "failed", "{}", answer.text);
        assert!(answer.happened().contains("was changed before the command ran"), "{}", answer.happened());
        assert!(world.device_exists(&device) && world.deletes() == 0);
    }
}

/// A world whose DELETE of a device of Example Corp has no answer yet, when its name becomes that of the partner; the device
/// and the message.
async fn begun_before_the_organizations_swap_names() -> (World, String, String) {
    let world = with_both_organizations().prepare_sim(|sim| sim.give_partner_access(true)).start().await;
    let device = world.a_device_id();
    world.sim.fault(on_delete().hanging().once());
    let line = format!("delete device {device} in org \"Example Corp\"");
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, &line, None);
    world.settle_until(|world| world.deletes() == 1).await;
    let renamed = json!({ "items": [
        { "id": world.cast.partner_org, "displayName": "Example Corp" },
        { "id": world.cast.example_org, "displayName": "Example Holding" },
    ] });
    world.sim.fault(FaultRule::on("GET", "/organizations").json_body(renamed));
    (world, device, message)
}

#[tokio::test]
async fn a_name_that_means_another_organization_by_now_does_not_change_a_begun_deletion() {
    let (mut world, device, message) = begun_before_the_organizations_swap_names().await;
    world.restart().await;
    world.settle().await;
    world.advance_through_waits(A_WHILE).await;
    assert_eq!(world.the_result_of(&message).outcome(), "gone");
    assert!(!world.device_exists(&device));
    assert_eq!(named_organizations(&world), [world.cast.example_org.clone()]);
}

#[tokio::test]
async fn another_organization_with_the_name_of_the_first_one_proves_nothing() {
    let (mut world, device, message) = begun_before_the_organizations_swap_names().await;
    let partner = world.cast.partner_org.clone();
    world.restart_with(&[("STEWARD_ORGS", &partner)]).await.unwrap();
    let calls = world.device_calls().len();
    world.settle().await;
    world.advance_through_waits(A_WHILE).await;
    let answer = world.the_result_of(&message);
    assert_eq!(answer.outcome(), "unknown", "{}", answer.text);
    world.advance_through_waits(ALL_RECHECKS).await;
    assert_eq!(outcomes(&world, &message), ["unknown", "unknown"]);
    assert_eq!((world.deletes(), world.device_calls().len()), (1, calls));
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn another_credential_proves_nothing_and_the_first_one_settles_it_later() {
    for returns in [false, true] {
        let world = World::with().setting_of("STEWARD_ORGS", |cast| cast.example_org.clone()).start().await;
        let device = world.a_device_id();
        world.sim.fault(on_delete().hanging().once());
        let mut world = stop_during_delete(world, &device).await;
        let (first, other) = (world.cast.admin_token.clone(), world.sim.admin_token_of(&world.cast.oskar));
        world.restart_with(&[("STEWARD_ADMIN_TOKEN", &other)]).await.unwrap();
        let calls = world.device_calls().len();
        world.settle().await;
        let message = last_message(&world);
        let answer = world.the_result_of(&message);
        assert_eq!(answer.outcome(), "unknown", "{}", answer.text);
        assert!(answer.happened().contains("admin credential was replaced"), "{}", answer.happened());
        assert_eq!(world.device_calls().len(), calls, "its answers would prove nothing");
        if returns {
            world.restart_with(&[("STEWARD_ADMIN_TOKEN", &first)]).await.unwrap();
        }
        world.advance_through_waits(ALL_RECHECKS).await;
        assert_eq!(outcomes(&world, &message), ["unknown", if returns { "failed" } else { "unknown" }]);
        assert!(world.device_exists(&device));
        assert_eq!(world.deletes(), 1);
    }
}

#[tokio::test]
async fn a_recheck_tells_an_accepted_deletion_as_accepted() {
    // The DELETE has its effect, which the reads show late; or it never has.
    for (took_effect, last, happened) in [
        (true, "gone", "Webex deleted the device, and a check afterwards no longer finds it."),
        (false, "accepted", "Webex accepted the deletion, but still lists the device."),
    ] {
        let mut world =
            World::with().setting_of("STEWARD_ORGS", |cast| cast.example_org.clone()).start().await;
        let device = world.a_device_id();
        let accepted = if took_effect { on_delete().still_readable(1) } else { on_delete().status(204) };
        world.sim.fault(accepted.once());
        let message = world.delete(&device).await;
        assert!(world.results_of(&message).is_empty(), "the device is still listed");
        let (first, other) = (world.cast.admin_token.clone(), world.sim.admin_token_of(&world.cast.oskar));
        world.restart_with(&[("STEWARD_ADMIN_TOKEN", &other)]).await.unwrap();
        world.advance_through_waits(A_WHILE).await;
        assert_eq!(outcomes(&world, &message), ["unknown"]);
        world.restart_with(&[("STEWARD_ADMIN_TOKEN", &first)]).await.unwrap();
        world.advance_through_waits(ALL_RECHECKS).await;
        let update = world.results_of(&message).pop().unwrap();
        assert_eq!((update.outcome().as_str(), update.happened()), (last, happened), "{}", update.text);
    }
}

#[tokio::test]
async fn a_recheck_after_a_404_to_the_delete_claims_no_deletion() {
    for (is_gone, last, happened) in [
        (true, "not found", "somebody else was probably faster"),
        (false, "failed", "admin credential is not allowed to do this (404)"),
    ] {
        let world = World::new().await;
        let device = world.a_device_id();
        let nothing = json!({ "items": [] });
        world.sim.fault(on_read().status(404).skipping(1));
        world.sim.fault(on_delete().status(404));
        world.sim.fault(FaultRule::on("GET", "/devices").json_body(nothing.clone()));
        world.sim.fault(FaultRule::on("GET", "/workspaces").json_body(nothing));
        let message = world.delete(&device).await;
        world.advance_through_waits(A_WHILE).await;
        assert_eq!(outcomes(&world, &message), ["unknown"]);
        world.sim.clear_faults();
        if is_gone {
            world.sim.remove_device(&device);
        }
        world.advance_through_waits(ALL_RECHECKS).await;
        let update = world.results_of(&message).pop().unwrap();
        assert_eq!(update.outcome(), last, "{}", update.text);
        assert!(update.happened().contains(happened), "{}", update.text);
    }
}

#[tokio::test]
async fn a_record_of_another_organization_is_refused_by_every_command() {
    let world = World::new().await;
    let device = world.a_device();
    let id = device["id"].as_str().unwrap();
    let mut elsewhere = device.clone();
    elsewhere["orgId"] = json!(world.cast.partner_org);
    world.sim.fault(FaultRule::on("GET", &format!("/devices/{id}")).json_body(elsewhere.clone()));
    let answer = world.ask(&world.cast.ana, &format!("delete device {id}")).await;
    assert_eq!(answer.outcome(), "failed", "{}", answer.text);
    assert!(answer.happened().contains("belongs to another organization"), "{}", answer.happened());
    let serial = device["serial"].as_str().unwrap();
    for line in [
        format!("show device {id}"),
        format!("tag device {id} +retire"),
        format!("tag device {serial} +retire"),
    ] {
        let answer = world.ask(&world.cast.ana, &line).await;
        assert!(answer.text.contains("belongs to another organization"), "{line}: {}", answer.text);
    }
    assert_eq!((world.deletes(), world.calls("PATCH", "/devices")), (0, 0));
    // Nor is it shown in a list.
    world.sim.fault(FaultRule::on("GET", "/devices").json_body(json!({ "items": [elsewhere] })));
    let list = world.ask(&world.cast.ana, "list devices").await;
    assert!(!list.text.contains(serial), "{}", list.text);
    let by_serial = world.ask(&world.cast.ana, &format!("delete device {serial}")).await;
    assert_eq!(by_serial.headline(), "✕ Not found", "{}", by_serial.text);
    assert!(world.device_exists(id));
}

#[tokio::test]
async fn the_audit_log_says_where_and_as_whom_a_delete_was_sent() {
    let partner = |cast: &Cast| cast.partner_org.clone();
    let world = with_both_organizations()
        .setting_of("STEWARD_TARGET_ORG", partner)
        .prepare_sim(|sim| sim.give_partner_access(true))
        .start()
        .await;
    let of_partner = |device: &Value| device["orgId"] == world.cast.partner_org.as_str();
    let device = world.sim.devices().into_iter().find(of_partner).unwrap();
    let answer =
        world.ask(&world.cast.ana, &format!("delete device {}", device["id"].as_str().unwrap())).await;
    assert_eq!(answer.outcome(), "gone");
    let entries = world.audit().await;
    let intents: Vec<Value> = entries
        .iter()
        .filter(|entry| entry.event.name() == "delete_intended")
        .map(|entry| serde_json::to_value(&entry.event).unwrap())
        .collect();
    assert_eq!(intents.len(), 1);
    assert_eq!(intents[0]["org_id"], world.cast.partner_org.as_str());
    let credential = intents[0]["credential"].as_str().unwrap();
    assert!(
        credential.starts_with("person ") && !credential.contains(&world.cast.admin_token),
        "{credential}"
    );
}
