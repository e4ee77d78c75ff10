//! Every status code of Webex's page *Delete a Device* through the whole service: its outcome, the card's sentence,
//! and the next step. Only the status counts, not the body; except for a 404, see `proof_of_absence`.

use std::collections::HashSet;

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use crate::world::{Answer, UNCLEAR_DELETES, World};

/// Errors as answers to the DELETE: the outcome, part of the card's sentence, and part of its next step. The clock
/// shows 08:16:00 when the last of them is given up, and rate limits last an hour.
const ERRORS: [(u16, &str, &str, &str); 15] = [
    (400, "failed", "did not accept this device id (400)", "Copy the whole device id from Control Hub again"),
    (401, "failed", "rejected Steward's admin credential (401)", "check its admin credential"),
    (403, "failed", "admin credential is not allowed to do this (403)", "spark-admin:devices_write"),
    (404, "not found", "somebody else was probably faster", "audit log of Control Hub"),
    (405, "failed", "does not delete devices (405)", "check the Webex address in its settings"),
    (
        409,
        "failed",
        "Something else was changing the device at that moment (409)",
        "Wait until the other change is finished",
    ),
    (410, "not found", "Webex no longer offers this call", "Look for the device in Control Hub"),
    (
        415,
        "failed",
        "Something on the way to Webex rejected the request (415)",
        "check the proxy on the way to Webex",
    ),
    (423, "failed", "has locked the device for now (423)", "Send the command again at 08:17 UTC"),
    (428, "failed", "requires another step first (428)", "finish what it asks for"),
    (429, "failed", "rate limiting Steward (429)", "Send the command again at 09:16 UTC"),
    (500, "failed", "an internal error (500), and the device is still there", "Steward looks again"),
    (502, "failed", "a bad gateway (502), and the device is still there", "Steward looks again"),
    (
        503,
        "failed",
        "that it is temporarily unavailable (503), and the device is still there",
        "Steward looks again",
    ),
    (
        504,
        "failed",
        "that one of its services took too long (504), and the device is still there",
        "Steward looks again",
    ),
];

/// Errors as answers to the read before the DELETE, which is then never sent: the outcome and part of the card's
/// sentence.
const READ_ERRORS: [(u16, &str, &str); 15] = [
    (400, "failed", "(400), so nothing was deleted"),
    (401, "failed", "rejected Steward's admin credential (401), so nothing was deleted"),
    (403, "failed", "admin credential is not allowed to do this (403), so nothing was deleted"),
    (404, "not found", "finds no device with this id that Steward can see, so nothing was deleted"),
    (405, "failed", "so nothing was deleted"),
    (409, "failed", "so nothing was deleted"),
    (410, "not found", "says that this is gone (410), so nothing was deleted"),
    (415, "failed", "so nothing was deleted"),
    (423, "failed", "has locked the device for now (423), so nothing was deleted"),
    (428, "failed", "so nothing was deleted"),
    (429, "failed", "rate limiting Steward (429)"),
    (500, "failed", "could not read the device first, so nothing was deleted"),
    (502, "failed", "could not read the device first, so nothing was deleted"),
    (503, "failed", "could not read the device first, so nothing was deleted"),
    (504, "failed", "could not read the device first, so nothing was deleted"),
];

/// Longer than the waits for 429 and 423, shorter than the first follow-up.
const A_WHILE: SignedDuration = SignedDuration::from_secs(40);

/// Asks for the deletion of a new device while this rule answers the calls about it.
async fn delete_under(
    world: &World,
    method: &str,
    fault: impl Fn(FaultRule) -> FaultRule,
) -> (String, String) {
    let device = world.sim.add_device(&json!({}));
    world.sim.fault(fault(FaultRule::on(method, &format!("/devices/{device}"))));
    let message = world.delete(&device).await;
    (device, message)
}

/// 404 and 410 mean that someone else deleted the device, so it is removed; with other errors it stays.
fn means_already_deleted(status: u16) -> bool {
    matches!(status, 404 | 410)
}

/// 423 and 429 pause all calls with the credential, so each has its own world.
fn asks_to_wait(status: u16) -> bool {
    matches!(status, 423 | 429)
}

/// Rate limits last longer than a deletion waits.
fn answered(rule: FaultRule, status: u16) -> FaultRule {
    let rule = rule.status(status);
    if status == 429 { rule.retry_after("3600") } else { rule }
}

fn refused(rule: FaultRule, status: u16) -> FaultRule {
    let rule = answered(rule, status);
    if means_already_deleted(status) { rule.after_effect() } else { rule }
}

fn assert_says(answer: &Answer, status: u16, outcome: &str, happened: &str) {
    assert_eq!(answer.outcome(), outcome, "{status}");
    assert_eq!(answer.fact("Webex status"), Some(status.to_string()));
    assert!(answer.fact("Tracking id").is_some(), "{status}");
    assert!(answer.happened().contains(happened), "{status}: {}", answer.happened());
    assert!(!answer.what_next().is_empty(), "{status}");
}

const BODIES: [fn(FaultRule) -> FaultRule; 5] = [
    |json| json,
    FaultRule::html_body,
    FaultRule::empty_body,
    FaultRule::truncated_body,
    FaultRule::huge_body,
];
/// The kinds of calls of a deletion.
const CALLS: [(&str, &str); 4] =
    [("GET", "/messages/*"), ("GET", "/devices/*"), ("DELETE", "/devices/*"), ("POST", "/messages")];

#[tokio::test]
async fn a_call_that_webex_retired_is_not_blamed_on_the_credential() {
    let world = World::new().await;
    let (device, message) = delete_under(&world, "DELETE", |rule| rule.status(410)).await;
    world.advance_through_waits(A_WHILE).await;
    let answer = world.the_result_of(&message);
    assert_says(&answer, 410, "failed", "Webex says that this is gone (410), but the device is still there");
    assert!(!answer.text.contains("scopes"), "{}", answer.text);
    assert!(answer.what_next().contains("Delete the device in Control Hub"), "{}", answer.what_next());
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn any_2xx_counts_as_a_deletion() {
    let world = World::new().await;
    for status in [200, 201, 202, 204] {
        let (device, message) =
            delete_under(&world, "DELETE", |rule| rule.status(status).after_effect()).await;
        let answer = world.the_answer_to(&message);
        assert_says(
            &answer,
            status,
            "gone",
            "Webex deleted the device, and a check afterwards no longer finds it.",
        );
        assert!(answer.what_next().contains("Activate a replacement"), "{}", answer.what_next());
        assert!(!world.device_exists(&device), "{status}");
        assert_eq!(world.deletes_of(&device), 1, "{status}");
    }
}

#[tokio::test]
async fn a_2xx_without_a_deletion_is_not_reported_gone() {
    let world = World::new().await;
    for status in [200, 201, 202, 204] {
        let (device, message) = delete_under(&world, "DELETE", |rule| rule.status(status)).await;
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_answer_to(&message);
        assert_says(&answer, status, "accepted", "Webex accepted the deletion, but still lists the device.");
        assert!(world.device_exists(&device), "{status}");
    }
}

#[tokio::test]
async fn every_error_has_an_outcome_a_sentence_and_a_next_step() {
    let mut sentences = HashSet::new();
    for rows in ERRORS.chunk_by(|row, next| !asks_to_wait(row.0) && !asks_to_wait(next.0)) {
        let world = World::new().await;
        let mut asked = Vec::new();
        for row in rows {
            asked.push((row, delete_under(&world, "DELETE", |rule| refused(rule, row.0)).await));
        }
        world.advance_through_waits(A_WHILE).await;
        for ((status, outcome, happened, next), (device, message)) in asked {
            let answer = world.the_answer_to(&message);
            assert_says(&answer, *status, outcome, happened);
            assert!(answer.what_next().contains(next), "{status}: {}", answer.what_next());
            assert_eq!(world.device_exists(&device), !means_already_deleted(*status), "{status}");
            assert!(sentences.insert(answer.happened().to_owned()), "{status} has the sentence of another");
        }
    }
}

#[tokio::test]
async fn a_refused_delete_is_sent_once_and_an_unclear_one_a_few_times() {
    let world = World::new().await;
    let (refusals, unclear) = ([400, 401, 403, 404, 405, 409, 410, 415, 428], [500, 502, 503, 504]);
    for (statuses, deletes) in [(&refusals[..], 1), (&unclear[..], UNCLEAR_DELETES)] {
        for status in statuses {
            let (device, message) = delete_under(&world, "DELETE", |rule| refused(rule, *status)).await;
            world.advance_through_waits(A_WHILE).await;
            world.the_answer_to(&message);
            assert_eq!(world.deletes_of(&device), deletes, "{status}");
        }
    }
}

#[tokio::test]
async fn a_device_that_cannot_be_read_is_not_deleted() {
    for rows in READ_ERRORS.chunk_by(|row, next| !asks_to_wait(row.0) && !asks_to_wait(next.0)) {
        let world = World::new().await;
        let mut asked = Vec::new();
        for row in rows {
            asked.push((row, delete_under(&world, "GET", |rule| answered(rule, row.0)).await));
        }
        world.advance_through_waits(A_WHILE).await;
        for ((status, outcome, happened), (device, message)) in asked {
            let answer = world.the_answer_to(&message);
            assert_says(&answer, *status, outcome, happened);
            assert_eq!(answer.fact("Name"), None, "{status}: nothing was read");
            assert!(world.device_exists(&device), "{status}");
        }
        assert_eq!(world.deletes(), 0);
    }
}

#[tokio::test]
async fn a_200_with_a_body_that_is_not_a_device_is_not_a_read() {
    let world = World::new().await;
    let mut asked = Vec::new();
    for status in [200, 201, 202, 204] {
        asked.push(delete_under(&world, "GET", |rule| rule.status(status).html_body()).await);
        asked.push(delete_under(&world, "GET", |rule| rule.status(status).truncated_body()).await);
        asked.push(delete_under(&world, "GET", |rule| rule.status(status).empty_body()).await);
    }
    world.advance_through_waits(A_WHILE).await;
    for (device, message) in asked {
        assert_eq!(world.the_answer_to(&message).outcome(), "failed");
        assert!(world.device_exists(&device));
    }
    assert_eq!(world.deletes(), 0);
}

#[tokio::test]
async fn a_single_5xx_is_settled_by_a_read_and_another_delete() {
    let world = World::new().await;
    for status in [500, 502, 503, 504] {
        let (device, message) = delete_under(&world, "DELETE", |rule| rule.status(status).once()).await;
        assert!(world.device_exists(&device));
        world.advance_through_waits(A_WHILE).await;
        assert_eq!(world.the_answer_to(&message).outcome(), "gone", "{status}");
        assert!(!world.device_exists(&device));
        assert_eq!(world.deletes_of(&device), 2, "{status}");
    }
}

#[tokio::test]
async fn a_5xx_after_the_deletion_is_settled_without_another_delete() {
    let world = World::new().await;
    for status in [500, 502, 503, 504] {
        let (device, message) =
            delete_under(&world, "DELETE", |rule| rule.status(status).after_effect()).await;
        let answer = world.the_answer_to(&message);
        assert_says(
            &answer,
            status,
            "gone",
            "did not confirm the deletion, but a check afterwards no longer finds",
        );
        assert!(!world.device_exists(&device));
        assert_eq!(world.deletes_of(&device), 1, "{status}");
    }
}

#[tokio::test]
async fn an_undocumented_status_is_a_failure_too() {
    let world = World::new().await;
    for status in [302, 418] {
        let (device, message) = delete_under(&world, "DELETE", |rule| rule.status(status)).await;
        world.advance_through_waits(A_WHILE).await;
        let answer = world.the_answer_to(&message);
        assert_says(&answer, status, "failed", "gave an undocumented answer");
        assert!(world.device_exists(&device));
    }
}

#[tokio::test]
async fn an_odd_status_of_another_command_is_called_what_it_is() {
    let world = World::new().await;
    let device = world.a_device_id();
    for (status, said) in [
        (200, "answered (200), but Steward could not read the answer"),
        (302, "redirected to another address (302)"),
        (413, "too large (413)"),
        (409, "rejected Steward's request (409)"),
    ] {
        for order in ["list devices".to_owned(), format!("show device {device}")] {
            let answered = |path| FaultRule::on("GET", path).status(status).html_body().times(4);
            world.sim.fault(answered("/devices"));
            world.sim.fault(answered("/devices/*"));
            let message = world.say(&world.cast.ana, &order).await;
            world.advance_through_waits(SignedDuration::from_secs(25)).await;
            let answer = world.the_answer_to(&message);
            assert!(answer.text.contains(said), "{order}: {}", answer.text);
            assert!(!answer.text.contains("an error"), "{order}: {}", answer.text);
            world.sim.clear_faults();
        }
    }
}

#[tokio::test]
async fn transient_errors_are_retried_with_any_body() {
    let world = World::new().await;
    for (method, path) in CALLS {
        for status in [429, 423, 500, 503] {
            for body in BODIES {
                world.sim.fault(body(FaultRule::on(method, path).status(status).retry_after("7")).once());
                let device = world.sim.add_device(&json!({}));
                let message = world.delete(&device).await;
                world.advance_through_waits(SignedDuration::from_secs(20)).await;
                assert_eq!(world.the_answer_to(&message).outcome(), "gone", "{method} {path} {status}");
                assert!(!world.device_exists(&device));
            }
        }
    }
    assert_eq!(world.jobs().await.parked, 0);
}

#[tokio::test]
async fn refusals_are_final_with_any_body() {
    let world = World::new().await;
    for (method, status) in [("GET", 403), ("DELETE", 403), ("DELETE", 409)] {
        for body in BODIES {
            world.sim.fault(body(FaultRule::on(method, "/devices/*").status(status)).once());
            let device = world.sim.add_device(&json!({}));
            let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
            assert_eq!(answer.fact("Webex status"), Some(status.to_string()), "{method}");
            assert_eq!(answer.outcome(), "failed", "{method} {status}");
            assert!(world.device_exists(&device));
        }
    }
}
