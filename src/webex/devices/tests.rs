use secrecy::ExposeSecret as _;
use serde_json::json;

use super::*;
use crate::domain::{OrgId, PersonId, WorkspaceId};
use crate::webex::fake_server::{FakeAnswer, FakeServer, decided, granted};

const ID: &str = "11111111-2222-3333-4444-555555555555";

fn id() -> DeviceId {
    DeviceId::parse(ID).unwrap()
}

fn workspace() -> PlaceId {
    PlaceId::Workspace(WorkspaceId::parse("workspace-4").unwrap())
}

fn person() -> PlaceId {
    PlaceId::Person(PersonId::parse("ana").unwrap())
}

#[tokio::test]
async fn every_call_names_its_organization() {
    let server = FakeServer::new(|call| match call.method {
        Method::GET if call.path == "/devices" => FakeAnswer::items([json!({ "id": ID })]),
        _ => FakeAnswer::json(json!({ "id": ID, "code": "1", "items": [] })),
    })
    .await;
    let other = OrgScope::Org(OrgId::parse("other").unwrap());
    for (target, scope, named) in [
        (None, &OrgScope::Default, None),
        (Some("acme"), &OrgScope::Default, Some("acme")),
        (Some("acme"), &other, Some("other")),
        (None, &other, Some("other")),
    ] {
        let (admin, before) = (server.admin(target), server.calls().len());
        let mac = Mac::parse("112233445566").unwrap();
        admin.device(scope, &id()).await.unwrap();
        admin.delete_device(&granted(), decided(), scope, &id()).await.unwrap();
        admin.tag_device(&granted(), decided(), scope, &id(), TagWrite::Replace(&[])).await.unwrap();
        admin.activation_code(&granted(), decided(), scope, &workspace(), None).await.unwrap();
        admin.add_device(&granted(), decided(), scope, &mac, "M", &person()).await.unwrap();
        admin.device_pages(scope, &[]).next().await.unwrap();
        admin.workspace_pages(scope, &[]).next().await.unwrap();
        admin.locations(scope).await.unwrap();
        let call = server.calls();
        assert_eq!(call.len() - before, 8);
        for call in &call[before..] {
            assert_eq!(call.query_value("orgId"), named, "{}", call.line());
        }
    }
}

#[tokio::test]
async fn a_json_patch_adds_tags_or_replaces_all() {
    let server =
        FakeServer::new(|_| FakeAnswer::json(json!({ "id": ID, "tags": ["floor 12", "pilot"] }))).await;
    let admin = server.admin(None);
    let tags = ["floor 12".to_owned(), "pilot".to_owned()];
    for (write, op) in [(TagWrite::Add(&tags), "add"), (TagWrite::Replace(&tags), "replace")] {
        let device = admin.tag_device(&granted(), decided(), &OrgScope::Default, &id(), write).await.unwrap();
        assert_eq!(device.tags, tags);
        let call = server.calls().pop().unwrap();
        assert_eq!(call.line(), format!("PATCH /devices/{ID}"));
        assert_eq!(call.content_type.as_deref(), Some("application/json-patch+json"));
        assert_eq!(
            str::from_utf8(&call.body).unwrap(),
            format!(r#"[{{"op":"{op}","path":"tags","value":["floor 12","pilot"]}}]"#)
        );
    }
}

#[tokio::test]
async fn the_record_of_another_device_is_unreadable() {
    let server = FakeServer::new(|_| FakeAnswer::json(json!({ "id": ID.replace('1', "9") }))).await;
    let answer = server
        .admin(None)
        .tag_device(&granted(), decided(), &OrgScope::Default, &id(), TagWrite::Add(&[]))
        .await;
    assert_eq!(answer.unwrap_err().as_str(), "unreadable");
}

#[tokio::test]
async fn a_new_device_is_for_a_workspace_or_a_person() {
    let server = FakeServer::new(|_| FakeAnswer::json(json!({ "id": ID, "code": "5414011256173816" }))).await;
    let (admin, scope) = (server.admin(None), OrgScope::Default);
    let mac = Mac::parse("aabb.ccdd.eeff").unwrap();
    admin.activation_code(&granted(), decided(), &scope, &workspace(), None).await.unwrap();
    admin.activation_code(&granted(), decided(), &scope, &person(), Some("DMS Cisco 8865")).await.unwrap();
    let added =
        admin.add_device(&granted(), decided(), &scope, &mac, "DMS Cisco 8865", &workspace()).await.unwrap();
    assert_eq!(added.id, id());
    let call: Vec<_> = server.calls().iter().map(|call| (call.line(), call.json())).collect();
    assert_eq!(
        call,
        [
            ("POST /devices/activationCode".to_owned(), json!({ "workspaceId": "workspace-4" })),
            (
                "POST /devices/activationCode".to_owned(),
                json!({ "personId": "ana", "model": "DMS Cisco 8865" })
            ),
            (
                "POST /devices".to_owned(),
                json!({ "mac": "AABBCCDDEEFF", "model": "DMS Cisco 8865", "workspaceId": "workspace-4" })
            ),
        ],
    );
}

#[tokio::test]
async fn an_activation_code_is_never_printed_even_if_malformed() {
    let expiry = "2026-04-09T08:16:00.215Z";
    for (body, code, expires) in [
        (json!({ "code": "5414011256173816", "expiryTime": expiry }), Some("5414011256173816"), true),
        (json!({ "code": 5_414_011_256_173_816_u64, "expiryTime": 7 }), Some("5414011256173816"), false),
        (json!({ "code": " 5414011256173816 " }), Some("5414011256173816"), false),
        (json!({ "code": "" }), None, false),
        (json!({ "code": ["5414011256173816"] }), None, false),
        (json!({ "Code": "5414011256173816" }), None, false),
        (json!("5414011256173816"), None, false),
        (json!(5_414_011_256_173_816_u64), None, false),
    ] {
        let answer = body.clone();
        let server = FakeServer::new(move |_| FakeAnswer::json(answer.clone())).await;
        let answer = server
            .admin(None)
            .activation_code(&granted(), decided(), &OrgScope::Default, &workspace(), None)
            .await;
        let printed =
            format!("{answer:?}{}", answer.as_ref().err().map(ToString::to_string).unwrap_or_default());
        assert!(!printed.contains("5414"), "{printed}");
        let found = answer.ok();
        assert_eq!(found.as_ref().map(|found| found.code.expose_secret()), code, "{body}");
        assert_eq!(found.is_some_and(|found| found.expires_at.is_some()), expires, "{body}");
    }
}

#[tokio::test]
async fn records_without_an_id_are_counted_and_left_out() {
    let server = FakeServer::new(|call| match call.query_value("start") {
        None => FakeAnswer::items([json!({ "id": ID }), json!({ "id": null }), json!(7)]).next("?start=3"),
        _ => FakeAnswer::items([json!({ "serial": "FOC2345ABCD" })]),
    })
    .await;
    let mut pages = server.admin(None).device_pages(&OrgScope::Default, &[("type", "phone".to_owned())]);
    assert_eq!(pages.next().await.unwrap().map(|page| page.len()), Some(1));
    assert_eq!(pages.unreadable(), 2);
    assert_eq!(pages.next().await.unwrap().map(|page| page.len()), Some(0));
    assert!(pages.next().await.unwrap().is_none());
    assert_eq!((pages.unreadable(), server.lines()[0].as_str()), (3, "GET /devices?type=phone&max=500"));
}
