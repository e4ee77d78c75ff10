//! The main job: an admin writes `delete device <id>`, and the device is gone.

use crate::world::World;

#[tokio::test]
async fn an_admin_deletes_a_device_and_reads_so_in_the_thread() {
    let world = World::new().await;
    let device = world.a_device();
    let id = device["id"].as_str().unwrap();
    let ana = &world.cast.ana;
    let answer = world.ask(ana, &format!("delete device {id} because \"moved out\"")).await;

    assert!(!world.device_exists(id));
    assert_eq!(world.deletes(), 1);
    assert_eq!(answer.fact("Outcome").as_deref(), Some("gone"));
    assert_eq!(answer.fact("Name").as_deref(), device["displayName"].as_str());
    assert_eq!(answer.fact("Serial").as_deref(), device["serial"].as_str());
    assert_eq!(answer.fact("MAC").as_deref(), device["mac"].as_str());
    assert_eq!(answer.fact("Product").as_deref(), device["product"].as_str());
    assert_eq!(answer.fact("Device id").as_deref(), Some(id));
    assert_eq!(answer.fact("Asked by").as_deref(), Some("ana@example.com"));
    assert_eq!(answer.fact("Reason").as_deref(), Some("moved out"));
    assert_eq!(answer.fact("Webex status").as_deref(), Some("204"));
    assert_eq!(answer.fact("Time").as_deref(), Some("2026-04-02 08:15:30 UTC"));
    assert!(answer.fact("Tracking id").is_some());
    assert_eq!(world.audited().await, ["command_accepted", "delete_intended", "outcome_known"]);
    assert_eq!(world.jobs().await.done, 4);
}
