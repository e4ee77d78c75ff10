//! Answers: their thread, retries of posts that Webex rejects, and their text for unusual devices.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::{BOT_TOKEN, FaultRule};

use crate::world::{Answer, World};

/// Enough time for all retries of a post.
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

fn on_post() -> FaultRule {
    FaultRule::on("POST", "/messages")
}

/// Ana deletes a new device with these fields. Returns the answer.
async fn delete(world: &World, fields: &Value) -> Answer {
    let device = world.sim.add_device(fields);
    let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
    assert_eq!(answer.outcome(), "gone");
    answer
}

#[tokio::test]
async fn a_command_in_a_thread_is_answered_at_the_root() {
    let world = World::new().await;
    let (ana, ben, space) = (&world.cast.ana, &world.cast.ben, &world.cast.operations);
    let root = world.say(ben, "whoami").await;
    assert_eq!(world.answers_to(&root).len(), 1);
    let order = format!("delete device {}", world.a_device_id());
    let reply = world.say_in(ana, space, &order, Some(&root)).await;
    let answers = world.answers_to(&root);
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1].outcome(), "gone");
    assert!(world.answers_to(&reply).is_empty());
}

#[tokio::test]
async fn a_follow_up_is_posted_in_the_same_thread() {
    let world = World::new().await;
    let root = world.say(&world.cast.ben, "whoami").await;
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").still_readable(5).once());
    let order = format!("delete device {}", world.a_device_id());
    world.say_in(&world.cast.ana, &world.cast.operations, &order, Some(&root)).await;
    world.advance_through_waits(AN_HOUR).await;
    let outcomes: Vec<String> = world.answers_to(&root)[1..].iter().map(Answer::outcome).collect();
    assert_eq!(outcomes, ["accepted", "gone"]);
}

#[tokio::test]
async fn a_command_in_a_direct_space_is_answered_in_a_thread_too() {
    let world = World::new().await;
    let message = world.say_in(&world.cast.ana, &world.cast.direct_ana, "help", None).await;
    assert_eq!(world.the_answer_to(&message).headline(), "The commands you may use");
    assert_eq!(world.sim.messages(&world.cast.direct_ana).len(), 2);
}

#[tokio::test]
async fn a_rejected_card_is_posted_as_text() {
    let world = World::new().await;
    world.sim.fault(on_post().status(400).once());
    let answer = delete(&world, &json!({ "displayName": "Lobby" })).await;
    assert_eq!(answer.card, Value::Null);
    assert_eq!(answer.fact("Name").as_deref(), Some("Lobby"));
    assert_eq!(world.deletes(), 1);
}

#[tokio::test]
async fn the_answer_to_a_deleted_command_is_posted_outside_the_thread() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(on_post().status(503).once());
    let message = world.delete(&device).await;
    let reply = world.webex(&world.cast.ana.token, "DELETE", &format!("/messages/{message}"), None).await;
    assert_eq!(reply.status, 204);
    world.advance_through_waits(AN_HOUR).await;
    assert!(world.answers_to(&message).is_empty());
    let answers = world.answers_outside_threads();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].outcome(), "gone");
    assert!(answers[0].card.is_object());
}

#[tokio::test]
async fn a_command_deleted_before_it_is_read_is_not_carried_out() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("GET", "/messages/*").status(503).once());
    let message = world.delete(&device).await;
    world.webex(&world.cast.ana.token, "DELETE", &format!("/messages/{message}"), None).await;
    world.advance_through_waits(AN_HOUR).await;
    assert!(world.device_exists(&device));
    assert_eq!((world.deletes(), world.jobs().await.parked), (0, 0));
}

#[tokio::test]
async fn a_failed_post_is_retried_without_repeating_the_deletion() {
    for fault in [on_post().status(502), on_post().dropping_connection(), on_post().status(401)] {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(fault.once());
        let message = world.delete(&device).await;
        assert!(!world.device_exists(&device));
        assert!(world.answers_to(&message).is_empty());
        world.advance(SignedDuration::from_secs(1)).await;
        assert_eq!(world.the_answer_to(&message).outcome(), "gone");
        assert_eq!((world.deletes(), world.calls("POST", "/messages")), (1, 2));
    }
}

#[tokio::test]
async fn posts_with_lost_answers_create_at_most_two_messages() {
    let world = World::new().await;
    world.sim.fault(on_post().dropping_connection().after_effect());
    let message = world.delete(&world.a_device_id()).await;
    world.advance_through_waits(AN_HOUR).await;
    assert_eq!(world.answers_to(&message).len(), 2);
    assert_eq!(world.jobs().await.parked, 1);
}

#[tokio::test]
async fn a_post_that_never_succeeds_is_parked_and_the_outcome_is_kept() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(on_post().status(503));
    let message = world.delete(&device).await;
    world.advance_through_waits(AN_HOUR * 20).await;
    assert_eq!(world.jobs().await.parked, 0, "an outage of most of a day loses no answer");
    world.advance_through_waits(AN_HOUR * 5).await;
    assert!(world.answers_to(&message).is_empty() && !world.device_exists(&device));
    assert_eq!(world.calls("POST", "/messages"), 300);
    assert_eq!((world.jobs().await.parked, world.deletes()), (1, 1));
    assert_eq!(world.audited().await, ["command_accepted", "delete_intended", "outcome_known"]);
}

#[tokio::test]
async fn a_bot_removed_from_the_space_answers_its_requester_directly() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(429).retry_after("10").once());
    let message = world.delete(&device).await;
    remove_bot(&world).await;
    world.advance_through_waits(AN_HOUR).await;
    assert!(!world.device_exists(&device) && world.answers_to(&message).is_empty());
    let outcome = the_direct_answer(&world);
    assert!(outcome.text.starts_with(&format!("The answer to your command: delete device {device}\n")));
    assert!(outcome.text.contains("Steward may have been removed from it."), "{}", outcome.text);
    assert!(outcome.text.contains("✓ Gone: deleted and verified"), "{}", outcome.text);
    assert_eq!(outcome.fact("Device id"), Some(device));
    assert_eq!((world.jobs().await.parked, world.deletes()), (0, 2));
}

async fn remove_bot(world: &World) {
    let (ana, space, bot) = (&world.cast.ana, &world.cast.operations, &world.cast.bot);
    let found = format!("/memberships?roomId={space}&personId={}", bot.id);
    let found: Value =
        serde_json::from_str(&world.webex(&ana.token, "GET", &found, None).await.body).unwrap();
    let membership = found["items"][0]["id"].as_str().unwrap();
    let reply = world.webex(&ana.token, "DELETE", &format!("/memberships/{membership}"), None).await;
    assert_eq!(reply.status, 204);
}

fn the_direct_answer(world: &World) -> Answer {
    let mut answers = world.posted_in(&world.cast.direct_ana);
    assert_eq!(answers.len(), 1, "{answers:#?}");
    answers.remove(0)
}

#[tokio::test]
async fn answers_that_an_announcement_only_space_rejects_go_to_the_requester_once() {
    for restarts in [false, true] {
        let mut world = World::new().await;
        let tagged = world.sim.add_device(&json!({ "serial": "FDSK0001ABC", "tags": [] }));
        for order in [
            format!("delete device {}", world.a_device_id()),
            "tag device FDSK0001ABC +retire".to_owned(),
            format!("show device {tagged}"),
        ] {
            let before = world.posted_in(&world.cast.direct_ana).len();
            world.sim.fault(on_post().status(403).once());
            // The answer to the copy is lost as well, and then the process dies.
            if restarts {
                world.sim.fault(on_post().status(503).once());
            }
            let message = world.say(&world.cast.ana, &order).await;
            if restarts {
                world.restart().await;
            }
            world.advance_through_waits(SignedDuration::from_secs(20)).await;
            assert!(world.answers_to(&message).is_empty());
            let direct = world.posted_in(&world.cast.direct_ana).split_off(before);
            assert_eq!(direct.len(), 1, "{order}: {direct:#?}");
            assert!(direct[0].text.contains(&order) && direct[0].text.contains("announcement-only"));
            assert_eq!(direct[0].card, Value::Null, "its buttons would not work there");
        }
        assert_eq!((world.deletes(), world.jobs().await.parked), (1, 0));
    }
}

#[tokio::test]
async fn a_later_outcome_also_finds_its_requester() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").still_readable(5).once());
    let message = world.delete(&world.a_device_id()).await;
    world.advance_through_waits(SignedDuration::from_secs(30)).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "accepted");
    remove_bot(&world).await;
    world.advance_through_waits(AN_HOUR).await;
    assert_eq!(the_direct_answer(&world).outcome(), "gone");
}

#[tokio::test]
async fn an_answer_that_cannot_be_sent_directly_either_is_parked() {
    let world = World::new().await;
    world.sim.fault(on_post().status(403));
    let message = world.delete(&world.a_device_id()).await;
    world.advance_through_waits(AN_HOUR).await;
    assert!(world.answers_to(&message).is_empty() && world.posted_in(&world.cast.direct_ana).is_empty());
    assert_eq!((world.jobs().await.parked, world.deletes()), (1, 1));
    assert_eq!(world.calls("POST", "/messages"), 2);
}

#[tokio::test]
async fn answers_to_other_lines_are_not_sent_directly() {
    let world = World::new().await;
    world.sim.fault(on_post().status(403).times(3));
    for line in ["help", "good morning", "delete device"] {
        world.say(&world.cast.ana, line).await;
    }
    assert!(world.posted_in(&world.cast.direct_ana).is_empty());
    assert_eq!(world.jobs().await.parked, 3);
}

#[tokio::test]
async fn a_confirmation_outside_a_lost_space_is_answered_directly() {
    let world = World::new().await;
    let device = world.sim.add_device(&json!({ "displayName": "The desk" }));
    let message = world.say(&world.cast.ana, "delete device \"The desk\"").await;
    let code = world.the_answer_to(&message).code();
    remove_bot(&world).await;
    let (ana, direct) = (&world.cast.ana, &world.cast.direct_ana);
    world.say_in(ana, direct, &format!("confirm {code}"), None).await;
    world.advance_through_waits(SignedDuration::from_mins(1)).await;
    let answers = world.posted_in(direct);
    let mut outcomes: Vec<String> = answers.iter().map(Answer::outcome).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["", "gone"], "{answers:#?}");
    let outcome = answers.iter().find(|answer| answer.outcome() == "gone").unwrap();
    assert!(outcome.text.contains("It has no buttons here: write the commands instead."), "{}", outcome.text);
    assert!(!world.device_exists(&device));
}

#[tokio::test]
async fn a_personal_device_is_shown_with_its_owner_and_a_hint_about_webex_calling() {
    let world = World::new().await;
    let personal =
        json!({ "workspaceId": null, "placeId": null, "personId": world.cast.ben.id, "type": "phone" });
    let answer = delete(&world, &personal).await;
    assert_eq!(answer.fact("Owner").as_deref(), Some("Ben Bauer"));
    assert_eq!(answer.fact("Workspace"), None);
    let next = answer.what_next();
    assert!(next.contains("write \"activate person\" with their address"), "{next}");
    assert!(
        next.contains("Webex Calling Standard license, deleting the device enables Webex Calling"),
        "{next}"
    );

    let shared = delete(&world, &json!({})).await;
    assert_eq!(shared.fact("Workspace").as_deref(), Some("New Room"));
    assert_eq!(shared.fact("Owner"), None);
    assert!(shared.what_next().contains("into the same workspace"), "{}", shared.what_next());
    assert!(!shared.what_next().contains("Webex Calling"), "{}", shared.what_next());
}

#[tokio::test]
async fn missing_facts_are_left_out() {
    let world = World::new().await;
    let phone =
        world.sim.devices().into_iter().find(|device| {
            device["type"] == "phone" && device["lastSeen"].is_null() && device["ip"].is_null()
        });
    let id = phone.unwrap()["id"].as_str().unwrap().to_owned();
    let shown = world.ask(&world.cast.ana, &format!("show device {id}")).await;
    for label in ["Last seen", "IP", "Software", "Channel", "Errors"] {
        assert_eq!(shown.fact(label), None, "{label}");
    }
    assert_eq!(shown.fact("Type").as_deref(), Some("phone"));

    let bare = json!({ "displayName": null, "serial": null, "mac": null, "product": null, "type": null,
        "workspaceId": null, "placeId": null, "lastSeen": null, "connectionStatus": null });
    let answer = delete(&world, &bare).await;
    assert_eq!(answer.fact("Name").as_deref(), Some("no name"));
    for label in ["Serial", "MAC", "Product", "Workspace", "Owner"] {
        assert_eq!(answer.fact(label), None, "{label}");
    }
}

#[tokio::test]
async fn failed_name_lookups_do_not_prevent_a_deletion() {
    let world = World::new().await;
    let of_the_owner = format!("/people/{}", world.cast.ben.id);
    for (path, label, fields) in [
        ("/workspaces/*", "Workspace", json!({})),
        (
            &*of_the_owner,
            "Owner",
            json!({ "workspaceId": null, "placeId": null, "personId": world.cast.ben.id }),
        ),
    ] {
        let device = world.sim.add_device(&fields);
        world.sim.fault(FaultRule::on("GET", path).status(403).once());
        let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
        assert_eq!(answer.outcome(), "gone");
        assert_eq!(answer.fact(label).as_deref(), Some("name not readable"));
    }
}

#[tokio::test]
async fn cards_use_the_bot_token_and_deletions_the_admin_token() {
    let world = World::new().await;
    delete(&world, &json!({})).await;
    for call in world.sim.requests() {
        let expected = if call.path.contains("/devices") || call.path.contains("/workspaces") {
            Some("admin")
        } else if call.path.contains("/messages") || call.path.contains("/webhooks") {
            Some("bot")
        } else {
            continue;
        };
        assert_eq!(call.token.as_deref(), expected, "{} {}", call.method, call.path);
    }
    let reply = world.webex(BOT_TOKEN, "DELETE", &format!("/devices/{}", world.a_device_id()), None).await;
    assert_eq!(reply.status, 403, "with the bot token it would not even work");
}
