//! Things going wrong on demand, and the control endpoint.

use axum::http::StatusCode;
use serde_json::json;

use super::Stage;
use crate::sim::FaultRule;

const ADMIN: &str = "sim-admin-token";

#[tokio::test]
async fn a_status_before_the_effect_leaves_the_device_and_after_it_does_not() {
    let stage = Stage::set().await;
    let id = stage.sim.add_device(&json!({}));
    let path = format!("/devices/{id}");
    stage.sim.fault(FaultRule::on("DELETE", "/devices/*").status(503).once());
    stage.sim.fault(FaultRule::on("DELETE", "/devices/*").status(502).html_body().after_effect().once());
    let before = stage.call(ADMIN, "DELETE", &path).await;
    assert_eq!((before.status.as_u16(), stage.sim.device(&id).is_some()), (503, true));
    assert_eq!(before.json()["trackingId"].as_str(), before.headers["TrackingID"].to_str().ok());
    let after = stage.call(ADMIN, "DELETE", &path).await;
    assert_eq!((after.status.as_u16(), stage.sim.device(&id).is_some()), (502, false));
    assert!(after.text.starts_with("<html>"));
    assert_eq!(stage.call(ADMIN, "DELETE", &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_retry_after_header_says_whatever_was_ordered() {
    let stage = Stage::set().await;
    stage.sim.fault(FaultRule::on_everything().status(429).retry_after("soon").empty_body().once());
    let limited = stage.call(ADMIN, "GET", "/devices").await;
    assert_eq!((limited.status.as_u16(), limited.headers["retry-after"].to_str().unwrap()), (429, "soon"));
    assert_eq!(limited.text, "");
    stage.sim.fault(FaultRule::on("GET", "/devices").status(429).retry_after("7").once());
    let limited = stage.call(ADMIN, "GET", "/devices").await;
    assert_eq!(limited.headers["retry-after"].to_str().unwrap(), "7");
    assert!(limited.headers.contains_key("TrackingID"));
    assert_eq!(stage.call(ADMIN, "GET", "/devices").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_dropped_connection_answers_nothing_but_can_have_had_its_effect() {
    let stage = Stage::set().await;
    let id = stage.sim.add_device(&json!({}));
    stage.sim.fault(FaultRule::on("DELETE", "/devices/*").dropping_connection().after_effect().once());
    let dropped = stage.try_call(ADMIN, "DELETE", &format!("/devices/{id}"), None).await;
    assert!(dropped.is_err(), "{dropped:?}");
    assert_eq!(stage.sim.device(&id), None);
    let record = stage.sim.requests().pop().unwrap();
    assert_eq!((record.method.as_str(), record.status, record.faulted), ("DELETE", None, true));
}

#[tokio::test]
async fn a_hanging_request_ends_only_with_the_simulation() {
    let stage = Stage::set().await;
    stage.sim.fault(FaultRule::on("GET", "/devices").hanging());
    let (answer, ()) = tokio::join!(stage.try_call(ADMIN, "GET", "/devices", None), async {
        while stage.sim.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        stage.sim.stop().await;
    });
    assert!(answer.is_err());
}

#[tokio::test]
async fn a_deleted_device_can_be_read_for_as_long_as_ordered() {
    let stage = Stage::set().await;
    let id = stage.sim.add_device(&json!({}));
    let path = format!("/devices/{id}");
    stage.sim.fault(FaultRule::on("DELETE", "/devices/*").still_readable(2).once());
    assert_eq!(stage.call(ADMIN, "DELETE", &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(stage.sim.device(&id), None);
    assert_eq!(stage.call(ADMIN, "DELETE", &path).await.status, StatusCode::NOT_FOUND);
    for status in [200, 200, 404] {
        assert_eq!(stage.call(ADMIN, "GET", &path).await.status.as_u16(), status);
    }
}

#[tokio::test]
async fn the_journal_names_the_token_and_keeps_the_clients_tracking_id() {
    let stage = Stage::set().await;
    let url = format!("{}/devices?max=1", stage.sim.api_base());
    let request = stage.client.get(url).bearer_auth(ADMIN).header("TrackingID", "STEWARD_1");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["TrackingID"], "STEWARD_1");
    let record = stage.sim.requests().pop().unwrap();
    assert_eq!((record.token.as_deref(), record.query.as_deref()), (Some("admin"), Some("max=1")));
    assert_eq!((record.client_tracking_id.as_deref(), record.status), (Some("STEWARD_1"), Some(200)));
}

#[tokio::test]
async fn the_simulation_is_steered_from_a_shell() {
    let stage = Stage::set().await;
    let control = format!("http://{}/_sim", stage.sim.address());
    let post = |path: &str, body: serde_json::Value| {
        stage.client.post(format!("{control}{path}")).json(&body).send()
    };
    let rule = json!({ "path": "/_sim*", "status": 500 });
    assert_eq!(post("/faults", rule).await.unwrap().status(), StatusCode::CREATED);
    let said = post("/say", json!({ "as": "ana", "text": "help" })).await.unwrap();
    assert_eq!(said.status(), StatusCode::OK);
    let device = post("/devices", json!({ "displayName": "New One" })).await.unwrap().text().await.unwrap();
    assert!(device.contains("New One"));
    assert_eq!(
        post("/say", json!({ "as": "eve", "text": "help" })).await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    let device: serde_json::Value = serde_json::from_str(&device).unwrap();
    let path = |kind: &str, id: &str| format!("{control}/{kind}/{id}");
    let device = path("devices", device["id"].as_str().unwrap());
    let workspace = stage.sim.add_workspace(&json!({}));
    for url in [device, path("workspaces", &workspace)] {
        let change = async || stage.client.patch(&url).json(&json!({ "displayName": "Newer" })).send().await;
        let changed = change().await.unwrap().text().await.unwrap();
        assert!(changed.contains("Newer"), "{url}");
        for status in [204, 404] {
            assert_eq!(stage.client.delete(&url).send().await.unwrap().status().as_u16(), status);
        }
        assert_eq!(change().await.unwrap().status(), StatusCode::NOT_FOUND);
    }
    let harder = json!({ "pageLimit": 1, "emptyPages": true, "partnerAccess": true, "fileLimit": 9 });
    assert_eq!(post("/settings", harder).await.unwrap().status(), StatusCode::NO_CONTENT);
    let unknown = post("/settings", json!({ "pagelimit": 1 })).await.unwrap();
    assert_eq!(unknown.status(), StatusCode::UNPROCESSABLE_ENTITY);
    for path in ["", "/state", "/requests", "/deliveries?last=1", "/messages"] {
        let answer = stage.client.get(format!("{control}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    assert!(stage.sim.requests().is_empty());
}
