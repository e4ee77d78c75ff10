//! Faults on demand, and the control endpoint.

use axum::http::StatusCode;
use serde_json::json;

use super::{ADMIN, TestSim};
use crate::sim::FaultRule;

#[tokio::test]
async fn a_fault_before_the_effect_leaves_the_device_and_after_it_does_not() {
    let test = TestSim::start().await;
    let id = test.sim.add_device(&json!({}));
    let path = format!("/devices/{id}");
    test.sim.fault(FaultRule::on("DELETE", "/devices/*").status(503).once());
    test.sim.fault(FaultRule::on("DELETE", "/devices/*").status(502).html_body().after_effect().once());
    let before = test.call(ADMIN, "DELETE", &path).await;
    assert_eq!((before.status.as_u16(), test.sim.device(&id).is_some()), (503, true));
    assert_eq!(before.json()["trackingId"].as_str(), before.headers["TrackingID"].to_str().ok());
    let after = test.call(ADMIN, "DELETE", &path).await;
    assert_eq!((after.status.as_u16(), test.sim.device(&id).is_some()), (502, false));
    assert!(after.text.starts_with("<html>"));
    assert_eq!(test.call(ADMIN, "DELETE", &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_retry_after_header_is_sent_as_configured() {
    let test = TestSim::start().await;
    test.sim.fault(FaultRule::on_everything().status(429).retry_after("soon").empty_body().once());
    let limited = test.call(ADMIN, "GET", "/devices").await;
    assert_eq!((limited.status.as_u16(), limited.headers["retry-after"].to_str().unwrap()), (429, "soon"));
    assert_eq!(limited.text, "");
    test.sim.fault(FaultRule::on("GET", "/devices").status(429).retry_after("7").once());
    let limited = test.call(ADMIN, "GET", "/devices").await;
    assert_eq!(limited.headers["retry-after"].to_str().unwrap(), "7");
    assert!(limited.headers.contains_key("TrackingID"));
    assert_eq!(test.call(ADMIN, "GET", "/devices").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_request_on_a_dropped_connection_can_have_its_effect() {
    let test = TestSim::start().await;
    let id = test.sim.add_device(&json!({}));
    test.sim.fault(FaultRule::on("DELETE", "/devices/*").dropping_connection().after_effect().once());
    let dropped = test.try_call(ADMIN, "DELETE", &format!("/devices/{id}"), None).await;
    assert!(dropped.is_err(), "{dropped:?}");
    assert_eq!(test.sim.device(&id), None);
    let record = test.sim.requests().pop().unwrap();
    assert_eq!((record.method.as_str(), record.status, record.faulted), ("DELETE", None, true));
}

#[tokio::test]
async fn a_hanging_request_ends_only_with_the_simulation() {
    let test = TestSim::start().await;
    test.sim.fault(FaultRule::on("GET", "/devices").hanging());
    let (answer, ()) = tokio::join!(test.try_call(ADMIN, "GET", "/devices", None), async {
        while test.sim.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        test.sim.stop().await;
    });
    assert!(answer.is_err());
}

#[tokio::test]
async fn a_deleted_device_stays_readable_for_as_long_as_configured() {
    let test = TestSim::start().await;
    let id = test.sim.add_device(&json!({}));
    let path = format!("/devices/{id}");
    test.sim.fault(FaultRule::on("DELETE", "/devices/*").still_readable(2).once());
    assert_eq!(test.call(ADMIN, "DELETE", &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(test.sim.device(&id), None);
    assert_eq!(test.call(ADMIN, "DELETE", &path).await.status, StatusCode::NOT_FOUND);
    for status in [200, 200, 404] {
        assert_eq!(test.call(ADMIN, "GET", &path).await.status.as_u16(), status);
    }
}

#[tokio::test]
async fn the_journal_keeps_the_name_of_the_token_and_the_tracking_id_of_the_client() {
    let test = TestSim::start().await;
    let url = format!("{}/devices?max=1", test.sim.api_base());
    let request = test.client.get(url).bearer_auth(ADMIN).header("TrackingID", "STEWARD_1");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["TrackingID"], "STEWARD_1");
    let record = test.sim.requests().pop().unwrap();
    assert_eq!((record.token.as_deref(), record.query.as_deref()), (Some("admin"), Some("max=1")));
    assert_eq!((record.client_tracking_id.as_deref(), record.status), (Some("STEWARD_1"), Some(200)));
}

#[tokio::test]
async fn the_simulation_is_steered_from_a_shell() {
    let test = TestSim::start().await;
    let control = format!("http://{}/_sim", test.sim.address());
    let post =
        |path: &str, body: serde_json::Value| test.client.post(format!("{control}{path}")).json(&body).send();
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
    let workspace = test.sim.add_workspace(&json!({}));
    for url in [device, path("workspaces", &workspace)] {
        let change = async || test.client.patch(&url).json(&json!({ "displayName": "Newer" })).send().await;
        let changed = change().await.unwrap().text().await.unwrap();
        assert!(changed.contains("Newer"), "{url}");
        for status in [204, 404] {
            assert_eq!(test.client.delete(&url).send().await.unwrap().status().as_u16(), status);
        }
        assert_eq!(change().await.unwrap().status(), StatusCode::NOT_FOUND);
    }
    let harder = json!({ "pageLimit": 1, "emptyPages": true, "partnerAccess": true, "fileLimit": 9 });
    assert_eq!(post("/settings", harder).await.unwrap().status(), StatusCode::NO_CONTENT);
    let unknown = post("/settings", json!({ "pagelimit": 1 })).await.unwrap();
    assert_eq!(unknown.status(), StatusCode::UNPROCESSABLE_ENTITY);
    for path in ["", "/state", "/requests", "/deliveries?last=1", "/messages"] {
        let answer = test.client.get(format!("{control}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    assert!(test.sim.requests().is_empty());
}
