//! Startup: identity lookups, health checks and metrics.

use jiff::SignedDuration;
use serde_json::{Value, json};
use steward::domain::audit::AuditEvent;
use steward::domain::{EmailAddress, PersonId};
use steward::sim::{Cast, FaultRule};

use crate::world::{SECRET, World};

#[tokio::test]
async fn an_unknown_token_is_a_settings_error_that_names_it() {
    for variable in ["STEWARD_BOT_TOKEN", "STEWARD_ADMIN_TOKEN"] {
        let error = World::with().setting(variable, "nobodys-token").start_error().await;
        assert!(error.is_the_settings_fault());
        let message = error.to_string();
        assert!(message.starts_with(&format!("Webex rejected {variable} (401)")), "{message}");
        assert!(!message.contains("nobodys"), "{message}");
    }
}

#[tokio::test]
async fn a_token_of_the_wrong_kind_is_a_settings_error_that_says_which_one_to_set() {
    type TokenOf = fn(&Cast) -> String;
    let cases: [(&str, TokenOf, &str); 3] = [
        (
            "STEWARD_BOT_TOKEN",
            |cast| cast.ana.token.clone(),
            "belongs to a person; set it to the token of the bot",
        ),
        (
            "STEWARD_BOT_TOKEN",
            |cast| cast.read_only_admin_token.clone(),
            "belongs to the machine account of a Service App; set it to the token of the bot",
        ),
        (
            "STEWARD_ADMIN_TOKEN",
            |cast| cast.helper.token.clone(),
            "belongs to a bot; a bot cannot administer devices",
        ),
    ];
    for (variable, token, says) in cases {
        let error = World::with().setting_of(variable, token).start_error().await;
        assert!(error.is_the_settings_fault());
        assert!(error.to_string().starts_with(&format!("{variable} {says}")), "{error}");
    }
}

#[tokio::test]
async fn webex_errors_at_the_start_are_not_settings_errors() {
    for fault in [
        FaultRule::on("GET", "/people/me").status(503),
        FaultRule::on("GET", "/people/me").status(429).skipping(1),
        FaultRule::on("GET", "/people").dropping_connection(),
    ] {
        let error = World::with().prepare_sim(|sim| sim.fault(fault)).start_error().await;
        assert!(!error.is_the_settings_fault());
        assert!(error.to_string().starts_with("cannot ask Webex"), "{error}");
    }
}

#[tokio::test]
async fn admins_are_listed_by_address_in_any_case_or_by_id() {
    let forms: [fn(&Cast) -> String; 3] = [
        |cast| cast.ana.email.to_uppercase(),
        |cast| cast.ana.id.clone(),
        |cast| format!("nobody@example.com, {}", cast.ana.email),
    ];
    for form in forms {
        let world = World::with().setting_of("STEWARD_ADMINS", form).start().await;
        let answer = world.ask(&world.cast.ana, &format!("delete device {}", world.a_device_id())).await;
        assert_eq!(answer.outcome(), "gone");
        let answer = world.ask(&world.cast.ben, &format!("delete device {}", world.a_device_id())).await;
        assert_eq!(answer.headline(), "✕ Refused: you are not on the list of admins");
    }
}

#[tokio::test]
async fn an_unknown_address_makes_no_one_an_admin() {
    let world = World::with().setting("STEWARD_ADMINS", "nobody@example.com").start().await;
    let answer = world.ask(&world.cast.ana, &format!("delete device {}", world.a_device_id())).await;
    assert_eq!(answer.headline(), "✕ Refused: nobody is an admin yet");
    assert!(world.device_calls().is_empty());
}

#[tokio::test]
async fn an_address_keeps_meaning_the_person_it_first_meant() {
    let mut world = World::new().await;
    let (ana, ben) = (world.cast.ana.clone(), world.cast.ben.clone());
    world.sim.change_person(&ana.id, &json!({ "email": "ana.alvarez@example.com" }));
    world.sim.change_person(&ben.id, &json!({ "email": ana.email }));
    world.restart().await;
    let device = world.a_device_id();
    let answer = world.ask(&ben, &format!("delete device {device}")).await;
    assert_eq!(answer.headline(), "✕ Refused: you are not on the list of admins");
    assert!(world.device_exists(&device));
    assert_eq!(world.ask(&ana, &format!("delete device {device}")).await.outcome(), "gone");
}

#[tokio::test]
async fn resolving_an_address_is_audited_once() {
    let mut world = World::new().await;
    world.restart().await;
    let pinned: Vec<_> = world.whole_audit().await.into_iter().map(|entry| entry.event).collect();
    let email = EmailAddress::parse(&world.cast.ana.email).unwrap();
    let person_id = PersonId::parse(&world.cast.ana.id).unwrap();
    assert_eq!(pinned, [AuditEvent::IdentityPinned { email, person_id }]);
}

#[tokio::test]
async fn an_address_removed_from_webex_keeps_meaning_its_person() {
    let mut world = World::new().await;
    let ana = world.cast.ana.clone();
    world.sim.change_person(&ana.id, &json!({ "email": "ana.alvarez@example.com" }));
    world.restart().await;
    let answer = world.ask(&ana, &format!("delete device {}", world.a_device_id())).await;
    assert_eq!(answer.outcome(), "gone");
    assert_eq!(answer.fact("Asked by").as_deref(), Some("ana.alvarez@example.com"));
}

#[tokio::test]
async fn the_organization_is_found_through_a_device_if_the_credential_cannot_read_itself() {
    let no_scope =
        |sim: &steward::sim::Sim| sim.fault(FaultRule::on("GET", "/people/me").status(403).skipping(1));
    let world = World::with().prepare_sim(no_scope).start().await;
    let answer = world.ask(&world.cast.ana, &format!("delete device {}", world.a_device_id())).await;
    assert_eq!(answer.outcome(), "gone");

    let error = World::with().devices(0).prepare_sim(no_scope).start_error().await;
    assert!(error.is_the_settings_fault());
    assert!(error.to_string().starts_with("STEWARD_ORGS is missing"), "{error}");

    let own = |cast: &Cast| cast.example_org.clone();
    let world = World::with().devices(0).prepare_sim(no_scope).setting_of("STEWARD_ORGS", own).start().await;
    world.ask(&world.cast.ana, "help").await;
}

#[tokio::test]
async fn steward_is_ready_without_a_public_url_and_touches_no_webhook() {
    let world = World::with().setting("STEWARD_PUBLIC_URL", "").start().await;
    assert!(world.sim.webhooks().is_empty());
    assert_eq!(world.calls("GET", "/webhooks"), 0);
    let ready = world.get("/readyz").await;
    assert_eq!(ready.status, 200);
    assert_eq!(parts(&ready.body)["webhooks"], "not looked after");
    assert_eq!(parts(&ready.body)["public_address"], "not looked after");
}

#[tokio::test]
async fn a_webhook_that_cannot_be_registered_is_reported_and_blocks_nothing() {
    let world = World::with()
        .prepare_sim(|sim| sim.fault(FaultRule::on("GET", "/webhooks").status(503)))
        .start()
        .await;
    let ready = world.get("/readyz").await;
    assert_eq!((ready.status, parts(&ready.body)["webhooks"].as_str()), (503, Some("not known yet")));
    let (message, request) = world.say_undelivered(&world.cast.ana, "help");
    assert_eq!(world.deliver(&request.signed_with(SECRET)).await.status, 200);
    world.settle().await;
    world.the_answer_to(&message);
}

fn parts(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

#[tokio::test]
async fn healthz_and_readyz_report_the_state() {
    let world = World::new().await;
    let health = world.get("/healthz").await;
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
    let ready = world.get("/readyz").await;
    let well = json!({ "database": "ok", "bot_token": "ok", "admin_credential": "ok", "webhooks": "ok",
        "public_address": "not known yet" });
    assert_eq!((ready.status, parts(&ready.body)), (200, well));
}

#[tokio::test]
async fn a_credential_rejected_later_shows_in_readyz() {
    for (method, path, part) in [
        ("DELETE", "/devices/*", "admin_credential"),
        ("GET", "/devices/*", "admin_credential"),
        ("POST", "/messages", "bot_token"),
        ("GET", "/messages/*", "bot_token"),
    ] {
        let world = World::new().await;
        world.sim.fault(FaultRule::on(method, path).status(401).once());
        let message = world.delete(&world.a_device_id()).await;
        let ready = world.get("/readyz").await;
        assert_eq!(ready.status, 503, "{method} {path}");
        assert_eq!(parts(&ready.body)[part], "not ok", "{method} {path}");
        assert_eq!(world.get("/healthz").await.status, 200);
        world.advance_through_waits(SignedDuration::from_mins(1)).await;
        world.the_answer_to(&message);
    }
}

#[tokio::test]
async fn a_read_only_database_shows_in_readyz() {
    let world = World::new().await;
    world.app().store().close().await;
    let ready = world.get("/readyz").await;
    assert_eq!((ready.status, parts(&ready.body)["database"].as_str()), (503, Some("not ok")));
}

#[tokio::test]
async fn metrics_count_deliveries_commands_and_outcomes_without_names() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.ask(&world.cast.ana, &format!("delete device {device}")).await;
    world.ask(&world.cast.ana, &format!("delete device {device}")).await;
    world.ask(&world.cast.ben, &format!("delete device {device}")).await;
    world.ask(&world.cast.ben, "hello").await;
    for (counter, count) in [
        ("deletions_total{outcome=\"gone\"}", 1),
        ("deletions_total{outcome=\"not found\"}", 1),
        ("commands_total{command=\"delete device\",result=\"accepted\"}", 2),
        ("commands_total{command=\"delete device\",result=\"refused\"}", 1),
        ("commands_total{command=\"none\",result=\"not understood\"}", 1),
        ("deliveries_total{result=\"new\"}", 4),
        // Deliveries about its own posts.
        ("deliveries_total{result=\"nothing to do\"}", 4),
    ] {
        assert_eq!(world.metric(counter).await, count, "{counter}");
    }
    let metrics = world.get("/metrics").await.body;
    assert!(metrics.ends_with("# EOF\n"));
    assert!(!metrics.contains(&device) && !metrics.contains("ana"), "{metrics}");
}
