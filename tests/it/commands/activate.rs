//! Activation codes: sent only to the requester, and neither shown nor stored anywhere else.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, FaultRule, Sim, SimOptions};
use tempfile::TempDir;

use crate::loopback::free_address;
use crate::processes::process::{Process, until};
use crate::world::{Answer, SECRET, World};

/// A workspace for collaboration devices, where an activation has no side effects.
fn add_lounge(world: &World) -> String {
    world.sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }))
}

/// The last code created by Webex, as digits and in groups.
fn last_code(sim: &Sim) -> (String, String) {
    let code = sim.activation_codes().last().unwrap().code.clone();
    let groups: Vec<&str> = (0..4).map(|group| &code[group * 4..group * 4 + 4]).collect();
    (code.clone(), groups.join(" "))
}

/// The only direct message of the bot to Ana.
fn direct_message(world: &World) -> Answer {
    let mut requests = world.answers_outside_threads();
    assert_eq!(requests.len(), 1, "{requests:#?}");
    requests.remove(0)
}

fn codes(world: &World) -> usize {
    world.sim.activation_codes().len()
}

/// Everything that Steward stores or shows, except direct messages to Ana.
async fn everything_but_direct_messages(world: &World) -> String {
    let mut all: Vec<String> =
        world.sim.messages(&world.cast.operations).iter().map(Value::to_string).collect();
    all.extend(world.sim.messages(&world.cast.direct_ben).iter().map(Value::to_string));
    all.push(world.get("/metrics").await.body);
    all.push(serde_json::to_string(&world.whole_audit().await).unwrap());
    all.push(serde_json::to_string(&world.sim.requests()).unwrap());
    if let Some(path) = world.database_url().strip_prefix("sqlite://") {
        for file in [path.to_owned(), format!("{path}-wal")] {
            all.push(String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned());
        }
    }
    all.concat()
}

#[tokio::test]
async fn the_activation_code_goes_only_to_the_requester() {
    let world = World::new().await;
    add_lounge(&world);
    let answer = world.ask(&world.cast.ana, "activate workspace \"ber-7 lounge\"").await;
    let (code, in_groups) = last_code(&world.sim);
    let direct = direct_message(&world);
    assert!(
        world.sim.messages(&world.cast.direct_ana).iter().any(|posted| posted["id"] == direct.id.as_str())
    );
    insta::assert_snapshot!(answer.drawn(), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ ✓ Activation code created                                                    │
    │ Steward sent you the code in a direct message. It never appears in a space,  │
    │ because anyone who has it can add a device.                                  │
    │                                                                              │
    │ Workspace    BER-7 Lounge                                                    │
    │ Asked by     ana@example.com                                                 │
    │ Valid until  2026-04-09 08:15 UTC (in 7 days)                                │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                    │
    │ Enter the code on the new device. Until then, no device is added.            │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    insta::assert_snapshot!(direct.drawn().replace(&in_groups, "1234 5678 9012 3456"), @r"
    ╭──────────────────────────────────────────────────────────────────────────────╮
    │ Activation code                                                              │
    │                                                                              │
    │ 1234 5678 9012 3456                                                          │
    │ Keep it to yourself: anyone who enters it adds a device to the organization. │
    │                                                                              │
    │ Workspace    BER-7 Lounge                                                    │
    │ Asked by     ana@example.com                                                 │
    │ Valid until  2026-04-09 08:15 UTC (in 7 days)                                │
    ├──────────────────────────────────────────────────────────────────────────────┤
    │ What next                                                                    │
    │ On a new or reset device, choose Webex in the setup wizard and enter the     │
    │ code when asked. On a phone, enter it on the activation code screen. It      │
    │ works only once.                                                             │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    assert!(direct.text.contains(&in_groups));
    let elsewhere = everything_but_direct_messages(&world).await;
    for secret in [&code, &in_groups] {
        assert!(!elsewhere.contains(secret.as_str()), "the code is elsewhere");
    }
    assert!(world.audited().await.contains(&"activation_code_made"));
}

#[tokio::test]
async fn a_requester_in_a_direct_space_gets_the_code_there() {
    let world = World::new().await;
    let id = add_lounge(&world);
    let line = format!("activate workspace {id} model \"Cisco Room Bar Pro\"");
    let message = world.say_in(&world.cast.ana, &world.cast.direct_ana, &line, None).await;
    let (_, in_groups) = last_code(&world.sim);
    assert!(!world.the_answer_to(&message).text.contains(&in_groups));
    assert!(direct_message(&world).text.contains(&in_groups));
}

#[tokio::test]
async fn side_effects_must_be_confirmed_first() {
    let mut world = World::with()
        .setting_of("STEWARD_ADMINS", |cast| format!("{},{}", cast.ana.email, cast.ben.email))
        .start()
        .await;
    let id = add_lounge(&world);
    world.sim.change_workspace(&id, &json!({ "calling": { "type": "thirdPartySipCalling" } }));
    let ana = world.cast.ana.clone();
    let message = world.say(&ana, "activate workspace \"BER-7 Lounge\"").await;
    let card = world.the_answer_to(&message);
    assert_eq!(card.headline(), "Create an activation code?");
    assert!(
        card.text.contains("free calling") && card.text.contains("third-party SIP calling"),
        "{}",
        card.text
    );
    assert_eq!(codes(&world), 0);

    world.press(&world.cast.ben, &card, "Confirm").await;
    assert_eq!((codes(&world), world.answers_to(&message).len()), (0, 2));
    world.restart().await;
    world.press(&ana, &card, "Confirm").await;
    assert_eq!(codes(&world), 1);
    assert_eq!(world.answers_to(&message).last().unwrap().headline(), "✓ Activation code created");
    assert!(direct_message(&world).text.contains(&last_code(&world.sim).1));
    assert_eq!(world.sim.workspace(&id).unwrap()["calling"]["type"], "freeCalling");
}

#[tokio::test]
async fn the_workspace_itself_counts_and_not_its_entry_in_a_list() {
    let add = "add device mac 00112233440A model \"Cisco Room Bar\" to workspace \"BER-7 Lounge\"";
    for (line, question) in
        [("activate workspace \"BER-7 Lounge\"", "Create an activation code?"), (add, "Add this device?")]
    {
        for (now, headline, expected) in [
            (json!({ "calling": { "type": "none" } }), question, "free calling"),
            (
                json!({ "displayName": "BER-8 Lounge" }),
                "✕ Not this workspace: nothing was done",
                "lists it as \"BER-7 Lounge\", but its own record says \"BER-8 Lounge\"",
            ),
        ] {
            let world = World::new().await;
            let lounge = add_lounge(&world);
            let mut record = world.sim.workspace(&lounge).unwrap();
            record.as_object_mut().unwrap().extend(now.as_object().unwrap().clone());
            world.sim.fault(FaultRule::on("GET", &format!("/workspaces/{lounge}")).json_body(record));
            let answer = world.ask(&world.cast.ana, line).await;
            assert_eq!(answer.headline(), headline, "{line}: {}", answer.text);
            assert!(answer.text.contains(expected), "{line}: {}", answer.text);
            assert_eq!((codes(&world), world.calls("POST", "/devices")), (0, 0), "{line}");
        }
        let world = World::new().await;
        let lounge = add_lounge(&world);
        world.sim.fault(FaultRule::on("GET", &format!("/workspaces/{lounge}")).status(404));
        let answer = world.ask(&world.cast.ana, line).await;
        assert_eq!(answer.headline(), "✕ Not this workspace: nothing was done", "{line}: {}", answer.text);
        assert!(answer.text.contains("does not find its record"), "{line}: {}", answer.text);
        assert_eq!((codes(&world), world.calls("POST", "/devices")), (0, 0), "{line}");
    }
}

#[tokio::test]
async fn an_activation_for_a_person_is_confirmed_in_words() {
    let world = World::new().await;
    let message = world.say(&world.cast.ana, "activate person BEN@example.com model \"Cisco 9861\"").await;
    let card = world.the_answer_to(&message);
    assert!(
        card.text.contains("Webex Calling Standard") && card.text.contains("factory settings"),
        "{}",
        card.text
    );
    let code = card.fact("Code").unwrap();
    world.reply(&world.cast.ana, &message, &format!("cancel {code}")).await;
    assert_eq!(world.the_answer_to(&message).headline(), "Canceled: nothing was done");

    let message = world.say(&world.cast.ana, "activate person ben@example.com").await;
    let code = world.the_answer_to(&message).fact("Code").unwrap();
    world.reply(&world.cast.ana, &message, &format!("confirm {code}")).await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Activation code created");
    let made = world.sim.activation_codes();
    assert_eq!(made[0].person_id.as_deref(), Some(world.cast.ben.id.as_str()));
    assert_eq!(direct_message(&world).fact("Person").as_deref(), Some("ben@example.com"));
}

#[tokio::test]
async fn an_ambiguous_place_gets_no_code() {
    let world = World::new().await;
    add_lounge(&world);
    add_lounge(&world);
    world.sim.add_workspace(&json!({ "displayName": "BER-7 Phones", "supportedDevices": "phones" }));
    let room = &world.cast.operations;
    for (line, headline, expected) in [
        ("workspace \"BER-7 Lounge\"".to_owned(), "Which of these workspaces?", "2 workspaces found"),
        ("workspace \"BER-7 Phone\"".to_owned(), "✕ Not found", "BER-7 Phones"),
        ("workspace Zzz".to_owned(), "✕ Not found", "exactly as in Control Hub"),
        (format!("workspace {room}"), "✕ Not found", "workspace id"),
        ("workspace \"BER-7 Phones\"".to_owned(), "? Which phone?", "model \"Cisco 9861\""),
        ("person nobody@example.com".to_owned(), "✕ Not found", "nobody@example.com"),
        ("person oskar@partner.example".to_owned(), "✕ Not found", "oskar@partner.example"),
    ] {
        let answer = world.ask(&world.cast.ana, &format!("activate {line}")).await;
        assert_eq!(answer.headline(), headline, "{line}: {}", answer.text);
        assert!(answer.text.contains(expected), "{line}: {}", answer.text);
    }
    for line in ["workspace", "person ben@", "person", "workspace Lounge model", "BER-7 Lounge"] {
        let answer = world.ask(&world.cast.ana, &format!("activate {line}")).await;
        assert_eq!(answer.headline(), "? Not understood", "{line}: {}", answer.text);
        world.advance(SignedDuration::from_mins(1)).await;
    }
    let ben = world.ask(&world.cast.ben, "activate workspace \"BER-7 Lounge\"").await;
    assert_eq!(ben.headline(), "✕ Refused: you are not on the list of admins");
    assert_eq!((codes(&world), world.calls("POST", "/devices")), (0, 0));
}

#[tokio::test]
async fn webex_refuses_a_sixth_phone_and_an_unknown_model() {
    let world = World::new().await;
    for _ in 0..5 {
        let ben = json!({ "personId": world.cast.ben.id, "workspaceId": null, "type": "phone", "mac": null });
        world.sim.add_device(&ben);
    }
    world.sim.add_workspace(&json!({ "displayName": "BER-7 Phones", "supportedDevices": "phones" }));
    for (line, expected) in [
        ("person ben@example.com model \"Cisco 9861\"", "at most five phones"),
        ("workspace \"BER-7 Phones\" model \"Cisco 1\"", "Check the model"),
    ] {
        let message = world.say(&world.cast.ana, &format!("activate {line}")).await;
        let card = world.the_answer_to(&message);
        if let Some(code) = card.fact("Code") {
            world.reply(&world.cast.ana, &message, &format!("confirm {code}")).await;
        }
        let answer = world.the_answer_to(&message);
        assert_eq!(answer.headline(), "✕ Refused by Webex", "{line}: {}", answer.text);
        assert!(answer.text.contains(expected), "{line}: {}", answer.text);
    }
    assert_eq!(codes(&world), 0);
}

#[tokio::test]
async fn a_code_that_cannot_be_sent_directly_is_not_posted_in_the_space() {
    let world = World::new().await;
    add_lounge(&world);
    world.sim.fault(FaultRule::on("POST", "/messages").status(403).once());
    let answer = world.ask(&world.cast.ana, "activate workspace \"BER-7 Lounge\"").await;
    assert_eq!(answer.headline(), "✕ The code could not be sent");
    let (code, in_groups) = last_code(&world.sim);
    let elsewhere = everything_but_direct_messages(&world).await;
    assert!(!elsewhere.contains(&code) && !elsewhere.contains(&in_groups));
    assert!(world.audited().await.contains(&"activation_code_made"));
    assert!(world.answers_outside_threads().is_empty());
}

#[tokio::test]
async fn a_code_whose_message_had_no_clear_answer_may_have_arrived() {
    for (fault, arrived) in [
        (FaultRule::on("POST", "/messages").status(502).once(), false),
        (FaultRule::on("POST", "/messages").dropping_connection().after_effect().once(), true),
    ] {
        let world = World::new().await;
        add_lounge(&world);
        world.sim.fault(fault);
        let answer = world.ask(&world.cast.ana, "activate workspace \"BER-7 Lounge\"").await;
        assert_eq!(answer.headline(), "? The code may not have reached you", "{}", answer.text);
        assert_eq!(world.answers_outside_threads().len(), usize::from(arrived));
        assert!(world.audited().await.contains(&"activation_code_made"));
    }
}

#[tokio::test]
async fn the_message_with_the_code_is_sent_again_after_a_short_rate_limit() {
    for (seconds, arrives) in [(1, true), (30, false)] {
        let world = World::new().await;
        add_lounge(&world);
        let limited = FaultRule::on("POST", "/messages").status(429).retry_after(&seconds.to_string());
        world.sim.fault(limited.once());
        let line = "activate workspace \"BER-7 Lounge\"";
        let message = world.sim.say(&world.cast.ana, &world.cast.operations, line, None);
        // Steward sits the wait out, so its clock runs.
        let clock_runs = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            loop {
                ticks.tick().await;
                world.clock.advance(SignedDuration::from_millis(20));
            }
        };
        tokio::select! {
            () = world.settle() => {}
            () = clock_runs => {}
        }
        world.advance_through_waits(SignedDuration::from_mins(1)).await;
        let headline = if arrives { "✓ Activation code created" } else { "✕ The code could not be sent" };
        assert_eq!(world.the_answer_to(&message).headline(), headline);
        assert_eq!(world.answers_outside_threads().len(), usize::from(arrives));
        assert_eq!(codes(&world), 1);
    }
}

#[tokio::test]
async fn webex_errors_are_reported_and_create_no_code() {
    for (fault, headline) in [
        (
            FaultRule::on("POST", "/devices/activationCode").status(500).once(),
            "? A code may have been created",
        ),
        (FaultRule::on("POST", "/devices/activationCode").status(403).once(), "✕ Not done"),
        (FaultRule::on("POST", "/devices/activationCode").status(429).retry_after("3600").once(), "… Busy"),
    ] {
        let world = World::new().await;
        add_lounge(&world);
        world.sim.fault(fault);
        let answer = world.ask(&world.cast.ana, "activate workspace \"BER-7 Lounge\"").await;
        assert_eq!(answer.headline(), headline, "{}", answer.text);
        assert_eq!((codes(&world), world.calls("POST", "/devices/activationCode")), (0, 1));
    }
    let world = World::new().await;
    add_lounge(&world);
    world.sim.fault(FaultRule::on("POST", "/devices/activationCode").status(429).retry_after("5").once());
    let message = world.say(&world.cast.ana, "activate workspace \"BER-7 Lounge\"").await;
    world.advance(SignedDuration::from_secs(5)).await;
    assert_eq!(world.the_answer_to(&message).headline(), "✓ Activation code created");
    assert_eq!((codes(&world), direct_message(&world).headline()), (1, "Activation code"));
}

#[tokio::test]
async fn the_code_is_not_logged_at_any_level() {
    let sim = Sim::start(SimOptions::default()).await.unwrap();
    let cast = sim.cast();
    sim.add_workspace(&json!({ "displayName": "BER-7 Lounge" }));
    let (home, address) = (TempDir::new().unwrap(), free_address());
    let variables = [
        ("STEWARD_LISTEN", address.to_string()),
        ("STEWARD_PUBLIC_URL", format!("http://{address}")),
        ("STEWARD_DATABASE_URL", format!("sqlite://{}/steward.db", home.path().display())),
        ("STEWARD_WEBEX_API", sim.api_base()),
        ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
        ("STEWARD_ADMINS", cast.ana.email.clone()),
        ("STEWARD_LOG", "trace".to_owned()),
    ];
    let steward = Process::start(&home, &["serve"], &variables);
    until("the webhooks are there", async || (sim.webhooks().len() >= 2).then_some(())).await;
    let message = sim.say(&cast.ana, &cast.operations, "activate workspace \"BER-7 Lounge\"", None);
    until("the space has its answer", async || {
        sim.messages(&cast.operations)
            .iter()
            .any(|posted| posted["parentId"] == message.as_str())
            .then_some(())
    })
    .await;
    steward.terminate();
    let finished = steward.finished().await;
    let (code, in_groups) = last_code(&sim);
    let log = finished.stdout + &finished.stderr;
    assert!(log.contains("TRACE") && log.contains("Steward is ready"), "{log}");
    assert!(!log.contains(&code) && !log.contains(&in_groups), "the code was logged");
}

#[tokio::test]
async fn additions_wait_while_another_process_adds_a_device() {
    let world = World::new().await;
    add_lounge(&world);
    let store = world.app().store().clone();
    if !store.is_shared() {
        return;
    }
    let ends = world.now() + SignedDuration::from_secs(60);
    assert!(store.acquire_lock("additions", "another", world.now(), ends).await.unwrap());
    let calls = world.calls("GET", "/workspaces");
    let message = world.say(&world.cast.ana, "activate workspace \"BER-7 Lounge\"").await;
    world.advance(SignedDuration::from_secs(29)).await;
    assert_eq!((codes(&world), world.answers_to(&message).len()), (0, 0));
    world.advance(SignedDuration::from_secs(1)).await;
    let notice = world.the_answer_to(&message);
    assert_eq!(notice.headline(), "… Waiting for another change");
    assert!(notice.text.contains("activate workspace \"BER-7 Lounge\""), "{}", notice.text);
    world.advance(SignedDuration::from_secs(20)).await;
    assert_eq!((world.answers_to(&message).len(), world.calls("GET", "/workspaces")), (1, calls));
    // The lock's process has died, so the lock expires.
    world.advance_through_waits(SignedDuration::from_mins(2)).await;
    let answers = world.answers_to(&message);
    assert_eq!((codes(&world), answers.len()), (1, 2));
    assert_eq!(answers[1].headline(), "✓ Activation code created");
    assert!(world.now() >= ends);
    direct_message(&world);
    assert!(
        store.acquire_lock("additions", "another", world.now(), ends).await.unwrap(),
        "it was given back"
    );
}
