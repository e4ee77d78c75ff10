//! The time of a command from the webhook to the DELETE and to the card, and the rate of commands, compared with a
//! bare bot.
//!
//! `cargo bench --bench pipeline` runs two contenders, each on its own simulated Webex, with 0 and with 50 ms per
//! call:
//!
//! - *plain*: a bot that checks the signature, answers 200 and makes the same calls as Steward with the same bodies.
//!   Each delivery has a task, with concurrent calls where Steward makes them. There is no store, policy or limit, and
//!   a crash loses the work in progress;
//! - *Steward*: the real application on SQLite.
//!
//! Then a real `steward serve` carries out 20,000 commands, and its memory is printed.
//!
//! Runs of a second or less are repeated in turn, and the medians count. Each bot runs as in production, with as many
//! threads as cores, which it shares with the simulation. The simulation records the times at which calls
//! arrive. The bench asserts that all commands end, but no time.
//!
//! `BENCH_SCALE` makes it longer or shorter; 1 by default.

#[path = "bots/mod.rs"]
mod bots;
#[path = "bots/plain.rs"]
mod plain;
#[path = "bots/process.rs"]
mod process;
#[path = "bots/running.rs"]
mod running;

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use serde_json::Value;
use steward::domain::clock::{Clock as _, SystemClock};
use steward::sim::{FaultRule, Sim, SimOptions};

use tokio::runtime::{Builder, Runtime};

use bots::until;
use plain::plain;
use process::Process;
use running::{Running, steward};

/// The number of repetitions of short runs; odd, so that one is the median.
const ROUNDS: usize = 7;

/// The result of a contender for a number of commands.
struct Played {
    to_delete: Vec<Duration>,
    to_card: Vec<Duration>,
    /// From the first command to the last card.
    all: Duration,
    /// The calls for the commands.
    calls: usize,
    /// The length of all posted messages.
    posted_bytes: usize,
}

#[derive(Clone, Copy)]
enum Bot {
    Plain,
    Steward,
}

/// The pace of the commands.
#[derive(Clone, Copy)]
enum Pace {
    /// This many per second.
    Steady(u32),
    /// All at once.
    AtOnce,
    /// This many at a time: each card starts the next command.
    InFlight(usize),
}

fn main() -> Result<()> {
    println!("pipeline: bots and simulation on {} cores", std::thread::available_parallelism()?);
    let scale = scale()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        for delay in [0, 50] {
            let title = format!("10 commands a second, {delay} ms a call");
            let (plain, steward) = play_both(delay, Pace::Steady(10), scaled(50, scale)).await?;
            compare_latencies(&title, &plain, &steward);
        }
        let played = play_in_turn(0, Pace::InFlight(32), scaled(6000, scale)).await?;
        compare_rates("32 in flight, 0 ms a call", &played);
        let played = play_in_turn(50, Pace::AtOnce, 200).await?;
        compare_lengths("a burst of 200, 50 ms a call", &played);
        let commands = scaled(2000, scale);
        let played = [play_both(0, Pace::AtOnce, commands).await?];
        compare_lengths(&format!("{commands} at once, 0 ms a call"), &played);
        memory(scaled(20_000, scale)).await?;
        Ok(())
    })
}

fn on_all_cores() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

fn scale() -> Result<f64> {
    #[expect(clippy::disallowed_methods, reason = "a setting of the bench, not one of Steward's")]
    let set = std::env::var("BENCH_SCALE").unwrap_or_else(|_| "1".to_owned());
    set.trim()
        .parse()
        .ok()
        .filter(|scale| *scale > 0.0)
        .with_context(|| format!("BENCH_SCALE is wrong: expected a number such as 1 or 0.2, found {set:?}"))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of some thousands")]
fn scaled(count: u32, scale: f64) -> usize {
    ((f64::from(count) * scale) as usize).max(10)
}

/// Both in turn, several times, because short runs vary.
async fn play_in_turn(delay_ms: u64, pace: Pace, commands: usize) -> Result<Vec<(Played, Played)>> {
    let mut played = Vec::new();
    for _ in 0..ROUNDS {
        played.push(play_both(delay_ms, pace, commands).await?);
    }
    Ok(played)
}

async fn play_both(delay_ms: u64, pace: Pace, commands: usize) -> Result<(Played, Played)> {
    let plain = play(Bot::Plain, delay_ms, pace, commands).await?;
    let steward = play(Bot::Steward, delay_ms, pace, commands).await?;
    Ok((plain, steward))
}

/// One contender on its own simulation.
async fn play(bot: Bot, delay_ms: u64, pace: Pace, commands: usize) -> Result<Played> {
    // Half of a fleet are room devices.
    let sim = Sim::start(SimOptions { devices: commands * 2 + 100, ..SimOptions::default() }).await?;
    let running = match bot {
        Bot::Plain => Running::start(plain, &sim, on_all_cores).await?,
        Bot::Steward => Running::start(steward, &sim, on_all_cores).await?,
    };
    // The first commands are a warm-up.
    let devices = rooms(&sim, commands + 10)?;
    give(&sim, &devices[commands..], Pace::AtOnce).await?;
    let before = sim.requests().len();
    if delay_ms > 0 {
        sim.fault(FaultRule::on_everything().delayed_ms(delay_ms));
    }
    let given = give(&sim, &devices[..commands], pace).await?;
    let played = evaluate(&sim, before, &given)?;
    running.stop()?;
    sim.stop().await;
    Ok(played)
}

/// The memory of a real process: idle, and while it carries out this many commands.
async fn memory(commands: usize) -> Result<()> {
    let sim = Sim::start(SimOptions { devices: commands * 2 + 100, ..SimOptions::default() }).await?;
    let process = Process::start(&sim).await?;
    let devices = rooms(&sim, commands)?;
    let idle = process.memory()?;
    let mut after = Vec::new();
    for quarter in devices.chunks(commands.div_ceil(4)) {
        give(&sim, quarter, Pace::InFlight(64)).await?;
        after.push(process.memory()?.now);
    }
    let peak = process.memory()?.peak;
    let mb = |kib: u64| format!("{:.1}", f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0);
    let after: Vec<String> = after.into_iter().map(mb).collect();
    println!(
        "memory: idle {} MB; {commands} commands: {} MB after each quarter, peak {} MB",
        mb(idle.now),
        after.join(", "),
        mb(peak)
    );
    sim.stop().await;
    Ok(())
}

fn rooms(sim: &Sim, wanted: usize) -> Result<Vec<String>> {
    let ours = sim.cast().example_org;
    let is_good = |device: &Value| {
        device["orgId"] == ours.as_str() && device["type"] == "roomdesk" && device["workspaceId"].is_string()
    };
    let rooms = sim.devices().into_iter().filter(|device| is_good(device) && device["personId"].is_null());
    let ids: Vec<String> =
        rooms.filter_map(|device| device["id"].as_str().map(str::to_owned)).take(wanted).collect();
    ensure!(ids.len() == wanted, "the fleet has only {} of {wanted} rooms", ids.len());
    Ok(ids)
}

/// The commands: message, device and time.
type Given = HashMap<String, (String, Timestamp)>;

async fn give(sim: &Sim, devices: &[String], pace: Pace) -> Result<Given> {
    let before = cards(sim);
    let mut given = Given::new();
    let mut ticks = match pace {
        Pace::Steady(a_second) => Some(tokio::time::interval(Duration::from_secs(1) / a_second)),
        _ => None,
    };
    for device in devices {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        if let Pace::InFlight(most) = pace {
            until(|| given.len() - (cards(sim) - before) < most).await?;
        }
        let at = SystemClock.now();
        let cast = sim.cast();
        let message = sim.say(&cast.ana, &cast.operations, &format!("delete device {device}"), None);
        given.insert(message, (device.clone(), at));
    }
    until(|| cards(sim) - before == given.len()).await?;
    Ok(given)
}

/// The accepted posts of the bot.
fn cards(sim: &Sim) -> usize {
    sim.count_posts()
}

/// The result of the commands after the first requests.
fn evaluate(sim: &Sim, before: usize, given: &Given) -> Result<Played> {
    let devices: HashMap<&str, Timestamp> =
        given.values().map(|(device, at)| (device.as_str(), *at)).collect();
    let calls = sim.requests().split_off(before);
    let calls: Vec<_> = calls.into_iter().filter(|call| is_of_a_command(&call.path)).collect();
    let posted_bytes = calls.iter().filter(|call| call.method == "POST").map(|call| call.body_bytes).sum();
    let mut to_delete = Vec::new();
    for call in calls.iter().filter(|call| call.method == "DELETE") {
        let device = call.path.rsplit('/').next().unwrap_or_default();
        if let Some(at) = devices.get(device) {
            to_delete.push(Duration::try_from(call.at.duration_since(*at))?);
        }
    }
    let (mut to_card, mut last) = (Vec::new(), Timestamp::UNIX_EPOCH);
    for message in sim.messages(&sim.cast().operations) {
        let Some((_, at)) = message["parentId"].as_str().and_then(|root| given.get(root)) else { continue };
        let posted: Timestamp = message["created"].as_str().unwrap_or_default().parse()?;
        to_card.push(Duration::try_from(posted.duration_since(*at)).unwrap_or_default());
        last = last.max(posted);
    }
    let first = given.values().map(|(_, at)| *at).min().context("no command was given")?;
    ensure!(to_card.len() == given.len(), "{} cards for {} commands", to_card.len(), given.len());
    ensure!(to_delete.len() == given.len(), "{} DELETEs for {} commands", to_delete.len(), given.len());
    ensure!(devices.keys().all(|device| sim.device(device).is_none()), "a device is still there");
    to_delete.sort_unstable();
    to_card.sort_unstable();
    let all = Duration::try_from(last.duration_since(first))?;
    Ok(Played { to_delete, to_card, all, calls: calls.len(), posted_bytes })
}

/// Without the webhooks, which Steward checks now and then, and the person, whom both look up once.
fn is_of_a_command(path: &str) -> bool {
    ["/v1/messages", "/v1/devices", "/v1/workspaces"].iter().any(|resource| path.starts_with(resource))
}

// The results.

fn at(percent: usize, sorted: &[Duration]) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1000.0
}

fn compare_latencies(title: &str, plain: &Played, steward: &Played) {
    let rows = [("DELETE", &steward.to_delete, &plain.to_delete), ("card", &steward.to_card, &plain.to_card)];
    for (what, ours, theirs) in rows {
        println!(
            "{title}: webhook to {what} ratio {:.3} of plain (median {:.1} of {:.1} ms, p99 {:.1} of {:.1} ms)",
            at(50, ours) / at(50, theirs),
            at(50, ours),
            at(50, theirs),
            at(99, ours),
            at(99, theirs),
        );
    }
}

fn compare_rates(title: &str, played: &[(Played, Played)]) {
    let rate = |played: &Played| float(played.to_card.len()) / played.all.as_secs_f64();
    let plain = median(played.iter().map(|(plain, _)| rate(plain)));
    let steward = median(played.iter().map(|(_, steward)| rate(steward)));
    println!(
        "{title}: commands a second ratio {:.2} of plain ({steward:.0}/s of {plain:.0}/s; {})",
        steward / plain,
        each(played, |plain, steward| rate(steward) / rate(plain)),
    );
    for (name, played) in [("plain", &played[0].0), ("Steward", &played[0].1)] {
        let each = |count| float(count) / float(played.to_card.len());
        println!(
            "  {name}: {:.2} calls a command, {:.0} bytes a message",
            each(played.calls),
            each(played.posted_bytes)
        );
    }
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn compare_lengths(title: &str, played: &[(Played, Played)]) {
    let length = |played: &Played| played.all.as_secs_f64() * 1000.0;
    let plain = median(played.iter().map(|(plain, _)| length(plain)));
    let steward = median(played.iter().map(|(_, steward)| length(steward)));
    println!(
        "{title}: until the last card ratio {:.2} of plain ({steward:.0} of {plain:.0} ms; {}); all ended, each \
         device deleted once",
        steward / plain,
        each(played, |plain, steward| length(steward) / length(plain)),
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The ratio of each round.
fn each(played: &[(Played, Played)], ratio: impl Fn(&Played, &Played) -> f64) -> String {
    let ratios: Vec<String> =
        played.iter().map(|(plain, steward)| format!("{:.2}", ratio(plain, steward))).collect();
    format!("round by round {}", ratios.join(", "))
}
