//! Spaces, messages, cards.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{BOT, TestSim};
use crate::sim::RawMessage;

fn card() -> Value {
    json!({
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": { "type": "AdaptiveCard", "version": "1.3", "body": [] },
    })
}

#[tokio::test]
async fn every_answer_has_a_tracking_id_and_every_refusal_the_documented_body() {
    let test = TestSim::start().await;
    let fine = test.call(BOT, "GET", "/people/me").await;
    assert_eq!((fine.status, fine.json()["type"].as_str()), (StatusCode::OK, Some("bot")));
    assert!(fine.headers.contains_key("TrackingID"));
    for (token, method, path, status) in [
        ("nobody", "GET", "/people/me", 401),
        (BOT, "GET", "/nowhere", 404),
        (BOT, "PATCH", "/people/me", 405),
        (BOT, "GET", "/people", 400),
    ] {
        let refused = test.call(token, method, path).await;
        assert_eq!(refused.status.as_u16(), status, "{method} {path}");
        let body = refused.json();
        assert_eq!(body["trackingId"].as_str(), refused.headers["TrackingID"].to_str().ok());
        assert_eq!(body["errors"][0]["description"], body["message"]);
    }
}

#[tokio::test]
async fn people_are_found_by_address_within_the_organization_only() {
    let test = TestSim::start().await;
    let own = test.call(BOT, "GET", "/people?email=ana@example.com").await.json();
    assert_eq!(own["items"][0]["displayName"], "Ana Alvarez");
    let foreign = test.call(BOT, "GET", "/people?email=oskar@partner.example").await.json();
    assert_eq!(foreign["items"], json!([]));
    let oskar = test.sim.cast().oskar;
    let by_id = test.call(BOT, "GET", &format!("/people/{}", oskar.id)).await.json();
    assert_eq!(by_id["orgId"], json!(oskar.org_id));
}

#[tokio::test]
async fn a_text_of_7439_bytes_is_the_longest() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let fits = "ä".repeat(3719) + "x";
    let message = json!({ "roomId": cast.operations, "text": fits });
    assert_eq!(test.post(&cast.bot, message).await.status, StatusCode::OK);
    for field in ["text", "markdown"] {
        let message = json!({ "roomId": cast.operations, field: format!("{fits}x") });
        assert_eq!(test.post(&cast.bot, message).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_message_has_one_destination_and_at_most_one_card() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let other_type = json!({ "contentType": "image/png", "content": { "type": "AdaptiveCard" } });
    for (body, status) in [
        (json!({ "text": "x" }), 400),
        (json!({ "roomId": cast.operations, "toPersonId": cast.ana.id, "text": "x" }), 400),
        (json!({ "roomId": cast.operations }), 400),
        (json!({ "roomId": cast.direct_ben, "text": "x" }), 200),
        (json!({ "toPersonEmail": "carla@example.com", "text": "x" }), 200),
        (json!({ "roomId": cast.operations, "text": "x", "attachments": [card()] }), 200),
        (json!({ "roomId": cast.operations, "text": "x", "attachments": [card(), card()] }), 400),
        (json!({ "roomId": cast.operations, "text": "x", "attachments": [] }), 400),
        (json!({ "roomId": cast.operations, "text": "x", "attachments": [other_type] }), 400),
    ] {
        assert_eq!(test.post(&cast.bot, body.clone()).await.status.as_u16(), status, "{body}");
    }
    let stranger = test.post(&cast.ana, json!({ "roomId": cast.direct_ben, "text": "x" })).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.json()["message"], "Could not find a room with provided ID.");
}

#[tokio::test]
async fn a_body_of_another_content_type_is_refused() {
    let test = TestSim::start().await;
    let url = format!("{}/messages", test.sim.api_base());
    let request = test.client.post(url).bearer_auth(BOT).body("text=x");
    let answer = request.header("Content-Type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn an_answer_goes_to_the_root_of_a_thread_of_the_same_space() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let root = test.sim.say(&cast.ana, &cast.operations, "help", None);
    let reply = json!({ "roomId": cast.operations, "parentId": root, "text": "here" });
    let reply = test.post(&cast.bot, reply).await;
    assert_eq!(reply.json()["parentId"], json!(root));
    for (room, parent) in [(&cast.operations, reply.id()), (&cast.direct_ana, root)] {
        let refused = json!({ "roomId": room, "parentId": parent, "text": "no" });
        assert_eq!(test.post(&cast.bot, refused).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_bot_reads_mentions_direct_messages_and_its_own() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let addressed = test.sim.say(&cast.ana, &cast.operations, "delete device X", None);
    let unaddressed = test.post(&cast.ana, json!({ "roomId": cast.operations, "text": "lunch?" })).await.id();
    let direct = test.sim.say(&cast.ana, &cast.direct_ana, "help", None);
    let own = test.post(&cast.bot, json!({ "roomId": cast.operations, "text": "done" })).await.id();
    for (id, status) in [(&addressed, 200), (&unaddressed, 404), (&direct, 200), (&own, 200)] {
        let read = test.call(BOT, "GET", &format!("/messages/{id}")).await;
        assert_eq!(read.status.as_u16(), status);
    }
    let read = test.call(BOT, "GET", &format!("/messages/{addressed}")).await.json();
    assert_eq!(read["text"], "Steward delete device X");
    assert_eq!(read["mentionedPeople"], json!([cast.bot.id]));
    let read = test.call(BOT, "GET", &format!("/messages/{direct}")).await.json();
    assert_eq!((read["text"].as_str(), read.get("html")), (Some("help"), None));
}

#[tokio::test]
async fn a_bot_lists_only_its_mentions_in_a_group_space_newest_first() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let first = test.sim.say(&cast.ana, &cast.operations, "one", None);
    let second = test.sim.say(&cast.ana, &cast.operations, "two", None);
    test.post(&cast.ana, json!({ "roomId": cast.operations, "text": "lunch?" })).await;
    let list = format!("/messages?roomId={}", cast.operations);
    assert_eq!(test.call(BOT, "GET", &list).await.status, StatusCode::FORBIDDEN);
    let page = test.call(BOT, "GET", &format!("{list}&mentionedPeople=me&max=1")).await;
    assert_eq!(page.json()["items"][0]["id"], json!(second));
    assert!(page.headers["link"].to_str().unwrap().contains("beforeMessage="));
    let earlier = format!("{list}&mentionedPeople=me&beforeMessage={second}");
    let page = test.call(BOT, "GET", &earlier).await.json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(page["items"][0]["id"], json!(first));
    let direct = test.call(BOT, "GET", "/messages/direct?personEmail=ana@example.com").await;
    assert_eq!(direct.status, StatusCode::OK);
}

#[tokio::test]
async fn spaces_and_webhooks_are_paginated() {
    let test = TestSim::start().await;
    let (ana, bot) = (test.sim.cast().ana, test.sim.cast().bot);
    for number in 0..4 {
        let space = json!({ "title": format!("Space {number}") });
        assert_eq!(test.send(&ana.token, "POST", "/rooms", space).await.status, StatusCode::OK);
        let webhook = json!({ "name": number.to_string(), "targetUrl": "https://elsewhere.example.com/",
            "resource": "messages", "event": "created" });
        assert_eq!(test.send(&bot.token, "POST", "/webhooks", webhook).await.status, StatusCode::OK);
    }
    for (token, path, lengths) in [(&ana.token, "/rooms", [3, 3]), (&bot.token, "/webhooks", [3, 1])] {
        let page = test.call(token, "GET", &format!("{path}?max=3")).await;
        let link = page.headers["link"].to_str().unwrap();
        let next = link.strip_prefix(&format!("<{}", test.sim.api_base())).unwrap();
        let next = next.strip_suffix(">; rel=\"next\"").unwrap();
        let last = test.call(token, "GET", next).await;
        assert!(!last.headers.contains_key("link"), "{path}");
        let [first, last] = [page, last].map(|page| page.json()["items"].as_array().unwrap().clone());
        assert_eq!([first.len(), last.len()], lengths, "{path}");
        assert!(last.iter().all(|item| !first.contains(item)), "{path}");
    }
}

#[tokio::test]
async fn a_text_can_be_edited_ten_times_and_a_card_never() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let id = test.post(&cast.bot, json!({ "roomId": cast.operations, "text": "0" })).await.id();
    let path = format!("/messages/{id}");
    for edit in 1..=10 {
        let body = json!({ "roomId": cast.operations, "text": edit.to_string() });
        assert_eq!(test.send(BOT, "PUT", &path, body).await.json()["text"], json!(edit.to_string()));
    }
    let body = json!({ "roomId": cast.operations, "text": "11" });
    assert_eq!(test.send(BOT, "PUT", &path, body.clone()).await.status, StatusCode::BAD_REQUEST);
    let card = json!({ "roomId": cast.operations, "text": "card", "attachments": [card()] });
    let path = format!("/messages/{}", test.post(&cast.bot, card).await.id());
    assert_eq!(test.send(BOT, "PUT", &path, body).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(test.call("sim-token-ana", "DELETE", &path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(test.call(BOT, "DELETE", &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(test.call(BOT, "DELETE", &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn anyone_in_the_space_can_press_a_button_and_only_its_bot_reads_the_action() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let card = json!({ "roomId": cast.operations, "text": "card", "attachments": [card()] });
    let card = test.post(&cast.bot, card).await.id();
    let press = json!({ "type": "submit", "messageId": card, "inputs": { "forged": [1, 2] } });
    let pressed = test.send("sim-token-oskar", "POST", "/attachment/actions", press).await;
    assert_eq!(pressed.status, StatusCode::OK);
    let path = format!("/attachment/actions/{}", pressed.id());
    let read = test.call(BOT, "GET", &path).await.json();
    assert_eq!((&read["inputs"], &read["personId"]), (&json!({ "forged": [1, 2] }), &json!(cast.oskar.id)));
    assert_eq!(test.call("sim-token-helper", "GET", &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_deleted_card_a_text_and_a_hidden_card_cannot_be_pressed() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let card_in = |room: &str| json!({ "roomId": room, "text": "card", "attachments": [card()] });
    let deleted = test.post(&cast.bot, card_in(&cast.operations)).await.id();
    let path = format!("/messages/{deleted}");
    assert_eq!(test.call(BOT, "DELETE", &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(test.call("sim-token-ana", "GET", &path).await.status, StatusCode::NOT_FOUND);
    let words = test.post(&cast.bot, json!({ "roomId": cast.operations, "text": "words" })).await.id();
    let private = test.post(&cast.bot, card_in(&cast.direct_ben)).await.id();
    for (message, status) in [(&*deleted, 404), (&words, 400), (&private, 404), ("nothing", 404)] {
        let press = json!({ "type": "submit", "messageId": message, "inputs": {} });
        let refused = test.send("sim-token-ana", "POST", "/attachment/actions", press).await;
        assert_eq!(refused.status.as_u16(), status, "{message}");
    }
    for inputs in [json!(null), json!("forged"), json!([])] {
        let press = json!({ "type": "submit", "messageId": private, "inputs": inputs });
        let refused = test.send("sim-token-ben", "POST", "/attachment/actions", press).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{inputs}");
    }
}

#[tokio::test]
async fn the_first_message_to_a_person_creates_a_direct_space() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let by_email = json!({ "toPersonEmail": cast.carla.email, "text": "one" });
    let by_email = test.post(&cast.bot, by_email).await.json();
    let by_id = test.post(&cast.bot, json!({ "toPersonId": cast.carla.id, "text": "two" })).await.json();
    assert_eq!((by_email["roomType"].as_str(), &by_email["roomId"]), (Some("direct"), &by_id["roomId"]));
    let room = by_id["roomId"].as_str().unwrap();
    let seen = test.call("sim-token-carla", "GET", &format!("/messages?roomId={room}")).await.json();
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(2));
    for nobody in [json!({ "toPersonEmail": "nobody@example.com" }), json!({ "toPersonId": "nobody" })] {
        let mut message = nobody;
        message["text"] = json!("x");
        assert_eq!(test.post(&cast.bot, message).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_raw_message_is_kept_exactly_as_given() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let raw = RawMessage {
        text: Some("Steward\u{a0}help".to_owned()),
        html: Some("<p>odd</p>".to_owned()),
        mentioned_people: vec![cast.bot.id.clone()],
        ..RawMessage::default()
    };
    let posted = test.sim.post_raw_message(&cast.ana, &cast.operations, raw).unwrap();
    assert_eq!((posted["html"].as_str(), posted.get("markdown")), (Some("<p>odd</p>"), None));
    assert_eq!(test.sim.messages(&cast.operations), [posted]);
}

#[tokio::test]
async fn members_come_and_go_in_group_spaces_only() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let room = test.send("sim-token-ana", "POST", "/rooms", json!({ "title": "New" })).await.id();
    let invited = json!({ "roomId": room, "personEmail": "steward@webex.bot" });
    let membership = test.send("sim-token-ana", "POST", "/memberships", invited.clone()).await;
    assert_eq!(membership.json()["personOrgId"], json!(cast.example_org));
    assert_eq!(
        test.send("sim-token-ana", "POST", "/memberships", invited).await.status,
        StatusCode::CONFLICT
    );
    let members = test.call(BOT, "GET", &format!("/memberships?roomId={room}")).await.json();
    assert_eq!(members["items"].as_array().map(Vec::len), Some(2));
    let path = format!("/memberships/{}", membership.id());
    assert_eq!(test.call("sim-token-ana", "DELETE", &path).await.status, StatusCode::NO_CONTENT);
    let seen = test.call(BOT, "GET", &format!("/rooms/{room}")).await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
    let third = json!({ "roomId": cast.direct_ana, "personId": cast.ben.id });
    assert_eq!(test.send("sim-token-ana", "POST", "/memberships", third).await.status, StatusCode::FORBIDDEN);
}
