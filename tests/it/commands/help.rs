//! Help lists only commands that the person may use.

use crate::world::World;

/// The commands that need a right or a plan.
const OF_ADMINS: [&str; 10] = [
    "list devices [FILTER…]",
    "show device REF",
    "delete device REF",
    "tag device REF +NEW -OLD…",
    "tag devices FILTER… +NEW -OLD…",
    "activate workspace REF",
    "activate person REF",
    "add device mac MAC model MODEL to workspace REF",
    "confirm CODE",
    "cancel CODE",
];

#[tokio::test]
async fn people_without_rights_see_no_admin_commands_in_help() {
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
async fn help_about_a_command_needs_the_right_to_it() {
    let world = World::new().await;
    for (topic, syntax) in [
        ("tag device", "tag device REF +NEW -OLD…"),
        ("tag devices", "tag devices FILTER… +NEW -OLD…"),
        ("activate workspace", "activate workspace REF"),
        ("activate person", "activate person REF"),
        ("add device", "add device mac MAC"),
    ] {
        let line = format!("help {topic}");
        let ana = world.ask(&world.cast.ana, &line).await;
        assert!(ana.text.contains(syntax) && ana.text.contains("For example: "), "{}", ana.text);
        let ben = world.ask(&world.cast.ben, &line).await;
        assert!(!ben.text.contains(syntax), "{}", ben.text);
    }
}
