//! Refusals: their text, their audit entries, and that they reveal nothing.

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::{Cast, DeliveryFault, FaultRule};

use crate::world::World;

/// The time after which a stranger gets another answer.
const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// An id without a device.
const NO_DEVICE: &str = "Y2lzY29zcGFyazovL3VzL0RFVklDRS8wMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA";

#[tokio::test]
async fn a_colleague_not_on_the_list_is_refused_with_someone_to_ask() {
    let world = World::new().await;
    let device = world.a_device_id();
    for verb in ["delete", "show"] {
        let answer = world.ask(&world.cast.ben, &format!("{verb} device {device}")).await;
        assert_eq!(answer.headline(), "✕ Refused: you are not on the list of admins");
        assert!(answer.text.contains("Ask the people who run Steward for access"), "{}", answer.text);
    }
    assert!(world.device_exists(&device));
    assert!(world.device_calls().is_empty());
    assert_eq!(world.refusals().await, ["not an admin", "not an admin"]);
}

#[tokio::test]
async fn a_refusal_is_audited_with_person_space_and_command() {
    let world = World::new().await;
    let device = world.a_device_id();
    let message = world.say(&world.cast.ben, &format!("rm device {device} because \"old\"")).await;
    world.the_answer_to(&message);
    let entries = world.audit().await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].actor.as_ref().unwrap().person_id.as_str(), world.cast.ben.id);
    assert_eq!(entries[0].space_id.as_deref(), Some(world.cast.operations.as_str()));
    assert_eq!(entries[0].message_id.as_deref(), Some(message.as_str()));
    let entry = serde_json::to_value(&entries[0].event).unwrap();
    assert_eq!(entry["command"], format!("delete device {device} because \"old\""));
}

#[tokio::test]
async fn a_refusal_does_not_reveal_whether_the_device_exists() {
    let world = World::new().await;
    for person in [&world.cast.ben, &world.cast.oskar] {
        let there = world.ask(person, &format!("delete device {}", world.a_device_id())).await;
        world.advance(A_MINUTE).await;
        let not_there = world.ask(person, &format!("delete device {NO_DEVICE}")).await;
        assert_eq!((there.text, there.card), (not_there.text, not_there.card));
    }
    assert!(world.device_calls().is_empty());
}

#[tokio::test]
async fn an_empty_list_of_admins_refuses_everyone() {
    let world = World::with().setting("STEWARD_ADMINS", "").start().await;
    let device = world.a_device_id();
    let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
    assert_eq!(answer.headline(), "✕ Refused: nobody is an admin yet");
    assert!(world.device_exists(&device) && world.device_calls().is_empty());
    assert_eq!(world.refusals().await, ["no admins"]);
}

#[tokio::test]
async fn people_of_another_organization_are_refused_even_if_listed() {
    let listed = |cast: &Cast| format!("{},{}", cast.ana.email, cast.oskar.id);
    let world = World::with().setting_of("STEWARD_ADMINS", listed).start().await;
    let device = world.a_device_id();
    for order in
        [format!("delete device {device}"), "help".to_owned(), "whoami".to_owned(), "hello".to_owned()]
    {
        let answer = world.ask(&world.cast.oskar, &order).await;
        assert_eq!(answer.headline(), "✕ Refused: your organization is not served here", "{order}");
        world.advance(A_MINUTE).await;
    }
    assert!(world.device_exists(&device) && world.device_calls().is_empty());
    assert_eq!(world.refusals().await, ["other organization"], "the one command among them is audited");
}

#[tokio::test]
async fn steward_orgs_sets_the_organizations_served() {
    let both = |cast: &Cast| format!("{},{}", cast.example_org, cast.partner_org);
    let listed = |cast: &Cast| format!("{},{}", cast.ana.email, cast.oskar.id);
    let world =
        World::with().setting_of("STEWARD_ORGS", both).setting_of("STEWARD_ADMINS", listed).start().await;
    let device = world.a_device_id();
    let answer = world.ask(&world.cast.oskar, &format!("delete device {device}")).await;
    assert_eq!(answer.outcome(), "gone");

    // The setting replaces the credential's own organization instead of adding to it.
    let partner = |cast: &Cast| cast.partner_org.clone();
    let world = World::with().setting_of("STEWARD_ORGS", partner).start().await;
    let answer = world.ask(&world.cast.ana, &format!("delete device {}", world.a_device_id())).await;
    assert_eq!(answer.headline(), "✕ Refused: your organization is not served here");
}

#[tokio::test]
async fn bots_get_no_answer() {
    let listed = |cast: &Cast| format!("{},{},{}", cast.ana.email, cast.helper.id, cast.bot.id);
    let world = World::with().setting_of("STEWARD_ADMINS", listed).start().await;
    let device = world.a_device_id();
    for bot in [&world.cast.helper, &world.cast.bot] {
        for order in [format!("delete device {device}"), "help".to_owned()] {
            let message = world.say(bot, &order).await;
            assert!(world.answers_to(&message).is_empty(), "{} was answered", bot.display_name);
        }
    }
    assert!(world.device_exists(&device) && world.device_calls().is_empty());
    assert_eq!(world.calls("POST", "/messages"), 0);
    assert!(world.audited().await.is_empty());
}

#[tokio::test]
async fn a_failed_person_lookup_is_not_a_refusal() {
    for status in [403, 404] {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(FaultRule::on("GET", &format!("/people/{}", world.cast.ana.id)).status(status));
        let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
        assert_eq!(answer.headline(), "? Could not check whether you may do this");
        assert!(world.device_exists(&device) && world.device_calls().is_empty());
    }
}

#[tokio::test]
async fn a_failed_person_lookup_is_retried_before_answering() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("GET", &format!("/people/{}", world.cast.ana.id)).status(503).times(2));
    let message = world.delete(&device).await;
    assert!(world.answers_to(&message).is_empty());
    world.advance_through_waits(SignedDuration::from_secs(30)).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");

    // A looked-up person is cached for a minute.
    world.advance(SignedDuration::from_mins(1)).await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("GET", &format!("/people/{}", world.cast.ana.id)).status(503));
    let message = world.delete(&device).await;
    world.advance_through_waits(SignedDuration::from_hours(1)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), "? Could not check whether you may do this");
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn every_device_call_names_the_target_organization() {
    let world = World::with().setting_of("STEWARD_TARGET_ORG", |cast| cast.example_org.clone()).start().await;
    let device = world.a_device_id();
    world.ask(&world.cast.ana, &format!("show device {device}")).await;
    let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
    assert_eq!(answer.outcome(), "gone");
    let named = format!("orgId={}", world.cast.example_org);
    let calls = world.device_calls();
    assert_eq!(calls.len(), 4);
    assert!(calls.iter().all(|call| call.query.as_deref() == Some(&named)), "{calls:#?}");

    let world = World::new().await;
    world.ask(&world.cast.ana, &format!("delete device {}", world.a_device_id())).await;
    assert!(world.device_calls().iter().all(|call| call.query.is_none()), "without the setting: no orgId");
}

#[tokio::test]
async fn a_target_organization_beyond_the_credential_is_reported() {
    let world = World::with().setting_of("STEWARD_TARGET_ORG", |cast| cast.partner_org.clone()).start().await;
    let device = world.a_device_id();
    let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
    assert_eq!(answer.outcome(), "failed");
    assert!(answer.what_next().contains("set that as the target organization"), "{}", answer.what_next());
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn a_right_withdrawn_before_the_delete_stops_it() {
    for (method, deletes) in [("GET", 0), ("DELETE", 1)] {
        let mut world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(FaultRule::on(method, "/devices/*").status(429).retry_after("20").once());
        let message = world.delete(&device).await;
        world.restart_with(&[("STEWARD_ADMINS", "ben@example.com")]).await.unwrap();
        world.advance_through_waits(SignedDuration::from_secs(40)).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.outcome(), "failed");
        assert!(
            answer.happened().starts_with("Your right to delete devices was withdrawn"),
            "{}",
            answer.happened()
        );
        assert!(world.device_exists(&device));
        assert_eq!(world.deletes(), deletes, "none beyond the one that was answered with 429");
        assert_eq!(world.audited().await.last(), Some(&"outcome_known"));
    }
}

#[tokio::test]
async fn a_delete_sent_before_a_right_was_withdrawn_is_still_settled() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(502).after_effect().once());
    world.sim.fault(FaultRule::on("GET", "/devices/*").status(429).retry_after("20").skipping(1).once());
    let message = world.delete(&device).await;
    world.restart_with(&[("STEWARD_ADMINS", "ben@example.com")]).await.unwrap();
    world.advance_through_waits(SignedDuration::from_secs(40)).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
}

#[tokio::test]
async fn a_message_older_than_five_minutes_is_not_carried_out() {
    for (late, outcome) in [(300, "gone"), (301, "")] {
        let world = World::new().await;
        let device = world.a_device_id();
        // Delayed until the next delivery has arrived.
        world.sim.fault(FaultRule::on_deliveries(DeliveryFault::Overtake).once());
        let order = format!("delete device {device}");
        let message = world.sim.say(&world.cast.ana, &world.cast.operations, &order, None);
        world.clock.advance(SignedDuration::from_secs(late));
        world.ask(&world.cast.ana, "help").await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.outcome(), outcome);
        assert_eq!(world.device_exists(&device), late > 300);
        if late > 300 {
            assert_eq!(answer.headline(), "? Read too late: nothing was done");
            assert!(answer.text.contains("5 minutes ago") && answer.text.contains("send it again"));
            assert_eq!(world.refusals().await, ["too old"]);
            assert!(world.device_calls().is_empty());
        }
    }
}

#[tokio::test]
async fn a_read_only_credential_is_reported_with_the_missing_scope() {
    let world =
        World::with().setting("STEWARD_ADMIN_TOKEN", steward::sim::READ_ONLY_ADMIN_TOKEN).start().await;
    let device = world.sim.add_device(&json!({}));
    let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
    assert_eq!((answer.outcome().as_str(), answer.fact("Webex status").as_deref()), ("failed", Some("403")));
    assert!(answer.what_next().contains("spark-admin:devices_write"), "{}", answer.what_next());
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn people_are_looked_up_at_most_once_a_minute() {
    let world = World::new().await;
    let lookups = |world: &World| {
        let path = format!("/v1/people/{}", world.cast.ana.id);
        world.sim.count_requests(|call| call.method == "GET" && call.path == path)
    };
    let before = lookups(&world);
    for _ in 0..3 {
        assert_eq!(world.ask(&world.cast.ana, "about").await.headline(), "Steward");
    }
    assert_eq!(lookups(&world), before + 1, "looked up once in a minute");
    world.advance(SignedDuration::from_secs(59)).await;
    world.ask(&world.cast.ana, "about").await;
    assert_eq!(lookups(&world), before + 1);
    world.advance(SignedDuration::from_secs(1)).await;
    world.ask(&world.cast.ana, "about").await;
    assert_eq!(lookups(&world), before + 2);
}
