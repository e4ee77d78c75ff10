//! SIGTERM: current jobs are finished or released, and the process exits with 0.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};

use super::Deployment;
use super::process::{Process, until};
use crate::loopback::free_address;
use crate::postgres;

/// The limit for a process to end.
const EXIT_LIMIT: Duration = Duration::from_secs(20);
/// The limit to take over released jobs: much shorter than a lease.
const TAKEN_OVER: Duration = Duration::from_secs(30);

/// The posts in each thread.
async fn answers(deployment: &Deployment) -> HashMap<String, Vec<String>> {
    let messages = deployment.get("/_sim/messages").await;
    let mut answers: HashMap<String, Vec<String>> = HashMap::new();
    for message in messages["items"].as_array().unwrap() {
        if let (Some(order), Some(text)) = (message["parentId"].as_str(), message["text"].as_str()) {
            answers.entry(order.to_owned()).or_default().push(text.to_owned());
        }
    }
    answers
}

async fn ends_in_time(steward: &Process) {
    let asked = Instant::now();
    steward.terminate();
    let ended = steward.finished().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(asked.elapsed() < EXIT_LIMIT, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_stop_under_load_leaves_the_rest_to_the_next_start() {
    const COMMANDS: usize = 40;
    let deployment = Deployment::new().await;
    let steward = deployment.serve().await;
    deployment.post("/_sim/faults", &json!({ "latency_ms": 100 })).await;
    let mut orders = Vec::new();
    for _ in 0..COMMANDS {
        let device = deployment.new_device().await;
        orders.push(deployment.say(&format!("delete device {device}")).await);
    }
    until("a device is being deleted", async || deployment.deletes().await.pop()).await;
    assert!(answers(&deployment).await.len() < COMMANDS, "there was nothing left to do");
    ends_in_time(&steward).await;

    let steward = deployment.serve().await;
    // Delivers refused requests again, and accepted ones a second time.
    deployment.post("/_sim/deliveries/repeat", &json!({ "last": COMMANDS })).await;
    until("all are answered", async || {
        let answers = answers(&deployment).await;
        orders.iter().all(|order| answers.contains_key(order)).then_some(())
    })
    .await;
    deployment.wait_for_a_later_answer().await;
    let answers = answers(&deployment).await;
    for order in &orders {
        assert!(answers[order].len() == 1 && answers[order][0].contains("Outcome: gone"), "{answers:?}");
    }
    assert_eq!(deployment.deletes().await.iter().filter(|status| **status == 204).count(), COMMANDS);
    ends_in_time(&steward).await;
}

/// A deletion whose DELETE takes effect and is never answered.
async fn hanging_deletion(deployment: &Deployment) -> String {
    let device = deployment.new_device().await;
    let fault =
        json!({ "method": "DELETE", "path": "/devices/*", "hang": true, "effect": "before", "times": 1 });
    deployment.post("/_sim/faults", &fault).await;
    let message = deployment.say(&format!("delete device {device}")).await;
    until("the DELETE is under way", async || (!deployment.deletes().await.is_empty()).then_some(())).await;
    message
}

/// Asks the process to stop during a hanging call: it refuses new connections and ends.
async fn stop_during_call(deployment: &Deployment, steward: &Process) {
    let asked = Instant::now();
    steward.terminate();
    until("new connections are refused", async || {
        deployment.http.get(format!("{}/healthz", deployment.steward_url)).send().await.err()
    })
    .await;
    let ended = steward.finished().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(asked.elapsed() < EXIT_LIMIT, "{:?}", asked.elapsed());
}

async fn check_taken_over(deployment: &Deployment, message: &str) {
    let answer = tokio::time::timeout(TAKEN_OVER, deployment.answer_to(message)).await.unwrap();
    assert!(answer.contains("Outcome: gone"), "{answer}");
    assert_eq!(deployment.deletes().await, [Value::Null], "no second DELETE");
}

#[tokio::test]
async fn a_stop_during_a_hanging_call_releases_the_job() {
    let deployment = Deployment::new().await;
    let steward = deployment.serve().await;
    let message = hanging_deletion(&deployment).await;
    stop_during_call(&deployment, &steward).await;
    assert!(deployment.answers_to(&message).await.is_empty());
    let next = deployment.serve().await;
    check_taken_over(&deployment, &message).await;
    ends_in_time(&next).await;
}

#[tokio::test]
async fn a_stop_during_a_hanging_call_and_a_locked_database_still_ends() {
    let deployment = Deployment::new().await;
    let steward = deployment.serve().await;
    let message = hanging_deletion(&deployment).await;
    let file = SqliteConnectOptions::new().filename(deployment.home.path().join("steward.db"));
    let mut holder = file.connect().await.unwrap();
    holder.execute("BEGIN IMMEDIATE").await.unwrap();
    stop_during_call(&deployment, &steward).await;
    holder.execute("COMMIT").await.unwrap();
    let next = deployment.serve().await;
    check_taken_over(&deployment, &message).await;
    ends_in_time(&next).await;
}

#[tokio::test]
async fn jobs_released_by_a_stopped_replica_continue_in_another() {
    let Some(server) = postgres::server() else { return };
    let mut deployment = Deployment::new().await.on(&postgres::new_database(&server).await);
    let first = deployment.serve().await;
    let message = hanging_deletion(&deployment).await;
    let address = free_address();
    let first_url = std::mem::replace(&mut deployment.steward_url, format!("http://{address}"));
    deployment.set_variable("STEWARD_LISTEN", &address.to_string());
    let second = deployment.serve().await;
    deployment.steward_url = first_url;
    stop_during_call(&deployment, &first).await;
    check_taken_over(&deployment, &message).await;
    ends_in_time(&second).await;
}
