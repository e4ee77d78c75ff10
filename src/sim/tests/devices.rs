//! Devices and workspaces.

use std::collections::HashSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ADMIN, BOT, TestSim};

#[tokio::test]
async fn only_an_admin_token_reads_devices_and_it_deletes_them_only_with_the_scope() {
    let test = TestSim::start().await;
    let id = test.sim.add_device(&json!({ "displayName": "Target" }));
    let path = format!("/devices/{id}");
    for (token, reading, deleting) in [
        (BOT, 403, 403),
        ("sim-token-ana", 403, 403),
        ("sim-admin-readonly-token", 200, 403),
        (ADMIN, 200, 204),
    ] {
        assert_eq!(test.call(token, "GET", "/devices").await.status.as_u16(), reading, "{token}");
        assert_eq!(test.call(token, "DELETE", &path).await.status.as_u16(), deleting, "{token}");
    }
    assert_eq!(test.call(ADMIN, "POST", "/messages").await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let words = json!({ "toPersonEmail": "ana@example.com", "text": "x" });
    assert_eq!(test.send(ADMIN, "POST", "/messages", words).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_second_delete_finds_nothing() {
    let test = TestSim::start().await;
    let id = test.sim.add_device(&json!({}));
    let path = format!("/devices/{id}");
    let first = test.call(ADMIN, "DELETE", &path).await;
    assert_eq!((first.status, first.text.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(test.call(ADMIN, "DELETE", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(test.call(ADMIN, "GET", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(test.sim.device(&id), None);
    assert_eq!(test.call(ADMIN, "DELETE", "/devices/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_device_of_another_organization_is_hidden_and_naming_that_organization_is_refused() {
    let test = TestSim::start().await;
    let partner = test.sim.cast().partner_org;
    let foreign = test.sim.devices().into_iter().find(|device| device["orgId"] == json!(partner)).unwrap();
    let path = format!("/devices/{}", foreign["id"].as_str().unwrap());
    assert_eq!(test.call(ADMIN, "DELETE", &path).await.status, StatusCode::NOT_FOUND);
    let named = format!("{path}?orgId={partner}");
    assert_eq!(test.call(ADMIN, "DELETE", &named).await.status, StatusCode::FORBIDDEN);
    let own = format!("/devices?orgId={}", test.sim.cast().example_org);
    assert_eq!(test.call(ADMIN, "GET", &own).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_links_lead_to_every_device_once() {
    let test = TestSim::with_devices(53).await;
    let mut next = Some(format!("{}/devices?max=10&type=roomdesk", test.sim.api_base()));
    let (mut pages, mut seen) = (0, Vec::new());
    while let Some(url) = next {
        let answer = test.client.get(url).bearer_auth(ADMIN).send().await.unwrap();
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        next = link.map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
        let page: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|device| device["id"].as_str().unwrap().to_owned()),
        );
        pages += 1;
    }
    let cast = test.sim.cast();
    let expected = test.sim.devices();
    let expected = expected
        .iter()
        .filter(|device| device["type"] == "roomdesk" && device["orgId"] == json!(cast.example_org))
        .count();
    assert_eq!(seen.len(), expected);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), expected);
    assert_eq!(pages, expected.div_ceil(10));
}

#[tokio::test]
async fn lists_are_filtered_by_every_parameter() {
    let test = TestSim::start().await;
    let fields = json!({
        "displayName": "QQQ-1 Target", "serial": "QQQ1", "mac": "0A:0B:0C:0D:0E:0F", "product": "Cisco Test Kit",
        "type": "accessory", "connectionStatus": "testing", "tags": ["one", "two"], "personId": "P",
        "workspaceId": "W", "software": "TestOS 1", "upgradeChannel": "testing", "errorCodes": ["a", "b"],
        "capabilities": ["xapi", "test"], "permissions": ["xapi:test"], "locationId": "L",
        "workspaceLocationId": "WL", "devicePlatform": "test", "plannedMaintenance": { "mode": "upcoming" },
    });
    let id = test.sim.add_device(&fields);
    for query in [
        "displayName=qqq-1",
        "serial=qqq1",
        "mac=0a0b0c0d0e0f",
        "product=TestKit",
        "type=accessory",
        "connectionStatus=testing",
        "tag=one,two",
        "tag=two&tag=one",
        "personId=P",
        "workspaceId=W",
        "software=TestOS%201",
        "upgradeChannel=testing",
        "errorCode=b",
        "capability=test",
        "permission=xapi:test",
        "locationId=L=",
        "workspaceLocationId=WL",
        "devicePlatform=test",
        "plannedMaintenance=upcoming",
        "plannedMaintenance=upcoming&serial=qqq1&errorCode=a",
    ] {
        let found = test.call(ADMIN, "GET", &format!("/devices?{query}")).await.json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{query}");
        assert_eq!(found["items"][0]["id"], json!(id), "{query}");
    }
    test.sim.change_device(&id, &json!({ "plannedMaintenance": "on" }));
    let found = test.call(ADMIN, "GET", "/devices?plannedMaintenance=on").await.json();
    assert_eq!(found["items"][0]["id"], json!(id), "a bare string is a mode as well");
    for query in [
        "tag=one,three",
        "errorCode=ab",
        "capability=Test",
        "permission=xapi",
        "software=TestOS",
        "locationId=WL",
        "plannedMaintenance=upcoming",
        "devicePlatform=test&serial=other",
    ] {
        let none = test.call(ADMIN, "GET", &format!("/devices?{query}")).await.json();
        assert_eq!(none["items"], json!([]), "{query}");
    }
    assert_eq!(test.call(ADMIN, "GET", "/devices?max=many").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_device_changes_and_disappears_behind_the_bots_back() {
    let test = TestSim::start().await;
    let id = test.sim.add_device(&json!({ "serial": "OLD" }));
    assert!(test.sim.change_device(&id, &json!({ "serial": "NEW", "mac": null })));
    let device = test.call(ADMIN, "GET", &format!("/devices/{id}")).await.json();
    assert_eq!((device["serial"].as_str(), device.get("mac")), (Some("NEW"), None));
    assert!(test.sim.remove_device(&id));
    assert!(!test.sim.remove_device(&id));
}

#[tokio::test]
async fn workspaces_belong_to_devices() {
    let test = TestSim::start().await;
    let list = test.call(ADMIN, "GET", "/workspaces?max=2").await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2));
    let device = test.sim.devices().into_iter().rfind(|device| device["workspaceId"].is_string()).unwrap();
    let path = format!("/workspaces/{}", device["workspaceId"].as_str().unwrap());
    assert_eq!(test.call(ADMIN, "GET", &path).await.json()["displayName"], device["displayName"]);
    assert_eq!(test.call(BOT, "GET", &path).await.status, StatusCode::FORBIDDEN);
}
