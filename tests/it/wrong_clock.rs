//! A clock that was wrong for a while, or still is: nothing waits for moments that it stored, and people hear of it.

use jiff::{SignedDuration, Timestamp};
use steward::sim::FaultRule;
use steward::store::{DeliveryKey, Heartbeat, JobKind, LEASE, LONGEST_WAIT, NewDelivery, Owner, Store};
use steward::store::{End, NewJob, Step};
use tempfile::TempDir;

use crate::postgres;
use crate::world::{SECRET, World};

/// How far the clock was ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn now() -> Timestamp {
    "2026-04-02T08:15:30Z".parse().unwrap()
}

async fn test_stores(directory: &TempDir) -> Vec<Store> {
    let mut stores = vec![
        Store::open(&format!("sqlite://{}", directory.path().join("steward.db").display())).await.unwrap(),
    ];
    if let Some(server) = postgres::server() {
        stores.push(Store::open(&postgres::new_database(&server).await).await.unwrap());
    }
    stores
}

/// A world whose clock is right again after it was ahead for a while, during which Webex asked to wait for an hour.
async fn world_after_a_wrong_clock() -> (World, String) {
    let world = World::new().await;
    world.clock.advance(AHEAD);
    world.sim.fault(FaultRule::on("GET", "/messages/*").status(429).retry_after("3600").once());
    let message = world.say(&world.cast.ana, "about").await;
    assert!(world.answers_to(&message).is_empty(), "it waits");
    world.clock.advance(-AHEAD);
    (world, message)
}

#[tokio::test]
async fn a_pause_of_a_wrong_clock_ends_with_the_wrong_clock() {
    let (world, message) = world_after_a_wrong_clock().await;
    world.settle().await;
    world.the_answer_to(&message);
    world.ask(&world.cast.ana, "about").await;
}

#[tokio::test]
async fn a_pause_of_a_wrong_clock_does_not_outlast_a_restart() {
    let (mut world, message) = world_after_a_wrong_clock().await;
    world.restart().await;
    world.settle().await;
    world.the_answer_to(&message);

    // The next real pause counts, and replaces the wrong one in the database.
    world.sim.fault(FaultRule::on("GET", "/messages/*").status(429).retry_after("60").once());
    let message = world.say(&world.cast.ana, "about").await;
    world.restart().await;
    world.settle().await;
    assert!(world.answers_to(&message).is_empty(), "it waits");
    world.advance(MINUTE).await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn a_plan_of_a_wrong_clock_cannot_be_confirmed_long_after() {
    let world = World::new().await;
    let device = world.a_device();
    let (id, name) = (device["id"].as_str().unwrap(), device["displayName"].as_str().unwrap());
    world.clock.advance(AHEAD);
    let card = world.ask(&world.cast.ana, &format!("delete device \"{name}\"")).await;
    world.clock.advance(-AHEAD);
    world.press(&world.cast.ana, &card, "Delete").await;
    let all = world.all_answers();
    let answer = all.last().unwrap();
    assert_eq!(answer.headline(), "? Too late", "{}", answer.text);
    assert!(world.device_exists(id));
}

#[tokio::test]
async fn a_lease_and_a_wait_of_a_wrong_clock_end() {
    let directory = TempDir::new().unwrap();
    for store in test_stores(&directory).await {
        let (dead, owner) = (Owner::named("dead".to_owned()), Owner::named("alive".to_owned()));
        let deliver = async |id: &str, at: Timestamp, lease_to: Option<&Owner>| {
            let key = DeliveryKey::event("messages", "created", id);
            let delivery = NewDelivery { key, body: b"{}".to_vec(), at, lease_to: lease_to.cloned() };
            store.record_delivery(delivery).await.unwrap();
        };
        deliver("leased", now() + AHEAD, Some(&dead)).await;
        deliver("waiting", now() + AHEAD, None).await;
        // Moments that can have been meant stay.
        deliver("leased now", now(), Some(&dead)).await;
        deliver("waiting now", now() + LONGEST_WAIT, None).await;
        assert!(store.claim(&owner, now(), 10).await.unwrap().is_empty());
        assert_eq!(store.reschedule_far_jobs(now()).await.unwrap(), 2);
        assert_eq!(store.reschedule_far_jobs(now()).await.unwrap(), 0);
        let claimed = store.claim(&owner, now(), 10).await.unwrap();
        let mut subjects: Vec<&str> = claimed.iter().map(|job| job.subject.as_str()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["messages/created/leased", "messages/created/waiting"]);
        for job in &claimed {
            store.record(job, Step::new(now(), End::Done)).await.unwrap();
        }
        assert_eq!(store.claim(&owner, now() + LEASE, 10).await.unwrap().len(), 1, "the lease of the dead");
        store.close().await;
    }
}

#[tokio::test]
async fn a_heartbeat_of_a_wrong_clock_hides_no_gap() {
    let directory = TempDir::new().unwrap();
    for store in test_stores(&directory).await {
        let beat = async |at: Timestamp| {
            let present = Heartbeat { up_at: Some(at), webhooks_ok_at: Some(at) };
            let is_a_gap = move |last: &Heartbeat| {
                let subject = last.up_at.map(|at| at.to_string()).unwrap_or_default();
                Some(NewJob { kind: JobKind::CatchUp, subject, due_at: at })
            };
            store.record_heartbeat(present, at, is_a_gap).await.unwrap();
        };
        beat(now() + AHEAD).await;
        beat(now()).await;
        beat(now() + MINUTE).await;
        let seen: Vec<String> =
            store.open_jobs(10).await.unwrap().into_iter().map(|job| job.subject).collect();
        // The time of the last heartbeat was unknown, so a day is searched; from then on the clock is right.
        let expected = [(now() - AHEAD).to_string(), now().to_string(), String::new()];
        for subject in &expected {
            assert!(seen.contains(subject), "{subject} in {seen:?}");
        }
        store.close().await;
    }
}

#[tokio::test]
async fn a_clock_that_differs_from_webex_is_said_in_readyz_and_on_the_refusal() {
    let world = World::new().await;
    let clock = async |world: &World| -> String {
        let ready = world.get("/readyz").await;
        assert_eq!(ready.status, 200, "{}", ready.body);
        let parts: serde_json::Value = serde_json::from_str(&ready.body).unwrap();
        parts["clock"].as_str().unwrap().to_owned()
    };
    assert_eq!(clock(&world).await, "ok");
    world.sim.fault(FaultRule::on_everything().dated("Thu, 02 Apr 2026 08:08:30 GMT"));
    world.ask(&world.cast.ana, "about").await;
    assert_eq!(clock(&world).await, "7 minutes ahead of Webex's");

    let (message, request) = world.say_undelivered(&world.cast.ana, "list devices");
    world.clock.advance(MINUTE * 6);
    assert_eq!(world.deliver(&request.signed_with(SECRET)).await.status, 200);
    world.settle().await;
    let refused = world.the_answer_to(&message);
    assert_eq!(refused.headline(), "? Read too late: nothing was done");
    let sentence = "Steward's clock is 13 minutes ahead of Webex's, so it may have misjudged the time.";
    assert!(refused.text.contains(sentence), "{}", refused.text);
    let refused = world.ask(&world.cast.ben, "list devices").await;
    assert!(!refused.text.contains("clock"), "{}", refused.text);

    world.sim.clear_faults();
    world.sim.fault(FaultRule::on_everything().dated("yesterday"));
    world.ask(&world.cast.ana, "about").await;
    assert_eq!(clock(&world).await, "13 minutes ahead of Webex's", "a malformed date says nothing");
    world.sim.clear_faults();
    world.ask(&world.cast.ana, "about").await;
    assert_eq!(clock(&world).await, "ok");
}

#[tokio::test]
async fn a_date_to_retry_after_is_by_the_clock_of_webex() {
    let world = World::new().await;
    world.sim.fault(
        FaultRule::on("GET", "/messages/*")
            .status(429)
            .retry_after("Thu, 02 Apr 2026 09:00:20 GMT")
            .dated("Thu, 02 Apr 2026 09:00:00 GMT")
            .once(),
    );
    let message = world.say(&world.cast.ana, "about").await;
    assert!(world.answers_to(&message).is_empty(), "it waits");
    world.advance(SignedDuration::from_secs(20)).await;
    world.the_answer_to(&message);
}
