//! Lines of chat: invalid commands, mentions of the bot, help, `about`, `whoami` and `show device`.

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::{FaultRule, RawMessage};

use crate::world::World;

/// The interval of hints to the same person.
const A_HINT_A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A message with this html, in which BOT becomes the bot's id.
fn html(world: &World, html: &str) -> RawMessage {
    RawMessage {
        html: Some(html.replace("BOT", &world.cast.bot.id)),
        text: Some("not read when there is html".to_owned()),
        mentioned_people: vec![world.cast.bot.id.clone()],
        ..RawMessage::default()
    }
}

/// A message without html that mentions the bot.
fn text(world: &World, text: &str) -> RawMessage {
    RawMessage {
        text: Some(text.to_owned()),
        mentioned_people: vec![world.cast.bot.id.clone()],
        ..RawMessage::default()
    }
}

#[tokio::test]
async fn invalid_lines_delete_nothing_and_are_answered_with_help() {
    let world = World::new().await;
    let device = world.a_device_id();
    let (room, ana) = (&world.cast.operations, &world.cast.ana.id);
    let lines = [
        format!("please do NOT delete device {device}"),
        "delete device".to_owned(),
        format!("delete device {device} now"),
        format!("delete device {room}"),
        format!("delete device {ana}"),
        format!("delete {device}"),
        "delete device \"\"".to_owned(),
        "delete device \"".to_owned(),
        format!("delete device {device} because moved"),
        format!("delete device {device} because \"\""),
        format!("delete device {device} {device}"),
        format!("don't delete device {device}"),
        format!("delete devices {device}"),
        format!("\"delete\" device {device}"),
        format!("delete device {}", "A".repeat(7_000)),
        String::new(),
    ];
    for line in lines {
        let answer = world.ask(&world.cast.ana, &line).await;
        assert_eq!(answer.headline(), "? Not understood", "{line}");
        assert!(answer.text.contains("Nothing was done."), "{line}: {}", answer.text);
        world.advance(A_HINT_A_MINUTE).await;
    }
    assert!(world.device_exists(&device));
    assert!(world.device_calls().is_empty());
    assert!(world.audited().await.is_empty());
}

#[tokio::test]
async fn near_misses_of_an_id_never_become_part_of_a_url() {
    let world = World::new().await;
    let device = world.a_device_id();
    for reference in [
        "../people/me".to_owned(),
        format!("{device}/"),
        format!("/{device}"),
        "..".to_owned(),
        format!("%2e%2e/{device}"),
        format!("{device}%20"),
        format!("{device}?orgId=x"),
        format!("{device}#x"),
        "Panorama".to_owned(),
    ] {
        let answer = world.ask(&world.cast.ana, &format!("delete device {reference}")).await;
        assert_eq!(answer.headline(), "✕ Not found", "{reference}");
        assert!(answer.text.contains("Nothing was done."), "{reference}: {}", answer.text);
    }
    assert!(world.device_exists(&device));
    let calls = world.device_calls();
    assert!(calls.iter().all(|call| call.method == "GET" && call.path == "/v1/devices"), "{calls:?}");
}

#[tokio::test]
async fn ten_thousand_characters_are_not_a_device_id() {
    let world = World::new().await;
    let line = format!("Steward delete device {}", "A".repeat(10_000));
    let message = world.say_raw(&world.cast.ana, text(&world, &line)).await;
    let answer = world.the_answer_to(&message);
    assert!(
        answer.text.contains("MAC address or name of at most 512 characters, found 10000"),
        "{}",
        answer.text
    );
    assert!(answer.text.len() <= steward::cards::LONGEST_TEXT_BYTES);
    assert!(world.device_calls().is_empty());
}

#[tokio::test]
async fn answers_point_at_the_mistake() {
    let world = World::new().await;
    let ana = &world.cast.ana;
    let device = world.a_device_id();
    let not = world.ask(ana, &format!("please do NOT delete device {device}")).await;
    insta::assert_snapshot!(not.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ? Not understood                                                             │
    │                                                                              │
    │ ▸please◂ do NOT delete device Y2lzY29zcGFyazo…TQ0MmYxOWEyMWU                 │
    │ No command starts with "please".                                             │
    │ A message must be one command and nothing else.                              │
    │ Nothing was done. Write "help" to see what you can ask.                      │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    let bare = world.ask(ana, "delete device").await;
    insta::assert_snapshot!(bare.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ? Not understood                                                             │
    │                                                                              │
    │ delete device▸◂                                                              │
    │ Expected one device (by its id, serial number, MAC address or name) after    │
    │ "device", found the end of the line.                                         │
    │ Write it like this: delete device FOC2345ABCD because "moved to Berlin"      │
    │ Nothing was done. Write "help" to see what you can ask.                      │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    let now = world.ask(ana, &format!("delete device {device} now")).await;
    insta::assert_snapshot!(now.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ? Not understood                                                             │
    │                                                                              │
    │ delete device Y2lzY29zcGFyazo…TQ0MmYxOWEyMWU ▸now◂                           │
    │ Expected "because", "in org" or the end of the line, found "now" (word 4).   │
    │ If that is what you meant, write: delete device                              │
    │ Y2lzY29zcGFyazo…TQ0MmYxOWEyMWU                                               │
    │ Nothing was done. Write "help" to see what you can ask.                      │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    let path = world.ask(ana, "delete device ../people/me").await;
    insta::assert_snapshot!(path.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ✕ Not found                                                                  │
    │ No device that Steward can see matches this exactly. Nothing was done.       │
    │                                                                              │
    │ Searched for  ../people/me                                                   │
    │ Searched by   serial number, name                                            │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                    │
    │ "list devices" shows all devices. A factory reset gives a device a new id,   │
    │ but its serial number and MAC address stay the same.                         │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    let person = world.ask(ana, &format!("delete device {}", ana.id)).await;
    insta::assert_snapshot!(person.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ? Not understood                                                             │
    │                                                                              │
    │ delete device ▸Y2lzY29zcGFy…hYzgwNTVkMDA◂                                    │
    │ Expected the id of a device, found the id of a person in                     │
    │ "Y2lzY29zcGFyazov…FlLTQyYjYtOWQ…".                                           │
    │ Name one device by its id, serial number, MAC address or name, for example:  │
    │ delete device FOC2345ABCD because "moved to Berlin"                          │
    │ Nothing was done. Write "help" to see what you can ask.                      │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    let slip = world.ask(ana, &format!("dleete device {device}")).await;
    insta::assert_snapshot!(slip.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ? Not understood                                                             │
    │                                                                              │
    │ ▸dleete◂ device Y2lzY29zcGFyazo…TQ0MmYxOWEyMWU                               │
    │ No command starts with "dleete".                                             │
    │ If that is what you meant, write: delete device                              │
    │ Y2lzY29zcGFyazo…TQ0MmYxOWEyMWU                                               │
    │ Nothing was done. Write "help" to see what you can ask.                      │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[tokio::test]
async fn mentions_from_all_clients_are_understood() {
    let world = World::new().await;
    let mention = |label: &str| {
        format!("<spark-mention data-object-type=\"person\" data-object-id=\"BOT\">{label}</spark-mention>")
    };
    let messages = [
        html(&world, &format!("<p>{} delete device ID</p>", mention("Steward"))),
        html(&world, &format!("<p>{} delete device ID</p>", mention("Steward Desk"))),
        html(&world, &format!("<p>{}&nbsp;delete&nbsp;device ID</p>", mention("the bot"))),
        html(&world, &format!("{}<div>delete device ID</div>", mention("Steward"))),
        html(&world, &format!("<p>delete device ID {}</p>", mention("Steward"))),
        html(&world, &format!("<p>{} <b>delete</b> device <code>ID</code></p>", mention("Steward"))),
        text(&world, "Steward delete device ID"),
        text(&world, "Steward Desk delete device ID"),
        text(&world, "@Steward Desk delete device ID"),
        text(&world, "Steward\u{a0}Desk\u{2003}delete\u{a0}device \u{200b}ID\u{feff}"),
        text(&world, "Steward DELETE Device ID BECAUSE “moved out”"),
        text(&world, "Steward remove device ID because „moved out”"),
        text(&world, "Steward RM device ID because «moved out»"),
    ];
    for mut message in messages {
        let device = world.sim.add_device(&json!({}));
        for form in [&mut message.html, &mut message.text].into_iter().flatten() {
            *form = form.replace("ID", &device);
        }
        let said = format!("{message:?}");
        let answer = world.the_answer_to(&world.say_raw(&world.cast.ana, message).await);
        assert_eq!(answer.outcome(), "gone", "{said}: {}", answer.text);
        let reason = said.contains("moved out").then(|| "moved out".to_owned());
        assert_eq!(answer.fact("Reason"), reason, "{said}");
    }
}

#[tokio::test]
async fn a_mention_of_another_person_is_not_a_space() {
    let world = World::new().await;
    let device = world.a_device_id();
    let said = format!(
        "<p><spark-mention data-object-type=\"person\" data-object-id=\"BOT\">Steward</spark-mention> \
         <spark-mention data-object-type=\"person\" data-object-id=\"{}\">Ben</spark-mention> delete device {device}</p>",
        world.cast.ben.id
    );
    let answer = world.the_answer_to(&world.say_raw(&world.cast.ana, html(&world, &said)).await);
    assert_eq!(answer.headline(), "? Not understood");
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn mentions_of_all_or_no_one_are_ignored() {
    let world = World::new().await;
    let device = world.a_device_id();
    let to_all = RawMessage {
        text: Some(format!("All delete device {device}")),
        html: Some(format!(
            "<p><spark-mention data-object-type=\"groupMention\" data-group-type=\"all\">All</spark-mention> \
             delete device {device}</p>"
        )),
        mentioned_groups: vec!["all".to_owned()],
        ..RawMessage::default()
    };
    let to_nobody =
        RawMessage { text: Some(format!("Steward delete device {device}")), ..RawMessage::default() };
    for message in [to_all, to_nobody] {
        let message = world.say_raw(&world.cast.ana, message).await;
        assert!(world.answers_to(&message).is_empty());
        // Even if Webex delivers it.
        let (_, request) = world.say_undelivered(&world.cast.ana, "help");
        let body = String::from_utf8(request.body).unwrap();
        let start = body.find("\"data\":{\"id\":\"").unwrap() + 14;
        let end = start + body[start..].find('"').unwrap();
        let forwarded = format!("{}{message}{}", &body[..start], &body[end..]);
        let request = crate::world::WebhookRequest::unsigned(forwarded).signed_with(crate::world::SECRET);
        assert_eq!(world.deliver(&request).await.status, 200);
        world.settle().await;
        assert!(world.answers_to(&message).is_empty());
    }
    assert!(world.device_exists(&device) && world.device_calls().is_empty());
}

#[tokio::test]
async fn a_direct_space_needs_no_mention() {
    let world = World::new().await;
    let device = world.a_device_id();
    let (ana, direct) = (&world.cast.ana, &world.cast.direct_ana);
    let message =
        world.say_in(ana, direct, &format!("delete device {device} because “moved out”"), None).await;
    let answer = world.the_answer_to(&message);
    assert_eq!((answer.outcome().as_str(), answer.fact("Reason").as_deref()), ("gone", Some("moved out")));
}

#[tokio::test]
async fn help_lists_only_permitted_commands() {
    let world = World::new().await;
    let admin = world.ask(&world.cast.ana, "help").await;
    insta::assert_snapshot!(admin.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ The commands you may use                                                     │
    │ Write to it directly, or mention it in a space                               │
    │                                                                              │
    │ help [COMMAND]                                                               │
    │ Lists the commands you may use here, or explains one                         │
    │ For example: help delete device                                              │
    │                                                                              │
    │ about                                                                        │
    │ Shows what this bot is and who to ask about it                               │
    │ For example: about                                                           │
    │                                                                              │
    │ whoami                                                                       │
    │ Shows who you are to this bot and what you may do                            │
    │ For example: whoami                                                          │
    │                                                                              │
    │ list devices [FILTER…] [sort:KEY] [page:N] [csv] [in org NAME]               │
    │ Lists devices; FILTER looks like status:offline, name:BER-*, -tag:keep or    │
    │ last-seen:>90d; csv sends all of them as a file; "help filters" explains the │
    │ filters                                                                      │
    │ For example: list devices status:offline last-seen:>90d sort:-last-seen      │
    │                                                                              │
    │ show device REF [in org NAME]                                                │
    │ Shows one device; REF is its id, serial number, MAC address or name; put a   │
    │ name with spaces in double quotes                                            │
    │ For example: show device "BER-4 Panorama"                                    │
    │                                                                              │
    │ delete device REF [because "REASON"] [in org NAME]                           │
    │ Deletes one device for good; REF is its id, serial number, MAC address or    │
    │ name                                                                         │
    │ For example: delete device FOC2345ABCD because "moved to Berlin"             │
    │                                                                              │
    │ tag device REF +NEW -OLD… [in org NAME]                                      │
    │ Adds tags to one device and removes others; put a tag with spaces in double  │
    │ quotes, such as +"floor 12"                                                  │
    │ For example: tag device FOC2345ABCD +floor-12 -pilot                         │
    │                                                                              │
    │ tag devices FILTER… +NEW -OLD… [in org NAME]                                 │
    │ Changes the tags of all devices that match the filter; -KEY:VALUE is a       │
    │ filter, -OLD is a tag                                                        │
    │ For example: tag devices status:offline -tag:keep +retire                    │
    │                                                                              │
    │ activate workspace REF [model MODEL] [in org NAME]                           │
    │ Sends you an activation code for a device in a workspace; REF is the         │
    │ workspace's name or id                                                       │
    │ For example: activate workspace "BER-4 Panorama"                             │
    │                                                                              │
    │ activate person REF [model MODEL] [in org NAME]                              │
    │ Sends you an activation code for a person's device; REF is the person's      │
    │ email address or name                                                        │
    │ For example: activate person ana@example.com model "DMS Cisco 8865"          │
    │                                                                              │
    │ add device mac MAC model MODEL to workspace REF [in org NAME], or to person  │
    │ REF                                                                          │
    │ Adds a phone by its MAC address                                              │
    │ For example: add device mac 11:22:33:44:AA:FF model "DMS Cisco 8865" to      │
    │ workspace Lobby                                                              │
    │                                                                              │
    │ confirm CODE                                                                 │
    │ Confirms what a card asks; CODE is on the card                               │
    │ For example: confirm K7Q2-M9                                                 │
    │                                                                              │
    │ cancel CODE                                                                  │
    │ Cancels what a card asks; CODE is on the card                                │
    │ For example: cancel K7Q2-M9                                                  │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
}

#[tokio::test]
async fn help_hides_commands_that_need_a_right_and_explains_single_commands() {
    let world = World::new().await;
    let colleague = world.ask(&world.cast.ben, "HELP").await;
    insta::assert_snapshot!(colleague.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ The commands you may use                                                     │
    │ Write to it directly, or mention it in a space                               │
    │                                                                              │
    │ help [COMMAND]                                                               │
    │ Lists the commands you may use here, or explains one                         │
    │ For example: help delete device                                              │
    │                                                                              │
    │ about                                                                        │
    │ Shows what this bot is and who to ask about it                               │
    │ For example: about                                                           │
    │                                                                              │
    │ whoami                                                                       │
    │ Shows who you are to this bot and what you may do                            │
    │ For example: whoami                                                          │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ These are the commands you may use here. Only admins can look up and change  │
    │ devices. To become one, ask the people who run Steward.                      │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    let topic = world.ask(&world.cast.ana, "help rm").await;
    insta::assert_snapshot!(topic.drawn(), @r#"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ The commands you may use                                                     │
    │ Write to it directly, or mention it in a space                               │
    │                                                                              │
    │ delete device REF [because "REASON"] [in org NAME]                           │
    │ Deletes one device for good; REF is its id, serial number, MAC address or    │
    │ name                                                                         │
    │ For example: delete device FOC2345ABCD because "moved to Berlin"             │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    "#);
    assert!(world.audited().await.is_empty(), "nothing was decided");
}

#[tokio::test]
async fn about_and_whoami_work_for_everyone() {
    let world = World::new().await;
    let about = world.ask(&world.cast.ben, "about").await;
    assert!(about.text.contains("With this bot, the admins of this organization"), "{}", about.text);
    assert_eq!(about.fact("Version").as_deref(), Some(env!("CARGO_PKG_VERSION")));
    let admin = world.ask(&world.cast.ana, "who am i").await;
    insta::assert_snapshot!(admin.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ How Steward sees you                                                         │
    │                                                                              │
    │ Name          Ana Alvarez                                                    │
    │ Email         ana@example.com                                                │
    │ Person id     Y2lzY29zc…gwNTVkMDA                                            │
    │ Organization  Y2lzY29zc…NhOGM3NjY                                            │
    │ Rights here   read, tag, provision, delete                                   │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    let colleague = world.ask(&world.cast.ben, "whoami").await;
    insta::assert_snapshot!(colleague.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ How Steward sees you                                                         │
    │                                                                              │
    │ Name          Ben Bauer                                                      │
    │ Email         ben@example.com                                                │
    │ Person id     Y2lzY29zcG…RjYTQ4MGI                                           │
    │ Organization  Y2lzY29zc…NhOGM3NjY                                            │
    │ Rights here   none                                                           │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ Ask the people who run Steward for access, and give them your person id.     │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn show_device_shows_the_facts_of_one_device() {
    let world = World::new().await;
    let answer = world.ask(&world.cast.ana, &format!("show device {}", world.a_device_id())).await;
    insta::assert_snapshot!(answer.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ Device                                                                       │
    │ As Webex sees it right now                                                   │
    │                                                                              │
    │ Name         BER-1 Panorama                                                  │
    │ Workspace    BER-1 Panorama                                                  │
    │ Location     Berlin                                                          │
    │ Product      Cisco Room Bar Pro                                              │
    │ Serial       FOC21000000                                                     │
    │ MAC          00:21:55:00:00:01                                               │
    │ Status       connected                                                       │
    │ Last seen    3 minutes ago (2026-04-02 08:12:46 UTC)                         │
    │ Type         room or desk device                                             │
    │ Platform     Cisco                                                           │
    │ IP           10.0.0.2                                                        │
    │ Software     RoomOS 11.20.1                                                  │
    │ Channel      stable                                                          │
    │ Managed by   Cisco                                                           │
    │ Maintenance  none planned                                                    │
    │ First seen   300 days ago (2025-06-06 08:18:42 UTC)                          │
    │ Created      300 days ago (2025-06-06 08:15:30 UTC)                          │
    │ Device id    Y2lzY29zc…xOWEyMWU                                              │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ To delete it: delete device FOC21000000                                      │
    │                                                                              │
    │ [ Delete ] [ Devices in Control Hub ↗ ] [ Workspace in Control Hub ↗ ]       │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    assert_eq!(world.device_traffic(), ["GET 200"]);
    assert_eq!(world.audited().await, ["command_accepted", "device_shown"]);
}

#[tokio::test]
async fn a_device_that_cannot_be_shown_is_reported_with_the_reason() {
    let world = World::new().await;
    let device = world.a_device_id();
    for (status, headline, next) in [
        (404, "✕ Not found", "Check the id in Control Hub"),
        (410, "✕ Not found", "Check the id in Control Hub"),
        (401, "✕ Not shown", "check it, then send the command again"),
        (403, "✕ Not shown", "check its scopes and its admin role"),
        (400, "✕ Not shown", "rejected Steward's request (400)"),
        (503, "✕ Not shown", "reported an error (503)"),
    ] {
        world.sim.fault(FaultRule::on("GET", "/devices/*").status(status));
        let message = world.say(&world.cast.ana, &format!("show device {device}")).await;
        world.advance_through_waits(SignedDuration::from_secs(40)).await;
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), headline, "{status}");
        assert!(answer.text.contains(next), "{status}: {}", answer.text);
        assert!(answer.text.contains("tracking id"), "{status}: {}", answer.text);
        world.sim.clear_faults();
    }
}

#[tokio::test]
async fn show_device_waits_for_short_rate_limits_only() {
    let world = World::new().await;
    let order = format!("show device {}", world.a_device_id());
    world.sim.fault(FaultRule::on("GET", "/devices/*").status(429).retry_after("7").once());
    let message = world.say(&world.cast.ana, &order).await;
    assert!(world.answers_to(&message).is_empty());
    world.advance(SignedDuration::from_secs(7)).await;
    assert_eq!(world.the_answer_to(&message).headline(), "Device");

    world.sim.fault(FaultRule::on("GET", "/devices/*").status(429).retry_after("3600").once());
    let answer = world.ask(&world.cast.ana, &order).await;
    assert_eq!(answer.headline(), "… Busy");
    assert!(answer.text.contains("rate limiting Steward until 09:16 UTC (in 1 hour)"), "{}", answer.text);
}
