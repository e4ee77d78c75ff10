//! Activation codes, and phones by their MAC address.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ADMIN, BOT, ReceivedAnswer, TestSim};
use crate::sim::FaultRule;

/// A simulation with a workspace for phones and one for collaboration devices.
struct Office {
    test: TestSim,
    phones: String,
    rooms: String,
}

impl Office {
    async fn open() -> Self {
        let test = TestSim::start().await;
        let phones = test.sim.add_workspace(&json!({
            "displayName": "Lobby", "supportedDevices": "phones", "calling": { "type": "webexCalling" },
            "locationId": "L",
        }));
        let rooms = test.sim.add_workspace(&json!({ "displayName": "Board Room" }));
        Self { test, phones, rooms }
    }

    async fn code(&self, body: Value) -> ReceivedAnswer {
        self.test.send(ADMIN, "POST", "/devices/activationCode", body).await
    }

    async fn create(&self, body: Value) -> ReceivedAnswer {
        self.test.send(ADMIN, "POST", "/devices", body).await
    }
}

#[tokio::test]
async fn a_code_has_sixteen_digits_and_is_valid_for_seven_days() {
    let office = Office::open().await;
    let ana = office.test.sim.cast().ana.id;
    for body in [
        json!({ "workspaceId": office.rooms }),
        json!({ "workspaceId": office.rooms, "model": "Cisco Room Bar Pro" }),
        json!({ "workspaceId": format!("{}=", office.phones), "model": "DMS Cisco 8865" }),
        json!({ "workspaceId": office.phones, "model": "Cisco 8865" }),
        json!({ "workspaceId": office.phones, "model": "Cisco 9861" }),
        json!({ "personId": ana }),
        json!({ "personId": ana, "model": "DMS Cisco 8865" }),
    ] {
        let answer = office.code(body.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.text);
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        assert!(code.len() == 16 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        assert_eq!(answer.json()["expiryTime"], "2026-04-09T08:00:00.000Z");
        assert_eq!(office.test.sim.activation_codes().pop().unwrap().code, code);
    }
    let made = office.test.sim.activation_codes();
    assert_eq!((made.len(), made[0].workspace_id.as_ref()), (7, Some(&office.rooms)));
    assert_eq!((made[5].person_id.as_ref(), made[6].model.as_deref()), (Some(&ana), Some("DMS Cisco 8865")));
}

#[tokio::test]
async fn a_code_is_refused_for_a_device_that_cannot_be_added() {
    let office = Office::open().await;
    let cast = office.test.sim.cast();
    for (body, status) in [
        (json!({}), 400),
        (json!({ "model": "DMS Cisco 8865" }), 400),
        (json!({ "workspaceId": office.rooms, "personId": cast.ana.id }), 400),
        (json!({ "workspaceId": 7 }), 400),
        (json!({ "workspaceId": office.phones }), 400),
        (json!({ "workspaceId": office.phones, "model": "Cisco Room Bar Pro" }), 400),
        (json!({ "workspaceId": office.phones, "model": "DMS Cisco 9861" }), 400),
        (json!({ "workspaceId": office.rooms, "model": "DMS Cisco 8865" }), 400),
        (json!({ "workspaceId": "nowhere" }), 404),
        (json!({ "personId": "nobody" }), 404),
        (json!({ "personId": cast.oskar.id }), 404),
        (json!({ "personId": cast.bot.id }), 404),
    ] {
        assert_eq!(office.code(body.clone()).await.status.as_u16(), status, "{body}");
    }
    assert_eq!(office.test.sim.activation_codes(), []);
}

#[tokio::test]
async fn a_code_needs_a_scope_for_devices_and_one_for_passwords() {
    let office = Office::open().await;
    let sim = &office.test.sim;
    let of_workspace = json!({ "workspaceId": office.rooms });
    let of_person = json!({ "personId": sim.cast().ana.id });
    for token in ["sim-admin-readonly-token", BOT, "sim-token-ana"] {
        let refused = office.test.send(token, "POST", "/devices/activationCode", of_workspace.clone()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{token}");
    }
    for (withheld, workspace, person) in [
        ("identity:one_time_password", 200, 403),
        ("identity:placeonetimepassword_create", 403, 403),
        ("spark-admin:devices_write", 403, 403),
    ] {
        sim.withhold_scope(withheld);
        assert_eq!(office.code(of_workspace.clone()).await.status.as_u16(), workspace, "{withheld}");
        assert_eq!(office.code(of_person.clone()).await.status.as_u16(), person, "{withheld}");
    }
}

#[tokio::test]
async fn the_first_device_gives_a_workspace_free_calling_unless_it_had_calling() {
    let office = Office::open().await;
    let sim = &office.test.sim;
    for (before, after) in
        [("none", "freeCalling"), ("thirdPartySipCalling", "freeCalling"), ("webexCalling", "webexCalling")]
    {
        for adding in ["code", "mac"] {
            sim.change_workspace(&office.phones, &json!({ "calling": { "type": before } }));
            let mac = format!("0000000000{:02}", sim.devices().len());
            let body = json!({ "workspaceId": office.phones, "model": "DMS Cisco 8865", "mac": mac });
            let answer = if adding == "code" { office.code(body).await } else { office.create(body).await };
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            assert_eq!(
                sim.workspace(&office.phones).unwrap()["calling"]["type"],
                after,
                "{before} by {adding}"
            );
        }
    }
}

#[tokio::test]
async fn no_record_contains_a_code() {
    let office = Office::open().await;
    let code = office.code(json!({ "workspaceId": office.rooms })).await.json()["code"].clone();
    let code = code.as_str().unwrap();
    let control = format!("http://{}/_sim", office.test.sim.address());
    let mut printed = format!("{:?}", office.test.sim.requests());
    for path in ["/requests", "/deliveries", "/state"] {
        printed +=
            &office.test.client.get(format!("{control}{path}")).send().await.unwrap().text().await.unwrap();
    }
    assert!(printed.contains("activationCode") && !printed.contains(code), "{printed}");
}

#[tokio::test]
async fn a_phone_is_created_by_its_mac_where_phones_are_supported() {
    let office = Office::open().await;
    let body = json!({ "mac": "aabbcc001122", "model": "DMS Cisco 8865", "workspaceId": office.phones });
    let created = office.create(body).await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.text);
    let device = created.json();
    for (field, expected) in [
        ("type", "phone"),
        ("product", "Cisco 8865"),
        ("mac", "AABBCC001122"),
        ("displayName", "Lobby"),
        ("locationId", "L"),
        ("workspaceId", &office.phones),
        ("orgId", &office.test.sim.cast().example_org),
    ] {
        assert_eq!(device[field], expected, "{field}");
    }
    let path = format!("/devices/{}", created.id());
    assert_eq!(office.test.call(ADMIN, "GET", &path).await.json(), device);
    let ben = office.test.sim.cast().ben;
    let body = json!({ "mac": "AABBCC001123", "model": "Cisco 9861", "personId": ben.id });
    let device = office.create(body).await.json();
    assert_eq!((&device["personId"], &device["displayName"]), (&json!(ben.id), &json!("Ben Bauer")));
    assert!(device.get("workspaceId").is_none());
    let body = json!({ "mac": "AABBCC001124", "model": "Cisco Room Bar", "workspaceId": office.rooms });
    assert_eq!(office.create(body).await.json()["type"], "roomdesk");
}

#[tokio::test]
async fn a_device_is_not_created_from_incomplete_fields_or_twice() {
    let office = Office::open().await;
    office.test.sim.add_device(&json!({ "mac": "0A:0B:0C:0D:0E:0F" }));
    let count = office.test.sim.devices().len();
    let fine = json!({ "mac": "AABBCC001122", "model": "DMS Cisco 8865", "workspaceId": office.phones });
    for (changed, status) in [
        (json!({ "mac": null }), 400),
        (json!({ "model": null }), 400),
        (json!({ "workspaceId": null }), 400),
        (json!({ "personId": office.test.sim.cast().ana.id }), 400),
        (json!({ "mac": "AA:BB:CC:00:11:22" }), 400),
        (json!({ "mac": "AABBCC00112" }), 400),
        (json!({ "mac": "AABBCC00112G" }), 400),
        (json!({ "mac": "0a0b0c0d0e0f" }), 409),
        (json!({ "workspaceId": "nowhere" }), 404),
        (json!({ "workspaceId": office.rooms }), 400),
        (json!({ "model": "Cisco Room Bar" }), 400),
        (json!({ "model": "DMS Cisco 1234" }), 400),
    ] {
        let mut body = fine.clone();
        crate::sim::model::records::merge(&mut body, &changed);
        assert_eq!(office.create(body).await.status.as_u16(), status, "{changed}");
    }
    let refused = office.test.send("sim-admin-readonly-token", "POST", "/devices", fine.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(office.test.sim.devices().len(), count);
    assert_eq!(office.create(fine.clone()).await.status, StatusCode::OK);
    assert_eq!(office.create(fine).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_sixth_phone_is_refused_and_a_sixth_room_device_is_not() {
    let office = Office::open().await;
    let sim = &office.test.sim;
    let person = sim.add_person(["eve", "eve@example.com", "Eve Evans", &sim.cast().example_org]).id;
    for number in 0..5 {
        let body =
            json!({ "mac": format!("AABBCC00112{number}"), "model": "Cisco 9861", "personId": person });
        assert_eq!(office.create(body).await.status, StatusCode::OK);
    }
    let sixth = json!({ "mac": "AABBCC001129", "model": "Cisco 9861", "personId": person });
    for refused in [office.create(sixth.clone()).await, office.code(sixth.clone()).await] {
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.json()["message"], "Phones cannot be added to this user");
    }
    assert_eq!(office.code(json!({ "personId": person })).await.status, StatusCode::OK);
    let one = sim.devices().into_iter().find(|device| device["personId"] == json!(person)).unwrap();
    sim.remove_device(one["id"].as_str().unwrap());
    assert_eq!(office.create(sixth).await.status, StatusCode::OK);
}

#[tokio::test]
async fn overlapping_additions_to_one_workspace_are_counted() {
    let office = Office::open().await;
    let sim = &office.test.sim;
    let body = |mac: &str| json!({ "mac": mac, "model": "Cisco 9861", "workspaceId": office.phones });
    let elsewhere = json!({ "workspaceId": office.rooms });
    office.create(body("AABBCC000001")).await;
    office.create(body("AABBCC000002")).await;
    let elsewhere = tokio::join!(office.create(body("AABBCC000003")), office.code(elsewhere));
    assert_eq!((elsewhere.0.status, elsewhere.1.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(sim.most_additions_at_once(), 1);

    sim.fault(FaultRule::on("POST", "/devices*").hanging());
    let (mac, code) = (body("AABBCC000004"), body("-"));
    let create = office.test.try_call(ADMIN, "POST", "/devices", Some(&mac));
    let activate = office.test.try_call(ADMIN, "POST", "/devices/activationCode", Some(&code));
    let unanswered = tokio::join!(create, activate, async {
        while sim.most_additions_at_once() < 2 {
            tokio::task::yield_now().await;
        }
        sim.stop().await;
    });
    assert!(unanswered.0.is_err() && unanswered.1.is_err());
}
