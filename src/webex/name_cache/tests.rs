use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::*;
use crate::domain::clock::ManualClock;
use crate::webex::fake_server::{FakeAnswer, FakeServer};

fn names(server: &FakeServer) -> (NameCache, ManualClock) {
    let clock = ManualClock::starting_at(Timestamp::UNIX_EPOCH);
    (NameCache::new(server.admin(None), Arc::new(clock.clone())), clock)
}

fn workspace(id: &str) -> WorkspaceId {
    WorkspaceId::parse(id).unwrap()
}

#[tokio::test]
async fn a_name_is_looked_up_once_in_ten_minutes() {
    let server = FakeServer::new(|call| match call.path.as_str() {
        "/workspaces/w-1" => FakeAnswer::json(json!({ "id": "w-1", "displayName": "Lobby" })),
        "/locations/l-1" => FakeAnswer::json(json!({ "id": "l-1", "name": "Berlin" })),
        _ => FakeAnswer::json(json!({ "id": "ana", "displayName": "Ana", "emails": ["ana@example.com"] })),
    })
    .await;
    let (names, clock) = names(&server);
    let (location, ana) = (LocationId::parse("l-1").unwrap(), PersonId::parse("ana").unwrap());
    assert_eq!(names.workspaces.get(&workspace("w-1")), None);
    for _ in 0..3 {
        let name = names.workspace_name(&workspace("w-1")).await.unwrap();
        assert_eq!(name.as_deref(), Some("Lobby"));
        assert_eq!(&*names.location_name(&OrgScope::Default, &location).await.unwrap(), "Berlin");
        assert_eq!(names.person(&ana).await.unwrap().label(), "ana@example.com");
    }
    assert_eq!(server.lines(), ["GET /workspaces/w-1", "GET /locations/l-1", "GET /people/ana"]);
    assert_eq!(names.clone().workspaces.get(&workspace("w-1")).as_deref(), Some("Lobby"));
    clock.advance(SignedDuration::from_mins(10));
    assert_eq!(names.workspaces.get(&workspace("w-1")), None);
    names.workspace_name(&workspace("w-1")).await.unwrap();
    assert_eq!(server.calls().len(), 4);
}

#[tokio::test]
async fn failed_lookups_and_missing_names_are_not_cached() {
    let is_back = Arc::new(AtomicBool::new(false));
    let switch = is_back.clone();
    let server = FakeServer::new(move |call| match (call.path.as_str(), switch.load(Ordering::SeqCst)) {
        ("/workspaces/bare", false) => FakeAnswer::json(json!({ "id": "bare" })),
        ("/workspaces/gone", false) => FakeAnswer::status(404),
        (_, false) => FakeAnswer::status(503),
        (path, true) => FakeAnswer::json(json!({ "id": path.rsplit('/').next(), "displayName": "Lobby" })),
    })
    .await;
    let (names, _) = names(&server);
    let ids = [workspace("bare"), workspace("gone"), workspace("troubled")];
    let mut answers = Vec::new();
    for id in &ids {
        answers.push(names.workspace_name(id).await.map_err(|error| error.as_str()));
    }
    assert_eq!(answers, [Ok(None), Err("not found"), Err("troubled")]);
    is_back.store(true, Ordering::SeqCst);
    for id in &ids {
        assert_eq!(names.workspace_name(id).await.unwrap().as_deref(), Some("Lobby"));
    }
}

#[tokio::test]
async fn all_workspace_names_are_read_at_once() {
    // 120 pages of a hundred: more workspaces than the cache holds.
    let server = FakeServer::new(|call| {
        let start = call.number("start").unwrap_or(0);
        let page = start..(start + 100).min(12_000);
        FakeAnswer::items(
            page.map(|n| json!({ "id": format!("w-{n}"), "displayName": format!("Room {n}") }))
                .collect::<Vec<_>>(),
        )
    })
    .await;
    let (cache, _) = names(&server);
    let names = cache.workspace_names(&OrgScope::Default).await.unwrap();
    assert_eq!(server.calls().len(), 121, "the last page is empty");
    for (id, name) in [("w-0", Some("Room 0")), ("w-11999", Some("Room 11999")), ("w-12000", None)] {
        assert_eq!(names.of(&workspace(id)), name, "{id}");
    }
    assert_eq!(cache.workspaces.get(&workspace("w-0")), None);
}

#[tokio::test]
async fn all_location_names_are_read_at_once() {
    let server = FakeServer::new(|call| match call.query_value("start") {
        None => FakeAnswer::items([json!({ "id": "l-1", "name": "Berlin" })]).next("?start=1"),
        _ => FakeAnswer::items([json!({ "id": "l-2" }), json!({ "id": "l-3", "name": "北京" })]),
    })
    .await;
    let (names, _) = names(&server);
    names.load_location_names(&OrgScope::Default).await.unwrap();
    let cached = |id: &str| names.cached_location_name(&LocationId::parse(id).unwrap());
    assert_eq!(
        (cached("l-1").as_deref(), cached("l-2"), cached("l-3").as_deref()),
        (Some("Berlin"), None, Some("北京"))
    );
}
