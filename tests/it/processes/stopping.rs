//! SIGTERM: what is under way is finished or given back, and the process ends with 0.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};

use super::Stage;
use super::process::{Process, until};
use crate::loopback::free_address;
use crate::postgres;

/// How long a process may take to end.
const FAREWELL: Duration = Duration::from_secs(20);
/// How long whoever comes next may take over what was given back: much less than a lease.
const TAKEN_OVER: Duration = Duration::from_secs(30);

/// What stands in each thread.
async fn answers(stage: &Stage) -> HashMap<String, Vec<String>> {
    let messages = stage.get("/_sim/messages").await;
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
    assert!(asked.elapsed() < FAREWELL, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn asked_to_stop_under_load_it_ends_and_the_next_start_finishes_what_is_left() {
    const COMMANDS: usize = 40;
    let stage = Stage::set().await;
    let steward = stage.serve().await;
    stage.post("/_sim/faults", &json!({ "latency_ms": 100 })).await;
    let mut orders = Vec::new();
    for _ in 0..COMMANDS {
        let device = stage.new_device().await;
        orders.push(stage.say(&format!("delete device {device}")).await);
    }
    until("a device is being deleted", async || stage.deletes().await.pop()).await;
    assert!(answers(&stage).await.len() < COMMANDS, "there was nothing left to do");
    ends_in_time(&steward).await;

    let steward = stage.serve().await;
    // What nobody took any more, and once more what was taken.
    stage.post("/_sim/deliveries/repeat", &json!({ "last": COMMANDS })).await;
    until("all are answered", async || {
        let answers = answers(&stage).await;
        orders.iter().all(|order| answers.contains_key(order)).then_some(())
    })
    .await;
    stage.a_later_answer().await;
    let answers = answers(&stage).await;
    for order in &orders {
        assert!(answers[order].len() == 1 && answers[order][0].contains("Outcome: gone"), "{answers:?}");
    }
    assert_eq!(stage.deletes().await.iter().filter(|status| **status == 204).count(), COMMANDS);
    ends_in_time(&steward).await;
}

/// A deletion whose DELETE took effect and is never answered.
async fn hanging_deletion(stage: &Stage) -> String {
    let device = stage.new_device().await;
    let fault =
        json!({ "method": "DELETE", "path": "/devices/*", "hang": true, "effect": "before", "times": 1 });
    stage.post("/_sim/faults", &fault).await;
    let message = stage.say(&format!("delete device {device}")).await;
    until("the DELETE is under way", async || (!stage.deletes().await.is_empty()).then_some(())).await;
    message
}

/// Asks it to stop while a call hangs: nobody is let in any more, and it ends.
async fn stops_in_the_middle(stage: &Stage, steward: &Process) {
    let asked = Instant::now();
    steward.terminate();
    until("nobody is let in", async || {
        stage.http.get(format!("{}/healthz", stage.steward_url)).send().await.err()
    })
    .await;
    let ended = steward.finished().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(asked.elapsed() < FAREWELL, "{:?}", asked.elapsed());
}

async fn is_taken_over(stage: &Stage, message: &str) {
    let answer = tokio::time::timeout(TAKEN_OVER, stage.answer_to(message)).await.unwrap();
    assert!(answer.contains("Outcome: gone"), "{answer}");
    assert_eq!(stage.deletes().await, [Value::Null], "no second DELETE");
}

#[tokio::test]
async fn asked_to_stop_while_a_call_hangs_it_gives_the_job_back_and_ends() {
    let stage = Stage::set().await;
    let steward = stage.serve().await;
    let message = hanging_deletion(&stage).await;
    stops_in_the_middle(&stage, &steward).await;
    assert!(stage.answers_to(&message).await.is_empty());
    let next = stage.serve().await;
    is_taken_over(&stage, &message).await;
    ends_in_time(&next).await;
}

#[tokio::test]
async fn asked_to_stop_while_a_call_hangs_and_the_database_is_held_it_still_ends() {
    let stage = Stage::set().await;
    let steward = stage.serve().await;
    let message = hanging_deletion(&stage).await;
    let file = SqliteConnectOptions::new().filename(stage.home.path().join("steward.db"));
    let mut holder = file.connect().await.unwrap();
    holder.execute("BEGIN IMMEDIATE").await.unwrap();
    stops_in_the_middle(&stage, &steward).await;
    holder.execute("COMMIT").await.unwrap();
    let next = stage.serve().await;
    is_taken_over(&stage, &message).await;
    ends_in_time(&next).await;
}

#[tokio::test]
async fn what_a_stopped_replica_gives_back_another_goes_on_with() {
    let Some(server) = postgres::server() else { return };
    let mut stage = Stage::set().await.on(&postgres::new_database(&server).await);
    let first = stage.serve().await;
    let message = hanging_deletion(&stage).await;
    let address = free_address();
    let first_url = std::mem::replace(&mut stage.steward_url, format!("http://{address}"));
    stage.set_to("STEWARD_LISTEN", &address.to_string());
    let second = stage.serve().await;
    stage.steward_url = first_url;
    stops_in_the_middle(&stage, &first).await;
    is_taken_over(&stage, &message).await;
    ends_in_time(&second).await;
}
