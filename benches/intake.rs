//! The rate of deliveries that Steward acknowledges, compared with a handler that only checks the signature.
//!
//! `cargo bench --bench intake` runs these contenders in turn, in rounds, on the same signed deliveries:
//!
//! - *bare HMAC*: a plain axum handler that checks the signature with the same function and answers 200;
//! - *Steward*: the real application, which stores each delivery (`SQLite`, WAL, `synchronous = FULL`) before
//!   it answers 200. Its jobs do not run;
//! - *one commit a delivery*: the same store, where each delivery waits for the one before it, so that no two
//!   share a commit;
//! - *store alone*: the same deliveries handed to the store without HTTP, from as many tasks as there are
//!   connections: the upper bound for any server on this store.
//!
//! Then the real application acknowledges deliveries *at work*: it carries out their commands at the same time, each
//! a deletion on a simulated Webex.
//!
//! All servers run in one thread on one core, the load in one thread on another (by `taskset`; if that is missing,
//! the first line says so). Requests and signatures are prepared in advance. Rates, p50 and p99 are medians over the
//! rounds. Nothing here asserts a time.
//!
//! `BENCH_SECONDS` is the length of a round in seconds, 2 by default; 0.3 is enough to see whether the bench works.

#[path = "bots/mod.rs"]
mod bots;
#[path = "bots/running.rs"]
mod running;

use std::cmp::Ordering;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Router, serve};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use steward::app::App;
use steward::app::config::{Environment, Settings};
use steward::domain::clock::{Clock as _, SystemClock};
use steward::http::WEBHOOK_PATH;
use steward::sim::{DeliveryFault, FaultRule, IdMint, Sim, SimOptions};
use steward::store::{DeliveryKey, NewDelivery, Store};
use steward::webex::signature::{WebhookSecret, WebhookSecrets, verify};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use bots::SECRET;
use running::{Running, steward};

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 5;
/// The core of the measured servers.
const SERVER_CORE: usize = 0;
/// The core of the load.
const LOAD_CORE: usize = 1;
const AT_WORK_ROUNDS: usize = 3;
/// Commands per second of a round that also carries them out.
const COMMANDS_A_SECOND: f64 = 6_000.0;
/// Deliveries prepared per second of a round: more than any store accepts. The bare handler starts over when it has
/// seen them all.
const DELIVERIES_A_SECOND: f64 = 30_000.0;

fn main() -> Result<()> {
    let round = Duration::try_from_secs_f64(seconds()?).context("BENCH_SECONDS is out of range")?;
    let (stop, contenders, pinned) = start_server()?;
    let pinned = pinned && pin_this_thread_to(LOAD_CORE);
    let (runtime, mut mint) = (runtime()?, IdMint::seeded(0));
    println!(
        "intake: {CONNECTIONS} connections, bodies of {} bytes, {ROUNDS} rounds of {round:?} each; {}",
        Delivery::new(&mut mint)?.body.len(),
        if pinned {
            "the server on one core, the load on another"
        } else {
            "NOT PINNED: no taskset or only one core, so server and load share what there is"
        }
    );

    // The first round is a warm-up.
    let mut played: Vec<[Figures; 4]> = Vec::new();
    for length in std::iter::once(round / 4).chain(std::iter::repeat_n(round, ROUNDS)) {
        let deliveries = deliveries_for(&mut mint, length)?;
        played.push(runtime.block_on(contenders.play(&deliveries, length))?);
    }
    let at_work = (0..AT_WORK_ROUNDS).map(|_| runtime.block_on(at_work(round)));
    let at_work = at_work.collect::<Result<Vec<_>>>()?;
    stop.cancel();
    report(&played[1..], &at_work);
    Ok(())
}

fn seconds() -> Result<f64> {
    #[expect(clippy::disallowed_methods, reason = "a setting of the bench, not one of Steward's")]
    let set = std::env::var("BENCH_SECONDS").unwrap_or_else(|_| "2".to_owned());
    let seconds: f64 = set.trim().parse().ok().filter(|seconds| *seconds > 0.0).with_context(|| {
        format!("BENCH_SECONDS is wrong: expected seconds such as 2 or 0.3, found {set:?}")
    })?;
    Ok(seconds)
}

/// A runtime of one thread.
fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Pins this thread, and every thread it starts, to one core. Returns whether that worked.
fn pin_this_thread_to(core: usize) -> bool {
    // On Linux, a link to `<process>/task/<thread>`.
    let Ok(link) = std::fs::read_link("/proc/thread-self") else { return false };
    let Some(thread) = link.file_name() else { return false };
    let set = Command::new("taskset").args(["--pid", "--cpu-list", &core.to_string()]).arg(thread).output();
    set.is_ok_and(|output| output.status.success())
}

fn on_the_servers_core() -> Result<Runtime> {
    pin_this_thread_to(SERVER_CORE);
    runtime()
}

// The contenders.

/// The contenders, ready to be measured.
struct Contenders {
    bare: SocketAddr,
    steward: SocketAddr,
    one_commit: SocketAddr,
    store: Store,
    server: Handle,
    _databases: TempDir,
}

/// Starts the thread of all servers.
fn start_server() -> Result<(CancellationToken, Contenders, bool)> {
    let (ready, contenders) = oneshot::channel();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    thread::spawn(move || {
        let pinned = pin_this_thread_to(SERVER_CORE);
        let started = runtime().and_then(|runtime| {
            let contenders = runtime.block_on(Contenders::start())?;
            Ok((runtime, contenders))
        });
        match started {
            Ok((runtime, contenders)) => {
                ready.send(Ok((contenders, pinned))).ok();
                runtime.block_on(stopped.cancelled());
            }
            Err(error) => {
                ready.send(Err(error)).ok();
            }
        }
    });
    let (contenders, pinned) = contenders.blocking_recv().context("the server's thread ended")??;
    Ok((stop, contenders, pinned))
}

impl Contenders {
    async fn start() -> Result<Self> {
        // Beside the build, because /tmp may be in memory, where a commit costs nothing.
        let databases = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let database = |name: &str| format!("sqlite://{}", databases.path().join(name).display());
        Ok(Self {
            bare: serve_bare().await?,
            steward: serve_steward(&database("steward.db")).await?,
            one_commit: serve_one_commit(Store::open(&database("one-commit.db")).await?).await?,
            store: Store::open(&database("store-alone.db")).await?,
            server: Handle::current(),
            _databases: databases,
        })
    }

    /// One round with each contender in turn.
    async fn play(&self, deliveries: &Arc<[Delivery]>, length: Duration) -> Result<[Figures; 4]> {
        Ok([
            load(self.bare, deliveries, Stock::BeginsAgain, length).await?,
            load(self.steward, deliveries, Stock::RunsOut, length).await?,
            load(self.one_commit, deliveries, Stock::RunsOut, length).await?,
            self.server.spawn(load_store(self.store.clone(), deliveries.clone(), length)).await??,
        ])
    }
}

/// Deliveries of real commands, acknowledged while they are carried out.
async fn at_work(length: Duration) -> Result<Figures> {
    let commands = count_for(COMMANDS_A_SECOND, length);
    let sim = Sim::start(SimOptions { devices: commands * 2, ..SimOptions::default() }).await?;
    let running = Running::start(steward, &sim, on_the_servers_core).await?;
    // The load delivers them, as fast as they are accepted.
    sim.fault(FaultRule::on_deliveries(DeliveryFault::Lose));
    let cast = sim.cast();
    let devices = sim.devices().into_iter().take(commands);
    let deliveries: Arc<[Delivery]> = devices
        .map(|device| {
            let line = format!("delete device {}", device["id"].as_str().unwrap_or_default());
            Delivery::of(&sim.say(&cast.ana, &cast.operations, &line, None), &cast.ana.id)
        })
        .collect::<Result<_>>()?;
    let webhooks = sim.webhooks();
    let target = webhooks.iter().find(|webhook| webhook["resource"] == "messages");
    let target = target.and_then(|webhook| webhook["targetUrl"].as_str()).unwrap_or_default();
    let address = target.trim_start_matches("http://").trim_end_matches(WEBHOOK_PATH).parse()?;
    let figures = load(address, &deliveries, Stock::RunsOut, length).await?;
    running.stop()?;
    sim.stop().await;
    Ok(figures)
}

async fn serve_bare() -> Result<SocketAddr> {
    async fn receive(
        State(secrets): State<Arc<WebhookSecrets>>,
        headers: HeaderMap,
        body: Bytes,
    ) -> StatusCode {
        match verify(&secrets, &headers, &body) {
            Ok(_) => StatusCode::OK,
            Err(_) => StatusCode::UNAUTHORIZED,
        }
    }
    serve_on_a_free_port(Router::new().route(WEBHOOK_PATH, post(receive)).with_state(Arc::new(secrets()?)))
        .await
}

async fn serve_steward(database: &str) -> Result<SocketAddr> {
    // Webex is never called, because no jobs run.
    let settings = Settings::of(&Environment::of([
        ("STEWARD_LISTEN", "127.0.0.1:0"),
        ("STEWARD_DATABASE_URL", database),
        ("STEWARD_WEBEX_API", "http://127.0.0.1:9/v1"),
        ("STEWARD_BOT_TOKEN", "no-bot"),
        ("STEWARD_ADMIN_TOKEN", "no-admin"),
        ("STEWARD_WEBHOOK_SECRET", SECRET),
    ]))?;
    let app = App::build(settings, Arc::new(SystemClock)).await?;
    let address = app.address();
    tokio::spawn(async move { app.serve_http(CancellationToken::new()).await });
    Ok(address)
}

/// A store that gets one delivery at a time.
#[derive(Clone)]
struct OneByOne {
    secrets: Arc<WebhookSecrets>,
    store: Store,
    turn: Arc<Mutex<()>>,
}

async fn serve_one_commit(store: Store) -> Result<SocketAddr> {
    async fn receive(State(state): State<OneByOne>, headers: HeaderMap, body: Bytes) -> StatusCode {
        if verify(&state.secrets, &headers, &body).is_err() {
            return StatusCode::UNAUTHORIZED;
        }
        let delivery = new_delivery(&body);
        let _turn = state.turn.lock().await;
        match state.store.record_delivery(delivery).await {
            Ok(_) => StatusCode::OK,
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    let state = OneByOne { secrets: Arc::new(secrets()?), store, turn: Arc::default() };
    serve_on_a_free_port(Router::new().route(WEBHOOK_PATH, post(receive)).with_state(state)).await
}

async fn serve_on_a_free_port(router: Router) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { serve(listener, router).await });
    Ok(address)
}

fn secrets() -> Result<WebhookSecrets> {
    let current = WebhookSecret::new(&SECRET.to_owned().into())?;
    Ok(WebhookSecrets { current, previous: None, require_sha2: false })
}

fn new_delivery(body: &[u8]) -> NewDelivery {
    NewDelivery {
        key: DeliveryKey::of_body(body),
        body: body.to_vec(),
        at: SystemClock.now(),
        lease_to: None,
    }
}

// The deliveries.

/// A signed delivery like those of Webex.
struct Delivery {
    body: Vec<u8>,
    /// Head and body, ready to be sent.
    request: Vec<u8>,
}

impl Delivery {
    /// A delivery about a unique object.
    fn new(mint: &mut IdMint) -> Result<Self> {
        Self::of(&mint.mint_at("MESSAGE", SystemClock.now()), &webex_id("PEOPLE", Uuid::from_u128(5)))
    }

    /// A delivery about a message of a person.
    fn of(message: &str, person: &str) -> Result<Self> {
        let body = serde_json::to_vec(&json!({
            "id": webex_id("WEBHOOK", Uuid::from_u128(1)),
            "name": "Steward: messages",
            "targetUrl": "https://steward.example.com/webhooks/webex",
            "resource": "messages",
            "event": "created",
            "orgId": webex_id("ORGANIZATION", Uuid::from_u128(2)),
            "createdBy": webex_id("PEOPLE", Uuid::from_u128(3)),
            "appId": webex_id("APPLICATION", Uuid::from_u128(4)),
            "ownedBy": "creator",
            "status": "active",
            "created": "2026-04-02T08:15:30.120Z",
            "actorId": person,
            "data": {
                "id": message,
                "roomId": webex_id("ROOM", Uuid::from_u128(6)),
                "roomType": "group",
                "personId": person,
                "personEmail": "ana@example.com",
                "mentionedPeople": [webex_id("PEOPLE", Uuid::from_u128(3))],
                "created": "2026-04-02T08:15:31.004Z",
            },
        }))?;
        let key = SECRET.as_bytes();
        let sha1 = Hmac::<Sha1>::new_from_slice(key)?.chain_update(&body).finalize().into_bytes();
        let sha256 = Hmac::<Sha256>::new_from_slice(key)?.chain_update(&body).finalize().into_bytes();
        let sha512 = Hmac::<Sha512>::new_from_slice(key)?.chain_update(&body).finalize().into_bytes();
        let mut request = format!(
            "POST {WEBHOOK_PATH} HTTP/1.1\r\n\
             Host: steward.example.com\r\n\
             User-Agent: SparkWebhook/1.0\r\n\
             Content-Type: application/json;charset=UTF-8\r\n\
             TrackingID: ROUTER_{}\r\n\
             X-Spark-Signature: {}\r\n\
             X-Webex-Signature: SHA-256={}, SHA-512={}\r\n\
             Content-Length: {}\r\n\r\n",
            Uuid::from_u128(7),
            hex::encode(sha1),
            hex::encode(sha256),
            hex::encode(sha512),
            body.len(),
        )
        .into_bytes();
        request.extend_from_slice(&body);
        Ok(Self { body, request })
    }
}

fn webex_id(kind: &str, key: Uuid) -> String {
    STANDARD_NO_PAD.encode(format!("ciscospark://us/{kind}/{key}"))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of about 60,000")]
fn count_for(a_second: f64, length: Duration) -> usize {
    ((a_second * length.as_secs_f64()) as usize).max(CONNECTIONS)
}

fn deliveries_for(mint: &mut IdMint, length: Duration) -> Result<Arc<[Delivery]>> {
    (0..count_for(DELIVERIES_A_SECOND, length)).map(|_| Delivery::new(mint)).collect()
}

// The load.

/// What to do when all deliveries were sent before the end of the round.
#[derive(Clone, Copy, PartialEq)]
enum Stock {
    /// Start over.
    BeginsAgain,
    /// End the round: repeated deliveries cost almost nothing.
    RunsOut,
}

/// Sends on all connections at once, on each the next delivery after the acknowledgment of the last.
async fn load(
    address: SocketAddr,
    deliveries: &Arc<[Delivery]>,
    stock: Stock,
    length: Duration,
) -> Result<Figures> {
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let (start, mut connections) = (Instant::now(), JoinSet::new());
    for (first, mut stream) in streams.into_iter().enumerate() {
        let deliveries = deliveries.clone();
        connections.spawn(async move {
            let (mut next, mut latencies, mut answer) = (first, Vec::new(), [0; 1024]);
            let mut sent = Instant::now();
            while sent.duration_since(start) < length {
                if next >= deliveries.len() {
                    match stock {
                        Stock::BeginsAgain => next = first,
                        Stock::RunsOut => break,
                    }
                }
                stream.write_all(&deliveries[next].request).await?;
                read_200(&mut stream, &mut answer).await?;
                let answered = Instant::now();
                latencies.push(answered.duration_since(sent));
                (next, sent) = (next + CONNECTIONS, answered);
            }
            Ok(latencies)
        });
    }
    together(connections, start).await
}

/// A complete answer; all contenders answer without a body.
async fn read_200(stream: &mut TcpStream, answer: &mut [u8]) -> Result<()> {
    let mut length = 0;
    while !answer[..length].ends_with(b"\r\n\r\n") {
        match stream.read(&mut answer[length..]).await? {
            0 => bail!("the connection ended in the middle of an answer"),
            read => length += read,
        }
    }
    ensure!(
        answer.starts_with(b"HTTP/1.1 200 "),
        "expected 200, found {:?}",
        String::from_utf8_lossy(&answer[..length])
    );
    Ok(())
}

/// The load without HTTP: as many tasks as connections hand deliveries to the store.
async fn load_store(store: Store, deliveries: Arc<[Delivery]>, length: Duration) -> Result<Figures> {
    let (start, mut tasks) = (Instant::now(), JoinSet::new());
    for first in 0..CONNECTIONS {
        let (store, deliveries) = (store.clone(), deliveries.clone());
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            for delivery in deliveries.iter().skip(first).step_by(CONNECTIONS) {
                let sent = Instant::now();
                if sent.duration_since(start) >= length {
                    break;
                }
                let delivery = new_delivery(&delivery.body);
                store.record_delivery(delivery).await?;
                latencies.push(sent.elapsed());
            }
            Ok(latencies)
        });
    }
    together(tasks, start).await
}

async fn together(mut tasks: JoinSet<Result<Vec<Duration>>>, start: Instant) -> Result<Figures> {
    let mut all = Vec::new();
    while let Some(latencies) = tasks.join_next().await {
        all.extend(latencies??);
    }
    Figures::of(all, start.elapsed())
}

// The results.

/// The result of a contender: of one round, or the medians.
struct Figures {
    rate: f64,
    p50: Duration,
    p99: Duration,
}

impl Figures {
    fn of(mut latencies: Vec<Duration>, length: Duration) -> Result<Self> {
        ensure!(!latencies.is_empty(), "a round is too short for a single delivery");
        latencies.sort_unstable();
        let at = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
        let rate = f64::from(u32::try_from(latencies.len())?) / length.as_secs_f64();
        Ok(Self { rate, p50: at(50), p99: at(99) })
    }

    fn median<'a>(rounds: &(impl Iterator<Item = &'a Self> + Clone)) -> Self {
        fn middle<T: Copy>(values: impl Iterator<Item = T>, order: impl Fn(&T, &T) -> Ordering) -> T {
            let mut values: Vec<T> = values.collect();
            values.sort_by(order);
            values[values.len() / 2]
        }
        let rounds = || rounds.clone();
        Self {
            rate: middle(rounds().map(|round| round.rate), f64::total_cmp),
            p50: middle(rounds().map(|round| round.p50), Ord::cmp),
            p99: middle(rounds().map(|round| round.p99), Ord::cmp),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
        let (rate, p50, p99) = (grouped(self.rate), ms(self.p50), ms(self.p99));
        write!(f, "{rate:>7}/s   p50 {p50:>7.2} ms   p99 {p99:>7.2} ms")
    }
}

/// A whole number with commas: `41,300`.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8_lossy(&groups.join(&b',')).into_owned()
}

fn report(rounds: &[[Figures; 4]], at_work: &[Figures]) {
    let [bare, steward, one_commit, store] =
        [0, 1, 2, 3].map(|contender| Figures::median(&rounds.iter().map(|round| &round[contender])));
    let at_work = Figures::median(&at_work.iter());
    let contenders = [
        ("bare HMAC", &bare),
        ("Steward", &steward),
        ("one commit a delivery", &one_commit),
        ("store alone", &store),
        ("Steward at work", &at_work),
    ];
    for (name, figures) in contenders {
        println!("  {name:<22}{figures}");
    }
    let ms = |duration: Duration| format!("{:.2} ms", duration.as_secs_f64() * 1000.0);
    let ratio = |name: &str, one: &Figures, of: &str, other: &Figures| {
        println!(
            "{name} ratio {:.2} of {of} ({}/s of {}/s; p50 {}, p99 {})",
            one.rate / other.rate,
            grouped(one.rate),
            grouped(other.rate),
            ms(one.p50),
            ms(one.p99),
        );
    };
    ratio("durable ack", &steward, "bare HMAC", &bare);
    ratio("durable ack at work", &at_work, "bare HMAC", &bare);
    ratio("one commit a delivery", &one_commit, "bare HMAC", &bare);
    ratio("store-only ceiling", &store, "bare HMAC", &bare);
    println!(
        "durable ack p99 ratio {:.2} of the store-only ceiling's ({} of {})",
        steward.p99.as_secs_f64() / store.p99.as_secs_f64(),
        ms(steward.p99),
        ms(store.p99),
    );
}
