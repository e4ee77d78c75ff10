//! Greetings in new spaces, and hints for people who do not know the commands.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::{FaultRule, Person};

use crate::world::World;

/// Creates a group space and adds the bot. Returns the space.
async fn add_bot(world: &World, person: &Person) -> String {
    let made = json!({ "title": "Refresh 2026" });
    let made = world.webex(&person.token, "POST", "/rooms", Some(made)).await;
    let made: Value = serde_json::from_str(&made.body).unwrap();
    let space = made["id"].as_str().unwrap();
    add(world, person, &world.cast.bot, space).await;
    world.settle().await;
    space.to_owned()
}

async fn add(world: &World, person: &Person, newcomer: &Person, space: &str) {
    let member = json!({ "roomId": space, "personId": newcomer.id });
    assert_eq!(world.webex(&person.token, "POST", "/memberships", Some(member)).await.status, 200);
}

fn posts_of_the_bot(world: &World, space: &str) -> Vec<Value> {
    let messages = world.sim.messages(space).into_iter();
    messages.filter(|message| message["personId"] == world.cast.bot.id.as_str()).collect()
}

#[tokio::test]
async fn the_bot_greets_a_new_space_once_outside_any_thread() {
    let world = World::new().await;
    let space = add_bot(&world, &world.cast.ben).await;
    let greetings = posts_of_the_bot(&world, &space);
    assert_eq!(greetings.len(), 1);
    assert!(greetings[0]["parentId"].is_null());
    assert_eq!(greetings[0]["attachments"].as_array().unwrap().len(), 1);
    let text = greetings[0]["text"].as_str().unwrap();
    assert!(text.starts_with("Hello, this is Steward\n"), "{text}");
    assert!(text.contains("For example: @Steward Desk help"), "{text}");
    assert!(world.audited().await.is_empty());
}

#[tokio::test]
async fn a_duplicate_delivery_leads_to_one_greeting() {
    let world = World::new().await;
    let space = add_bot(&world, &world.cast.ana).await;
    let arrival =
        world.sim.deliveries().into_iter().find(|delivery| delivery.resource == "memberships").unwrap();
    assert_eq!(world.sim.redeliver(&arrival).await, 200);
    world.settle().await;
    assert_eq!(posts_of_the_bot(&world, &space).len(), 1);
}

#[tokio::test]
async fn the_bot_stays_silent_in_a_space_it_does_not_serve() {
    let world = World::new().await;
    let space = add_bot(&world, &world.cast.oskar).await;
    assert!(posts_of_the_bot(&world, &space).is_empty());
    assert_eq!((world.jobs().await.parked, world.calls("POST", "/messages")), (0, 0));
}

#[tokio::test]
async fn other_new_members_are_not_greeted() {
    let world = World::new().await;
    let space = add_bot(&world, &world.cast.ana).await;
    add(&world, &world.cast.ana, &world.cast.ben, &space).await;
    add(&world, &world.cast.ana, &world.cast.helper, &space).await;
    world.settle().await;
    assert_eq!(posts_of_the_bot(&world, &space).len(), 1);
}

#[tokio::test]
async fn a_first_direct_message_is_greeted_and_answered() {
    let world = World::new().await;
    let carla = &world.cast.carla;
    let said = world.sim.post(carla, &json!({ "toPersonId": world.cast.bot.id, "text": "about" })).unwrap();
    world.settle().await;
    let answers = posts_of_the_bot(&world, said["roomId"].as_str().unwrap());
    let parents: Vec<_> = answers.iter().map(|answer| answer["parentId"].as_str()).collect();
    assert_eq!(answers.len(), 2);
    assert!(parents.contains(&None) && parents.contains(&said["id"].as_str()), "{parents:?}");
    let greeting = answers.iter().find(|answer| answer["parentId"].is_null()).unwrap();
    assert!(greeting["text"].as_str().unwrap().contains("For example: help"));
}

#[tokio::test]
async fn a_failed_greeting_is_retried_and_given_up_silently() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/people/*").status(503).once());
    let space = add_bot(&world, &world.cast.ana).await;
    assert!(posts_of_the_bot(&world, &space).is_empty());
    world.advance_through_waits(SignedDuration::from_mins(1)).await;
    assert_eq!(posts_of_the_bot(&world, &space).len(), 1);

    let world = World::new().await;
    world.sim.fault(FaultRule::on("GET", "/people/*").status(503));
    let space = add_bot(&world, &world.cast.ana).await;
    world.advance_through_waits(SignedDuration::from_hours(1)).await;
    assert!(posts_of_the_bot(&world, &space).is_empty());
    assert_eq!(world.jobs().await.parked, 0);
}

#[tokio::test]
async fn small_talk_gets_a_hint_once_a_minute() {
    let world = World::new().await;
    let (ana, ben, space) = (&world.cast.ana, &world.cast.ben, &world.cast.operations);
    let answers = async |person, line: &str| {
        let message = world.say_in(person, space, line, None).await;
        world.answers_to(&message).len()
    };
    assert_eq!(answers(ana, "good morning").await, 1);
    assert_eq!(answers(ana, "nice weather today").await, 0);
    assert_eq!(answers(ana, "").await, 0);
    assert_eq!(answers(ben, "good morning").await, 1, "a minute of his own");
    world.advance(SignedDuration::from_secs(59)).await;
    assert_eq!(answers(ana, "are you there?").await, 0);
    world.advance(SignedDuration::from_secs(1)).await;
    assert_eq!(answers(ana, "are you there?").await, 1);
}

#[tokio::test]
async fn mistakes_in_commands_are_always_explained() {
    let world = World::new().await;
    world.ask(&world.cast.ana, "good morning").await;
    for line in ["delete device lobby", "delete it all", "delte device lobby", "help dancing", "help"] {
        world.ask(&world.cast.ana, line).await;
    }
}

#[tokio::test]
async fn one_of_several_concurrent_lines_gets_a_hint() {
    let world = World::new().await;
    let said: Vec<String> = (0..6)
        .map(|_| world.sim.say(&world.cast.ana, &world.cast.operations, "good morning", None))
        .collect();
    tokio::join!(world.settle(), world.settle(), world.settle());
    assert_eq!(said.iter().map(|message| world.answers_to(message).len()).sum::<usize>(), 1);
}

#[tokio::test]
async fn a_hint_is_remembered_across_a_restart() {
    let mut world = World::new().await;
    world.ask(&world.cast.ana, "good morning").await;
    world.restart().await;
    let message = world.say(&world.cast.ana, "are you there?").await;
    assert!(world.answers_to(&message).is_empty());
}
