//! Webhooks: Steward registers them at startup, repairs them while it runs, and leaves other webhooks alone.

use serde_json::{Value, json};
use steward::sim::{BOT_TOKEN, FaultRule};

use crate::world::{SECRET, World};

const NAMES: [&str; 3] = ["Steward: messages", "Steward: attachmentActions", "Steward: memberships"];

/// The bot's webhooks with this name.
fn named(world: &World, name: &str) -> Vec<Value> {
    world.sim.webhooks().into_iter().filter(|webhook| webhook["name"] == name).collect()
}

fn id_of(webhook: &Value) -> String {
    webhook["id"].as_str().unwrap().to_owned()
}

fn assert_correct(world: &World) {
    for name in NAMES {
        let webhooks = named(world, name);
        assert_eq!(webhooks.len(), 1, "{name}: {webhooks:#?}");
        let resource = name.strip_prefix("Steward: ").unwrap();
        let expected = json!({ "resource": resource, "event": "created", "status": "active", "secret": SECRET,
            "targetUrl": world.url("/webhooks/webex") });
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&webhooks[0][field], value, "{name}");
        }
    }
}

async fn create(world: &World, fields: Value) -> Value {
    let mut webhook = json!({ "name": "mine", "targetUrl": "https://elsewhere.example.com/",
        "resource": "messages", "event": "created", "secret": "a foreign secret" });
    webhook.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let reply = world.webex(BOT_TOKEN, "POST", "/webhooks", Some(webhook)).await;
    assert_eq!(reply.status, 200);
    serde_json::from_str(&reply.body).unwrap()
}

#[tokio::test]
async fn webhooks_exist_for_messages_buttons_and_memberships() {
    let world = World::new().await;
    assert_correct(&world);
    assert_eq!(world.sim.webhooks().len(), 3);
}

#[tokio::test]
async fn correct_webhooks_are_left_alone() {
    let mut world = World::new().await;
    world.app().check_webhooks().await;
    assert_eq!((world.calls("POST", "/webhooks"), world.calls("PUT", "/webhooks")), (3, 0));
    world.restart().await;
    assert_correct(&world);
}

#[tokio::test]
async fn disabled_changed_and_deleted_webhooks_are_repaired_while_steward_runs() {
    let world = World::new().await;
    for name in NAMES {
        let id = id_of(&named(&world, name)[0]);
        world.sim.disable_webhook(&id);
        world.app().check_webhooks().await;
        assert_correct(&world);

        let altered = json!({ "name": name, "targetUrl": "https://elsewhere.example.com/",
            "secret": "another secret that is long" });
        world.webex(BOT_TOKEN, "PUT", &format!("/webhooks/{id}"), Some(altered)).await;
        world.app().check_webhooks().await;
        assert_correct(&world);
        assert_eq!(id_of(&named(&world, name)[0]), id, "set right, not replaced");

        world.webex(BOT_TOKEN, "DELETE", &format!("/webhooks/{id}"), None).await;
        world.app().check_webhooks().await;
        assert_correct(&world);
    }
    world.ask(&world.cast.ana, "help").await;
}

#[tokio::test]
async fn the_best_of_duplicate_webhooks_is_kept() {
    let world = World::new().await;
    let first = id_of(&named(&world, NAMES[0])[0]);
    create(&world, json!({ "name": NAMES[0] })).await;
    create(&world, json!({ "name": NAMES[0], "filter": "roomType=direct" })).await;
    world.app().check_webhooks().await;
    assert_correct(&world);
    assert_eq!(id_of(&named(&world, NAMES[0])[0]), first);

    let second = create(&world, json!({ "name": NAMES[0], "targetUrl": world.url("/webhooks/webex") })).await;
    world.sim.disable_webhook(&first);
    world.app().check_webhooks().await;
    assert_correct(&world);
    assert_eq!(id_of(&named(&world, NAMES[0])[0]), id_of(&second), "it delivered, the first one did not");
}

#[tokio::test]
async fn webhooks_of_others_are_left_alone() {
    let mut world = World::new().await;
    let off = create(&world, json!({})).await;
    world.sim.disable_webhook(&id_of(&off));
    create(&world, json!({ "name": NAMES[0], "resource": "rooms" })).await;
    create(&world, json!({ "name": NAMES[0], "event": "deleted" })).await;
    for number in 0..120 {
        create(&world, json!({ "name": format!("mine {number}") })).await;
    }
    let strangers = |world: &World| -> Vec<Value> {
        let is_ours = |webhook: &Value| {
            webhook["event"] == "created"
                && webhook["resource"] != "rooms"
                && webhook["name"] != "mine"
                && !webhook["name"].as_str().unwrap().starts_with("mine ")
        };
        world.sim.webhooks().into_iter().filter(|webhook| !is_ours(webhook)).collect()
    };
    let before = strangers(&world);
    assert_eq!(before.len(), 123);
    for name in NAMES {
        let id =
            id_of(&named(&world, name).into_iter().find(|webhook| webhook["event"] == "created").unwrap());
        world.webex(BOT_TOKEN, "DELETE", &format!("/webhooks/{id}"), None).await;
    }
    world.restart().await;
    world.app().check_webhooks().await;
    assert_eq!(strangers(&world), before);
    assert_eq!(world.sim.webhooks().len(), 126, "they were found behind those of others");
}

#[tokio::test]
async fn a_webhook_that_cannot_be_repaired_is_reported_and_blocks_no_other() {
    let world = World::new().await;
    for name in NAMES {
        world.sim.disable_webhook(&id_of(&named(&world, name)[0]));
    }
    world.sim.fault(FaultRule::on("PUT", "/webhooks/*").status(503).once());
    world.app().check_webhooks().await;
    let statuses = NAMES.map(|name| named(&world, name)[0]["status"].clone());
    assert_eq!(statuses, ["inactive", "active", "active"]);
    assert_eq!(world.get("/readyz").await.status, 503);
    world.app().check_webhooks().await;
    assert_correct(&world);
    assert_eq!(world.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn an_incomplete_list_of_webhooks_is_not_acted_upon() {
    let world = World::new().await;
    for number in 0..120 {
        create(&world, json!({ "name": format!("mine {number}") })).await;
    }
    world.sim.disable_webhook(&id_of(&named(&world, NAMES[0])[0]));
    world.sim.fault(FaultRule::on("GET", "/webhooks").status(429).skipping(1).once());
    world.app().check_webhooks().await;
    assert_eq!(named(&world, NAMES[0])[0]["status"], "inactive");
    // An incomplete list proves no problem, for other replicas either.
    assert_eq!(world.get("/readyz").await.status, 200);
}
