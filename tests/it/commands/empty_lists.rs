//! Lists of nothing: filters whose text is only a part of names, and page numbers beyond the last.

use super::add_room_device;
use super::list_devices::{inputs, press};
use crate::world::{Answer, World};

#[tokio::test]
async fn a_list_of_nothing_counts_the_devices_with_the_text_in_their_names() {
    let world = World::with().devices(0).start().await;
    for number in 0..12 {
        add_room_device(&world, &format!("OSL-{number} Lobby"), number);
    }
    let message = world.say(&world.cast.ana, "list devices name:lobby").await;
    let none = world.the_answer_to(&message);
    insta::assert_snapshot!(none.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ No devices                                                                   │
    │ No device matches the whole filter. A comparison never matches a device      │
    │ without that value.                                                          │
    │ A text matches only as a whole. 12 devices match name:*lobby*                │
    │                                                                              │
    │ Filter  name:lobby                                                           │
    │                                                                              │
    │ [ List them ]                                                                │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    press(&world, &world.cast.ana, &none, "List them").await;
    assert_eq!(world.answers_to(&message).pop().unwrap().headline(), "12 devices");
    // Nothing has it as a part either, and an exclusion is not widened.
    for line in
        ["list devices name:atrium", "list devices name:*lobby* -name:*osl*", "list devices tag:lobby"]
    {
        let none = world.ask(&world.cast.ana, line).await;
        assert_eq!(none.headline(), "No devices", "{line}");
        assert!(inputs(&none, "List them").is_none(), "{line}: {}", none.text);
    }
    // A file would be empty.
    let none = world.ask(&world.cast.ana, "list devices csv name:lobby").await;
    assert!(none.text.contains("12 devices match name:*lobby*"), "{}", none.text);
    // Something matches as a whole, so this is what the person meant.
    let one = world.ask(&world.cast.ana, "list devices name:\"osl-1 lobby\"").await;
    assert_eq!(one.headline(), "1 device");
    assert!(inputs(&one, "List them").is_none());
    let wide = world.ask(&world.cast.ana, "list devices name:osl-1").await;
    assert!(wide.text.contains("3 devices match name:*osl-1*"), "{}", wide.text);
    let wide = world.ask(&world.cast.ana, "list devices name:osl-11").await;
    assert!(wide.text.contains("1 device matches name:*osl-11*"), "{}", wide.text);
}

#[tokio::test]
async fn tags_of_nothing_are_not_changed_but_parts_are_counted() {
    let world = World::with().devices(0).start().await;
    for number in 0..3 {
        add_room_device(&world, &format!("OSL-{number} Lobby"), number);
    }
    let none = world.ask(&world.cast.ana, "tag devices name:lobby +retire").await;
    assert_eq!(none.headline(), "? No device matches");
    assert!(none.text.contains("3 devices match name:*lobby*"), "{}", none.text);
    assert_eq!(world.calls("PATCH", "/devices"), 0);
    assert_eq!(world.audited().await, ["command_accepted"]);
}

fn page_of(answer: &Answer) -> Option<String> {
    answer.text.lines().nth(1).filter(|line| line.starts_with("Page ")).map(str::to_owned)
}

#[tokio::test]
async fn a_list_can_be_paged_backwards_from_any_page() {
    let world = World::with().devices(25).start().await;
    for (line, before) in [
        ("list devices page:2", Some("Page 1 of 3")),
        ("list devices page:3", Some("Page 2 of 3")),
        ("list devices page:9", Some("Page 3 of 3")),
        ("list devices page:1", None),
        ("list devices type:accessory page:2", None),
    ] {
        let message = world.say(&world.cast.ana, line).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(inputs(&answer, "Previous page").is_some(), before.is_some(), "{line}: {}", answer.text);
        if before.is_some() {
            press(&world, &world.cast.ana, &answer, "Previous page").await;
            assert_eq!(page_of(&world.answers_to(&message).pop().unwrap()).as_deref(), before, "{line}");
        }
    }
}

#[tokio::test]
async fn an_exclusion_of_nothing_is_said() {
    let world = World::with().devices(0).start().await;
    for number in 0..3 {
        add_room_device(&world, &format!("OSL-{number} Lobby"), number);
    }
    add_room_device(&world, "OSL Kitchen", 3);
    let ana = &world.cast.ana;
    let list = world.ask(ana, "list devices -name:lobby").await;
    assert_eq!(list.headline(), "4 devices");
    insta::assert_snapshot!(list.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ 4 devices                                                                    │
    │ -name:lobby excludes no device, because a text matches only as a whole.      │
    │ -name:*lobby* would exclude 3 of these.                                      │
    │                                                                              │
    │ Filter      -name:lobby                                                      │
    │ By status   4 connected                                                      │
    │ By product  4 Cisco Room Bar Pro                                             │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ OSL-0 Lobby · connected                                                      │
    │ Cisco Room Bar Pro · New Room · FDSK0000ABC · seen just now                  │
    │                                                                              │
    │ OSL-1 Lobby · connected                                                      │
    │ Cisco Room Bar Pro · New Room · FDSK0001ABC · seen just now                  │
    │                                                                              │
    │ OSL-2 Lobby · connected                                                      │
    │ Cisco Room Bar Pro · New Room · FDSK0002ABC · seen just now                  │
    │                                                                              │
    │ OSL Kitchen · connected                                                      │
    │ Cisco Room Bar Pro · New Room · FDSK0003ABC · seen just now                  │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ To get all of them as a file: list devices csv -name:lobby                   │
    │                                                                              │
    │ [ CSV ]                                                                      │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    let expected = "-name:lobby excludes no device, because a text matches only as a whole. -name:*lobby* would exclude 3 of these.";
    assert!(list.text.contains(expected), "{}", list.text);
    let question = world.ask(ana, "tag devices -name:lobby -tag:keep +retire").await;
    assert!(question.text.contains(expected), "{}", question.text);
    assert!(question.text.contains("-tag:keep excludes no device."), "{}", question.text);
    let message = world.say(ana, "list devices csv -name:lobby").await;
    assert!(world.the_answer_to(&message).text.ends_with(expected));
    for line in [
        "list devices -name:*lobby*",
        "list devices -name:\"osl kitchen\"",
        "list devices name:none -name:lobby",
    ] {
        let list = world.ask(ana, line).await;
        assert!(!list.text.contains("excludes no device"), "{line}: {}", list.text);
    }
}
