//! A storm: for half a minute nine calls in ten are answered with 429, with every kind of `Retry-After` and body.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use steward::domain::Cause;
use steward::domain::audit::Event;
use steward::sim::{FaultRule, RequestRecord, TokenKind};
use steward::webex::retry_after;

use crate::postgres;
use crate::world::{Answer, World};

const STORM: SignedDuration = SignedDuration::from_secs(30);
/// Its end, when Webex asks for one longer wait.
const LAST_SQUALL: SignedDuration = SignedDuration::from_secs(6);
const COMMANDS: usize = 40;

/// What was asked, and of which device.
struct Asked {
    message: String,
    to_delete: Option<String>,
}

/// The calls that were made while a pause was in force.
#[derive(Debug)]
struct Pause {
    began: Timestamp,
    until: Timestamp,
    /// At the moment at which it began, perhaps before the answer was there.
    at_once: usize,
    later: usize,
}

fn break_loose(world: &World, path: &str) {
    let busy = || FaultRule::on_path(path).status(429);
    // The first that is due applies, so each gets its part of what the ones before have left.
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

/// Says a thing about each of these devices at once: to delete it, and now and then something else.
fn ask(world: &World, devices: &[String]) -> Vec<Asked> {
    let say = |text: &str| world.sim.say(&world.cast.ana, &world.cast.operations, text, None);
    let ask = |(number, id): (usize, &String)| match number % 10 {
        4 => Asked { message: say(&format!("show device {id}")), to_delete: None },
        9 => Asked { message: say("help"), to_delete: None },
        _ => Asked { message: say(&format!("delete device {id}")), to_delete: Some(id.clone()) },
    };
    devices.iter().enumerate().map(ask).collect()
}

/// Turns the clock to each job that waits before then.
async fn wait_until(world: &World, end: Timestamp, workers: usize) {
    world.settle_with(workers).await;
    while let Some(due) = world.app().store().next_due().await.unwrap().filter(|due| *due < end) {
        world.clock.advance(due.duration_since(world.now()));
        world.settle_with(workers).await;
    }
}

/// A storm over these paths, from its beginning until nothing waits any more.
///
/// At its end Webex asks to wait as long as `last` says.
async fn weather(path: &str, workers: usize, last: &str) -> (World, Vec<Asked>) {
    let world = World::with().devices(80).world().await;
    break_loose(&world, path);
    let (beginning, end) = (world.now(), world.now() + STORM);
    let devices = our_devices(&world);
    let mut asked = ask(&world, &devices[..COMMANDS / 2]);
    wait_until(&world, beginning + STORM / 2, workers).await;
    world.clock.advance((beginning + STORM / 2).duration_since(world.now()));
    asked.extend(ask(&world, &devices[COMMANDS / 2..]));
    assert_eq!(asked.len(), COMMANDS);
    wait_until(&world, end - LAST_SQUALL, workers).await;
    world.sim.clear_faults();
    world.sim.fault(FaultRule::on_path(path).one_in(10));
    world.sim.fault(FaultRule::on_path(path).status(429).retry_after(last));
    wait_until(&world, end, workers).await;
    world.clock.advance(end.duration_since(world.now()));
    world.sim.clear_faults();
    wait_until(&world, end + SignedDuration::from_hours(3), workers).await;
    (world, asked)
}

/// A line about a storm that is over.
fn tell(over: &str, asked: &[Asked], outcomes: &[String], pauses: &[Pause]) {
    let count = |word: &str| outcomes.iter().filter(|outcome| *outcome == word).count();
    let most = pauses.iter().map(|pause| pause.at_once + pause.later).max().unwrap_or_default();
    postgres::say(&format!(
        "429 storm over {over}: {} commands answered, of the deletions {} gone and {} told when to come back; {} pauses, \
         {most} call at most in any of them",
        asked.len(),
        count("gone"),
        count("failed"),
        pauses.len(),
    ));
}

fn pauses(world: &World, credential: TokenKind) -> Vec<Pause> {
    let mut pauses: Vec<Pause> = Vec::new();
    let by_it = |call: &RequestRecord| call.token_kind == Some(credential);
    for call in world.sim.requests().into_iter().filter(by_it) {
        let asked =
            (call.status == Some(429)).then(|| call.at + retry_after(call.retry_after.as_deref(), call.at));
        match pauses.last_mut().filter(|pause| call.at < pause.until) {
            Some(pause) => {
                *(if call.at == pause.began { &mut pause.at_once } else { &mut pause.later }) += 1;
                pause.until = asked.map_or(pause.until, |until| until.max(pause.until));
            }
            None => pauses.extend(asked.map(|until| Pause { began: call.at, until, at_once: 0, later: 0 })),
        }
    }
    pauses
}

/// Each command has its one card (and an update where that said "unknown", and word before it where it took long), and the last word on a deletion is
/// what is so.
async fn hold_answers_against_devices(world: &World, asked: &[Asked]) -> Vec<String> {
    let mut outcomes = Vec::new();
    for asked in asked {
        let (patience, answers): (Vec<Answer>, Vec<Answer>) =
            world.answers_to(&asked.message).into_iter().partition(Answer::asks_for_patience);
        assert!(patience.len() <= 1, "{patience:#?}");
        let last = answers.last().expect("a command without an answer");
        let Some(device) = &asked.to_delete else {
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

/// The times that the cards say are those at which Webex said that it would have time.
async fn hold_times_against_pauses(world: &World) {
    let pauses = pauses(world, TokenKind::Admin);
    for entry in world.audit().await {
        let Event::OutcomeKnown { outcome, .. } = entry.event else { continue };
        if let Cause::TooManyRequests { until } = outcome.cause {
            assert!(pauses.iter().any(|pause| pause.until == until), "{until} {pauses:#?}");
        }
    }
}

#[tokio::test]
async fn when_all_calls_are_in_the_storm_every_command_ends_with_a_card_that_is_true() {
    let (world, asked) = weather("*", 1, "10").await;
    let outcomes = hold_answers_against_devices(&world, &asked).await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "gone").count(), outcomes.len());
    let all =
        [TokenKind::Bot, TokenKind::Admin].into_iter().flat_map(|credential| pauses(&world, credential));
    let pauses: Vec<Pause> = all.collect();
    assert!(pauses.len() >= 3, "that was no storm");
    assert!(pauses.iter().all(|pause| pause.at_once + pause.later <= 1), "{pauses:#?}");
    tell("all calls", &asked, &outcomes, &pauses);
}

#[tokio::test]
async fn when_the_storm_is_over_the_devices_each_deletion_happens_or_says_when_to_come_back() {
    let (world, asked) = weather("/devices*", 1, "585").await;
    let outcomes = hold_answers_against_devices(&world, &asked).await;
    for word in ["failed", "gone"] {
        assert!(outcomes.iter().any(|outcome| outcome == word), "none is {word}");
    }
    hold_times_against_pauses(&world).await;
    let pauses = pauses(&world, TokenKind::Admin);
    assert!(pauses.len() >= 3 && pauses.iter().all(|pause| pause.at_once + pause.later <= 1), "{pauses:#?}");
    tell("the devices", &asked, &outcomes, &pauses);
    let end = pauses.iter().map(|pause| pause.until).max().unwrap().max(world.now());
    world.advance(end.duration_since(world.now())).await;
    for device in
        asked.iter().filter_map(|asked| asked.to_delete.as_ref()).filter(|id| world.device_exists(id))
    {
        let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
        assert_eq!(answer.outcome(), "gone", "who comes back then is served");
    }
}

#[tokio::test]
async fn when_many_jobs_are_under_way_only_what_was_under_way_already_meets_the_pause() {
    const WORKERS: usize = 8;
    let (world, asked) = weather("*", WORKERS, "10").await;
    hold_answers_against_devices(&world, &asked).await;
    for credential in [TokenKind::Bot, TokenKind::Admin] {
        let pauses = pauses(&world, credential);
        assert!(pauses.iter().all(|pause| pause.later == 0), "{pauses:#?}");
        // Each job makes two calls at once at most.
        assert!(pauses.iter().all(|pause| pause.at_once < 2 * WORKERS), "{pauses:#?}");
        // After the first pause one goes first, so that the others meet the next one without a call.
        let bursts = pauses.iter().filter(|pause| pause.at_once > 2).count();
        assert!(bursts <= pauses.len().div_ceil(2), "{pauses:#?}");
    }
}
