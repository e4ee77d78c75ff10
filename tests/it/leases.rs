//! A process does not take its own running jobs, however long it was suspended.

use std::pin::pin;

use jiff::{SignedDuration, Timestamp};
use steward::domain::{ChangeTarget, DeviceId};
use steward::sim::FaultRule;
use steward::store::{
    CommandId, DeliveryKey, End, LEASE, NewDelivery, Owner, Recorded, Step, Store, StoreError,
};
use tempfile::TempDir;

use crate::postgres;
use crate::world::World;

/// Longer than a lease.
const SUSPENSION: SignedDuration = SignedDuration::from_secs(75);

fn now() -> Timestamp {
    "2026-04-02T08:15:30Z".parse().unwrap()
}

fn delivery(lease_to: Option<&Owner>) -> NewDelivery {
    let key = DeliveryKey::event("messages", "created", "one");
    NewDelivery { key, body: b"{}".to_vec(), at: now(), lease_to: lease_to.cloned() }
}

/// Checks one store; `leased` leases its only job in one of the ways to lease one.
async fn check(store: &Store, lease_at_once: bool) {
    let (here, there) = (Owner::named("here".to_owned()), Owner::named("there".to_owned()));
    let recorded = store.record_delivery(delivery(lease_at_once.then_some(&here))).await.unwrap();
    let running = match recorded {
        Recorded::Leased(job) => *job,
        _ => store.claim(&here, now(), 10).await.unwrap().remove(0),
    };
    let later = now() + SUSPENSION;
    assert!(store.claim(&here, later, 10).await.unwrap().is_empty(), "it still runs here");
    assert!(store.renew(&running, later).await.unwrap(), "the lease is not lost");
    let ended = later + LEASE;
    let elsewhere = store.claim(&there, ended, 10).await.unwrap();
    assert_eq!(elsewhere.len(), 1, "another process may take it");
    assert!(!store.renew(&running, ended).await.unwrap());
    drop((running, elsewhere));
    let again = store.claim(&here, ended + LEASE, 10).await.unwrap();
    assert_eq!(again.len(), 1, "it no longer runs here");
    assert!(store.claim(&here, ended + LEASE * 3, 10).await.unwrap().is_empty());
    drop(again);
    let abandoned = store.claim(&here, ended + LEASE * 3, 10).await.unwrap();
    assert_eq!(abandoned.len(), 1, "a run that ended without a record is repeated");
    drop(abandoned);
    store.close().await;
}

#[tokio::test]
async fn a_process_never_claims_a_job_that_it_still_runs() {
    for lease_at_once in [true, false] {
        let directory = TempDir::new().unwrap();
        let address = format!("sqlite://{}", directory.path().join("steward.db").display());
        check(&Store::open(&address).await.unwrap(), lease_at_once).await;
        if let Some(server) = postgres::server() {
            let address = postgres::new_database(&server).await;
            check(&Store::open(&address).await.unwrap(), lease_at_once).await;
        }
    }
}

/// A step under a lost lease leaves nothing behind, not even its lock.
async fn check_lost_lease(store: &Store) {
    let (here, there) = (Owner::named("here".to_owned()), Owner::named("there".to_owned()));
    let Recorded::Leased(running) = store.record_delivery(delivery(Some(&here))).await.unwrap() else {
        panic!("it is leased")
    };
    let later = now() + LEASE;
    let taken = store.claim(&there, later, 10).await.unwrap();
    let target = ChangeTarget::device(&DeviceId::parse("11111111-2222-3333-4444-555555555555").unwrap());
    let command = CommandId::from_stored("one");
    let lock = || Step::new(later, End::Continues).lock(target.clone(), &command);
    let refused = store.record(&running, lock()).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost { .. })), "{refused:?}");
    assert_eq!(store.command_changing(&target, later).await.unwrap(), None);
    store.record(&taken[0], lock()).await.unwrap();
    assert_eq!(store.command_changing(&target, later).await.unwrap(), Some(command));
    store.close().await;
}

#[tokio::test]
async fn a_lost_lease_locks_nothing() {
    let directory = TempDir::new().unwrap();
    let address = format!("sqlite://{}", directory.path().join("steward.db").display());
    check_lost_lease(&Store::open(&address).await.unwrap()).await;
    if let Some(server) = postgres::server() {
        let address = postgres::new_database(&server).await;
        check_lost_lease(&Store::open(&address).await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_card_that_is_being_posted_during_a_suspension_is_posted_once() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("POST", "/messages").after_effect().hanging().once());
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, "about", None);
    world.sim.settled().await;
    let mut running = pin!(world.run_jobs());
    tokio::select! {
        ended = &mut running => panic!("the post was answered: {ended:?}"),
        () = world.until(|world| world.calls("POST", "/messages") == 1) => {}
    }
    world.clock.advance(SUSPENSION);
    assert_eq!(world.run_jobs().await.unwrap(), 0);
    world.the_answer_to(&message);
}
