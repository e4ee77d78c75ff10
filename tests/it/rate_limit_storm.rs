//! A storm of rate limits: for half a minute, nine in ten calls get a 429 with all kinds of `Retry-After` and bodies.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use steward::domain::Cause;
use steward::domain::audit::AuditEvent;
use steward::sim::{FaultRule, RequestRecord, TokenKind};
use steward::webex::retry_after;

use crate::postgres;
use crate::world::{Answer, World};

const STORM: SignedDuration = SignedDuration::from_secs(30);
/// The last part of the storm, when Webex asks for one longer wait.
const LAST_WAVE: SignedDuration = SignedDuration::from_secs(6);
const COMMANDS: usize = 40;

/// A message, and the device to delete, if it asks for that.
struct SentCommand {
    message: String,
    to_delete: Option<String>,
}

/// The calls made during a pause.
#[derive(Debug)]
struct Pause {
    began: Timestamp,
    until: Timestamp,
    /// Calls at the beginning of the pause, possibly sent before the answer that started it arrived.
    at_once: usize,
    later: usize,
}

fn start_storm(world: &World, path: &str) {
    let busy = || FaultRule::on_path(path).status(429);
    // The first due rule applies, so each rule gets a share of the calls left by those before it.
    let rules = [
        FaultRule::on_path(path).one_in(10),
        busy().retry_after("1").one_in(3),
        busy().retry_after("3").html_body().one_in(3),
        busy().retry_after("0").truncated_body().one_in(3),
        busy().empty_body().one_in(8),
        busy().retry_after("soon").truncated_body().one_in(8),
        busy().retry_after("99999999999999999999").one_in(8),
        busy().retry_after("-5").huge_body().one_in(8),
        busy().retry_after("Thu, 02 Apr 2026 08:15:50 GMT").one_in(2),
        busy().retry_after("2"),
    ];
    for rule in rules {
        world.sim.fault(rule);
    }
}

fn our_devices(world: &World) -> Vec<String> {
    let ours = |device: &Value| device["orgId"] == world.cast.example_org.as_str();
    let devices = world.sim.devices().into_iter().filter(ours).take(COMMANDS);
    devices.map(|device| device["id"].as_str().unwrap().to_owned()).collect()
}

/// Sends a command for each device at the same time: mostly deletions.
fn ask(world: &World, devices: &[String]) -> Vec<SentCommand> {
    let say = |text: &str| world.sim.say(&world.cast.ana, &world.cast.operations, text, None);
    let ask = |(number, id): (usize, &String)| match number % 10 {
        4 => SentCommand { message: say(&format!("show device {id}")), to_delete: None },
        9 => SentCommand { message: say("help"), to_delete: None },
        _ => SentCommand { message: say(&format!("delete device {id}")), to_delete: Some(id.clone()) },
    };
    devices.iter().enumerate().map(ask).collect()
}

/// Advances the clock to each job that is due before then.
async fn wait_until(world: &World, end: Timestamp, workers: usize) {
    world.settle_with_workers(workers).await;
    while let Some(due) = world.app().store().next_due().await.unwrap().filter(|due| *due < end) {
        world.clock.advance(due.duration_since(world.now()));
        world.settle_with_workers(workers).await;
    }
}

/// Runs a storm on these paths until no job is waiting.
///
/// At its end Webex asks for a wait of `last`.
async fn run_storm(path: &str, workers: usize, last: &str) -> (World, Vec<SentCommand>) {
    let world = World::with().devices(80).start().await;
    start_storm(&world, path);
    let (beginning, end) = (world.now(), world.now() + STORM);
    let devices = our_devices(&world);
    let mut commands = ask(&world, &devices[..COMMANDS / 2]);
    wait_until(&world, beginning + STORM / 2, workers).await;
    world.clock.advance((beginning + STORM / 2).duration_since(world.now()));
    commands.extend(ask(&world, &devices[COMMANDS / 2..]));
    assert_eq!(commands.len(), COMMANDS);
    wait_until(&world, end - LAST_WAVE, workers).await;
    world.sim.clear_faults();
    world.sim.fault(FaultRule::on_path(path).one_in(10));
    world.sim.fault(FaultRule::on_path(path).status(429).retry_after(last));
    wait_until(&world, end, workers).await;
    world.clock.advance(end.duration_since(world.now()));
    world.sim.clear_faults();
    wait_until(&world, end + SignedDuration::from_hours(3), workers).await;
    (world, commands)
}

/// A summary of a storm.
fn report(over: &str, commands: &[SentCommand], outcomes: &[String], pauses: &[Pause]) {
    let count = |word: &str| outcomes.iter().filter(|outcome| *outcome == word).count();
    let most = pauses.iter().map(|pause| pause.at_once + pause.later).max().unwrap_or_default();
    postgres::say(&format!(
        "429 storm over {over}: {} commands answered, of the deletions {} gone and {} answered with a time to come back; \
         {} pauses with at most {most} calls in each",
        commands.len(),
        count("gone"),
        count("failed"),
        pauses.len(),
    ));
}

fn pauses(world: &World, credential: TokenKind) -> Vec<Pause> {
    let mut pauses: Vec<Pause> = Vec::new();
    let by_it = |call: &RequestRecord| call.token_kind == Some(credential);
    for call in world.sim.requests().into_iter().filter(by_it) {
        let ends =
            (call.status == Some(429)).then(|| call.at + retry_after(call.retry_after.as_deref(), call.at));
        match pauses.last_mut().filter(|pause| call.at < pause.until) {
            Some(pause) => {
                *(if call.at == pause.began { &mut pause.at_once } else { &mut pause.later }) += 1;
                pause.until = ends.map_or(pause.until, |until| until.max(pause.until));
            }
            None => pauses.extend(ends.map(|until| Pause { began: call.at, until, at_once: 0, later: 0 })),
        }
    }
    pauses
}

/// Checks that each command has one card, plus an update if the outcome was "unknown", and an announcement after a long
/// wait. The last card about a deletion must be true.
async fn check_answers(world: &World, commands: &[SentCommand]) -> Vec<String> {
    let mut outcomes = Vec::new();
    for command in commands {
        let (announcements, answers): (Vec<Answer>, Vec<Answer>) =
            world.answers_to(&command.message).into_iter().partition(Answer::announces_a_wait);
        assert!(announcements.len() <= 1, "{announcements:#?}");
        let last = answers.last().expect("a command without an answer");
        let Some(device) = &command.to_delete else {
            assert_eq!(answers.len(), 1, "{answers:#?}");
            continue;
        };
        let may_be_updated = answers[0].outcome() == "unknown";
        assert_eq!(answers.len(), if may_be_updated { 2 } else { 1 }, "{answers:#?}");
        assert_eq!(last.outcome(), if world.device_exists(device) { "failed" } else { "gone" });
        if last.outcome() == "failed" {
            assert!(last.what_next().contains("Send the command again at 08:"), "{}", last.text);
        }
        outcomes.push(last.outcome());
    }
    let jobs = world.jobs().await;
    assert_eq!((jobs.waiting, jobs.running, jobs.parked), (0, 0, 0));
    outcomes
}

/// Checks that the times on the cards are those from Webex.
async fn check_times(world: &World) {
    let pauses = pauses(world, TokenKind::Admin);
    for entry in world.audit().await {
        let AuditEvent::OutcomeKnown { outcome, .. } = entry.event else { continue };
        if let Cause::TooManyRequests { until } = outcome.cause {
            assert!(pauses.iter().any(|pause| pause.until == until), "{until} {pauses:#?}");
        }
    }
}

#[tokio::test]
async fn all_commands_end_with_a_true_card_when_all_calls_are_rate_limited() {
    let (world, commands) = run_storm("*", 1, "10").await;
    let outcomes = check_answers(&world, &commands).await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "gone").count(), outcomes.len());
    let all =
        [TokenKind::Bot, TokenKind::Admin].into_iter().flat_map(|credential| pauses(&world, credential));
    let pauses: Vec<Pause> = all.collect();
    assert!(pauses.len() >= 3, "that was no storm");
    assert!(pauses.iter().all(|pause| pause.at_once + pause.later <= 1), "{pauses:#?}");
    report("all calls", &commands, &outcomes, &pauses);
}

#[tokio::test]
async fn deletions_happen_or_name_a_time_when_device_calls_are_rate_limited() {
    let (world, commands) = run_storm("/devices*", 1, "585").await;
    let outcomes = check_answers(&world, &commands).await;
    for word in ["failed", "gone"] {
        assert!(outcomes.iter().any(|outcome| outcome == word), "none is {word}");
    }
    check_times(&world).await;
    let pauses = pauses(&world, TokenKind::Admin);
    assert!(pauses.len() >= 3 && pauses.iter().all(|pause| pause.at_once + pause.later <= 1), "{pauses:#?}");
    report("the devices", &commands, &outcomes, &pauses);
    let end = pauses.iter().map(|pause| pause.until).max().unwrap().max(world.now());
    world.advance(end.duration_since(world.now())).await;
    for device in
        commands.iter().filter_map(|command| command.to_delete.as_ref()).filter(|id| world.device_exists(id))
    {
        let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
        assert_eq!(answer.outcome(), "gone", "who comes back then is served");
    }
}

#[tokio::test]
async fn only_calls_already_in_progress_run_into_a_pause() {
    const WORKERS: usize = 8;
    let (world, commands) = run_storm("*", WORKERS, "10").await;
    check_answers(&world, &commands).await;
    for credential in [TokenKind::Bot, TokenKind::Admin] {
        let pauses = pauses(&world, credential);
        assert!(pauses.iter().all(|pause| pause.later == 0), "{pauses:#?}");
        // A job makes at most two concurrent calls.
        assert!(pauses.iter().all(|pause| pause.at_once < 2 * WORKERS), "{pauses:#?}");
        // After a pause one call goes first, so the others run into the next pause without a call.
        let bursts = pauses.iter().filter(|pause| pause.at_once > 2).count();
        assert!(bursts <= pauses.len().div_ceil(2), "{pauses:#?}");
    }
}
