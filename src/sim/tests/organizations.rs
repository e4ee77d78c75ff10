//! Workspaces, locations, organizations, and the supported phones.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ADMIN, BOT, TestSim};

fn names(list: &Value, field: &str) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn workspaces_are_filtered_by_each_parameter_and_by_all_of_them() {
    let test = TestSim::start().await;
    let id = test.sim.add_workspace(&json!({
        "displayName": "Zebra Crossing", "locationId": "L", "floorId": "F", "capacity": 77, "type": "huddle",
        "calling": { "type": "testCalling" }, "calendar": { "type": "google" }, "supportedDevices": "phonesTest",
        "devicePlatform": "microsoftTeamsRoom",
    }));
    for query in [
        "displayName=zebra%20cross",
        "displayName=Zebra%20Crossing",
        "locationId=L",
        "floorId=F",
        "capacity=77",
        "type=huddle",
        "calling=testCalling",
        "calendar=google",
        "supportedDevices=phonesTest",
        "devicePlatform=microsoftTeamsRoom",
        "displayName=zebra&type=huddle&calling=testCalling",
    ] {
        let found = test.call(ADMIN, "GET", &format!("/workspaces?{query}")).await.json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{query}");
        assert_eq!(found["items"][0]["id"], json!(id), "{query}");
    }
    for query in ["displayName=zebra&type=desk", "locationId=M", "capacity=7", "calling=", "type=Huddle"] {
        let none = test.call(ADMIN, "GET", &format!("/workspaces?{query}")).await.json();
        assert_eq!(none["items"], json!([]), "{query}");
    }
}

#[tokio::test]
async fn workspaces_are_paged_by_start_and_max_without_links() {
    let test = TestSim::with_devices(40).await;
    let whole = names(&test.call(ADMIN, "GET", "/workspaces").await.json(), "id");
    let mut paged = Vec::new();
    loop {
        let page = test.call(ADMIN, "GET", &format!("/workspaces?max=7&start={}", paged.len())).await;
        assert!(!page.headers.contains_key("link"));
        let page = names(&page.json(), "id");
        paged.extend_from_slice(&page);
        if page.len() < 7 {
            break;
        }
    }
    assert!(whole.len() > 14, "{}", whole.len());
    assert_eq!(paged, whole);
}

#[tokio::test]
async fn a_workspace_shows_its_supported_devices_and_its_location() {
    let test = TestSim::with_devices(20).await;
    let devices = test.sim.devices();
    let example = json!(test.sim.cast().example_org);
    for device in
        devices.iter().filter(|device| device["workspaceId"].is_string() && device["orgId"] == example)
    {
        let path = format!("/workspaces/{}", device["workspaceId"].as_str().unwrap());
        let workspace = test.call(ADMIN, "GET", &path).await.json();
        let takes = if device["type"] == "phone" { "phones" } else { "collaborationDevices" };
        assert_eq!(workspace["supportedDevices"], takes);
        for field in ["locationId", "type"] {
            assert!(workspace[field].is_string(), "{field} of {workspace}");
        }
        assert!(workspace["capacity"].is_u64() && workspace["calling"]["type"].is_string());
        if device["locationId"].is_string() {
            assert_eq!(device["locationId"], workspace["locationId"]);
        }
        let location = format!("/locations/{}", workspace["locationId"].as_str().unwrap());
        assert_eq!(test.call(ADMIN, "GET", &location).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn workspaces_come_change_and_go_behind_the_bots_back() {
    let test = TestSim::start().await;
    let id = test.sim.add_workspace(&json!({ "displayName": "One", "supportedDevices": "phones" }));
    let device = test.sim.add_device(&json!({ "workspaceId": id }));
    let path = format!("/workspaces/{id}");
    assert!(test.sim.change_workspace(&id, &json!({ "displayName": "Two", "capacity": null })));
    let seen = test.call(ADMIN, "GET", &path).await.json();
    assert_eq!((seen["displayName"].as_str(), seen.get("capacity")), (Some("Two"), None));
    assert_eq!(names(&test.call(ADMIN, "GET", "/workspaces?displayName=two").await.json(), "id"), [&*id]);
    assert!(test.sim.remove_workspace(&id));
    assert_eq!(test.call(ADMIN, "GET", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(test.sim.device(&device), None, "its devices go with it");
    assert!(!test.sim.remove_workspace(&id) && !test.sim.change_workspace(&id, &json!({})));
}

#[tokio::test]
async fn locations_have_an_address_and_a_time_zone_and_are_paginated() {
    let test = TestSim::start().await;
    let all = test.call(ADMIN, "GET", "/locations").await.json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(8));
    let berlin = &all["items"][0];
    assert_eq!((&berlin["name"], &berlin["timeZone"]), (&json!("Berlin"), &json!("Europe/Berlin")));
    assert_eq!(berlin["address"]["country"], "DE");
    let page = test.call(ADMIN, "GET", "/locations?max=5").await;
    assert!(page.headers.contains_key("link"));
    assert_eq!(names(&page.json(), "name").len(), 5);
    assert_eq!(names(&test.call(ADMIN, "GET", "/locations?name=tokyo").await.json(), "name"), ["Tokyo"]);
    let path = format!("/locations/{}", berlin["id"].as_str().unwrap());
    assert_eq!(test.call(ADMIN, "GET", &path).await.json(), *berlin);
    assert_eq!(test.call(ADMIN, "GET", "/locations/nowhere").await.status, StatusCode::NOT_FOUND);
    for token in [BOT, "sim-token-ana"] {
        assert_eq!(test.call(token, "GET", "/locations").await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn only_a_partner_reaches_another_organization() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let partner = json!(cast.partner_org);
    let foreign = test.sim.devices().into_iter().find(|device| device["orgId"] == partner).unwrap();
    let device = format!("/devices/{}?orgId={}", foreign["id"].as_str().unwrap(), cast.partner_org);
    let workspace = format!("/workspaces/{}", foreign["workspaceId"].as_str().unwrap());
    let organization = format!("/organizations/{}", cast.partner_org);
    let named = |path: &str| format!("{path}?orgId={}", cast.partner_org);
    let lists = ["/devices", "/workspaces", "/locations"].map(named);
    let people = format!("{}&email=oskar@partner.example", named("/people"));
    for (given, organizations, naming, finding) in
        [(false, 1, 403, 404), (true, 2, 200, 200), (false, 1, 403, 404)]
    {
        test.sim.give_partner_access(given);
        let seen = test.call(ADMIN, "GET", "/organizations").await.json();
        assert_eq!(names(&seen, "displayName"), ["Example Corp", "Partner Ltd"][..organizations]);
        for path in lists.iter().chain([&device, &people]) {
            assert_eq!(test.call(ADMIN, "GET", path).await.status.as_u16(), naming, "{path}");
        }
        for path in [&workspace, &organization] {
            assert_eq!(test.call(ADMIN, "GET", path).await.status.as_u16(), finding, "{path}");
        }
        let unnamed = device.split('?').next().unwrap();
        assert_eq!(test.call(ADMIN, "GET", unnamed).await.status, StatusCode::NOT_FOUND);
        assert_eq!(names(&test.call(ADMIN, "GET", "/devices").await.json(), "id").len(), 10);
    }
    test.sim.give_partner_access(true);
    assert_eq!(test.call(&cast.ana.token, "GET", &device).await.status, StatusCode::FORBIDDEN);
    assert_eq!(test.call(ADMIN, "GET", "/devices?orgId=nowhere").await.status, StatusCode::FORBIDDEN);
    assert_eq!(test.call(ADMIN, "DELETE", &device).await.status, StatusCode::NO_CONTENT);
    assert_eq!(test.call(BOT, "GET", "/organizations").await.status, StatusCode::FORBIDDEN);
    assert_eq!(test.call(ADMIN, "GET", "/organizations/nowhere").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn supported_phones_have_a_model_and_a_name() {
    let test = TestSim::start().await;
    let path = "/telephony/config/supportedDevices";
    let list = test.call(ADMIN, "GET", path).await.json();
    let devices = list["devices"].as_array().unwrap();
    let model_of =
        |name: &str| devices.iter().find(|phone| phone["displayName"] == name).unwrap()["model"].clone();
    assert_eq!(model_of("Cisco 8865"), "DMS Cisco 8865");
    assert_eq!(model_of("Cisco 9861"), "Cisco 9861");
    test.sim.withhold_scope("spark-admin:telephony_config_read");
    for token in [ADMIN, BOT] {
        assert_eq!(test.call(token, "GET", path).await.status, StatusCode::FORBIDDEN);
    }
}
