//! Subcommands for operators: webhooks, and parked jobs while Steward runs.

use serde_json::json;
use steward::domain::audit::AuditEvent;
use steward::sim::BOT_TOKEN;
use steward::store::Store;

use super::process::{Finished, Process, until};
use super::{Deployment, NO_LISTENER};
use crate::world::{SECRET, WebhookRequest};

impl Deployment {
    /// Runs `steward` with these arguments until it ends.
    async fn run(&self, arguments: &[&str]) -> Finished {
        self.run_with(arguments, &[]).await
    }

    /// As `run`, with other settings; an empty value unsets one.
    async fn run_with(&self, arguments: &[&str], changes: &[(&'static str, &str)]) -> Finished {
        let mut variables = self.variables.clone();
        variables.extend(changes.iter().map(|(variable, value)| (*variable, (*value).to_owned())));
        Process::start(&self.home, arguments, &variables).finished().await
    }

    /// The output of a command that must succeed.
    async fn output_of(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments).await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        ended.stdout
    }

    /// The one-line error of a command that must fail.
    async fn error_of(&self, arguments: &[&str], code: i32) -> String {
        let ended = self.run(arguments).await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert_eq!((ended.stdout.as_str(), ended.stderr.lines().count()), ("", 1), "{}", ended.stderr);
        ended.stderr
    }

    /// Creates a foreign webhook with the bot's token.
    async fn create_foreign_webhook(&self, name: &str) {
        let body = json!({ "name": name, "targetUrl": "https://elsewhere.example.com/", "resource": "messages",
            "event": "created", "secret": "a foreign secret" });
        let call = self.http.post(format!("{}/v1/webhooks", self.sim_url)).bearer_auth(BOT_TOKEN).json(&body);
        assert!(call.send().await.unwrap().status().is_success());
    }

    /// Sends a signed delivery that is not an event and will be parked.
    async fn send_nonsense(&self) {
        let request = WebhookRequest::unsigned("nonsense").signed_with(SECRET);
        let mut call = self.http.post(format!("{}/webhooks/webex", self.steward_url)).body(request.body);
        for (name, value) in request.headers {
            call = call.header(name, value);
        }
        assert_eq!(call.send().await.unwrap().status(), 200);
    }

    /// Waits for lines of `jobs list` about one kind.
    async fn listed(&self, arguments: &[&str], kind: &str) -> Vec<String> {
        until("the job is listed", async || {
            let list = self.output_of(&[&["jobs", "list"], arguments].concat()).await;
            let lines: Vec<String> =
                list.lines().filter(|line| line.contains(kind)).map(str::to_owned).collect();
            (!lines.is_empty()).then_some(lines)
        })
        .await
    }
}

fn number_of(line: &str) -> &str {
    line.split_whitespace().next().unwrap()
}

#[tokio::test]
async fn webhooks_are_listed_repaired_and_removed_without_a_database() {
    let deployment = Deployment::new().await;
    deployment.create_foreign_webhook("mine\u{1b}[31m").await;
    let done = deployment.output_of(&["webhooks", "sync"]).await;
    let expected = "Steward: messages: registered\nSteward: attachmentActions: registered\n\
                    Steward: memberships: registered\n";
    assert_eq!(done, expected);
    assert!(deployment.output_of(&["webhooks", "sync"]).await.ends_with("nothing was done.\n"));

    let list = deployment.output_of(&["webhooks", "list"]).await;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 5, "{list}");
    assert!(lines[0].starts_with("WHOSE"), "{list}");
    assert!(lines[1].starts_with("not Steward's  active  mine\\u{1b}[31m "), "{list}");
    let target = format!("{}/webhooks/webex", deployment.steward_url);
    for (line, resource) in lines[2..].iter().zip(["messages", "attachmentActions", "memberships"]) {
        assert!(line.starts_with("Steward's      active  Steward: ") && line.ends_with(&target), "{list}");
        assert!(line.contains(&format!("{resource}/created")), "{list}");
    }
    assert!(!list.contains(SECRET) && !list.contains("a foreign secret"), "{list}");

    let gone = deployment.output_of(&["webhooks", "delete"]).await;
    assert_eq!(gone, expected.replace("registered", "removed"));
    assert!(deployment.output_of(&["webhooks", "delete"]).await.ends_with("nothing was done.\n"));
    assert_eq!(
        deployment.output_of(&["webhooks", "list"]).await.lines().count(),
        2,
        "the foreign webhook stays"
    );
    assert!(!deployment.home.path().join("steward.db").exists());
}

#[tokio::test]
async fn webhook_commands_explain_their_failures() {
    let deployment = Deployment::new().await;
    for (changes, arguments, code, says) in [
        (("STEWARD_PUBLIC_URL", ""), "sync", 2, "steward: STEWARD_PUBLIC_URL is missing: set it to "),
        (("STEWARD_BOT_TOKEN", "nobody's"), "list", 2, "steward: Webex rejected STEWARD_BOT_TOKEN (401)"),
        (("STEWARD_BOT_TOKEN", "nobody's"), "delete", 2, "steward: Webex rejected STEWARD_BOT_TOKEN (401)"),
        (("STEWARD_BOT_TOKEN", ""), "list", 2, "steward: STEWARD_BOT_TOKEN is missing"),
        (("STEWARD_WEBEX_API", NO_LISTENER), "sync", 1, "steward: cannot ask Webex about the webhooks: "),
    ] {
        let ended = deployment.run_with(&["webhooks", arguments], &[changes]).await;
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(ended.stderr.starts_with(says), "{}", ended.stderr);
        assert!(ended.stdout.is_empty() && !ended.stderr.contains("nobody's"));
    }
    assert_eq!(deployment.run(&["webhooks"]).await.code, Some(2));
}

#[tokio::test]
async fn a_parked_job_is_listed_and_retried_while_steward_runs() {
    let deployment = Deployment::new().await;
    let steward = deployment.serve().await;
    assert_eq!(deployment.output_of(&["jobs", "list"]).await, "No job is parked.\n");
    deployment
        .post("/_sim/faults", &json!({ "method": "POST", "path": "/messages", "status": 403, "times": 1 }))
        .await;
    let message = deployment.say("about").await;
    let line = deployment.listed(&[], " message ").await.remove(0);
    assert!(
        line.contains("parked") && line.contains("cannot post the message: Webex refused the call (403"),
        "{line}"
    );
    assert!(deployment.answers_to(&message).await.is_empty());

    let id = number_of(&line);
    let output_of = deployment.output_of(&["jobs", "retry", id]).await;
    assert_eq!(output_of, format!("Job {id} will be retried now.\n"));
    deployment.answer_to(&message).await;
    let error = deployment.error_of(&["jobs", "retry", id], 1).await;
    assert!(error.starts_with("steward: expected the number of a parked job, found "), "{error}");
    assert!(error.ends_with("which is done; nothing was changed\n"), "{error}");
    steward.terminate();
    assert_eq!(steward.finished().await.code, Some(0));
    let entry = deployment.audited("job_retried").await;
    let AuditEvent::JobRetried { by, kind, subject, reason } = entry else { panic!("{entry:?}") };
    assert_eq!((by, kind.as_str()), (format!("steward jobs retry {id}"), "message"));
    assert!(subject.ends_with("#answer") && reason.unwrap().contains("403"));
}

impl Deployment {
    /// The only audit entry with this name, read while Steward is stopped.
    async fn audited(&self, name: &str) -> AuditEvent {
        let store =
            Store::open(&format!("sqlite://{}/steward.db", self.home.path().display())).await.unwrap();
        let entries = store.audit_entries(1000).await.unwrap();
        store.close().await;
        let mut named = entries.into_iter().map(|entry| entry.event).filter(|event| event.name() == name);
        let event = named.next().unwrap();
        assert!(named.next().is_none());
        event
    }
}

#[tokio::test]
async fn dropping_a_parked_job_is_audited() {
    let deployment = Deployment::new().await;
    let steward = deployment.serve().await;
    deployment.send_nonsense().await;
    let line = deployment.listed(&[], " delivery ").await.remove(0);
    assert!(line.contains("sha-256/") && line.contains("expected a Webex event as JSON"), "{line}");
    let id = number_of(&line);
    assert_eq!(
        deployment.output_of(&["jobs", "drop", id]).await,
        format!("Job {id} was dropped; it will not run.\n")
    );
    assert_eq!(deployment.output_of(&["jobs", "list"]).await, "No job is parked.\n");
    deployment.error_of(&["jobs", "drop", id], 1).await;
    deployment.send_nonsense().await;
    deployment.wait_for_a_later_answer().await;
    assert_eq!(
        deployment.output_of(&["jobs", "list"]).await,
        "No job is parked.\n",
        "it is known, so it is a duplicate"
    );
    steward.terminate();
    steward.finished().await;
    let entry = deployment.audited("job_dropped").await;
    let AuditEvent::JobDropped { by, kind, reason, .. } = entry else { panic!("{entry:?}") };
    assert_eq!((by, kind.as_str()), (format!("steward jobs drop {id}"), "delivery"));
    assert!(reason.is_some());
}

#[tokio::test]
async fn waiting_jobs_are_shown_on_request_and_left_alone() {
    let deployment = Deployment::new().await;
    let _steward = deployment.serve().await;
    let busy =
        json!({ "method": "POST", "path": "/messages", "status": 429, "retry_after": "3600", "times": 1 });
    deployment.post("/_sim/faults", &busy).await;
    deployment.say("about").await;
    // Before its first try it waits without a reason.
    let line = deployment.listed(&["--all"], "(429").await.remove(0);
    assert!(line.contains("waiting") && line.contains("message"), "{line}");
    assert_eq!(deployment.output_of(&["jobs", "list"]).await, "No job is parked.\n");
    let id = number_of(&line);
    for command in ["retry", "drop"] {
        let error = deployment.error_of(&["jobs", command, id], 1).await;
        assert!(error.contains("which is waiting; nothing was changed"), "{error}");
        let error = deployment.error_of(&["jobs", command, "4711"], 1).await;
        assert_eq!(error, "steward: expected the number of a parked job, found 4711, which no job has\n");
        assert_eq!(deployment.run(&["jobs", command, "the first"]).await.code, Some(2));
        assert_eq!(deployment.run(&["jobs", command]).await.code, Some(2));
    }
    assert_eq!(deployment.listed(&["--all"], "(429").await, [line.as_str()], "nothing was changed");
}

#[tokio::test]
async fn job_commands_need_an_existing_database_of_this_version() {
    let deployment = Deployment::new().await;
    let missing = deployment.error_of(&["jobs", "list"], 2).await;
    assert!(missing.starts_with("steward: cannot open the database (STEWARD_DATABASE_URL): /"), "{missing}");
    assert!(missing.ends_with("steward.db: there is no such file\n"), "{missing}");
    assert!(!deployment.home.path().join("steward.db").exists(), "looking creates nothing");
    std::fs::write(deployment.home.path().join("steward.db"), "").unwrap();
    let empty = deployment.error_of(&["jobs", "retry", "1"], 2).await;
    assert!(empty.contains("expected schema version 7, found no Steward schema"), "{empty}");
}
