//! The binary itself: real processes that share only environment variables, ports and a database file.

mod database_failures;
mod failures;
mod operators;
pub mod process;
mod stopping;

use std::time::Duration;

use serde_json::{Value, json};
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, Sim, SimOptions};
use tempfile::TempDir;

use crate::loopback::free_address;
use crate::world::{SECRET, http_client};
use process::{Finished, Process, until};

/// An address without a listener.
const NO_LISTENER: &str = "http://127.0.0.1:1/v1";

/// A running `steward sim`, and the environment for `steward serve` on it.
struct Deployment {
    home: TempDir,
    sim: Process,
    sim_url: String,
    steward_url: String,
    variables: Vec<(&'static str, String)>,
    http: reqwest::Client,
}

impl Deployment {
    async fn new() -> Self {
        let home = TempDir::new().unwrap();
        let sim = Process::start(&home, &["sim", "--listen", "127.0.0.1:0"], &[]);
        let sim_url = until("the simulation is up", async || {
            let out = sim.stdout();
            let base = out.lines().find_map(|line| line.strip_prefix("export STEWARD_WEBEX_API="))?;
            Some(base.trim_end_matches("/v1").to_owned())
        })
        .await;
        let address = free_address();
        let variables = vec![
            ("STEWARD_LISTEN", address.to_string()),
            ("STEWARD_PUBLIC_URL", format!("http://{address}")),
            ("STEWARD_DATABASE_URL", format!("sqlite://{}/steward.db", home.path().display())),
            ("STEWARD_WEBEX_API", format!("{sim_url}/v1")),
            ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
            ("STEWARD_ADMINS", "ana@example.com".to_owned()),
        ];
        let steward_url = format!("http://{address}");
        Self { home, sim, sim_url, steward_url, variables, http: http_client() }
    }

    /// Starts `steward serve` and waits until it is ready.
    async fn serve(&self) -> Process {
        self.ready(Process::start(&self.home, &["serve"], &self.variables)).await
    }

    async fn ready(&self, steward: Process) -> Process {
        until("Steward is ready", async || {
            let ready = self.http.get(format!("{}/readyz", self.steward_url)).send().await.ok()?;
            ready.status().is_success().then_some(())
        })
        .await;
        steward
    }

    async fn get(&self, path: &str) -> Value {
        self.http.get(format!("{}{path}", self.sim_url)).send().await.unwrap().json().await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> String {
        let answer = self.http.post(format!("{}{path}", self.sim_url)).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.text().await.unwrap()
    }

    async fn new_device(&self) -> String {
        let device: Value = serde_json::from_str(&self.post("/_sim/devices", &json!({})).await).unwrap();
        device["id"].as_str().unwrap().to_owned()
    }

    /// Writes in the space as Ana. Returns the id of the message.
    async fn say(&self, text: &str) -> String {
        let said = self.post("/_sim/say", &json!({ "as": "ana", "text": text })).await;
        serde_json::from_str::<Value>(&said).unwrap()["id"].as_str().unwrap().to_owned()
    }

    async fn answers_to(&self, message: &str) -> Vec<Value> {
        let messages = self.get("/_sim/messages").await;
        let answers = messages["items"].as_array().unwrap().iter();
        answers.filter(|answer| answer["parentId"] == message).cloned().collect()
    }

    /// Waits for the first answer and returns its text.
    async fn answer_to(&self, message: &str) -> String {
        until("the answer is in the thread", async || {
            let answers = self.answers_to(message).await;
            Some(answers.first()?["text"].as_str()?.to_owned())
        })
        .await
    }

    /// The statuses of the DELETEs of devices; null for a lost answer.
    async fn deletes(&self) -> Vec<Value> {
        let requests = self.get("/_sim/requests").await;
        let deletes = requests.as_array().unwrap().iter().filter(|call| call["method"] == "DELETE");
        deletes.map(|call| call["status"].clone()).collect()
    }

    /// Waits for the answer to a later question, so that earlier ones had their chance.
    async fn wait_for_a_later_answer(&self) {
        let message = self.say("about").await;
        self.answer_to(&message).await;
    }
}

fn with_another_last_digit(digest: &str) -> String {
    let (digits, last) = digest.split_at(digest.len() - 1);
    format!("{digits}{}", if last == "0" { "1" } else { "0" })
}

#[tokio::test]
async fn one_message_leads_to_one_delete_and_duplicates_and_forgeries_to_none() {
    let deployment = Deployment::new().await;
    let steward = deployment.serve().await;
    let device = deployment.new_device().await;
    let message = deployment.say(&format!("delete device {device} because \"moved out\"")).await;
    let answer = deployment.answer_to(&message).await;
    assert!(answer.contains("Outcome: gone") && answer.contains("Reason: moved out"), "{answer}");
    assert_eq!(deployment.deletes().await, [204]);
    let posted = deployment.answers_to(&message).await;
    assert_eq!(posted[0]["attachments"].as_array().unwrap().len(), 1);

    let deliveries = deployment.get("/_sim/deliveries").await;
    let order = deliveries.as_array().unwrap().iter().find(|delivery| {
        let body = delivery["body"].as_str().unwrap();
        serde_json::from_str::<Value>(body).unwrap()["data"]["id"] == message.as_str()
    });
    let order = order.unwrap();
    for (forged, status) in [(false, 200), (true, 401)] {
        let mut request = deployment.http.post(order["targetUrl"].as_str().unwrap());
        for header in order["headers"].as_array().unwrap() {
            let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
            let is_signature = name.contains("Signature");
            let other = value.split(", ").map(with_another_last_digit).collect::<Vec<_>>().join(", ");
            request = request.header(name, if forged && is_signature { &other } else { value });
        }
        let body = order["body"].as_str().unwrap().to_owned();
        assert_eq!(request.body(body).send().await.unwrap().status(), status);
    }
    deployment.wait_for_a_later_answer().await;
    assert_eq!(deployment.deletes().await, [204]);
    assert_eq!(deployment.answers_to(&message).await.len(), 1);

    steward.terminate();
    assert_eq!(steward.finished().await.code, Some(0));
    deployment.sim.terminate();
    assert_eq!(deployment.sim.finished().await.code, Some(0));
}

/// Kills Steward during the DELETE and starts it again on the same database.
async fn kill_during_delete(effect: &str) -> (Deployment, String, String) {
    let deployment = Deployment::new().await;
    let device = deployment.new_device().await;
    let fault =
        json!({ "method": "DELETE", "path": "/devices/*", "hang": true, "effect": effect, "times": 1 });
    deployment.post("/_sim/faults", &fault).await;
    let steward = deployment.serve().await;
    let message = deployment.say(&format!("delete device {device}")).await;
    until("the DELETE is under way", async || (!deployment.deletes().await.is_empty()).then_some(())).await;
    steward.kill();
    assert_eq!(steward.finished().await.code, None, "ended by a signal");
    assert!(deployment.answers_to(&message).await.is_empty());
    let again = deployment.serve().await;
    let answer = deployment.answer_to(&message).await;
    deployment.wait_for_a_later_answer().await;
    assert_eq!(deployment.answers_to(&message).await.len(), 1);
    again.terminate();
    assert_eq!(again.finished().await.code, Some(0));
    (deployment, device, answer)
}

#[tokio::test]
async fn a_kill_after_the_deletion_is_settled_and_answered_once() {
    let (deployment, _, answer) = kill_during_delete("before").await;
    assert!(answer.contains("Outcome: gone") && answer.contains("did not confirm the deletion"), "{answer}");
    assert_eq!(deployment.deletes().await, [Value::Null], "no second DELETE");
}

#[tokio::test]
async fn a_kill_before_the_deletion_leads_to_one_deletion_and_one_answer() {
    let (deployment, _, answer) = kill_during_delete("none").await;
    assert!(answer.contains("Outcome: gone"), "{answer}");
    assert_eq!(deployment.deletes().await, [Value::Null, json!(204)]);
}

#[tokio::test]
async fn a_wrong_or_missing_setting_is_named_in_one_line_with_exit_code_2() {
    let home = TempDir::new().unwrap();
    let settings = |webhook_secret: Option<&str>, odd: Option<(&'static str, &str)>| {
        let mut variables = vec![
            ("STEWARD_LISTEN", "127.0.0.1:0".to_owned()),
            ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ];
        variables.extend(webhook_secret.map(|secret| ("STEWARD_WEBHOOK_SECRET", secret.to_owned())));
        variables.extend(odd.map(|(variable, value)| (variable, value.to_owned())));
        variables
    };
    for (variables, expected) in [
        (settings(None, None), "steward: STEWARD_WEBHOOK_SECRET is missing: set it to "),
        (settings(Some(""), None), "steward: STEWARD_WEBHOOK_SECRET is missing: set it to "),
        (
            settings(Some("fifteen bytes ."), None),
            "steward: STEWARD_WEBHOOK_SECRET is wrong: expected at least 16 bytes",
        ),
        (
            settings(Some(SECRET), Some(("STEWARD_ADMIN", "ana@example.com"))),
            "steward: STEWARD_ADMIN is not a Steward setting",
        ),
        (settings(Some(SECRET), Some(("STEWARD_LISTEN", "here"))), "steward: STEWARD_LISTEN is wrong"),
    ] {
        for command in ["serve", "check"] {
            let ended = Process::start(&home, &[command], &variables).finished().await;
            assert_eq!(ended.code, Some(2), "{}", ended.stderr);
            assert!(ended.stderr.starts_with(expected), "{}", ended.stderr);
            assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
            assert!(ended.stdout.is_empty() && !ended.stderr.contains("fifteen"));
        }
    }
}

#[tokio::test]
async fn an_unknown_subcommand_exits_with_code_2() {
    let home = TempDir::new().unwrap();
    for arguments in [&["dance"][..], &[], &["serve", "--fast"]] {
        assert_eq!(Process::start(&home, arguments, &[]).finished().await.code, Some(2), "{arguments:?}");
    }
    assert_eq!(Process::start(&home, &["--help"], &[]).finished().await.code, Some(0));
}

#[tokio::test]
async fn check_reports_in_words_or_json_with_the_exit_code_of_the_worst_finding() {
    let sim = Sim::start(SimOptions::default()).await.unwrap();
    let home = TempDir::new().unwrap();
    let check = async |arguments: &[&str], bot_token: &str, api: &str| -> Finished {
        let variables = [
            ("STEWARD_LISTEN", "127.0.0.1:0".to_owned()),
            ("STEWARD_WEBEX_API", api.to_owned()),
            ("STEWARD_BOT_TOKEN", bot_token.to_owned()),
            ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
        ];
        Process::start(&home, &[&["check"], arguments].concat(), &variables).finished().await
    };
    let good = check(&[], BOT_TOKEN, &sim.api_base()).await;
    assert_eq!(good.code, Some(0), "{}{}", good.stdout, good.stderr);
    assert!(good.stdout.contains("good          bot_token           steward@webex.bot\n"), "{}", good.stdout);
    assert!(good.stdout.contains("WARNING       admins "), "{}", good.stdout);
    let json = check(&["--json"], "nobodys-token", &sim.api_base()).await;
    assert_eq!(json.code, Some(2), "{}", json.stdout);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&report["exit_code"], &report["verdict"]), (&json!(2), &json!("misconfigured")));
    let bot = report["checks"].as_array().unwrap().iter().find(|finding| finding["check"] == "bot_token");
    assert_eq!(bot.unwrap()["verdict"], "misconfigured");
    let nowhere = check(&[], BOT_TOKEN, NO_LISTENER).await;
    assert_eq!(nowhere.code, Some(1), "{}", nowhere.stdout);
    assert!(
        nowhere.stdout.contains("cannot reach http://127.0.0.1:1: Connection refused"),
        "{}",
        nowhere.stdout
    );
    let unset = check(&["--json"], "", &sim.api_base()).await;
    assert_eq!((unset.code, unset.stderr.as_str()), (Some(2), ""));
    assert!(unset.stdout.contains("STEWARD_BOT_TOKEN is missing: set it to the bot's access token"));
    assert!(sim.webhooks().is_empty(), "a check changes nothing");
    assert_eq!(
        std::fs::read_dir(home.path()).unwrap().count(),
        4 * process::LOGS,
        "nor does it leave a file"
    );
}

#[tokio::test]
async fn check_running_asks_the_running_process() {
    let deployment = Deployment::new().await;
    let nobody =
        Process::start(&deployment.home, &["check", "--running"], &deployment.variables).finished().await;
    assert_eq!(nobody.code, Some(1), "{}", nobody.stderr);
    let _steward = deployment.serve().await;
    let somebody =
        Process::start(&deployment.home, &["check", "--running"], &deployment.variables).finished().await;
    assert_eq!(somebody.code, Some(0), "{}", somebody.stderr);
}

/// `steward demo --once` on a terminal with colors.
async fn demo(arguments: &[&str], variables: &[(&'static str, String)]) -> Finished {
    let home = TempDir::new().unwrap();
    let arguments = [&["demo", "--once"], arguments].concat();
    let variables = [&[("CLICOLOR_FORCE", "1".to_owned())], variables].concat();
    let demo = Process::start(&home, &arguments, &variables).finished().await;
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), process::LOGS, "it leaves nothing behind");
    assert_eq!(demo.code, Some(0), "{}", demo.stderr);
    demo
}

#[tokio::test]
async fn the_demo_plays_the_main_job_and_ends() {
    let demo = demo(&["--no-color"], &[]).await.stdout;
    for part in [
        // As many as `--devices` says, and not those of the partner.
        "  devices             40\n",
        "An admin deletes a device",
        "│ ✓ Gone: deleted and verified",
        "│ Reason        moved to the new office",
        "✕ Refused: you are not on the list of admins",
        "answered 401",
        "no second DELETE, no second card",
    ] {
        assert!(demo.contains(part), "{part} is missing in {demo}");
    }
}

#[tokio::test]
async fn the_demo_is_in_color_unless_disabled() {
    let is_colored = |demo: Finished| demo.stdout.contains('\u{1b}');
    assert!(is_colored(demo(&[], &[]).await));
    assert!(!is_colored(demo(&["--no-color"], &[]).await));
    assert!(!is_colored(demo(&[], &[("NO_COLOR", "1".to_owned())]).await));
}

#[tokio::test]
async fn serve_waits_for_webex_and_can_still_be_stopped() {
    let home = TempDir::new().unwrap();
    let address = free_address();
    let variables = [
        ("STEWARD_LISTEN", address.to_string()),
        ("STEWARD_WEBEX_API", NO_LISTENER.to_owned()),
        ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
    ];
    let steward = Process::start(&home, &["serve"], &variables);
    let http = http_client();
    let status = async |path: &str| {
        let answer = http.get(format!("http://{address}{path}")).send().await.ok()?;
        Some(answer.status().as_u16())
    };
    let health = until("it answers", async || status("/healthz").await).await;
    assert_eq!((health, status("/readyz").await), (200, Some(503)));
    steward.terminate();
    let ended = tokio::time::timeout(Duration::from_secs(30), steward.finished()).await.unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}
