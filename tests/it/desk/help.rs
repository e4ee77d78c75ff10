//! Help names a command only to those who may give it.

use crate::world::World;

/// The commands that take a right, or a plan.
const OF_ADMINS: [&str; 10] = [
    "list devices [FILTER…]",
    "show device REF",
    "delete device REF",
    "tag device REF +NEW -OLD…",
    "tag devices FILTER… +NEW -OLD…",
    "activate workspace REF",
    "activate person EMAIL",
    "add device mac MAC model MODEL to workspace REF",
    "confirm CODE",
    "cancel CODE",
];

#[tokio::test]
async fn who_may_give_no_command_hears_of_none() {
    let world = World::new().await;
    let ana = world.ask(&world.cast.ana, "help").await;
    let ben = world.ask(&world.cast.ben, "help").await;
    for syntax in OF_ADMINS {
        assert!(ana.text.contains(syntax), "{syntax}: {}", ana.text);
        assert!(!ben.text.contains(syntax), "{syntax}: {}", ben.text);
    }
    for answer in [&ana, &ben] {
        assert!(answer.text.contains("whoami"), "{}", answer.text);
        assert!(
            answer.text.len() < steward::cards::LONGEST_TEXT_BYTES
                && !answer.text.contains("only on the card")
        );
    }
}

#[tokio::test]
async fn a_command_that_is_asked_for_is_explained_to_those_who_may_give_it() {
    let world = World::new().await;
    for (topic, syntax) in [
        ("tag device", "tag device REF +NEW -OLD…"),
        ("tag devices", "tag devices FILTER… +NEW -OLD…"),
        ("activate workspace", "activate workspace REF"),
        ("activate person", "activate person EMAIL"),
        ("add device", "add device mac MAC"),
    ] {
        let line = format!("help {topic}");
        let ana = world.ask(&world.cast.ana, &line).await;
        assert!(ana.text.contains(syntax) && ana.text.contains("For example: "), "{}", ana.text);
        let ben = world.ask(&world.cast.ben, &line).await;
        assert!(!ben.text.contains(syntax), "{}", ben.text);
    }
}
