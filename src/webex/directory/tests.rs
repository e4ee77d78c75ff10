use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::fake_server::{FakeAnswer, FakeServer};
use super::*;
use crate::domain::clock::ManualClock;

fn directory(stage: &FakeServer) -> (NameCache, ManualClock) {
    let clock = ManualClock::starting_at(Timestamp::UNIX_EPOCH);
    (NameCache::new(stage.admin(None), Arc::new(clock.clone())), clock)
}

fn workspace(id: &str) -> WorkspaceId {
    WorkspaceId::parse(id).unwrap()
}

#[tokio::test]
async fn a_name_is_asked_for_once_in_ten_minutes() {
    let stage = FakeServer::new(|heard| match heard.path.as_str() {
        "/workspaces/w-1" => FakeAnswer::json(json!({ "id": "w-1", "displayName": "Lobby" })),
        "/locations/l-1" => FakeAnswer::json(json!({ "id": "l-1", "name": "Berlin" })),
        _ => FakeAnswer::json(json!({ "id": "ana", "displayName": "Ana", "emails": ["ana@example.com"] })),
    })
    .await;
    let (directory, clock) = directory(&stage);
    let (location, ana) = (LocationId::parse("l-1").unwrap(), PersonId::parse("ana").unwrap());
    assert_eq!(directory.cached_workspace_name(&workspace("w-1")), None);
    for _ in 0..3 {
        let name = directory.workspace_name(&workspace("w-1")).await.unwrap();
        assert_eq!(name.as_deref(), Some("Lobby"));
        assert_eq!(&*directory.location_name(&OrgScope::Default, &location).await.unwrap(), "Berlin");
        assert_eq!(directory.person(&ana).await.unwrap().called(), "ana@example.com");
    }
    assert_eq!(stage.lines(), ["GET /workspaces/w-1", "GET /locations/l-1", "GET /people/ana"]);
    assert_eq!(directory.clone().cached_workspace_name(&workspace("w-1")).as_deref(), Some("Lobby"));
    clock.advance(SignedDuration::from_mins(10));
    assert_eq!(directory.cached_workspace_name(&workspace("w-1")), None);
    directory.workspace_name(&workspace("w-1")).await.unwrap();
    assert_eq!(stage.heard().len(), 4);
}

#[tokio::test]
async fn a_lookup_that_failed_or_found_no_name_is_made_again() {
    let is_back = Arc::new(AtomicBool::new(false));
    let switch = is_back.clone();
    let stage = FakeServer::new(move |heard| match (heard.path.as_str(), switch.load(Ordering::SeqCst)) {
        ("/workspaces/bare", false) => FakeAnswer::json(json!({ "id": "bare" })),
        ("/workspaces/gone", false) => FakeAnswer::status(404),
        (_, false) => FakeAnswer::status(503),
        (_, true) => FakeAnswer::json(json!({ "id": "w-1", "displayName": "Lobby" })),
    })
    .await;
    let (directory, _) = directory(&stage);
    let ids = [workspace("bare"), workspace("gone"), workspace("troubled")];
    let mut answers = Vec::new();
    for id in &ids {
        answers.push(directory.workspace_name(id).await.map_err(|error| error.as_str()));
    }
    assert_eq!(answers, [Ok(None), Err("not found"), Err("troubled")]);
    is_back.store(true, Ordering::SeqCst);
    for id in &ids {
        assert_eq!(directory.workspace_name(id).await.unwrap().as_deref(), Some("Lobby"));
    }
}

#[tokio::test]
async fn all_workspaces_are_read_at_once() {
    // 120 pages of a hundred: more workspaces than are kept for minutes.
    let stage = FakeServer::new(|heard| {
        let start = heard.number("start").unwrap_or(0);
        let page = start..(start + 100).min(12_000);
        FakeAnswer::items(
            page.map(|n| json!({ "id": format!("w-{n}"), "displayName": format!("Room {n}") }))
                .collect::<Vec<_>>(),
        )
    })
    .await;
    let (directory, _) = directory(&stage);
    let names = directory.workspace_names(&OrgScope::Default).await.unwrap();
    assert_eq!(stage.heard().len(), 121, "the last one is empty");
    for (id, name) in [("w-0", Some("Room 0")), ("w-11999", Some("Room 11999")), ("w-12000", None)] {
        assert_eq!(names.of(&workspace(id)), name, "{id}");
    }
    assert_eq!(directory.cached_workspace_name(&workspace("w-0")), None);
}

#[tokio::test]
async fn all_locations_are_read_at_once() {
    let stage = FakeServer::new(|heard| match heard.asked("start") {
        None => FakeAnswer::items([json!({ "id": "l-1", "name": "Berlin" })]).next("?start=1"),
        _ => FakeAnswer::items([json!({ "id": "l-2" }), json!({ "id": "l-3", "name": "北京" })]),
    })
    .await;
    let (directory, _) = directory(&stage);
    directory.load_location_names(&OrgScope::Default).await.unwrap();
    let known = |id: &str| directory.cached_location_name(&LocationId::parse(id).unwrap());
    assert_eq!(
        (known("l-1").as_deref(), known("l-2"), known("l-3").as_deref()),
        (Some("Berlin"), None, Some("北京"))
    );
}
