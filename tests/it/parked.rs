//! What operators decide about jobs that were given up, beside a Steward that runs on the same database.

use jiff::SignedDuration;
use steward::domain::audit::Event;
use steward::sim::FaultRule;
use steward::store::{JobLine, NotParked, Order, Store};

use crate::world::World;

/// A world in which the answer to a message was parked, the message, and the database opened by an operator.
async fn with_a_parked_answer() -> (World, String, Store) {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("POST", "/messages").status(403).once());
    let message = world.say(&world.cast.ana, "about").await;
    let store = Store::open_beside(&world.database_url()).await.unwrap();
    (world, message, store)
}

async fn the_parked(store: &Store) -> JobLine {
    let mut parked = store.parked_jobs(10).await.unwrap();
    assert_eq!(parked.len(), 1, "{parked:#?}");
    parked.remove(0)
}

#[tokio::test]
async fn a_parked_job_says_what_it_is_and_why_it_was_given_up() {
    let (world, _, store) = with_a_parked_answer().await;
    let job = the_parked(&store).await;
    assert_eq!((job.kind.as_str(), job.state.as_str(), job.attempts), ("message", "parked", 1));
    assert_eq!(job.since, world.now());
    assert!(job.reason.unwrap().contains("Webex refused the call (403"));
    assert!(store.open_jobs(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_parked_is_counted_until_an_operator_decides() {
    let (world, _, store) = with_a_parked_answer().await;
    assert_eq!(world.metric("parked_jobs").await, 1);
    let id = the_parked(&store).await.id;
    assert_eq!(store.order_parked(id, Order::Drop, world.now()).await.unwrap(), Ok(()));
    assert_eq!(world.metric("parked_jobs").await, 0);
}

#[tokio::test]
async fn one_that_is_retried_is_done_by_the_steward_that_runs() {
    let (world, message, store) = with_a_parked_answer().await;
    let id = the_parked(&store).await.id;
    assert_eq!(store.order_parked(id, Order::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    world.the_answer_to(&message);
    assert_eq!(world.audited().await, ["job_retried"]);
    assert!(store.parked_jobs(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_that_is_retried_has_all_its_tries_again() {
    let (world, message, store) = with_a_parked_answer().await;
    let id = the_parked(&store).await.id;
    world.sim.fault(FaultRule::on("POST", "/messages").status(503).times(2));
    assert_eq!(store.order_parked(id, Order::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    assert_eq!(store.open_jobs(10).await.unwrap()[0].state, "waiting");
    world.advance_through_waits(SignedDuration::from_mins(1)).await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn one_that_is_retried_may_wait_for_webex_as_if_it_were_new() {
    let (world, message, store) = with_a_parked_answer().await;
    let id = the_parked(&store).await.id;
    world.advance(SignedDuration::from_hours(25)).await;
    world.sim.fault(FaultRule::on("POST", "/messages").status(429).retry_after("60").once());
    assert_eq!(store.order_parked(id, Order::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    assert!(store.parked_jobs(10).await.unwrap().is_empty());
    world.advance(SignedDuration::from_secs(60)).await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn a_command_that_cannot_even_be_given_up_is_parked_and_its_requester_hears_so() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(429).retry_after("20").once());
    let message = world.say(&world.cast.ana, &format!("delete device {device}")).await;
    // Nobody but Steward writes there, but a disk may fail.
    world.execute("UPDATE commands SET progress = '7'").await;
    let store = Store::open_beside(&world.database_url()).await.unwrap();
    for _ in 0..30 {
        if store.parked_jobs(1).await.unwrap().is_empty() {
            world.advance_through_waits(SignedDuration::from_mins(5)).await;
        }
    }
    assert_eq!(world.the_answer_to(&message).headline(), "✕ Given up", "at once");
    let job = the_parked(&store).await;
    assert_eq!(job.kind, "command");
    assert!(world.device_exists(&device));
    // It can be read again, and goes on.
    world.execute("UPDATE commands SET progress = NULL").await;
    assert_eq!(store.order_parked(job.id, Order::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    assert_eq!(world.answers_to(&message)[1].outcome(), "gone");
}

#[tokio::test]
async fn one_that_is_dropped_is_never_done_and_a_retry_after_that_changes_nothing() {
    let (world, message, store) = with_a_parked_answer().await;
    let id = the_parked(&store).await.id;
    assert_eq!(store.order_parked(id, Order::Drop, world.now()).await.unwrap(), Ok(()));
    for order in [Order::Drop, Order::Retry] {
        let again = store.order_parked(id, order, world.now()).await.unwrap();
        assert_eq!(again, Err(NotParked::Otherwise { id, state: "done".to_owned() }));
    }
    world.advance(SignedDuration::from_hours(1)).await;
    assert!(world.answers_to(&message).is_empty());
    let entries = world.audit().await;
    assert_eq!(entries.len(), 1);
    assert!(
        matches!(&entries[0].event, Event::JobDropped { by, kind, .. }
            if *by == format!("steward jobs drop {id}") && kind == "message"),
        "{entries:#?}"
    );
}

#[tokio::test]
async fn of_two_operators_who_decide_at_once_one_is_first() {
    let (world, message, store) = with_a_parked_answer().await;
    let id = the_parked(&store).await.id;
    let (one, other) = tokio::join!(
        store.order_parked(id, Order::Retry, world.now()),
        store.order_parked(id, Order::Retry, world.now())
    );
    assert_eq!([one, other].into_iter().filter(|ordered| ordered.as_ref().unwrap().is_ok()).count(), 1);
    world.settle().await;
    world.the_answer_to(&message);
    assert_eq!(world.audited().await, ["job_retried"]);
}

#[tokio::test]
async fn what_is_not_parked_is_left_alone() {
    let (world, message, store) = with_a_parked_answer().await;
    let id = the_parked(&store).await.id;
    assert_eq!(
        store.order_parked(4711, Order::Drop, world.now()).await.unwrap(),
        Err(NotParked::Unknown { id: 4711 })
    );
    world.sim.fault(FaultRule::on("POST", "/messages").status(429).retry_after("60").once());
    assert_eq!(store.order_parked(id, Order::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    let refused = store.order_parked(id, Order::Drop, world.now()).await.unwrap();
    assert_eq!(refused, Err(NotParked::Otherwise { id, state: "waiting".to_owned() }));
    world.advance(SignedDuration::from_secs(60)).await;
    world.the_answer_to(&message);
}
