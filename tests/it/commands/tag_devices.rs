//! Tags of many devices: exactly the devices shown are changed, one at a time, whatever happens in between.

use jiff::SignedDuration;
use serde_json::json;
use steward::domain::audit::AuditEvent;
use steward::sim::FaultRule;

use super::tag_device::tags_of;
use crate::world::{Answer, World};

/// Adds this many devices that only one filter matches.
fn add_floor(world: &World, devices: usize) -> Vec<String> {
    let device = |number: usize| {
        world.sim.add_device(&json!({
            "displayName": format!("OSL-9 Room {number}"),
            "serial": format!("FOC9{number:03}OSLO"),
            "mac": null,
            "tags": ["floor-9"],
        }))
    };
    (1..=devices).map(device).collect()
}

/// The confirmation card for the floor, with Ana's message.
async fn asked(world: &World) -> (String, Answer) {
    let message = world.say(&world.cast.ana, "tag devices tag:floor-9 +retire -floor-9").await;
    let card = world.the_answer_to(&message);
    assert!(card.headline().starts_with("Change the tags of "), "{}", card.text);
    (message, card)
}

async fn confirm(world: &World, card: &Answer) {
    let code = card.fact("Code").unwrap();
    world.reply(&world.cast.ana, card.parent.as_deref().unwrap(), &format!("confirm {code}")).await;
}

fn retired(world: &World, devices: &[String]) -> usize {
    devices.iter().filter(|device| tags_of(world, device) == ["retire"]).count()
}

fn changes(world: &World) -> usize {
    world.calls("PATCH", "/devices/")
}

async fn tags_changed(world: &World) -> usize {
    let entries = world.audit().await;
    entries.iter().filter(|entry| matches!(entry.event, AuditEvent::TagsChanged { .. })).count()
}

/// The counts of the result: changed, unchanged, not verified, failed, not tried.
fn numbers(answer: &Answer) -> [u64; 5] {
    ["Changed", "Unchanged", "Not verified", "Failed", "Not tried"]
        .map(|label| answer.fact(label).map_or(0, |number| number.parse().unwrap()))
}

#[tokio::test]
async fn only_the_devices_shown_are_tagged() {
    let world = World::new().await;
    let devices = add_floor(&world, 7);
    let (message, card) = asked(&world).await;
    let code = card.fact("Code").unwrap();
    insta::assert_snapshot!(card.drawn().replace(&code, "CODE-XX"), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ Change the tags of 7 devices?                                                │
    │ Nothing has been done yet                                                    │
    │                                                                              │
    │ Filter    tag:floor-9                                                        │
    │ Add       retire                                                             │
    │ Remove    floor-9                                                            │
    │ Asked by  ana@example.com                                                    │
    │ Code      CODE-XX                                                            │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ OSL-9 Room 1, OSL-9 Room 2, OSL-9 Room 3, OSL-9 Room 4, OSL-9 Room 5 and 2   │
    │ more                                                                         │
    │ Only these devices are changed, even if others match the filter later. Their │
    │ other tags stay.                                                             │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 08:30 UTC (in 15 minutes).      │
    │ Press a button, or reply "confirm CODE-XX" or "cancel CODE-XX".              │
    │                                                                              │
    │ [ Confirm ] [ Cancel ]                                                       │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_eq!(changes(&world), 0);

    // A device that starts to match, one that stops, one with the tags already, and one that is gone.
    let late = add_floor(&world, 1);
    world.sim.change_device(&devices[1], &json!({ "tags": [] }));
    world.sim.change_device(&devices[2], &json!({ "tags": ["retire"] }));
    world.sim.remove_device(&devices[3]);
    world.press(&world.cast.ana, &card, "Confirm").await;

    let result = world.the_answer_to(&message);
    insta::assert_snapshot!(result.drawn().replace(&code, "CODE-XX"), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ? Tags not changed everywhere                                                │
    │ Result of "tag devices"                                                      │
    │                                                                              │
    │ Changed    5                                                                 │
    │ Unchanged  1                                                                 │
    │ Failed     1                                                                 │
    │ Filter     tag:floor-9                                                       │
    │ Added      retire                                                            │
    │ Removed    floor-9                                                           │
    │ Asked by   ana@example.com                                                   │
    │ Code       CODE-XX                                                           │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ What went wrong                                                              │
    │ OSL-9 Room 4: Webex no longer finds it                                       │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    let there: Vec<String> = devices.iter().filter(|device| world.device_exists(device)).cloned().collect();
    assert_eq!((retired(&world, &there), changes(&world)), (6, 5));
    assert_eq!(tags_of(&world, &late[0]), ["floor-9"]);
    assert_eq!(tags_changed(&world).await, 5);
    let audited = world.audited().await;
    for name in ["plan_proposed", "plan_confirmed"] {
        assert!(audited.contains(&name), "{audited:?}");
    }
}

#[tokio::test]
async fn only_the_requester_confirms_and_only_once() {
    let world = World::with()
        .setting_of("STEWARD_ADMINS", |cast| format!("{},{}", cast.ana.email, cast.ben.email))
        .start()
        .await;
    let devices = add_floor(&world, 3);
    let (message, card) = asked(&world).await;
    let code = card.fact("Code").unwrap();
    world.press(&world.cast.ben, &card, "Confirm").await;
    let words = world.ask(&world.cast.ben, &format!("confirm {code}")).await;
    assert_eq!(words.headline(), "✕ Not yours to decide");
    assert_eq!((retired(&world, &devices), world.answers_to(&message).len()), (0, 2));
    confirm(&world, &card).await;
    assert_eq!((retired(&world, &devices), changes(&world)), (3, 3));
    let again = world.ask(&world.cast.ana, &format!("confirm {code}")).await;
    assert_eq!(again.headline(), "… Already confirmed");
    assert_eq!(changes(&world), 3);
    world.answers_to(&message);
}

#[tokio::test]
async fn a_canceled_or_expired_plan_changes_nothing() {
    let world = World::new().await;
    let devices = add_floor(&world, 3);
    let (message, card) = asked(&world).await;
    world.press(&world.cast.ana, &card, "Cancel").await;
    assert_eq!(world.the_answer_to(&message).headline(), "Canceled: nothing was done");
    let (message, card) = asked(&world).await;
    world.advance(SignedDuration::from_mins(15)).await;
    let late = world.ask(&world.cast.ana, &format!("confirm {}", card.fact("Code").unwrap())).await;
    assert_eq!(late.headline(), "? Too late");
    world.answers_to(&message);
    assert_eq!((retired(&world, &devices), changes(&world)), (0, 0));
}

#[tokio::test]
async fn zero_and_too_many_matches_are_answered() {
    let world = World::with().devices(230).start().await;
    let none = world.ask(&world.cast.ana, "tag devices name:\"Zzz*\" +retire").await;
    assert_eq!(none.headline(), "? No device matches");
    let many = world.ask(&world.cast.ana, "tag devices type:roomdesk,phone +retire").await;
    assert_eq!(many.headline(), "✕ Too many devices");
    assert!(many.text.contains("230 devices match type:roomdesk,phone, but one command changes at most 200"));
    assert!(world.audited().await.iter().all(|name| *name == "command_accepted"));
}

#[tokio::test]
async fn two_hundred_devices_are_tagged_at_once() {
    let world = World::with().devices(0).start().await;
    let devices = add_floor(&world, 200);
    let (message, card) = asked(&world).await;
    assert!(card.text.len() < steward::cards::LONGEST_TEXT_BYTES);
    confirm(&world, &card).await;
    assert_eq!(numbers(&world.the_answer_to(&message)), [200, 0, 0, 0, 0]);
    assert_eq!((retired(&world, &devices), changes(&world), tags_changed(&world).await), (200, 200, 200));
}

#[tokio::test]
async fn a_rate_limit_in_the_middle_counts_no_device_twice() {
    let world = World::new().await;
    let devices = add_floor(&world, 9);
    let (message, card) = asked(&world).await;
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(429).retry_after("40").skipping(4).once());
    confirm(&world, &card).await;
    assert_eq!(retired(&world, &devices), 4);
    world.advance(SignedDuration::from_secs(40)).await;
    assert_eq!(numbers(&world.the_answer_to(&message)), [9, 0, 0, 0, 0]);
    assert_eq!((retired(&world, &devices), changes(&world), tags_changed(&world).await), (9, 10, 9));
}

#[tokio::test]
async fn a_restart_continues_with_the_next_device() {
    let mut world = World::new().await;
    let devices = add_floor(&world, 9);
    let (message, card) = asked(&world).await;
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").hanging().skipping(5).once());
    let code = card.fact("Code").unwrap();
    world.sim.say(&world.cast.ana, &world.cast.operations, &format!("confirm {code}"), Some(&message));
    world.settle_until(|world| changes(world) == 6).await;
    assert_eq!(retired(&world, &devices), 5);
    world.restart().await;
    world.advance_through_waits(SignedDuration::from_mins(5)).await;
    assert_eq!(numbers(&world.the_answer_to(&message)), [9, 0, 0, 0, 0]);
    assert_eq!((retired(&world, &devices), changes(&world), tags_changed(&world).await), (9, 10, 9));
}

#[tokio::test]
async fn a_withdrawn_right_stops_the_tagging() {
    let mut world = World::new().await;
    let devices = add_floor(&world, 9);
    let (message, card) = asked(&world).await;
    world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(429).retry_after("20").skipping(3).once());
    confirm(&world, &card).await;
    let ben = world.cast.ben.email.clone();
    world.restart_with(&[("STEWARD_ADMINS", &ben)]).await.unwrap();
    world.advance_through_waits(SignedDuration::from_mins(5)).await;
    let result = world.the_answer_to(&message);
    assert_eq!(numbers(&result), [3, 0, 0, 0, 6], "{}", result.text);
    assert!(result.text.contains("the right to change tags was withdrawn"), "{}", result.text);
    assert_eq!(retired(&world, &devices), 3);
}

#[tokio::test]
async fn failing_devices_are_reported_and_do_not_stop_the_others() {
    let world = World::new().await;
    let devices = add_floor(&world, 9);
    let (message, card) = asked(&world).await;
    for (device, status) in [(0, 403), (2, 409), (4, 500)] {
        world.sim.fault(FaultRule::on("PATCH", &format!("/devices/{}", devices[device])).status(status));
    }
    world.sim.fault(FaultRule::on("GET", &format!("/devices/{}", devices[6])).status(500).skipping(1));
    confirm(&world, &card).await;
    world.advance_through_waits(SignedDuration::from_mins(5)).await;
    let result = world.the_answer_to(&message);
    assert_eq!(numbers(&result), [5, 0, 1, 3, 0], "{}", result.text);
    for line in [
        "OSL-9 Room 1: Steward's admin credential may not change it",
        "OSL-9 Room 3: Webex rejected the request (409)",
        "OSL-9 Room 5: Webex reported an error (500)",
        "OSL-9 Room 7: Webex saved the tags, but Steward could not check them afterwards",
    ] {
        assert!(result.text.contains(line), "{line}: {}", result.text);
    }
    assert_eq!(retired(&world, &devices), 6);
}

#[tokio::test]
async fn an_outage_or_rejected_credential_stops_the_tagging() {
    for (status, in_words) in
        [(401, "Webex rejected Steward's admin credential"), (503, "several devices in a row failed")]
    {
        let world = World::new().await;
        let devices = add_floor(&world, 9);
        let (message, card) = asked(&world).await;
        world.sim.fault(FaultRule::on("PATCH", "/devices/*").status(status).skipping(2));
        confirm(&world, &card).await;
        world.advance_through_waits(SignedDuration::from_mins(5)).await;
        let result = world.the_answer_to(&message);
        assert_eq!(result.headline(), "? Tags not changed everywhere", "{}", result.text);
        assert!(result.text.contains(in_words), "{status}: {}", result.text);
        assert_eq!((numbers(&result)[0], retired(&world, &devices)), (2, 2), "{status}");
        assert!(changes(&world) < 15, "{status}: {}", changes(&world));
    }
}

#[tokio::test]
async fn an_old_confirmation_or_a_long_wait_starts_no_tagging() {
    for (wait, later, in_words) in [
        ("60", SignedDuration::from_mins(16), "it was confirmed too long ago"),
        ("3600", SignedDuration::ZERO, "Webex is rate limiting Steward until 09:16 UTC"),
    ] {
        let world = World::new().await;
        let devices = add_floor(&world, 9);
        let (message, card) = asked(&world).await;
        world
            .sim
            .fault(FaultRule::on("PATCH", "/devices/*").status(429).retry_after(wait).skipping(3).once());
        confirm(&world, &card).await;
        world.advance(later).await;
        let result = world.the_answer_to(&message);
        assert_eq!(numbers(&result), [3, 0, 0, 0, 6], "{}", result.text);
        assert!(result.text.contains(in_words), "{wait}: {}", result.text);
        assert_eq!((retired(&world, &devices), changes(&world)), (3, 4));
    }
}
