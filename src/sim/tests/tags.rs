//! `PATCH /devices/{id}`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ADMIN, BOT, ReceivedAnswer, TestSim};

const PATCH_TYPE: &str = "application/json-patch+json";

async fn patch(test: &TestSim, token: &str, id: &str, content_type: &str, body: &str) -> ReceivedAnswer {
    let url = format!("{}/devices/{id}", test.sim.api_base());
    let request = test.client.patch(url).bearer_auth(token).header("Content-Type", content_type);
    ReceivedAnswer::read(request.body(body.to_owned()).send().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn tags_are_merged_replaced_and_cleared() {
    let test = TestSim::start().await;
    let id = test.sim.add_device(&json!({ "tags": ["one", "two"], "serial": "S" }));
    for (operation, expected) in [
        (
            json!([{ "op": "add", "path": "tags", "value": ["three", "one", "three"] }]),
            json!(["one", "two", "three"]),
        ),
        (json!({ "op": "add", "path": "tags", "value": [] }), json!(["one", "two", "three"])),
        (json!([{ "op": "replace", "path": "tags", "value": ["b", "a"] }]), json!(["b", "a"])),
        (json!({ "op": "replace", "path": "tags", "value": ["c"] }), json!(["c"])),
        (json!([{ "op": "remove", "path": "tags", "value": ["other"] }]), json!([])),
        (
            json!([
                { "op": "remove", "path": "tags" },
                { "op": "add", "path": "tags", "value": ["<@all>", "Größe 5"] },
            ]),
            json!(["<@all>", "Größe 5"]),
        ),
    ] {
        let content_type = format!("{PATCH_TYPE}; charset=utf-8");
        let answer = patch(&test, ADMIN, &id, &content_type, &operation.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{operation}");
        assert_eq!(
            (&answer.json()["tags"], &answer.json()["serial"]),
            (&expected, &json!("S")),
            "{operation}"
        );
        assert_eq!(test.sim.device(&id).unwrap(), answer.json());
    }
    let found = test.call(ADMIN, "GET", "/devices?tag=%3C@all%3E").await.json();
    assert_eq!(found["items"][0]["id"], json!(id), "lists are filtered by the new tags");
}

#[tokio::test]
async fn an_invalid_operation_changes_no_tags() {
    let test = TestSim::start().await;
    let id = test.sim.add_device(&json!({ "tags": ["kept"] }));
    let fine = json!({ "op": "add", "path": "tags", "value": ["new"] });
    for body in [
        json!([]),
        json!("tags"),
        json!({}),
        json!([{ "op": "add", "path": "/tags", "value": ["new"] }]),
        json!([{ "op": "add", "path": "displayName", "value": ["new"] }]),
        json!([{ "op": "test", "path": "tags", "value": ["new"] }]),
        json!([{ "op": "replace", "path": "tags" }]),
        json!([{ "op": "replace", "path": "tags", "value": "new" }]),
        json!([{ "op": "replace", "path": "tags", "value": ["new", 1] }]),
        json!([fine, { "op": "move", "path": "tags" }]),
    ] {
        let refused = patch(&test, ADMIN, &id, PATCH_TYPE, &body.to_string()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(patch(&test, ADMIN, &id, PATCH_TYPE, "{").await.status, StatusCode::BAD_REQUEST);
    for content_type in ["application/json", "application/merge-patch+json", "text/plain"] {
        let refused = patch(&test, ADMIN, &id, content_type, &fine.to_string()).await;
        assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    for (token, status) in [("sim-admin-readonly-token", 403), (BOT, 403), ("nobody", 401)] {
        let refused = patch(&test, token, &id, PATCH_TYPE, &fine.to_string()).await;
        assert_eq!(refused.status.as_u16(), status, "{token}");
    }
    assert_eq!(test.sim.device(&id).unwrap()["tags"], json!(["kept"]));
}

#[tokio::test]
async fn tags_of_missing_and_foreign_devices_cannot_be_changed() {
    let test = TestSim::start().await;
    let partner = json!(test.sim.cast().partner_org);
    let is_foreign = |device: &Value| device["orgId"] == partner;
    let foreign = test.sim.devices().into_iter().find(is_foreign).unwrap();
    let body = json!([{ "op": "remove", "path": "tags" }]).to_string();
    for id in [foreign["id"].as_str().unwrap(), "nowhere"] {
        assert_eq!(patch(&test, ADMIN, id, PATCH_TYPE, &body).await.status, StatusCode::NOT_FOUND);
    }
}
