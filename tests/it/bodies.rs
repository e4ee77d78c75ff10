//! Errors with bodies of any kind: only the status counts, and nobody reads a body to an end that never comes.

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use crate::world::World;

const BODIES: [fn(FaultRule) -> FaultRule; 5] = [
    |json| json,
    FaultRule::html_body,
    FaultRule::empty_body,
    FaultRule::truncated_body,
    FaultRule::huge_body,
];
/// Each kind of call that a deletion makes.
const CALLS: [(&str, &str); 4] =
    [("GET", "/messages/*"), ("GET", "/devices/*"), ("DELETE", "/devices/*"), ("POST", "/messages")];

#[tokio::test]
async fn a_passing_error_passes_whatever_its_body_is() {
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
async fn a_refusal_is_one_whatever_its_body_is() {
    let world = World::new().await;
    for (method, status) in [("GET", 403), ("GET", 404), ("DELETE", 403), ("DELETE", 409)] {
        for body in BODIES {
            world.sim.fault(body(FaultRule::on(method, "/devices/*").status(status)).once());
            let device = world.sim.add_device(&json!({}));
            let answer = world.ask(&world.cast.ana, &format!("delete device {device}")).await;
            assert_eq!(answer.fact("Webex status"), Some(status.to_string()), "{method}");
            assert!(matches!(answer.outcome().as_str(), "failed" | "not found"), "{method} {status}");
            assert!(world.device_exists(&device));
        }
    }
}
