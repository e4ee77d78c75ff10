//! Waits for 429 and 423: silent for half a minute, then announced; up to ten minutes for a rate limit and 30 seconds
//! for a lock. Instead of a longer wait, the answer gives the time to try again.

use jiff::SignedDuration;
use steward::sim::{FaultRule, RequestRecord, TokenKind};

use crate::world::{Answer, BEGINNING, World};

const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// Values of `Retry-After`, and the wait for each.
const HEADERS: [(Option<&str>, i64); 8] = [
    (Some("7"), 7),
    (Some("30"), 30),
    (Some("Thu, 02 Apr 2026 08:15:50 GMT"), 20),
    (Some("Thu, 02 Apr 2026 08:00:00 GMT"), 1),
    (Some("0"), 1),
    (None, 15),
    (Some("soon"), 15),
    (Some("-5"), 15),
];

fn busy(method: &str, path: &str, status: u16, retry_after: Option<&str>) -> FaultRule {
    let rule = FaultRule::on(method, path).status(status);
    match retry_after {
        Some(value) => rule.retry_after(value),
        None => rule,
    }
}

/// Checks that the answer comes after this time and not before.
async fn assert_answered_after(world: &World, wait: i64, message: &str) -> Answer {
    assert!(world.answers_to(message).is_empty(), "answered at once");
    let traffic = world.device_traffic();
    world.advance(seconds(wait) - MILLISECOND).await;
    assert!(world.answers_to(message).is_empty(), "answered before {wait} s");
    assert_eq!(world.device_traffic(), traffic, "asked again before {wait} s");
    world.advance(MILLISECOND).await;
    world.the_answer_to(message)
}

#[tokio::test]
async fn a_rate_limited_delete_waits_and_happens_once() {
    for status in [429, 423] {
        for (header, wait) in HEADERS {
            let world = World::new().await;
            let device = world.a_device_id();
            world.sim.fault(busy("DELETE", "/devices/*", status, header).once());
            let message = world.delete(&device).await;
            assert!(world.device_exists(&device));
            let answer = assert_answered_after(&world, wait, &message).await;
            assert_eq!(answer.outcome(), "gone", "{status} {header:?}");
            let refused = format!("DELETE {status}");
            assert_eq!(
                world.device_traffic(),
                ["GET 200", &refused, "GET 200", "DELETE 204", "GET 404"],
                "{header:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_wait_of_an_hour_is_reported_at_once() {
    for (status, sentence) in [
        (429, "Send the command again at 09:16 UTC (in 1 hour); Webex should accept it by then."),
        (423, "Send the command again at 09:16 UTC (in 1 hour); the lock should be gone by then."),
    ] {
        for header in ["3600", "Thu, 02 Apr 2026 09:15:30 GMT"] {
            let world = World::new().await;
            let device = world.a_device_id();
            world.sim.fault(busy("DELETE", "/devices/*", status, Some(header)));
            let message = world.delete(&device).await;
            let answer = world.the_answer_to(&message);
            assert_eq!((answer.outcome().as_str(), answer.what_next()), ("failed", sentence));
            assert!(world.device_exists(&device));
            world.advance(SignedDuration::from_hours(2)).await;
            assert_eq!(world.deletes(), 1, "it was reported, so it is not tried again");
        }
    }
}

#[tokio::test]
async fn a_lock_is_waited_out_for_thirty_seconds_in_total() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("DELETE", "/devices/*", 423, Some("20")));
    let message = world.delete(&device).await;
    let answer = assert_answered_after(&world, 20, &message).await;
    assert_eq!(answer.outcome(), "failed");
    assert!(answer.what_next().contains("Send the command again at 08:17 UTC"), "{}", answer.what_next());
    assert_eq!(world.deletes(), 2);
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn a_lock_and_a_rate_limit_are_waited_out_in_turn() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("GET", "/devices/*", 429, Some("10")).once());
    world.sim.fault(busy("DELETE", "/devices/*", 423, Some("20")).once());
    let message = world.delete(&device).await;
    world.advance(seconds(10)).await;
    let answer = assert_answered_after(&world, 20, &message).await;
    assert_eq!(answer.outcome(), "gone");
}

#[tokio::test]
async fn a_wait_over_half_a_minute_is_announced_once() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("DELETE", "/devices/*", 429, Some("20")).times(4));
    let message = world.delete(&device).await;
    assert!(world.answers_to(&message).is_empty());
    world.advance(seconds(20)).await;
    let notice = world.the_answer_to(&message);
    assert!(notice.announces_a_wait());
    assert!(notice.text.contains("continues automatically at about 08:17 UTC"), "{}", notice.text);
    assert!(notice.text.contains(&format!("delete device {device}")), "{}", notice.text);
    world.advance(seconds(20)).await;
    world.restart().await;
    world.advance(seconds(20)).await;
    assert_eq!(world.answers_to(&message).len(), 1, "it is said once");
    assert!(world.device_exists(&device));
    world.advance(seconds(20)).await;
    let answers = world.answers_to(&message);
    assert_eq!((answers.len(), answers[1].outcome().as_str()), (2, "gone"));
    assert_eq!((world.deletes(), world.device_exists(&device)), (5, false));
}

#[tokio::test]
async fn a_wait_over_ten_minutes_ends_with_a_time_to_try_again() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("DELETE", "/devices/*", 429, Some("290")));
    let message = world.delete(&device).await;
    assert!(world.the_answer_to(&message).announces_a_wait());
    world.advance(seconds(290)).await;
    world.advance(seconds(290)).await;
    let answers = world.answers_to(&message);
    assert_eq!((answers.len(), answers[1].outcome().as_str()), (2, "failed"));
    assert!(answers[1].what_next().contains("Send the command again at 08:30 UTC"), "{}", answers[1].text);
    world.sim.clear_faults();
    world.advance(SignedDuration::from_hours(2)).await;
    assert_eq!(world.deletes(), 3, "it was reported, so it is not tried again");
    assert!(world.device_exists(&device));
}

#[tokio::test]
async fn a_deletion_by_serial_number_waits_equally_long_and_is_announced() {
    let world = World::new().await;
    let device = world.a_device_id();
    let serial = world.sim.device(&device).unwrap()["serial"].as_str().unwrap().to_owned();
    world.sim.fault(busy("GET", "/devices", 429, Some("120")).once());
    let message = world.say(&world.cast.ana, &format!("delete device {serial}")).await;
    assert!(world.the_answer_to(&message).announces_a_wait());
    world.advance(seconds(120)).await;
    let answers = world.answers_to(&message);
    assert_eq!((answers.len(), answers[1].outcome().as_str()), (2, "gone"));
}

#[tokio::test]
async fn waits_do_not_count_as_failures() {
    let world = World::new().await;
    let device = world.a_device_id();
    let serial = world.sim.device(&device).unwrap()["serial"].as_str().unwrap().to_owned();
    world.sim.fault(busy("GET", "/devices", 429, Some("60")).times(4));
    world.sim.fault(FaultRule::on("GET", "/devices").status(503).once());
    let message = world.say(&world.cast.ana, &format!("delete device {serial}")).await;
    world.advance_through_waits(SignedDuration::from_mins(5)).await;
    let answers = world.answers_to(&message);
    assert_eq!((answers.len(), answers[1].outcome().as_str()), (2, "gone"));
}

#[tokio::test]
async fn no_wait_is_announced_after_the_answer() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("DELETE", "/devices/*", 429, Some("40")).once());
    world.sim.fault(busy("POST", "/messages", 429, Some("60")).once());
    let message = world.delete(&device).await;
    world.advance(seconds(40)).await;
    assert!(!world.device_exists(&device));
    let answer = assert_answered_after(&world, 20, &message).await;
    assert_eq!(answer.outcome(), "gone");
}

#[tokio::test]
async fn a_rate_limited_read_delays_the_deletion() {
    for (header, wait) in HEADERS {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(busy("GET", "/devices/*", 429, header).once());
        let message = world.delete(&device).await;
        assert_eq!(world.deletes(), 0);
        let answer = assert_answered_after(&world, wait, &message).await;
        assert_eq!(answer.outcome(), "gone", "{header:?}");
        assert_eq!(world.device_traffic(), ["GET 429", "GET 200", "DELETE 204", "GET 404"], "{header:?}");
    }
}

#[tokio::test]
async fn a_rate_limited_proof_does_not_repeat_the_delete() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("GET", "/devices/*", 429, Some("10")).skipping(1).once());
    let message = world.delete(&device).await;
    assert!(!world.device_exists(&device));
    let answer = assert_answered_after(&world, 10, &message).await;
    assert_eq!(answer.outcome(), "gone");
    let witnessed = ["GET 200", "DELETE 204", "GET 429", "GET 404", "GET 200"];
    assert_eq!(world.device_traffic(), witnessed, "after a wait, something else is read too");
}

#[tokio::test]
async fn a_proof_rate_limited_for_an_hour_leaves_the_outcome_unknown_until_then() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("GET", "/devices/*", 429, Some("3600")).skipping(1).once());
    let message = world.delete(&device).await;
    let answer = world.the_answer_to(&message);
    assert_eq!(answer.outcome(), "unknown");
    assert!(answer.what_next().contains("Steward looks again and reports in this thread"));
    let traffic = world.device_traffic();
    world.advance(SignedDuration::from_mins(59)).await;
    assert_eq!((world.answers_to(&message).len(), world.device_traffic()), (1, traffic));
    world.advance(SignedDuration::from_mins(1)).await;
    let answers = world.answers_to(&message);
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1].outcome(), "gone");
    assert_eq!(world.deletes(), 1);
}

#[tokio::test]
async fn a_rate_limited_card_is_posted_later() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("POST", "/messages", 429, Some("40")).once());
    let message = world.delete(&device).await;
    assert!(!world.device_exists(&device), "the deletion does not wait for its card");
    let answer = assert_answered_after(&world, 40, &message).await;
    assert_eq!(answer.outcome(), "gone");
    assert_eq!(world.deletes(), 1);
}

#[tokio::test]
async fn a_rate_limited_message_is_fetched_later() {
    let world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("GET", "/messages/*", 429, Some("20")).once());
    let message = world.delete(&device).await;
    let answer = assert_answered_after(&world, 20, &message).await;
    assert_eq!(answer.outcome(), "gone");
}

#[tokio::test]
async fn the_body_of_a_429_does_not_matter() {
    let bodies: [fn(FaultRule) -> FaultRule; 3] =
        [FaultRule::html_body, FaultRule::empty_body, FaultRule::truncated_body];
    for body in bodies {
        let world = World::new().await;
        let device = world.a_device_id();
        world.sim.fault(body(busy("DELETE", "/devices/*", 429, Some("7"))).once());
        let message = world.delete(&device).await;
        let answer = assert_answered_after(&world, 7, &message).await;
        assert_eq!(answer.outcome(), "gone");
    }
}

#[tokio::test]
async fn a_wait_survives_a_restart() {
    let mut world = World::new().await;
    let device = world.a_device_id();
    world.sim.fault(busy("DELETE", "/devices/*", 429, Some("20")).once());
    let message = world.delete(&device).await;
    world.restart().await;
    let answer = assert_answered_after(&world, 20, &message).await;
    assert_eq!(answer.outcome(), "gone");
    assert_eq!(world.deletes(), 2);
    let early = |call: &RequestRecord| call.at > BEGINNING.parse().unwrap() && call.at < world.now();
    let by_admin = |call: &&RequestRecord| call.token_kind == Some(TokenKind::Admin);
    let calls = world.sim.requests();
    assert!(!calls.iter().filter(by_admin).any(early), "the start did not wait: {calls:#?}");
}
