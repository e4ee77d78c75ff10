//! Webhooks: who receives which events, how deliveries are signed, and when Webex gives up.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{BOT, TestSim};
use crate::sim::{DeliveryFault, DeliveryOutcome, DeliveryRecord, FaultRule, Person};

/// A receiver of deliveries that responds with a given status. It ends with the test's runtime.
struct Receiver {
    url: String,
    status: Arc<AtomicU16>,
    arrived: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    async fn listening() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let status = Arc::new(AtomicU16::new(200));
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let (answering, noting) = (Arc::clone(&status), Arc::clone(&arrived));
        let answer = move |Json(body): Json<Value>| async move {
            noting.lock().unwrap().push(body);
            StatusCode::from_u16(answering.load(Ordering::SeqCst)).unwrap()
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { url, status, arrived }
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }
}

impl TestSim {
    async fn watch(&self, receiver: &Receiver, fields: Value) -> String {
        let mut body = json!({
            "name": "test", "targetUrl": receiver.url, "resource": "messages", "event": "created", "secret": "s",
        });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let created = self.send(BOT, "POST", "/webhooks", body).await;
        assert_eq!(created.status, StatusCode::OK, "{}", created.text);
        created.id()
    }

    async fn status_of(&self, webhook: &str) -> String {
        let shown = self.call(BOT, "GET", &format!("/webhooks/{webhook}")).await.json();
        shown["status"].as_str().unwrap().to_owned()
    }

    async fn delivered(&self) -> Vec<DeliveryRecord> {
        self.sim.settled().await;
        self.sim.deliveries()
    }

    /// Posts `times` messages to the bot and waits for the deliveries.
    async fn say_often(&self, speaker: &Person, times: usize) {
        for _ in 0..times {
            self.sim.say(speaker, &self.sim.cast().operations, "help", None);
        }
        self.sim.settled().await;
    }
}

fn body_of(record: &DeliveryRecord) -> Value {
    serde_json::from_slice(&record.body).unwrap()
}

#[tokio::test]
async fn a_delivery_is_signed_and_carries_no_content() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let receiver = Receiver::listening().await;
    let webhook = test.watch(&receiver, json!({})).await;
    let message = test.sim.say(&cast.ana, &cast.operations, "delete device X", None);
    let [record] = test.delivered().await.try_into().unwrap();
    assert_eq!(record.outcome, DeliveryOutcome::Answered(200));
    let names: Vec<&str> = record.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Content-Type", "User-Agent", "TrackingID", "X-Spark-Signature", "X-Webex-Signature"]);
    let body = body_of(&record);
    assert_eq!((&body["id"], &body["data"]["id"]), (&json!(webhook), &json!(message)));
    assert_eq!((&body["actorId"], &body["status"]), (&json!(cast.ana.id), &json!("active")));
    assert_eq!((body["data"].get("text"), body.get("secret")), (None, None));
}

#[tokio::test]
async fn a_bot_receives_only_mentions_direct_messages_and_its_own_posts() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let receiver = Receiver::listening().await;
    test.watch(&receiver, json!({})).await;
    for (author, body) in [
        (&cast.ana, json!({ "roomId": cast.operations, "text": "lunch?" })),
        (&cast.ana, json!({ "roomId": cast.operations, "markdown": "<@all> lunch?" })),
        (&cast.ana, json!({ "roomId": cast.direct_ana, "text": "help" })),
        (
            &cast.ben,
            json!({ "roomId": cast.operations, "markdown": format!("<@personId:{}> hi", cast.bot.id) }),
        ),
        (&cast.bot, json!({ "roomId": cast.operations, "text": "done" })),
        (&cast.bot, json!({ "toPersonId": cast.carla.id, "text": "done" })),
    ] {
        test.sim.post(author, &body).unwrap();
    }
    let records = test.delivered().await;
    let authors: Vec<Value> =
        records.iter().map(|record| body_of(record)["data"]["personEmail"].clone()).collect();
    assert_eq!(authors, ["ana@example.com", "ben@example.com", "steward@webex.bot", "steward@webex.bot"]);
}

#[tokio::test]
async fn filters_narrow_the_events_and_invalid_ones_are_refused() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let receiver = Receiver::listening().await;
    test.watch(&receiver, json!({ "filter": "roomType=group&personEmail=ana@example.com" })).await;
    test.watch(&receiver, json!({ "filter": "mentionedPeople=me" })).await;
    test.sim.say(&cast.ben, &cast.operations, "help", None);
    test.sim.say(&cast.ana, &cast.direct_ana, "help", None);
    test.sim.say(&cast.ana, &cast.operations, "help", None);
    assert_eq!(test.delivered().await.len(), 3);
    for filter in ["roomId=unknown", "color=red", "nonsense"] {
        let body = json!({
            "name": "x", "targetUrl": receiver.url, "resource": "messages", "event": "created", "filter": filter,
        });
        assert_eq!(test.send(BOT, "POST", "/webhooks", body).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn buttons_and_memberships_have_separate_webhooks() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let receiver = Receiver::listening().await;
    test.watch(&receiver, json!({ "resource": "attachmentActions" })).await;
    test.watch(&receiver, json!({ "resource": "memberships", "event": "all" })).await;
    test.watch(&receiver, json!({ "event": "deleted" })).await;
    let card = json!({
        "contentType": "application/vnd.microsoft.card.adaptive", "content": { "type": "AdaptiveCard" },
    });
    let card = json!({ "roomId": cast.operations, "text": "card", "attachments": [card] });
    let card = test.post(&cast.bot, card).await.id();
    test.sim.press(&cast.oskar, &card, &json!({ "op": "confirm" })).unwrap();
    test.call(BOT, "DELETE", &format!("/messages/{card}")).await;
    let room = test.send("sim-token-ana", "POST", "/rooms", json!({ "title": "New" })).await.id();
    let invited = json!({ "roomId": room, "personId": cast.bot.id });
    let membership = test.send("sim-token-ana", "POST", "/memberships", invited).await.id();
    test.call("sim-token-ana", "DELETE", &format!("/memberships/{membership}")).await;
    let records = test.delivered().await;
    let events: Vec<String> =
        records.iter().map(|record| format!("{}/{}", record.resource, record.event)).collect();
    assert_eq!(
        events,
        ["attachmentActions/created", "messages/deleted", "memberships/created", "memberships/deleted"]
    );
    let pressed = body_of(&records[0]);
    assert_eq!((&pressed["data"]["personId"], pressed["data"].get("inputs")), (&json!(cast.oskar.id), None));
    assert_eq!(body_of(&records[2])["data"]["personId"], json!(cast.bot.id));
}

#[tokio::test]
async fn a_hundred_failures_in_five_minutes_disable_a_webhook_and_then_one_is_enough() {
    let test = TestSim::start().await;
    let ana = test.sim.cast().ana;
    let receiver = Receiver::listening().await;
    let webhook = test.watch(&receiver, json!({})).await;
    let enable = json!({ "name": "test", "targetUrl": receiver.url, "status": "active" });
    let path = format!("/webhooks/{webhook}");

    receiver.answers(500);
    test.say_often(&ana, 99).await;
    assert_eq!(test.status_of(&webhook).await, "active");
    test.say_often(&ana, 1).await;
    assert_eq!(test.status_of(&webhook).await, "inactive");
    test.say_often(&ana, 1).await;
    assert_eq!(test.sim.deliveries().len(), 100, "what happens meanwhile is lost");

    assert_eq!(test.send(BOT, "PUT", &path, enable.clone()).await.json()["status"], "active");
    test.say_often(&ana, 1).await;
    assert_eq!(test.status_of(&webhook).await, "inactive");

    test.clock.advance(SignedDuration::from_mins(6));
    test.send(BOT, "PUT", &path, enable).await;
    test.say_often(&ana, 99).await;
    assert_eq!(test.status_of(&webhook).await, "active");
}

#[tokio::test]
async fn failures_far_apart_do_not_disable_a_webhook() {
    let test = TestSim::start().await;
    let ana = test.sim.cast().ana;
    let receiver = Receiver::listening().await;
    let webhook = test.watch(&receiver, json!({})).await;
    receiver.answers(302);
    test.say_often(&ana, 60).await;
    test.clock.advance(SignedDuration::from_mins(5));
    test.say_often(&ana, 60).await;
    assert_eq!(test.status_of(&webhook).await, "active");
}

#[tokio::test]
async fn an_update_changes_four_fields_and_nothing_else() {
    let test = TestSim::start().await;
    let receiver = Receiver::listening().await;
    let webhook = test.watch(&receiver, json!({ "filter": "roomType=direct" })).await;
    let path = format!("/webhooks/{webhook}");
    let update = json!({
        "name": "other", "targetUrl": "http://other.example/", "secret": "new", "resource": "rooms", "filter": "x",
    });
    let updated = test.send(BOT, "PUT", &path, update).await.json();
    assert_eq!((updated["name"].as_str(), updated["secret"].as_str()), (Some("other"), Some("new")));
    assert_eq!(
        (updated["resource"].as_str(), updated["filter"].as_str()),
        (Some("messages"), Some("roomType=direct"))
    );
    let pausing = json!({ "name": "other", "targetUrl": "http://other.example/", "status": "inactive" });
    assert_eq!(test.send(BOT, "PUT", &path, pausing).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(test.send(BOT, "PUT", &path, json!({ "name": "x" })).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(test.call("sim-token-helper", "GET", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(test.call(BOT, "DELETE", &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(test.call(BOT, "GET", "/webhooks").await.json()["items"], json!([]));
}

#[tokio::test]
async fn deliveries_are_duplicated_lost_and_repeated_on_demand() {
    let test = TestSim::start().await;
    let ana = test.sim.cast().ana;
    let receiver = Receiver::listening().await;
    test.watch(&receiver, json!({})).await;
    test.sim.fault(FaultRule::on_deliveries(DeliveryFault::Duplicate).once());
    test.sim.fault(FaultRule::on_deliveries(DeliveryFault::Lose).once());
    test.say_often(&ana, 2).await;
    let sent = test.sim.deliveries();
    assert_eq!((sent.len(), sent[1].repeated), (2, true));
    assert_eq!((&sent[0].body, &sent[0].headers), (&sent[1].body, &sent[1].headers));
    assert_eq!(test.sim.redeliver(&sent[0]).await, 200);
    assert_eq!(test.sim.deliveries()[2].body, sent[0].body);
}

#[tokio::test]
async fn an_overtaken_delivery_arrives_after_the_next_one() {
    let test = TestSim::start().await;
    let ana = test.sim.cast().ana;
    let receiver = Receiver::listening().await;
    test.watch(&receiver, json!({})).await;
    test.sim.fault(FaultRule::on_deliveries(DeliveryFault::Overtake).once());
    test.sim.say(&ana, &test.sim.cast().operations, "help", None);
    test.say_often(&ana, 1).await;
    let arrived: Vec<Value> = receiver.arrived.lock().unwrap().clone();
    let sent: Vec<Value> = test.sim.deliveries().iter().map(body_of).collect();
    assert_eq!(arrived, [sent[1].clone(), sent[0].clone()]);
}

#[tokio::test]
async fn a_webhook_is_deactivated_on_demand() {
    let test = TestSim::start().await;
    let receiver = Receiver::listening().await;
    let webhook = test.watch(&receiver, json!({})).await;
    assert!(test.sim.disable_webhook(&webhook));
    assert_eq!(test.sim.webhooks()[0]["status"], "inactive");
    assert!(!test.sim.disable_webhook("unknown"));
}
