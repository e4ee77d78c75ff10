//! What a store that has seen much costs, against an empty one.
//!
//! `cargo bench --bench growth` fills one SQLite store with a million deliveries that are done and five million
//! entries of the audit log, then measures on it and on an empty one, in turn, how long it takes to store a delivery
//! (from 32 tasks at once) and to claim jobs and end them. Nothing here asserts a time.
//!
//! `BENCH_GROWTH` is the number of deliveries in the full store: 1000000 unless it is set, and five times as many
//! entries.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rusqlite::{Connection, params};
use steward::clock::{Clock as _, SystemClock};
use steward::store::{DeliveryKey, End, NewDelivery, Owner, Step, Store};
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

const TASKS: usize = 32;
const ROUNDS: usize = 7;
const DELIVERIES_A_ROUND: usize = 3200;

#[derive(Clone, Copy, Default)]
struct Costs {
    /// To store a delivery.
    intake: Duration,
    /// To claim one and end it.
    claim: Duration,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let deliveries = deliveries()?;
    // Beside the build and not in /tmp, which may be in memory: there a commit would cost nothing.
    let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (full, empty) = (directory.path().join("full.db"), directory.path().join("empty.db"));
    let began = Instant::now();
    Store::open(&address(&full)).await?.close().await;
    fill(&full, deliveries)?;
    println!(
        "growth: {deliveries} deliveries and {} audit entries, {} MB, filled in {:.0} s",
        deliveries * 5,
        std::fs::metadata(&full)?.len() >> 20,
        began.elapsed().as_secs_f64(),
    );
    let (full, empty) = (Store::open(&address(&full)).await?, Store::open(&address(&empty)).await?);
    let mut rounds = Vec::new();
    for _ in 0..=ROUNDS {
        rounds.push((round(&empty).await?, round(&full).await?));
    }
    // The first round warms up and does not count.
    let counted = &rounds[1..];
    report("intake", counted.iter().map(|(empty, full)| (empty.intake, full.intake)).collect());
    report("claim", counted.iter().map(|(empty, full)| (empty.claim, full.claim)).collect());
    Ok(())
}

fn deliveries() -> Result<i64> {
    #[expect(clippy::disallowed_methods, reason = "a setting of the bench, not one of Steward's")]
    let set = std::env::var("BENCH_GROWTH").unwrap_or_else(|_| "1000000".to_owned());
    set.trim()
        .parse()
        .ok()
        .filter(|count| *count > 0)
        .with_context(|| format!("BENCH_GROWTH is wrong: expected a number such as 100000, found {set:?}"))
}

fn address(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

/// As if all that had been done one after another in the past.
fn fill(path: &Path, deliveries: i64) -> Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")?;
    connection.execute(
        "WITH RECURSIVE numbers (number) AS
             (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?1)
         INSERT INTO jobs (kind, subject, body, state, due_at, attempt, arrived_at, ended_at)
         SELECT 'delivery', 'messages/created/' || hex(randomblob(40)), randomblob(1100), 'done',
                number, 1, number, number
           FROM numbers",
        params![deliveries],
    )?;
    connection.execute(
        "WITH RECURSIVE numbers (number) AS
             (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?1)
         INSERT INTO audit (at, event, command_id, actor_id, device_id, entry)
         SELECT number, 'outcome_known', 'message:' || number, 'person', 'device', hex(randomblob(150))
           FROM numbers",
        params![deliveries * 5],
    )?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

async fn round(store: &Store) -> Result<Costs> {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let store = store.clone();
        tasks.spawn(async move {
            for _ in 0..DELIVERIES_A_ROUND / TASKS {
                let key = DeliveryKey::event("messages", "created", &Uuid::new_v4().to_string().repeat(2));
                let delivery =
                    NewDelivery { key, body: vec![b'x'; 1100], at: SystemClock.now(), taker: None };
                store.record_delivery(delivery).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let intake = began.elapsed() / u32::try_from(DELIVERIES_A_ROUND)?;
    let (began, owner, mut claims) = (Instant::now(), Owner::named("bench".to_owned()), 0);
    loop {
        let claimed = store.claim(&owner, SystemClock.now(), 64).await?;
        if claimed.is_empty() {
            break;
        }
        let mut ends = JoinSet::new();
        for claimed in claimed {
            claims += 1;
            let store = store.clone();
            ends.spawn(async move { store.record(&claimed, Step::new(SystemClock.now(), End::Done)).await });
        }
        while let Some(ended) = ends.join_next().await {
            ended??;
        }
    }
    Ok(Costs { intake, claim: began.elapsed() / claims })
}

fn report(what: &str, mut costs: Vec<(Duration, Duration)>) {
    let ratio = |(empty, full): &(Duration, Duration)| full.as_secs_f64() / empty.as_secs_f64();
    costs.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
    let middle = costs[costs.len() / 2];
    println!(
        "{what} on the full store: cost ratio {:.2} of the empty store's ({:.0} of {:.0} µs; median of {} rounds)",
        ratio(&middle),
        middle.1.as_secs_f64() * 1e6,
        middle.0.as_secs_f64() * 1e6,
        costs.len(),
    );
}
