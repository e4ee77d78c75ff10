//! Decisions of operators about parked jobs, beside a running Steward on the same database.

use jiff::SignedDuration;
use steward::domain::audit::AuditEvent;
use steward::sim::FaultRule;
use steward::store::{JobSummary, NotParked, ParkedAction, Store};

use crate::world::{SECRET, WebhookRequest, World};

/// A world with a parked answer, the message it answers, and the database opened by an operator.
async fn world_with_parked_answer() -> (World, String, Store) {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("POST", "/messages").status(403).once());
    let message = world.say(&world.cast.ana, "about").await;
    let store = Store::open_beside(&world.database_url()).await.unwrap();
    (world, message, store)
}

async fn the_parked_job(store: &Store) -> JobSummary {
    let mut parked = store.parked_jobs(10).await.unwrap();
    assert_eq!(parked.len(), 1, "{parked:#?}");
    parked.remove(0)
}

#[tokio::test]
async fn a_parked_job_shows_its_command_and_reason() {
    let (world, _, store) = world_with_parked_answer().await;
    let job = the_parked_job(&store).await;
    assert_eq!((job.kind.as_str(), job.state.as_str(), job.attempts), ("message", "parked", 1));
    assert_eq!(job.since, world.now());
    assert!(job.reason.unwrap().contains("Webex refused the call (403"));
    assert!(store.open_jobs(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn parked_jobs_are_counted_until_an_operator_decides() {
    let (world, _, store) = world_with_parked_answer().await;
    assert_eq!(world.metric("parked_jobs").await, 1);
    let id = the_parked_job(&store).await.id;
    assert_eq!(store.resolve_parked(id, ParkedAction::Drop, world.now()).await.unwrap(), Ok(()));
    assert_eq!(world.metric("parked_jobs").await, 0);
}

#[tokio::test]
async fn a_retried_job_runs_in_the_running_process() {
    let (world, message, store) = world_with_parked_answer().await;
    let id = the_parked_job(&store).await.id;
    assert_eq!(store.resolve_parked(id, ParkedAction::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    world.the_answer_to(&message);
    assert_eq!(world.audited().await, ["job_retried"]);
    assert!(store.parked_jobs(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_retried_job_gets_all_its_tries_again() {
    let (world, message, store) = world_with_parked_answer().await;
    let id = the_parked_job(&store).await.id;
    world.sim.fault(FaultRule::on("POST", "/messages").status(503).times(2));
    assert_eq!(store.resolve_parked(id, ParkedAction::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    assert_eq!(store.open_jobs(10).await.unwrap()[0].state, "waiting");
    world.advance_through_waits(SignedDuration::from_mins(1)).await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn a_retried_job_may_wait_for_webex_like_a_new_one() {
    let (world, message, store) = world_with_parked_answer().await;
    let id = the_parked_job(&store).await.id;
    world.advance(SignedDuration::from_hours(25)).await;
    world.sim.fault(FaultRule::on("POST", "/messages").status(429).retry_after("60").once());
    assert_eq!(store.resolve_parked(id, ParkedAction::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    assert!(store.parked_jobs(10).await.unwrap().is_empty());
    world.advance(SignedDuration::from_secs(60)).await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn a_command_that_cannot_be_recorded_is_parked_and_reported() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(429).retry_after("20").once());
    let message = world.say(&world.cast.ana, &format!("delete device {device}")).await;
    // Only Steward writes there, but a disk may fail.
    world.execute("UPDATE commands SET progress = '7'").await;
    let store = Store::open_beside(&world.database_url()).await.unwrap();
    for _ in 0..30 {
        if store.parked_jobs(1).await.unwrap().is_empty() {
            world.advance_through_waits(SignedDuration::from_mins(5)).await;
        }
    }
    let headlines: Vec<String> =
        world.answers_to(&message).iter().map(|answer| answer.headline().to_owned()).collect();
    assert_eq!(headlines, ["… Still working", "✕ Given up"], "at once");
    let job = the_parked_job(&store).await;
    assert_eq!(job.kind, "command");
    assert!(world.device_exists(&device));
    // Readable again, it continues; `late_decisions` has the case that this is too late for a change.
    world.execute("UPDATE commands SET progress = NULL").await;
    assert_eq!(store.resolve_parked(job.id, ParkedAction::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    assert_eq!(world.answers_to(&message)[2].outcome(), "gone");
}

#[tokio::test]
async fn a_dropped_job_never_runs_and_cannot_be_retried() {
    let (world, message, store) = world_with_parked_answer().await;
    let id = the_parked_job(&store).await.id;
    assert_eq!(store.resolve_parked(id, ParkedAction::Drop, world.now()).await.unwrap(), Ok(()));
    for order in [ParkedAction::Drop, ParkedAction::Retry] {
        let again = store.resolve_parked(id, order, world.now()).await.unwrap();
        assert_eq!(again, Err(NotParked::Otherwise { id, state: "dropped".to_owned() }));
    }
    world.advance(SignedDuration::from_hours(1)).await;
    assert!(world.answers_to(&message).is_empty());
    let entries = world.audit().await;
    assert_eq!(entries.len(), 1);
    assert!(
        matches!(&entries[0].event, AuditEvent::JobDropped { by, kind, reason: Some(reason), .. }
            if *by == format!("steward jobs drop {id}") && kind == "message"
                && reason.starts_with("could not post the message")),
        "{entries:#?}"
    );
}

#[tokio::test]
async fn one_of_two_concurrent_operators_decides() {
    let (world, message, store) = world_with_parked_answer().await;
    let id = the_parked_job(&store).await.id;
    let (one, other) = tokio::join!(
        store.resolve_parked(id, ParkedAction::Retry, world.now()),
        store.resolve_parked(id, ParkedAction::Retry, world.now())
    );
    assert_eq!([one, other].into_iter().filter(|ordered| ordered.as_ref().unwrap().is_ok()).count(), 1);
    world.settle().await;
    world.the_answer_to(&message);
    assert_eq!(world.audited().await, ["job_retried"]);
}

#[tokio::test]
async fn jobs_that_are_not_parked_are_left_alone() {
    let (world, message, store) = world_with_parked_answer().await;
    let id = the_parked_job(&store).await.id;
    assert_eq!(
        store.resolve_parked(4711, ParkedAction::Drop, world.now()).await.unwrap(),
        Err(NotParked::Unknown { id: 4711 })
    );
    world.sim.fault(FaultRule::on("POST", "/messages").status(429).retry_after("60").once());
    assert_eq!(store.resolve_parked(id, ParkedAction::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    let refused = store.resolve_parked(id, ParkedAction::Drop, world.now()).await.unwrap();
    assert_eq!(refused, Err(NotParked::Otherwise { id, state: "waiting".to_owned() }));
    world.advance(SignedDuration::from_secs(60)).await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn a_finished_job_is_not_called_dropped() {
    let (world, message, store) = world_with_parked_answer().await;
    let id = the_parked_job(&store).await.id;
    assert_eq!(store.resolve_parked(id, ParkedAction::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    world.the_answer_to(&message);
    let refused = store.resolve_parked(id, ParkedAction::Drop, world.now()).await.unwrap();
    assert_eq!(refused, Err(NotParked::Otherwise { id, state: "done".to_owned() }));
}

#[tokio::test]
async fn an_unreadable_delivery_that_is_retried_is_parked_again() {
    let world = World::new().await;
    let request = WebhookRequest::unsigned("nonsense").signed_with(SECRET);
    assert_eq!(world.deliver(&request).await.status, 200);
    let store = Store::open_beside(&world.database_url()).await.unwrap();
    let parked = the_parked_job(&store).await;
    let reason = "could not read the delivery: expected a Webex event as JSON, found something else; drop the job, or retry \
                  it after an update of Steward";
    assert_eq!(parked.reason.as_deref(), Some(reason));
    assert_eq!(store.resolve_parked(parked.id, ParkedAction::Retry, world.now()).await.unwrap(), Ok(()));
    world.settle().await;
    let again = the_parked_job(&store).await;
    assert_eq!((again.id, again.attempts, &again.reason), (parked.id, 1, &parked.reason));
    assert_eq!(world.audited().await, ["job_retried"]);
}
