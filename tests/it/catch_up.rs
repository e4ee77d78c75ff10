//! Catch-up: messages from downtime or from a delivery gap are found and answered, but never carried out.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::intake::catch_up::{DeliveryGap, job_after};
use steward::sim::{DeliveryFault, FaultRule, Person};
use steward::store::Heartbeat;

use crate::world::{Answer, SECRET, World};

/// In a group space, where Steward cannot see its earlier answers.
const AWAY: &str = "? Steward was away: not run now";
/// In a direct space, whose thread holds no answer.
const NOTHING_DONE: &str = "? Steward was away: nothing was done";

/// Answers to missed messages in one space, besides the summary.
const MOST_ANSWERS: usize = 20;

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Writes a message that Webex does not deliver.
fn say_undelivered_in(world: &World, person: &Person, space: &str, text: &str) -> String {
    world.sim.fault(FaultRule::on_deliveries(DeliveryFault::Lose).once());
    world.sim.say(person, space, text, None)
}

fn say_undelivered(world: &World, person: &Person, text: &str) -> String {
    say_undelivered_in(world, person, &world.cast.operations, text)
}

/// Stops Steward for a while, starts it again and runs catch-up.
async fn stop_steward_for(world: &mut World, time: SignedDuration) {
    world.clock.advance(time);
    world.restart().await;
    world.advance(minutes(2)).await;
}

fn count_searches(world: &World) -> usize {
    world.calls("GET", "/rooms")
}

#[tokio::test]
async fn a_command_from_downtime_is_answered_and_never_run() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    let message = say_undelivered(&world, &world.cast.ana, &format!("delete device {device}"));
    stop_steward_for(&mut world, minutes(60)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), AWAY);
    assert!(
        answer.text.contains(
            "You wrote this 1 hour ago (2026-04-02 08:15:30 UTC), and Steward has no record of it. Late commands never \
             run.\nSteward cannot read its own earlier answers here. If it has already answered in this thread, that \
             answer counts. Otherwise nothing was done: if you still want this, send it again."
        ),
        "{}",
        answer.text
    );
    assert!(world.device_exists(&device) && world.device_calls().is_empty());
    assert_eq!(world.refusals().await, ["while away"]);
}

#[tokio::test]
async fn a_thread_without_an_answer_shows_that_nothing_was_done() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    let (ana, direct) = (world.cast.ana.clone(), world.cast.direct_ana.clone());
    let answered = world.say_in(&ana, &direct, "about", None).await;
    let line = format!("delete device {device}");
    world.sim.fault(FaultRule::on_deliveries(DeliveryFault::Lose).once());
    let in_thread = world.sim.say(&ana, &direct, &line, Some(&answered));
    let alone = say_undelivered_in(&world, &ana, &direct, &line);
    stop_steward_for(&mut world, minutes(60)).await;
    let answer = world.the_answer_to(&alone);
    assert_eq!(answer.headline(), NOTHING_DONE);
    assert!(
        answer.text.contains(
            "You wrote this 1 hour ago (2026-04-02 08:15:30 UTC) while Steward was away. Late commands \
             never run.\nIf you still want this, send it again."
        ),
        "{}",
        answer.text
    );
    // The other answers in the thread are on record.
    let thread = world.answers_to(&answered);
    assert_eq!((thread.len(), thread[1].headline()), (2, NOTHING_DONE), "{in_thread}");
    assert!(world.device_exists(&device));
}

/// The database lacks the last commands, as after a restored backup.
#[tokio::test]
async fn an_answer_without_a_record_counts() {
    for in_thread in [false, true] {
        let mut world = World::new().await;
        let (ana, bot) = (world.cast.ana.clone(), world.cast.bot.clone());
        let direct = world.cast.direct_ana.clone();
        let root = in_thread.then(|| say_undelivered_in(&world, &ana, &direct, "about"));
        world.sim.fault(FaultRule::on_deliveries(DeliveryFault::Lose).once());
        let line = format!("delete device {}", world.a_device_id());
        let message = world.sim.say(&ana, &direct, &line, root.as_deref());
        let thread = root.as_ref().unwrap_or(&message);
        let gone = json!({ "roomId": direct, "parentId": thread, "text": "✓ Gone: deleted and proven" });
        world.sim.post(&bot, &gone).unwrap();
        stop_steward_for(&mut world, minutes(60)).await;
        let answers = world.answers_to(thread);
        let mut found: Vec<&str> = answers.iter().map(Answer::headline).collect();
        let mut expected = vec!["? Already answered: not run now", "✓ Gone: deleted and proven"];
        if in_thread {
            expected.push("Steward");
        }
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
        let answer = answers.iter().find(|answer| answer.headline().starts_with("? Already")).unwrap();
        assert!(
            answer.text.contains("Steward does not know what was done; the earlier answer counts."),
            "{}",
            answer.text
        );
        assert!(!answer.text.to_lowercase().contains("nothing was"), "{}", answer.text);
        assert!(world.refusals().await.contains(&"while away".to_owned()));
    }
}

#[tokio::test]
async fn even_a_recent_command_is_not_run_when_found_by_catch_up() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.clock.advance(minutes(3));
    let message = say_undelivered(&world, &world.cast.ana, &format!("delete device {device}"));
    stop_steward_for(&mut world, SignedDuration::from_secs(1)).await;
    assert_eq!(world.the_answer_to(&message).headline(), AWAY);
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn missed_questions_are_answered_and_mistakes_are_pointed_out() {
    let mut world = World::new().await;
    let said = ["help", "about", "whoami", "delete device"]
        .map(|line| say_undelivered_in(&world, &world.cast.ben, &world.cast.direct_ben, line));
    stop_steward_for(&mut world, minutes(60)).await;
    let headlines = said.map(|message| world.the_answer_to(&message).headline().to_owned());
    assert_eq!(
        headlines,
        ["The commands you may use", "Steward", "How Steward sees you", "? Not understood"]
    );
}

#[tokio::test]
async fn missed_commands_without_a_right_get_the_usual_refusal() {
    let mut world = World::new().await;
    let order = format!("delete device {}", world.a_device_id());
    let by_ben = say_undelivered(&world, &world.cast.ben, &order);
    let by_oskar = say_undelivered(&world, &world.cast.oskar, &order);
    stop_steward_for(&mut world, minutes(60)).await;
    assert_eq!(world.the_answer_to(&by_ben).headline(), "✕ Refused: you are not on the list of admins");
    assert_eq!(world.the_answer_to(&by_oskar).headline(), "✕ Refused: your organization is not served here");
}

#[tokio::test]
async fn a_delivery_after_catch_up_is_a_duplicate() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    let (message, request) = world.say_undelivered(&world.cast.ana, &format!("delete device {device}"));
    stop_steward_for(&mut world, minutes(3)).await;
    assert_eq!(world.deliver(&request.signed_with(SECRET)).await.status, 200);
    world.settle().await;
    assert_eq!(world.metric("deliveries_total{result=\"duplicate\"}").await, 1);
    assert_eq!(world.the_answer_to(&message).headline(), AWAY);
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn delivered_messages_are_not_found_again() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    let message = world.delete(&device).await;
    world.say_in(&world.cast.ana, &world.cast.direct_ana, "delete device lobby", None).await;
    stop_steward_for(&mut world, minutes(60)).await;
    assert_eq!(count_searches(&world), 1);
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(world.sim.messages(&world.cast.direct_ana).len(), 2);
    world.the_answer_to(world.sim.messages(&world.cast.direct_ana)[0]["id"].as_str().unwrap());
}

#[tokio::test]
async fn messages_of_bots_are_ignored() {
    let mut world = World::new().await;
    let message = say_undelivered(&world, &world.cast.helper, "help");
    stop_steward_for(&mut world, minutes(60)).await;
    assert!(world.answers_to(&message).is_empty());
    assert_eq!(world.calls("GET", &message), 0);
}

#[tokio::test]
async fn the_most_recent_messages_are_left_to_their_deliveries() {
    let mut world = World::new().await;
    world.clock.advance(minutes(10));
    world.restart().await;
    world.clock.advance(minutes(1));
    let (message, request) = world.say_undelivered(&world.cast.ana, "help");
    world.advance(SignedDuration::from_secs(30)).await;
    assert_eq!((count_searches(&world), world.answers_to(&message).len()), (1, 0));
    world.deliver(&request.signed_with(SECRET)).await;
    world.settle().await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn a_first_start_has_nothing_to_catch_up_with() {
    let before = |sim: &steward::sim::Sim| {
        sim.say(&sim.cast().ana, &sim.cast().operations, "help", None);
    };
    let world = World::with().prepare_sim(before).start().await;
    world.advance(minutes(10)).await;
    assert_eq!((count_searches(&world), world.calls("GET", "/messages")), (0, 0));
}

#[tokio::test]
async fn a_short_restart_is_a_delivery_gap_without_other_replicas() {
    // Without a public URL, so that no webhook needs a repair.
    let mut world = World::with().setting("STEWARD_PUBLIC_URL", "").start().await;
    world.clock.advance(SignedDuration::from_secs(20));
    let message = say_undelivered(&world, &world.cast.ana, "about");
    stop_steward_for(&mut world, SignedDuration::from_secs(10)).await;
    if world.app().store().is_shared() {
        assert_eq!(count_searches(&world), 0);
    } else {
        world.the_answer_to(&message);
    }
}

/// Earlier versions stored a delivery under the unnormalized id.
#[tokio::test]
async fn a_command_stored_under_an_older_key_is_not_found_again() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(429).retry_after("110").times(2));
    let message = world.say(&world.cast.ana, &format!("delete device {device}")).await;
    world.execute("UPDATE jobs SET subject = subject || '=' WHERE kind = 'delivery'").await;
    stop_steward_for(&mut world, minutes(2)).await;
    assert!(count_searches(&world) > 0);
    world.advance_through_waits(minutes(15)).await;
    let answers = world.answers_to(&message);
    assert_eq!(answers.last().unwrap().outcome(), "gone", "{answers:#?}");
    assert!(world.refusals().await.is_empty());
}

#[tokio::test]
async fn downtime_is_caught_up_without_a_public_url_too() {
    let mut world = World::with().setting("STEWARD_PUBLIC_URL", "").start().await;
    // No webhook, so no deliveries.
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, "about", None);
    stop_steward_for(&mut world, minutes(60)).await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn messages_not_delivered_by_a_disabled_webhook_are_found() {
    let world = World::new().await;
    let webhook = world.sim.webhooks()[0]["id"].as_str().unwrap().to_owned();
    world.sim.disable_webhook(&webhook);
    let device = world.a_device_id();
    let message =
        world.sim.say(&world.cast.ana, &world.cast.operations, &format!("delete device {device}"), None);
    world.advance(minutes(4)).await;
    world.app().check_webhooks().await;
    world.advance(minutes(1)).await;
    assert!(world.answers_to(&message).is_empty());
    world.advance(minutes(1)).await;
    assert_eq!(world.the_answer_to(&message).headline(), AWAY);
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn catch_up_waits_for_rate_limits_and_retries_after_errors() {
    let mut world = World::new().await;
    let message = say_undelivered(&world, &world.cast.ana, "about");
    world.sim.fault(FaultRule::on("GET", "/rooms").status(429).retry_after("300").once());
    world.sim.fault(FaultRule::on("GET", "/messages").status(503).times(2));
    stop_steward_for(&mut world, minutes(60)).await;
    assert_eq!((count_searches(&world), world.answers_to(&message).len()), (1, 0));
    world.advance(minutes(4)).await;
    assert_eq!(count_searches(&world), 1, "Webex said five minutes");
    world.advance(minutes(1)).await;
    world.advance_through_waits(minutes(1)).await;
    assert_eq!((count_searches(&world), world.answers_to(&message).len()), (2, 1));
}

#[tokio::test]
async fn catch_up_that_never_succeeds_is_parked_with_the_reason() {
    let mut world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/rooms").status(403));
    stop_steward_for(&mut world, minutes(60)).await;
    let parked = world.app().store().parked_jobs(10).await.unwrap();
    assert_eq!((parked.len(), parked[0].kind.as_str()), (1, "catch_up"));
    assert!(parked[0].reason.as_ref().unwrap().contains("Webex refused the call (403"), "{parked:?}");
}

#[tokio::test]
async fn catch_up_survives_a_restart() {
    let mut world = World::new().await;
    let message = say_undelivered(&world, &world.cast.ana, "about");
    world.clock.advance(minutes(60));
    world.restart().await;
    world.sim.fault(FaultRule::on("GET", "/messages").status(503).once());
    world.advance(minutes(1)).await;
    world.restart().await;
    world.advance(SignedDuration::from_secs(30)).await;
    world.restart().await;
    world.advance_through_waits(minutes(10)).await;
    assert_eq!(world.answers_to(&message).len(), 1);
}

#[tokio::test]
async fn many_spaces_and_messages_are_read_page_by_page() {
    const MANY: usize = 105;
    let mut world = World::new().await;
    let (ana, bot) = (world.cast.ana.clone(), world.cast.bot.clone());
    for number in 0..MANY {
        let space = json!({ "title": format!("Space {number}") });
        let space: Value =
            serde_json::from_str(&world.webex(&ana.token, "POST", "/rooms", Some(space)).await.body).unwrap();
        let member = json!({ "roomId": space["id"], "personId": bot.id });
        assert_eq!(world.webex(&ana.token, "POST", "/memberships", Some(member)).await.status, 200);
    }
    world.settle().await;
    // The oldest spaces are listed last.
    let said: Vec<String> =
        (0..MANY).map(|_| say_undelivered_in(&world, &ana, &world.cast.direct_ana, "about")).collect();
    stop_steward_for(&mut world, minutes(60)).await;
    assert_eq!(count_searches(&world), 2);
    let answered = |message: &String| world.answers_to(message).len();
    assert_eq!(said.iter().map(answered).sum::<usize>(), MOST_ANSWERS);
    assert_eq!(summaries(&world, &world.cast.direct_ana), ["? Steward was away: 85 more messages"]);
}

/// The answers to messages that got none of their own.
fn summaries(world: &World, space: &str) -> Vec<String> {
    let posted = world.posted_in(space);
    let summaries = posted.iter().filter(|answer| answer.parent.is_none());
    summaries.map(|answer| answer.headline().to_owned()).collect()
}

#[tokio::test]
async fn more_than_a_page_of_mentions_is_caught_up_with() {
    for (count, summary) in [(20, None), (21, Some("1 more message")), (230, Some("210 more messages"))] {
        let mut world = World::new().await;
        let (ana, space) = (world.cast.ana.clone(), world.cast.operations.clone());
        let said: Vec<String> =
            (0..count).map(|_| say_undelivered_in(&world, &ana, &space, "list devices")).collect();
        stop_steward_for(&mut world, minutes(60)).await;
        let answered = said.iter().filter(|message| !world.answers_to(message).is_empty()).count();
        assert_eq!(answered, MOST_ANSWERS);
        assert_eq!(world.answers_to(said.last().unwrap()).len(), 1, "the newest are answered");
        let summary: Vec<String> =
            summary.iter().map(|messages| format!("? Steward was away: {messages}")).collect();
        assert_eq!(summaries(&world, &space), summary);

        // All of them are on record: nothing is found again.
        stop_steward_for(&mut world, minutes(10)).await;
        assert_eq!(summaries(&world, &space), summary);
        assert_eq!(world.posted_in(&space).len(), MOST_ANSWERS + summary.len());
    }
}

#[tokio::test]
async fn a_full_space_is_caught_up_with_despite_restarts() {
    let mut world = World::new().await;
    let (ana, space) = (world.cast.ana.clone(), world.cast.operations.clone());
    for _ in 0..130 {
        say_undelivered_in(&world, &ana, &space, "list devices");
    }
    world.sim.fault(FaultRule::on("GET", "/messages").status(503).skipping(1).once());
    world.clock.advance(minutes(60));
    world.restart().await;
    world.advance(SignedDuration::from_secs(90)).await;
    world.restart().await;
    world.advance_through_waits(minutes(10)).await;
    assert_eq!(summaries(&world, &space), ["? Steward was away: 110 more messages"]);
    assert_eq!(world.posted_in(&space).len(), MOST_ANSWERS + 1);
}

#[tokio::test]
async fn spaces_without_new_messages_are_skipped() {
    let mut world = World::new().await;
    world.advance(minutes(10)).await;
    world.app().check_webhooks().await;
    world.advance(minutes(2)).await;
    let lists = |world: &World| {
        let calls = world.sim.requests().into_iter();
        calls.filter(|call| call.path == "/v1/messages" && call.method == "GET").count()
    };
    let before = lists(&world);
    let message = say_undelivered(&world, &world.cast.ana, "about");
    stop_steward_for(&mut world, minutes(60)).await;
    world.the_answer_to(&message);
    assert_eq!(lists(&world) - before, 1);
}

#[tokio::test]
async fn a_delivery_gap_is_handled_by_one_replica() {
    let world = World::new().await;
    let store = world.app().store();
    let now = world.now() + minutes(60);
    let back = || async {
        let present = Heartbeat { up_at: Some(now), webhooks_ok_at: Some(now) };
        store
            .record_heartbeat(present, now, move |last| job_after(last, DeliveryGap::None, now))
            .await
            .unwrap()
    };
    let (one, other, third) = tokio::join!(back(), back(), back());
    assert_eq!([one, other, third].iter().filter(|noticed| **noticed).count(), 1);
    let earlier = Heartbeat { up_at: Some(now - minutes(30)), webhooks_ok_at: None };
    store.record_heartbeat(earlier, now, |_| None).await.unwrap();
    assert!(!back().await, "a slower replica does not turn the clock back");
}
