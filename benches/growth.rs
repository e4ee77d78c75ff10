//! The cost of a store with a long history, compared with an empty one.
//!
//! `cargo bench --bench growth` fills a SQLite store with a million finished deliveries and five million audit
//! entries. On it and on an empty one, in turn, it measures the time to store a delivery (from 32 concurrent tasks)
//! and to claim and end jobs. Nothing here asserts a time.
//!
//! `BENCH_GROWTH` is the number of deliveries in the full store, 1000000 by default, with five times as many audit
//! entries. Message ids contain the time like Webex's; `BENCH_GROWTH_IDS=random` shows the cost of ids without an
//! order.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use steward::domain::clock::{Clock as _, SystemClock};
use steward::sim::IdMint;
use steward::store::{DeliveryKey, End, NewDelivery, Owner, Step, Store};
use tempfile::TempDir;
use tokio::task::JoinSet;

const TASKS: usize = 32;
const ROUNDS: usize = 7;
const DELIVERIES_A_ROUND: usize = 3200;
/// The time between two messages of the past.
const BETWEEN: SignedDuration = SignedDuration::from_secs(30);

/// The kind of message ids.
#[derive(Debug, Clone, Copy)]
enum Ids {
    /// Like Webex's, which contain the time of the message.
    Timed,
    /// Without an order.
    Random,
}

impl Ids {
    /// The key of the delivery of a new message.
    fn key(self, mint: &mut IdMint, written: Timestamp) -> DeliveryKey {
        let message = match self {
            Self::Timed => mint.mint_at("MESSAGE", written),
            Self::Random => mint.mint("MESSAGE"),
        };
        DeliveryKey::event("messages", "created", &message)
    }
}

#[derive(Clone, Copy, Default)]
struct Costs {
    /// The time to store a delivery.
    intake: Duration,
    /// The time to claim a job and end it.
    claim: Duration,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let (deliveries, ids) = (deliveries()?, ids()?);
    // Beside the build, because /tmp may be in memory, where a commit costs nothing.
    let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (full, empty) = (directory.path().join("full.db"), directory.path().join("empty.db"));
    let began = Instant::now();
    Store::open(&address(&full)).await?.close().await;
    fill(&full, deliveries, ids)?;
    println!(
        "growth: {deliveries} deliveries (ids: {ids:?}) and {} audit entries, {} MB, filled in {:.0} s",
        i64::from(deliveries) * 5,
        std::fs::metadata(&full)?.len() >> 20,
        began.elapsed().as_secs_f64(),
    );
    let (full, empty) = (Store::open(&address(&full)).await?, Store::open(&address(&empty)).await?);
    let mut rounds = Vec::new();
    for number in 0..=ROUNDS {
        rounds.push((round(&empty, ids, number).await?, round(&full, ids, number).await?));
    }
    // The first round is a warm-up.
    let counted = &rounds[1..];
    report("intake", counted.iter().map(|(empty, full)| (empty.intake, full.intake)).collect());
    report("claim", counted.iter().map(|(empty, full)| (empty.claim, full.claim)).collect());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "settings of the bench, not Steward's")]
fn deliveries() -> Result<i32> {
    let set = std::env::var("BENCH_GROWTH").unwrap_or_else(|_| "1000000".to_owned());
    set.trim()
        .parse()
        .ok()
        .filter(|count| *count > 0)
        .with_context(|| format!("BENCH_GROWTH is wrong: expected a number such as 100000, found {set:?}"))
}

#[expect(clippy::disallowed_methods, reason = "settings of the bench, not Steward's")]
fn ids() -> Result<Ids> {
    match std::env::var("BENCH_GROWTH_IDS").as_deref() {
        Ok("timed") | Err(_) => Ok(Ids::Timed),
        Ok("random") => Ok(Ids::Random),
        Ok(other) => bail!("BENCH_GROWTH_IDS is wrong: expected timed or random, found {other:?}"),
    }
}

fn address(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

/// Inserts the history, in order.
fn fill(path: &Path, deliveries: i32, ids: Ids) -> Result<()> {
    let mut connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")?;
    let (mut mint, began) = (IdMint::seeded(0), SystemClock.now() - BETWEEN * deliveries);
    let filling = connection.transaction()?;
    {
        let mut insert = filling.prepare(
            "INSERT INTO jobs (kind, subject, body, state, due_at, attempt, arrived_at, ended_at)
             VALUES ('delivery', ?1, randomblob(1100), 'done', ?2, 1, ?2, ?2)",
        )?;
        for number in 0..deliveries {
            let at = began + BETWEEN * number;
            insert.execute(params![ids.key(&mut mint, at).subject(), at.as_millisecond()])?;
        }
    }
    filling.commit()?;
    connection.execute(
        "WITH RECURSIVE numbers (number) AS
             (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?1)
         INSERT INTO audit (at, event, command_id, actor_id, device_id, entry)
         SELECT number, 'outcome_known', 'message:' || number, 'person', 'device', hex(randomblob(150))
           FROM numbers",
        params![i64::from(deliveries) * 5],
    )?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

async fn round(store: &Store, ids: Ids, number: usize) -> Result<Costs> {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for task in 1..=TASKS {
        let store = store.clone();
        let mut mint = IdMint::seeded(u64::try_from(number * TASKS + task)?);
        tasks.spawn(async move {
            for _ in 0..DELIVERIES_A_ROUND / TASKS {
                let at = SystemClock.now();
                let key = ids.key(&mut mint, at);
                let delivery = NewDelivery { key, body: vec![b'x'; 1100], at, lease_to: None };
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
