//! Signature checks over real HTTP, and repeated deliveries.

use serde_json::Value;
use steward::sim::DeliveryFault;
use steward::sim::FaultRule;
use steward::store::JobCounts;

use crate::world::{Reply, SECRET, WebhookRequest, World, spark_signature, webex_signature};

const OLDER: &str = "X-Spark-Signature";
const NEWER: &str = "X-Webex-Signature";
/// Builds the headers of a delivery.
type Signing = fn(&WebhookRequest) -> Vec<(&'static str, String)>;
/// The largest accepted body, in bytes.
const LARGEST: usize = 256 * 1024;

/// The signature with another last digit.
fn one_digit_off(signature: &str) -> String {
    let digit = if signature.ends_with('0') { '1' } else { '0' };
    format!("{}{digit}", &signature[..signature.len() - 1])
}

/// Ana's command to delete a device, not yet delivered.
fn undelivered_command(world: &World) -> (String, String, WebhookRequest) {
    let device = world.a_device_id();
    let (message, request) = world.say_undelivered(&world.cast.ana, &format!("delete device {device}"));
    (device, message, request)
}

async fn assert_accepted(world: &World, device: &str, message: &str, request: &WebhookRequest, what: &str) {
    assert_eq!(world.deliver(request).await, Reply { status: 200, body: String::new() }, "{what}");
    world.settle().await;
    assert_eq!(world.the_answer_to(message).outcome(), "gone", "{what}");
    assert!(!world.device_exists(device), "{what}");
}

async fn assert_refused(world: &World, request: &WebhookRequest, reason: &str, what: &str) {
    let counted = format!("deliveries_total{{result=\"{reason}\"}}");
    let before = world.metric(&counted).await;
    assert_eq!(world.deliver(request).await, Reply { status: 401, body: String::new() }, "{what}");
    assert_eq!(world.metric(&counted).await, before + 1, "{what}");
    assert_eq!(world.jobs().await, JobCounts::default(), "{what} was stored");
}

#[tokio::test]
async fn all_forms_of_webex_signatures_are_accepted() {
    let world = World::new().await;
    let wrong_older = "0".repeat(40);
    let wrong_newer = format!("SHA-256={}, SHA-512={}", "0".repeat(64), "0".repeat(128));
    let forms: [(&str, Signing); 7] = [
        ("both headers", |request| {
            vec![
                (OLDER, spark_signature(SECRET, &request.body)),
                (NEWER, webex_signature(SECRET, &request.body)),
            ]
        }),
        ("only the older header", |request| vec![(OLDER, spark_signature(SECRET, &request.body))]),
        ("only the newer header", |request| vec![(NEWER, webex_signature(SECRET, &request.body))]),
        ("upper case", |request| vec![(OLDER, spark_signature(SECRET, &request.body).to_uppercase())]),
        ("upper case in the newer header", |request| {
            vec![(NEWER, webex_signature(SECRET, &request.body).to_uppercase())]
        }),
        ("another spelling of the newer header", |request| {
            let signature = webex_signature(SECRET, &request.body);
            vec![(NEWER, signature.replace("SHA-", "sha").replace(", ", ","))]
        }),
        ("only SHA-512", |request| {
            let signature = webex_signature(SECRET, &request.body);
            vec![(NEWER, signature.split_once(", ").unwrap().1.to_owned())]
        }),
    ];
    for (what, form) in forms {
        let (device, message, request) = undelivered_command(&world);
        let headers = form(&request);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        assert_accepted(&world, &device, &message, &request, what).await;
    }
    for (what, older_is_wrong) in [("the older is wrong", true), ("the newer is wrong", false)] {
        let (device, message, request) = undelivered_command(&world);
        let (older, newer) = (spark_signature(SECRET, &request.body), webex_signature(SECRET, &request.body));
        let request = if older_is_wrong {
            request.header(OLDER, &wrong_older).header(NEWER, &newer)
        } else {
            request.header(OLDER, &older).header(NEWER, &wrong_newer)
        };
        assert_accepted(&world, &device, &message, &request, what).await;
    }
}

#[tokio::test]
async fn unsigned_bodies_are_refused_silently_and_leave_no_trace() {
    let world = World::new().await;
    let (device, message, plain) = undelivered_command(&world);
    let signed = plain.clone().signed_with(SECRET);
    let (older, newer) = (spark_signature(SECRET, &plain.body), webex_signature(SECRET, &plain.body));

    let mut altered = plain.body.clone();
    let last = altered.len() - 3;
    altered[last] ^= 1;
    assert_refused(&world, &signed.clone().with_body(altered), "wrong", "a body altered by one byte").await;
    let mut longer = plain.body.clone();
    longer.push(b'\n');
    assert_refused(&world, &signed.clone().with_body(longer), "wrong", "a body with a line break more").await;
    let parsed: Value = serde_json::from_slice(&plain.body).unwrap();
    let again = serde_json::to_vec(&parsed).unwrap();
    assert_ne!(again, plain.body);
    let reserialized = WebhookRequest::unsigned(again).signed_with(SECRET).with_body(plain.body.clone());
    assert_refused(&world, &reserialized, "wrong", "a signature over the re-serialized JSON").await;

    let digit = plain.clone().header(OLDER, &one_digit_off(&older));
    assert_refused(&world, &digit, "wrong", "one digit of the older header changed").await;
    let first = newer.split_once(", ").unwrap().0;
    let digit = plain.clone().header(NEWER, &one_digit_off(first));
    assert_refused(&world, &digit, "wrong", "one digit of the newer header changed").await;
    let both = plain.clone().header(OLDER, &one_digit_off(&older)).header(NEWER, &one_digit_off(first));
    assert_refused(&world, &both, "wrong", "one digit of both changed").await;
    assert_refused(&world, &plain.clone().signed_with(""), "wrong", "an empty secret").await;
    assert_refused(&world, &plain.clone().signed_with("another secret of 16+"), "wrong", "another secret")
        .await;

    assert_refused(&world, &plain, "missing", "no header").await;
    for (name, value) in
        [(OLDER, ""), (OLDER, "hello"), (OLDER, &older[..39]), (NEWER, &older), (NEWER, "SHA-256=")]
    {
        let request = plain.clone().header(name, value);
        assert_refused(&world, &request, "malformed", &format!("{name}: {value}")).await;
    }
    assert!(world.device_exists(&device) && world.answers_to(&message).is_empty());
    assert_accepted(&world, &device, &message, &signed, "the real one, afterwards").await;
}

#[tokio::test]
async fn steward_require_sha2_refuses_sha1() {
    let world = World::with().setting("STEWARD_REQUIRE_SHA2", "true").start().await;
    let (device, message, plain) = undelivered_command(&world);
    let older = plain.clone().header(OLDER, &spark_signature(SECRET, &plain.body));
    assert_refused(&world, &older, "missing", "only SHA-1").await;
    let wrong = older.header(NEWER, &format!("SHA-256={}", "0".repeat(64)));
    assert_refused(&world, &wrong, "wrong", "SHA-1 right and SHA-2 wrong").await;
    let newer = plain.clone().header(NEWER, &webex_signature(SECRET, &plain.body));
    assert_accepted(&world, &device, &message, &newer, "SHA-2").await;
}

#[tokio::test]
async fn the_previous_secret_works_only_during_a_rotation() {
    let previous = "the secret before this one";
    let mut world = World::with().setting("STEWARD_WEBHOOK_SECRET_PREVIOUS", previous).start().await;
    for secret in [previous, SECRET] {
        let (device, message, request) = undelivered_command(&world);
        assert_accepted(&world, &device, &message, &request.signed_with(secret), "during the rotation").await;
    }
    world.restart_with(&[("STEWARD_WEBHOOK_SECRET_PREVIOUS", "")]).await.unwrap();
    let (_, _, request) = undelivered_command(&world);
    assert_eq!(world.deliver(&request.signed_with(previous)).await.status, 401);
}

#[tokio::test]
async fn bodies_are_limited_to_a_quarter_of_a_megabyte() {
    let world = World::new().await;
    let request = WebhookRequest::unsigned(vec![b' '; LARGEST]).signed_with(SECRET);
    assert_eq!(world.deliver(&request).await.status, 200);
    let request = WebhookRequest::unsigned(vec![b' '; LARGEST + 1]).signed_with(SECRET);
    assert_eq!(world.deliver(&request).await, Reply { status: 413, body: String::new() });
    assert_eq!(world.metric("deliveries_total{result=\"too large\"}").await, 1);
    assert_eq!(world.jobs().await, JobCounts { parked: 1, ..JobCounts::default() });
}

#[tokio::test]
async fn a_signed_body_that_is_not_an_event_is_stored_and_parked() {
    let world = World::new().await;
    for body in ["hello", "", "{}", "[1]", "{\"resource\":\"messages\"}", "\u{0}"] {
        let request = WebhookRequest::unsigned(body).signed_with(SECRET);
        assert_eq!(world.deliver(&request).await.status, 200, "{body:?}");
        assert_eq!(world.deliver(&request).await.status, 200, "{body:?}, again");
    }
    world.settle().await;
    assert_eq!(world.jobs().await, JobCounts { parked: 6, ..JobCounts::default() });
    assert_eq!(world.metric("deliveries_total{result=\"unreadable\"}").await, 6);
    assert_eq!(world.metric("deliveries_total{result=\"duplicate\"}").await, 6);
}

#[tokio::test]
async fn unknown_events_are_accepted_without_effect() {
    let world = World::new().await;
    let (device, message, _) = undelivered_command(&world);
    let calls = world.sim.requests().len();
    for (resource, event) in [
        ("messages", "deleted"),
        ("messages", "updated"),
        ("rooms", "created"),
        ("attachmentActions", "updated"),
        ("devices", "deleted"),
        ("teleports", "beamed"),
    ] {
        let body = format!(r#"{{"resource":"{resource}","event":"{event}","data":{{"id":"{message}"}}}}"#);
        assert_eq!(world.deliver(&WebhookRequest::unsigned(body).signed_with(SECRET)).await.status, 200);
    }
    world.settle().await;
    assert_eq!(world.jobs().await, JobCounts { done: 6, ..JobCounts::default() });
    assert_eq!(world.metric("deliveries_total{result=\"nothing to do\"}").await, 6);
    assert_eq!(world.sim.requests().len(), calls, "Webex was not asked anything");
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn the_webhook_accepts_only_posts_and_other_paths_do_not_exist() {
    let world = World::new().await;
    assert_eq!(world.get("/webhooks/webex").await.status, 405);
    for path in ["/", "/webhooks", "/webhooks/webex/", "/webhooks/webex/x", "/console"] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_repeated_delivery_is_acknowledged_and_runs_once() {
    let world = World::new().await;
    let device = world.a_device_id();
    let message = world.delete(&device).await;
    let delivery = world.last_delivery();
    assert_eq!(world.sim.redeliver(&delivery).await, 200);
    let mut by_another_webhook = WebhookRequest::unsigned(delivery.body.to_vec());
    let mut body: Value = serde_json::from_slice(&delivery.body).unwrap();
    body["id"] = "Y2lzY29zcGFyazovL3VzL1dFQkhPT0svb3RoZXI".into();
    by_another_webhook.body = body.to_string().into_bytes();
    assert_eq!(world.deliver(&by_another_webhook.signed_with(SECRET)).await.status, 200);
    world.settle().await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(world.deletes(), 1);
    assert_eq!(world.metric("deliveries_total{result=\"duplicate\"}").await, 2);
}

#[tokio::test]
async fn twenty_concurrent_copies_of_a_delivery_are_one_job() {
    let world = World::new().await;
    let (device, message, request) = undelivered_command(&world);
    let request = request.signed_with(SECRET);
    let mut at_once = tokio::task::JoinSet::new();
    for _ in 0..20 {
        at_once.spawn(world.sending(&request));
    }
    let replies = at_once.join_all().await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    assert_eq!(world.jobs().await, JobCounts { waiting: 1, ..JobCounts::default() });
    world.settle().await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    assert_eq!(world.deletes_of(&device), 1);
}

#[tokio::test]
async fn duplicated_and_reordered_deliveries_change_nothing() {
    let world = World::new().await;
    world.sim.fault(FaultRule::on_deliveries(DeliveryFault::Duplicate));
    let device = world.a_device_id();
    let message = world.delete(&device).await;
    assert_eq!(world.the_answer_to(&message).outcome(), "gone");
    world.sim.clear_faults();

    world.sim.fault(FaultRule::on_deliveries(DeliveryFault::Overtake).once());
    let device = world.a_device_id();
    let order = format!("delete device {device}");
    let first = world.sim.say(&world.cast.ana, &world.cast.operations, &order, None);
    let second = world.say(&world.cast.ana, &order).await;
    let mut outcomes = [first, second].map(|message| world.the_answer_to(&message).outcome());
    outcomes.sort();
    assert_eq!(outcomes, ["gone", "not found"]);
    assert_eq!(world.deletes(), 2);
}

#[tokio::test]
async fn a_delivery_that_cannot_be_stored_is_not_acknowledged() {
    let world = World::new().await;
    let (_, _, request) = undelivered_command(&world);
    world.app().store().close().await;
    let reply = world.deliver(&request.signed_with(SECRET)).await;
    assert_eq!(reply, Reply { status: 503, body: String::new() });
    assert_eq!(world.metric("deliveries_total{result=\"not stored\"}").await, 1);
}
