//! Duplicated and reordered deliveries.

use std::collections::HashMap;
use std::time::Instant;

use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use steward::store::{DeliveryKey, NewDelivery};
use tokio::task::JoinSet;

use crate::postgres::say;
use crate::world::{SECRET, WebhookRequest, World};

const COMMANDS: usize = 1000;
/// Concurrent connections.
const LANES: usize = 16;
const WORKERS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_duplicated_and_shuffled_deliveries_are_a_thousand_commands() {
    // Some devices belong to other organizations.
    let world = World::with().devices(COMMANDS + 40).start().await;
    let ours = |device: &serde_json::Value| device["orgId"] == world.cast.example_org.as_str();
    let devices: Vec<String> = world
        .sim
        .devices()
        .into_iter()
        .filter(ours)
        .take(COMMANDS)
        .map(|device| device["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(devices.len(), COMMANDS);

    let mut requests: Vec<WebhookRequest> = Vec::new();
    let mut orders: HashMap<String, String> = HashMap::new();
    for device in devices {
        let (message, request) = world.say_undelivered(&world.cast.ana, &format!("delete device {device}"));
        orders.insert(message, device);
        let request = request.signed_with(SECRET);
        requests.extend([request.clone(), request]);
    }
    requests.shuffle(&mut rand::rngs::StdRng::seed_from_u64(1));
    let began = Instant::now();
    let mut lanes = JoinSet::new();
    for requests in requests.chunks(requests.len() / LANES) {
        let lane: Vec<_> = requests.iter().map(|request| world.sending(request)).collect();
        lanes.spawn(async move {
            for sending in lane {
                assert_eq!(sending.await.status, 200);
            }
        });
    }
    lanes.join_all().await;
    let taken = began.elapsed().as_secs_f64();
    assert_eq!(world.metric(r#"deliveries_total{result="new"}"#).await, COMMANDS as u64);
    assert_eq!(world.metric(r#"deliveries_total{result="duplicate"}"#).await, COMMANDS as u64);
    world.work(WORKERS).await;
    let done = began.elapsed().as_secs_f64();

    let mut answers: HashMap<String, Vec<String>> = HashMap::new();
    for answer in world.all_answers() {
        answers.entry(answer.parent.clone().unwrap()).or_default().push(answer.outcome());
    }
    for (message, device) in &orders {
        assert_eq!(answers[message], ["gone"]);
        assert!(!world.device_exists(device));
    }
    assert_eq!(world.deletes(), COMMANDS);
    let entries = world.app().store().audit_entries(10_000).await.unwrap();
    for event in ["command_accepted", "delete_intended", "outcome_known"] {
        assert_eq!(entries.iter().filter(|entry| entry.event.name() == event).count(), COMMANDS, "{event}");
    }
    say(&format!(
        "{COMMANDS} deliveries, each twice and shuffled: taken in {taken:.1} s, {COMMANDS} outcomes after {done:.1} s"
    ));
}

#[tokio::test]
async fn another_spelling_of_a_message_id_is_the_same_delivery() {
    let world = World::new().await;
    let device = world.a_device_id();
    let (message, request) = world.say_undelivered(&world.cast.ana, &format!("delete device {device}"));
    let body = String::from_utf8(request.body.clone()).unwrap();
    let padded = WebhookRequest::unsigned(body.replace(&message, &format!("{message}==")));
    for request in [request, padded] {
        assert_eq!(world.deliver(&request.signed_with(SECRET)).await.status, 200);
    }
    assert_eq!(world.jobs().await.waiting, 1);
    world.work(1).await;
    assert_done_and_answered_once(&world, &message).await;
}

/// Earlier versions stored a delivery under the unnormalized id.
#[tokio::test]
async fn a_delivery_stored_under_an_older_key_is_still_one_command() {
    let world = World::new().await;
    let device = world.a_device_id();
    let (message, request) = world.say_undelivered(&world.cast.ana, &format!("delete device {device}"));
    let key = DeliveryKey::Event(format!("messages/created/{message}"));
    let earlier = NewDelivery { key, body: request.body.clone(), at: world.now(), lease_to: None };
    world.app().store().record_delivery(earlier).await.unwrap();
    assert_eq!(world.deliver(&request.signed_with(SECRET)).await.status, 200);
    assert_eq!(world.jobs().await.waiting, 2);
    world.work(1).await;
    assert_done_and_answered_once(&world, &message).await;
}

async fn assert_done_and_answered_once(world: &World, message: &str) {
    let answers = world.answers_to(message);
    assert_eq!((answers.len(), answers[0].outcome().as_str(), world.deletes()), (1, "gone", 1));
    let audited = world.audited().await;
    for event in ["command_accepted", "delete_intended", "outcome_known"] {
        assert_eq!(audited.iter().filter(|name| **name == event).count(), 1, "{audited:?}");
    }
}
