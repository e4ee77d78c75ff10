//! What was written while Steward was away, or while Webex delivered nothing: found, answered, never carried out.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::intake::catch_up::{Hearing, job_after};
use steward::sim::{DeliveryFault, FaultRule, Person};
use steward::store::Attendance;

use crate::world::{SECRET, World};

const AWAY: &str = "? Steward was away: nothing was done";

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Says something that Webex does not deliver.
fn say_unheard_in(world: &World, person: &Person, space: &str, text: &str) -> String {
    world.sim.fault(FaultRule::on_deliveries(DeliveryFault::Lose).once());
    world.sim.say(person, space, text, None)
}

fn say_unheard(world: &World, person: &Person, text: &str) -> String {
    say_unheard_in(world, person, &world.cast.operations, text)
}

/// Ends Steward, lets this time go by, starts it again, and lets it look for what it missed.
async fn be_away(world: &mut World, time: SignedDuration) {
    world.clock.advance(time);
    world.restart().await;
    world.advance(minutes(2)).await;
}

fn searches(world: &World) -> usize {
    world.calls("GET", "/rooms")
}

#[tokio::test]
async fn a_command_from_an_absence_is_answered_and_never_run() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    let message = say_unheard(&world, &world.cast.ana, &format!("delete device {device}"));
    be_away(&mut world, minutes(60)).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.headline(), AWAY);
    assert!(
        answer.text.contains(
            "You wrote this 1 hour ago (2026-04-02 08:15:30 UTC) while Steward was away. A late command is \
             never run.\nIf you still mean it, send it again."
        ),
        "{}",
        answer.text
    );
    assert!(world.device_exists(&device) && world.device_calls().is_empty());
    assert_eq!(world.refusals().await, ["while away"]);
}

#[tokio::test]
async fn a_command_that_is_found_is_not_run_however_young_it_is() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.clock.advance(minutes(3));
    let message = say_unheard(&world, &world.cast.ana, &format!("delete device {device}"));
    be_away(&mut world, SignedDuration::from_secs(1)).await;
    assert_eq!(world.the_answer_to(&message).headline(), AWAY);
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn what_takes_no_right_is_simply_answered_and_faults_are_pointed_at() {
    let mut world = World::new().await;
    let said = ["help", "about", "whoami", "delete device"]
        .map(|line| say_unheard_in(&world, &world.cast.ben, &world.cast.direct_ben, line));
    be_away(&mut world, minutes(60)).await;
    let headlines = said.map(|message| world.the_answer_to(&message).headline().to_owned());
    assert_eq!(
        headlines,
        ["What you can ask Steward", "Steward", "How Steward sees you", "? Not understood"]
    );
}

#[tokio::test]
async fn people_without_the_right_and_people_who_are_not_served_hear_the_usual() {
    let mut world = World::new().await;
    let order = format!("delete device {}", world.a_device_id());
    let by_ben = say_unheard(&world, &world.cast.ben, &order);
    let by_oskar = say_unheard(&world, &world.cast.oskar, &order);
    be_away(&mut world, minutes(60)).await;
    assert_eq!(world.the_answer_to(&by_ben).headline(), "✕ Refused: you are not on the list of admins");
    assert_eq!(world.the_answer_to(&by_oskar).headline(), "✕ Refused: not an organization served here");
}

#[tokio::test]
async fn a_delivery_that_comes_after_all_is_a_duplicate() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    let (message, letter) = world.say_unheard(&world.cast.ana, &format!("delete device {device}"));
    be_away(&mut world, minutes(3)).await;
    assert_eq!(world.deliver(&letter.signed_with(SECRET)).await.status, 200);
    world.settle().await;
    assert_eq!(world.metric("deliveries_total{result=\"duplicate\"}").await, 1);
    assert_eq!(world.the_answer_to(&message).headline(), AWAY);
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn what_was_delivered_is_not_found_again() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    let message = world.delete(&device).await;
    world.say_in(&world.cast.ana, &world.cast.direct_ana, "delete device lobby", None).await;
    be_away(&mut world, minutes(60)).await;
    assert_eq!(searches(&world), 1);
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(world.sim.messages(&world.cast.direct_ana).len(), 2);
    world.the_answer_to(world.sim.messages(&world.cast.direct_ana)[0]["id"].as_str().unwrap());
}

#[tokio::test]
async fn what_bots_said_is_not_looked_at() {
    let mut world = World::new().await;
    let message = say_unheard(&world, &world.cast.helper, "help");
    be_away(&mut world, minutes(60)).await;
    assert!(world.answers_to(&message).is_empty());
    assert_eq!(world.calls("GET", &message), 0);
}

#[tokio::test]
async fn what_was_said_a_moment_ago_may_still_be_on_its_way() {
    let mut world = World::new().await;
    world.clock.advance(minutes(10));
    world.restart().await;
    world.clock.advance(minutes(1));
    let (message, letter) = world.say_unheard(&world.cast.ana, "help");
    world.advance(SignedDuration::from_secs(30)).await;
    assert_eq!((searches(&world), world.answers_to(&message).len()), (1, 0));
    world.deliver(&letter.signed_with(SECRET)).await;
    world.settle().await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn a_first_start_catches_up_with_nothing() {
    let before = |sim: &steward::sim::Sim| {
        sim.say(&sim.cast().ana, &sim.cast().operations, "help", None);
    };
    let world = World::with().beforehand(before).world().await;
    world.advance(minutes(10)).await;
    assert_eq!((searches(&world), world.calls("GET", "/messages")), (0, 0));
}

#[tokio::test]
async fn a_short_restart_is_an_absence_where_nobody_else_has_heard() {
    // Without a webhook that would have to be set right.
    let mut world = World::with().setting("STEWARD_PUBLIC_URL", "").world().await;
    world.clock.advance(SignedDuration::from_secs(20));
    let message = say_unheard(&world, &world.cast.ana, "about");
    be_away(&mut world, SignedDuration::from_secs(10)).await;
    if world.app().store().is_shared() {
        assert_eq!(searches(&world), 0);
    } else {
        world.the_answer_to(&message);
    }
}

/// Versions before this one kept a delivery under the id as it came.
#[tokio::test]
async fn a_command_whose_delivery_was_kept_under_another_key_is_not_found_again() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(FaultRule::on("DELETE", "/devices/*").status(429).retry_after("110").times(2));
    let message = world.say(&world.cast.ana, &format!("delete device {device}")).await;
    world.execute("UPDATE jobs SET subject = subject || '=' WHERE kind = 'delivery'").await;
    be_away(&mut world, minutes(2)).await;
    assert!(searches(&world) > 0);
    world.advance_through_waits(minutes(15)).await;
    let answers = world.answers_to(&message);
    assert_eq!(answers.last().unwrap().outcome(), "gone", "{answers:#?}");
    assert!(world.refusals().await.is_empty());
}

#[tokio::test]
async fn an_absence_is_made_up_for_without_a_public_address_too() {
    let mut world = World::with().setting("STEWARD_PUBLIC_URL", "").world().await;
    // Without a webhook nothing is delivered.
    let message = world.sim.say(&world.cast.ana, &world.cast.operations, "about", None);
    be_away(&mut world, minutes(60)).await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn what_a_webhook_that_was_off_did_not_deliver_is_found() {
    let world = World::new().await;
    let webhook = world.sim.webhooks()[0]["id"].as_str().unwrap().to_owned();
    world.sim.disable_webhook(&webhook);
    let device = world.a_device_id();
    let message =
        world.sim.say(&world.cast.ana, &world.cast.operations, &format!("delete device {device}"), None);
    world.advance(minutes(4)).await;
    world.app().tend().await;
    world.advance(minutes(1)).await;
    assert!(world.answers_to(&message).is_empty());
    world.advance(minutes(1)).await;
    assert_eq!(world.the_answer_to(&message).headline(), AWAY);
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn a_search_waits_where_webex_asks_to_wait_and_tries_again_after_an_error() {
    let mut world = World::new().await;
    let message = say_unheard(&world, &world.cast.ana, "about");
    world.sim.fault(FaultRule::on("GET", "/rooms").status(429).retry_after("300").once());
    world.sim.fault(FaultRule::on("GET", "/messages").status(503).times(2));
    be_away(&mut world, minutes(60)).await;
    assert_eq!((searches(&world), world.answers_to(&message).len()), (1, 0));
    world.advance(minutes(4)).await;
    assert_eq!(searches(&world), 1, "Webex said five minutes");
    world.advance(minutes(1)).await;
    world.advance_through_waits(minutes(1)).await;
    assert_eq!((searches(&world), world.answers_to(&message).len()), (2, 1));
}

#[tokio::test]
async fn a_search_that_never_succeeds_is_parked_with_the_reason() {
    let mut world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/rooms").status(403));
    be_away(&mut world, minutes(60)).await;
    let parked = world.app().store().parked_jobs(10).await.unwrap();
    assert_eq!((parked.len(), parked[0].kind.as_str()), (1, "catch_up"));
    assert!(parked[0].reason.as_ref().unwrap().contains("Webex refused the call (403"), "{parked:?}");
}

#[tokio::test]
async fn a_search_survives_the_end_of_the_process() {
    let mut world = World::new().await;
    let message = say_unheard(&world, &world.cast.ana, "about");
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
async fn many_spaces_and_many_messages_are_looked_through_page_by_page() {
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
    // The oldest spaces come last.
    let said: Vec<String> =
        (0..MANY).map(|_| say_unheard_in(&world, &ana, &world.cast.direct_ana, "about")).collect();
    be_away(&mut world, minutes(60)).await;
    assert_eq!(searches(&world), 2);
    let answered = |message: &String| world.answers_to(message).len();
    assert_eq!(said.iter().map(answered).sum::<usize>(), MANY);
}

#[tokio::test]
async fn spaces_where_nothing_was_said_are_not_looked_at() {
    let mut world = World::new().await;
    world.advance(minutes(10)).await;
    world.app().tend().await;
    world.advance(minutes(2)).await;
    let lists = |world: &World| {
        let calls = world.sim.requests().into_iter();
        calls.filter(|call| call.path == "/v1/messages" && call.method == "GET").count()
    };
    let before = lists(&world);
    let message = say_unheard(&world, &world.cast.ana, "about");
    be_away(&mut world, minutes(60)).await;
    world.the_answer_to(&message);
    assert_eq!(lists(&world) - before, 1);
}

#[tokio::test]
async fn an_absence_is_noticed_once_by_whoever_comes_first() {
    let world = World::new().await;
    let store = world.app().store();
    let now = world.now() + minutes(60);
    let back = || async {
        let present = Attendance { attended_at: Some(now), tended_at: Some(now) };
        store.attend(present, move |last| job_after(last, Hearing::Good, now)).await.unwrap()
    };
    let (one, other, third) = tokio::join!(back(), back(), back());
    assert_eq!([one, other, third].iter().filter(|noticed| **noticed).count(), 1);
    let earlier = Attendance { attended_at: Some(now - minutes(30)), tended_at: None };
    store.attend(earlier, |_| None).await.unwrap();
    assert!(!back().await, "a slower replica does not turn the clock back");
}
