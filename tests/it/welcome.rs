//! Greetings in new spaces, and hints for people who do not know the commands.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::{FaultRule, Person};

use crate::world::{Answer, LINES_A_MINUTE, World};

/// The answer to a further line within a minute.
const ONE_LINE: &str = "? Not understood: nothing was done. Write \"help\" for the commands.";

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
async fn small_talk_is_always_answered_and_explained_once_a_minute() {
    let world = World::new().await;
    let (ana, ben) = (&world.cast.ana, &world.cast.ben);
    assert_eq!(world.ask(ana, "good morning").await.headline(), "? Not understood");
    for line in ["please delete device X", "nice weather today", ""] {
        let again = world.ask(ana, line).await;
        assert_eq!(again.text, ONE_LINE, "{line}");
        assert!(again.card.is_object());
    }
    let direct = world.say_in(ana, &world.cast.direct_ana, "good morning", None).await;
    assert_eq!(world.the_answer_to(&direct).text, ONE_LINE, "the full hint was in another space");
    assert_eq!(world.ask(ben, "good morning").await.headline(), "? Not understood", "a minute of his own");
    world.advance(SignedDuration::from_secs(59)).await;
    assert_eq!(world.ask(ana, "are you there?").await.text, ONE_LINE);
    world.advance(SignedDuration::from_secs(1)).await;
    assert_eq!(world.ask(ana, "are you there?").await.headline(), "? Not understood");
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn a_loop_is_stopped_at_ten_answers_a_minute_in_each_space() {
    let world = World::new().await;
    let ana = &world.cast.ana;
    let lines = [
        "qwe",
        "",
        "delete device",
        "asd qwe",
        "help dancing",
        "zxc",
        "confirm 2222-22",
        "jkl",
        "uio",
        "bnm",
    ];
    assert_eq!(lines.len(), LINES_A_MINUTE);
    let mut answered = 0;
    for line in lines.iter().chain(&lines) {
        let message = world.say(ana, line).await;
        answered += world.answers_to(&message).len();
    }
    assert_eq!(answered, LINES_A_MINUTE);
    assert_eq!(world.metric("limited_answers_total{limit=\"loop\",result=\"posted\"}").await, 10);
    assert_eq!(world.metric("limited_answers_total{limit=\"loop\",result=\"withheld\"}").await, 10);

    // Commands are carried out and answered, and so are other people and other spaces.
    let device = world.a_device_id();
    for line in [format!("show device {device}"), "help".to_owned(), "about".to_owned(), "whoami".to_owned()]
    {
        let command = world.say(ana, &line).await;
        assert_eq!(world.answers_to(&command).len(), 1, "{line}");
    }
    let direct = world.say_in(ana, &world.cast.direct_ana, "hello", None).await;
    assert_eq!(world.answers_to(&direct).len(), 1);
    let other = world.say(&world.cast.ben, "hello").await;
    assert_eq!(world.answers_to(&other).len(), 1);
    world.advance(SignedDuration::from_mins(1)).await;
    let later = world.say(ana, "hello").await;
    assert_eq!(world.answers_to(&later).len(), 1);
}

#[tokio::test]
async fn refused_presses_and_refusals_are_limited_like_lines() {
    let world = World::new().await;
    let card = world.ask(&world.cast.ana, "list devices").await;
    let mut answered = 0;
    for round in 0..8 {
        world.forge(&world.cast.ben, &card.id, &json!({ "ref": format!("{round:032}") })).await;
        let refused = world.say(&world.cast.ben, "list devices").await;
        answered += world.answers_to(&refused).len();
    }
    let presses =
        world.all_answers().iter().filter(|answer| answer.headline() == "? No longer valid").count();
    assert_eq!(answered + presses, LINES_A_MINUTE);
    assert_eq!(world.audit().await.len(), 18, "each is audited, also those without an answer");
}

#[tokio::test]
async fn the_limit_survives_a_restart_and_a_wrong_clock() {
    let mut world = World::new().await;
    for _ in 0..LINES_A_MINUTE {
        let message = world.say(&world.cast.ana, "hello").await;
        world.the_answer_to(&message);
    }
    world.restart().await;
    let silent = world.say(&world.cast.ana, "hello").await;
    assert!(world.answers_to(&silent).is_empty());
    // Written by a clock that was an hour ahead: not believed.
    world.execute("UPDATE hints SET given_at = given_at + 3600000").await;
    assert_eq!(world.ask(&world.cast.ana, "hello").await.headline(), "? Not understood");
}

#[tokio::test]
async fn a_stranger_gets_one_answer_a_minute_whatever_they_do() {
    let world = World::new().await;
    let oskar = &world.cast.oskar;
    let card = world.ask(&world.cast.ana, "list devices").await;
    let to_oskar = |world: &World| {
        let refused =
            |answer: &&Answer| answer.headline() == "✕ Refused: your organization is not served here";
        world.all_answers().iter().filter(refused).count()
    };
    for _ in 0..60 {
        world.press_without_settling(oskar, &card, "CSV");
    }
    world.settle_with_workers(4).await;
    assert_eq!(to_oskar(&world), 1);
    for line in ["hello", "help", "delete device x", ""] {
        world.say(oskar, line).await;
    }
    let space = add_bot(&world, oskar).await;
    let greeted = world.sim.say(oskar, &space, "hello", None);
    world.settle().await;
    assert!(posts_of_the_bot(&world, &space).is_empty(), "{greeted}");
    assert_eq!(to_oskar(&world), 1);
    world.advance(SignedDuration::from_secs(59)).await;
    world.say(oskar, "hello").await;
    assert_eq!(to_oskar(&world), 1);
    world.advance(SignedDuration::from_secs(1)).await;
    world.say(oskar, "hello").await;
    assert_eq!(to_oskar(&world), 2);
    assert_eq!(world.metric("limited_answers_total{limit=\"stranger\",result=\"posted\"}").await, 2);
    let withheld = world.metric("limited_answers_total{limit=\"stranger\",result=\"withheld\"}").await;
    assert_eq!(withheld, 59 + 4 + 2 + 1, "presses, lines, the bot added with a line, a line");
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
async fn one_of_several_concurrent_lines_gets_the_full_hint() {
    let world = World::new().await;
    let said: Vec<String> = (0..6)
        .map(|_| world.sim.say(&world.cast.ana, &world.cast.operations, "good morning", None))
        .collect();
    tokio::join!(world.settle(), world.settle(), world.settle());
    let answers: Vec<Answer> = said.iter().map(|message| world.the_answer_to(message)).collect();
    assert_eq!(answers.iter().filter(|answer| answer.text != ONE_LINE).count(), 1, "{answers:#?}");
}

#[tokio::test]
async fn a_hint_is_remembered_across_a_restart() {
    let mut world = World::new().await;
    world.ask(&world.cast.ana, "good morning").await;
    world.restart().await;
    assert_eq!(world.ask(&world.cast.ana, "are you there?").await.text, ONE_LINE);
}
