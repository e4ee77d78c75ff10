//! Several processes on one PostgreSQL database.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::postgres::PgListener;
use steward::store::{DeliveryKey, NewDelivery, Owner, Store};

use crate::postgres;

/// The limit for a notification, reached only by failing tests.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn released_jobs_wake_the_other_processes() {
    let Some(server) = postgres::server() else { return };
    let address = postgres::new_database(&server).await;
    let (store, owner) = (Store::open(&address).await.unwrap(), Owner::named("one".to_owned()));
    let mut listener = PgListener::connect(&address).await.unwrap();
    listener.listen("steward_jobs").await.unwrap();
    let mut woken = async || tokio::time::timeout(PATIENCE, listener.recv()).await.unwrap().unwrap();

    let now: Timestamp = "2026-04-02T08:15:30Z".parse().unwrap();
    let key = DeliveryKey::event("messages", "created", "one");
    store.record_delivery(NewDelivery { key, body: b"{}".to_vec(), at: now, lease_to: None }).await.unwrap();
    woken().await;
    assert_eq!(store.claim(&owner, now, 10).await.unwrap().len(), 1);
    assert_eq!(store.release(&owner, now).await.unwrap(), 1);
    woken().await;
    store.close().await;
}
