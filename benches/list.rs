//! The cost of a list over a large fleet: memory compared with a small one, time compared with a plain loop over the
//! same pages.
//!
//! `cargo bench --bench list` lets a real `steward serve` list 100 devices of one simulated Webex and 100,000 of
//! another: all of them, those of a filter that Webex cannot apply, all sorted, and as files. The memory of each
//! process is its peak over all lists. The plain loop, a separate process, reads the same pages, parses each as
//! JSON and counts; it has no store, cards or filters. Each runs several times in turn, and the medians count.
//!
//! The bench asserts that the lists are complete, but no time or size.
//!
//! `BENCH_SCALE` makes the large fleet smaller or larger; 1 by default.

#[path = "bots/mod.rs"]
mod bots;
#[path = "bots/process.rs"]
mod process;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use reqwest::header::LINK;
use serde_json::Value;
use steward::sim::{ADMIN_TOKEN, Sim, SimOptions};
use tokio::process::Command;

use bots::until;
use process::Process;

const SMALL: usize = 100;
const LARGE: f64 = 100_000.0;
/// The page size of Steward.
const PAGE_SIZE: usize = 500;
const ROUNDS: usize = 3;

/// The commands, and the query of the same list.
const LISTS: [&str; 3] =
    ["list devices", "list devices name:\"BER-*\" -tag:pilot", "list devices sort:-last-seen"];
const FILES: [&str; 2] = ["list devices csv", "list devices csv sort:-last-seen"];

/// Makes this program the plain loop.
const PLAIN: &str = "plain";

/// The results for one fleet.
struct Cost {
    /// The memory of Steward in KiB.
    peak: u64,
    /// The time of the plain loop, and of each list as a ratio to it.
    plain: Duration,
    lists: Vec<Duration>,
    files: Vec<Duration>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, plain, base, devices] = arguments.as_slice()
        && plain == PLAIN
    {
        return run_plain(base, devices).await;
    }
    println!("list: simulation and Steward on {} cores", std::thread::available_parallelism()?);
    let devices = large()?;
    let small = lists_over(SMALL).await?;
    let large = lists_over(devices).await?;
    println!(
        "list over {devices} devices: peak {} MB, {} MB above that over {SMALL}",
        mb(large.peak),
        mb(large.peak.saturating_sub(small.peak)),
    );
    let files = FILES.iter().zip(&large.files);
    for (line, took) in LISTS.iter().zip(&large.lists).chain(files) {
        println!(
            "{line}: time ratio {:.2} of a plain loop ({:.0} of {:.0} ms)",
            took.as_secs_f64() / large.plain.as_secs_f64(),
            took.as_secs_f64() * 1000.0,
            large.plain.as_secs_f64() * 1000.0,
        );
    }
    Ok(())
}

fn large() -> Result<usize> {
    #[expect(clippy::disallowed_methods, reason = "a setting of the bench, not one of Steward's")]
    let set = std::env::var("BENCH_SCALE").unwrap_or_else(|_| "1".to_owned());
    let scale: Option<f64> = set.trim().parse().ok().filter(|scale| *scale > 0.0);
    let scale = scale.with_context(|| {
        format!("BENCH_SCALE is wrong: expected a number such as 1 or 0.2, found {set:?}")
    })?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of some thousands")]
    Ok(((LARGE * scale) as usize).max(SMALL))
}

async fn lists_over(devices: usize) -> Result<Cost> {
    let sim = Sim::start(SimOptions { devices, ..SimOptions::default() }).await?;
    let process = Process::start(&sim).await?;
    let idle = process.memory()?.now;
    // The first of each is a warm-up.
    plain(&sim, devices).await?;
    listed(&sim, LISTS[0]).await?;
    let mut plain_rounds = Vec::new();
    let (mut lists, mut files) = (LISTS.map(|_| Vec::new()), FILES.map(|_| Vec::new()));
    for _ in 0..ROUNDS {
        plain_rounds.push(plain(&sim, devices).await?);
        for (line, took) in LISTS.iter().zip(&mut lists) {
            took.push(listed(&sim, line).await?);
        }
    }
    let before_files = process.memory()?.peak;
    for _ in 0..ROUNDS {
        for (line, took) in FILES.iter().zip(&mut files) {
            took.push(listed(&sim, line).await?);
        }
    }
    let peak = process.memory()?.peak;
    println!(
        "{devices} devices: idle {} MB, peak {} MB after the cards, {} MB after the files",
        mb(idle),
        mb(before_files),
        mb(peak)
    );
    sim.stop().await;
    Ok(Cost {
        peak,
        plain: median(plain_rounds),
        lists: lists.into_iter().map(median).collect(),
        files: files.into_iter().map(median).collect(),
    })
}

/// The time from the message to the answer in its thread.
async fn listed(sim: &Sim, line: &str) -> Result<Duration> {
    let cast = sim.cast();
    let began = Instant::now();
    let message = sim.say(&cast.ana, &cast.operations, line, None);
    let answers = || {
        let posted = sim.messages(&cast.operations).into_iter();
        posted.filter(|posted| posted["parentId"] == message.as_str()).collect::<Vec<_>>()
    };
    until(|| !answers().is_empty()).await?;
    let took = began.elapsed();
    let answer = answers().remove(0);
    let text = answer["text"].as_str().unwrap_or_default();
    let found = text.split_whitespace().next().and_then(|total| total.parse::<usize>().ok());
    ensure!(found.is_some_and(|total| total > 0), "{line} was answered with: {text}");
    Ok(took)
}

/// Reads the same pages in a separate process, like Steward.
async fn plain(sim: &Sim, devices: usize) -> Result<Duration> {
    let this = std::env::current_exe()?;
    let ran = Command::new(this).args([PLAIN, &sim.api_base(), &devices.to_string()]).output().await?;
    ensure!(ran.status.success(), "the plain loop failed: {}", String::from_utf8_lossy(&ran.stderr));
    Ok(Duration::from_micros(String::from_utf8(ran.stdout)?.trim().parse()?))
}

/// Reads one page after another.
async fn run_plain(base: &str, devices: &str) -> Result<()> {
    rustls::crypto::ring::default_provider().install_default().ok();
    #[expect(clippy::disallowed_methods, reason = "the plain loop's own client")]
    let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let began = Instant::now();
    let mut next = Some(format!("{base}/devices?max={PAGE_SIZE}"));
    let mut count = 0;
    while let Some(address) = next {
        let answer = http.get(address).bearer_auth(ADMIN_TOKEN).send().await?.error_for_status()?;
        let link = answer.headers().get(LINK).and_then(|link| link.to_str().ok());
        next = link.and_then(|link| Some(link.split_once('<')?.1.split_once('>')?.0.to_owned()));
        let page: Value = serde_json::from_slice(&answer.bytes().await?)?;
        count += page["items"].as_array().map_or(0, Vec::len);
    }
    ensure!(count.to_string() == devices, "{count} of {devices} devices");
    println!("{}", began.elapsed().as_micros());
    Ok(())
}

fn median(mut rounds: Vec<Duration>) -> Duration {
    rounds.sort_unstable();
    rounds[rounds.len() / 2]
}

fn mb(kib: u64) -> String {
    format!("{:.1}", f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0)
}
