//! What operators do from a shell: look after the webhooks, and decide on jobs that were given up while Steward runs.

use serde_json::json;
use steward::domain::audit::Event;
use steward::sim::BOT_TOKEN;
use steward::store::Store;

use super::process::{Finished, Process, until};
use super::{NOBODY, Stage};
use crate::world::{Letter, SECRET};

impl Stage {
    /// Runs `steward` with these arguments to its end.
    async fn run(&self, arguments: &[&str]) -> Finished {
        self.run_with(arguments, &[]).await
    }

    /// The same with other settings; an empty one is as if it were not set.
    async fn run_with(&self, arguments: &[&str], changes: &[(&'static str, &str)]) -> Finished {
        let mut variables = self.variables.clone();
        variables.extend(changes.iter().map(|(variable, value)| (*variable, (*value).to_owned())));
        Process::start(&self.home, arguments, &variables).finished().await
    }

    /// What a command that must go well says.
    async fn told(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments).await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        ended.stdout
    }

    /// What a command that must fail says, in one line.
    async fn refused(&self, arguments: &[&str], code: i32) -> String {
        let ended = self.run(arguments).await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert_eq!((ended.stdout.as_str(), ended.stderr.lines().count()), ("", 1), "{}", ended.stderr);
        ended.stderr
    }

    /// Creates a webhook of somebody else's, with the bot's token.
    async fn somebody_elses_webhook(&self, name: &str) {
        let body = json!({ "name": name, "targetUrl": "https://elsewhere.example.com/", "resource": "messages",
            "event": "created", "secret": "a secret of somebody else" });
        let call = self.http.post(format!("{}/v1/webhooks", self.sim_url)).bearer_auth(BOT_TOKEN).json(&body);
        assert!(call.send().await.unwrap().status().is_success());
    }

    /// Sends a signed delivery that is no event: it is parked.
    async fn send_nonsense(&self) {
        let letter = Letter::of("nonsense").signed_with(SECRET);
        let mut call = self.http.post(format!("{}/webhooks/webex", self.steward_url)).body(letter.body);
        for (name, value) in letter.headers {
            call = call.header(name, value);
        }
        assert_eq!(call.send().await.unwrap().status(), 200);
    }

    /// The lines of `jobs list` about one kind, once there is one.
    async fn listed(&self, arguments: &[&str], kind: &str) -> Vec<String> {
        until("the job is listed", async || {
            let list = self.told(&[&["jobs", "list"], arguments].concat()).await;
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
async fn webhooks_are_listed_set_right_and_removed_without_a_database() {
    let stage = Stage::set().await;
    stage.somebody_elses_webhook("mine\u{1b}[31m").await;
    let done = stage.told(&["webhooks", "sync"]).await;
    let expected = "Steward: messages: registered\nSteward: attachmentActions: registered\n\
                    Steward: memberships: registered\n";
    assert_eq!(done, expected);
    assert!(stage.told(&["webhooks", "sync"]).await.ends_with("nothing was done.\n"));

    let list = stage.told(&["webhooks", "list"]).await;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 5, "{list}");
    assert!(lines[0].starts_with("WHOSE"), "{list}");
    assert!(lines[1].starts_with("not Steward's  active  mine\\u{1b}[31m "), "{list}");
    let target = format!("{}/webhooks/webex", stage.steward_url);
    for (line, resource) in lines[2..].iter().zip(["messages", "attachmentActions", "memberships"]) {
        assert!(line.starts_with("Steward's      active  Steward: ") && line.ends_with(&target), "{list}");
        assert!(line.contains(&format!("{resource}/created")), "{list}");
    }
    assert!(!list.contains(SECRET) && !list.contains("a secret of somebody else"), "{list}");

    let gone = stage.told(&["webhooks", "delete"]).await;
    assert_eq!(gone, expected.replace("registered", "removed"));
    assert!(stage.told(&["webhooks", "delete"]).await.ends_with("nothing was done.\n"));
    assert_eq!(stage.told(&["webhooks", "list"]).await.lines().count(), 2, "somebody else's stays");
    assert!(!stage.home.path().join("steward.db").exists());
}

#[tokio::test]
async fn commands_about_webhooks_say_what_keeps_them_from_it() {
    let stage = Stage::set().await;
    for (changes, arguments, code, says) in [
        (("STEWARD_PUBLIC_URL", ""), "sync", 2, "steward: STEWARD_PUBLIC_URL is missing: set it to "),
        (("STEWARD_BOT_TOKEN", "nobody's"), "list", 2, "steward: STEWARD_BOT_TOKEN was rejected by Webex"),
        (("STEWARD_BOT_TOKEN", "nobody's"), "delete", 2, "steward: STEWARD_BOT_TOKEN was rejected by Webex"),
        (("STEWARD_BOT_TOKEN", ""), "list", 2, "steward: STEWARD_BOT_TOKEN is missing"),
        (("STEWARD_WEBEX_API", NOBODY), "sync", 1, "steward: Webex could not be asked about the webhooks: "),
    ] {
        let ended = stage.run_with(&["webhooks", arguments], &[changes]).await;
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(ended.stderr.starts_with(says), "{}", ended.stderr);
        assert!(ended.stdout.is_empty() && !ended.stderr.contains("nobody's"));
    }
    assert_eq!(stage.run(&["webhooks"]).await.code, Some(2));
}

#[tokio::test]
async fn a_parked_job_is_listed_and_tried_again_while_steward_runs() {
    let stage = Stage::set().await;
    let steward = stage.serve().await;
    assert_eq!(stage.told(&["jobs", "list"]).await, "No job is parked.\n");
    stage
        .post("/_sim/faults", &json!({ "method": "POST", "path": "/messages", "status": 403, "times": 1 }))
        .await;
    let message = stage.say("about").await;
    let line = stage.listed(&[], " message ").await.remove(0);
    assert!(
        line.contains("parked") && line.contains("could not be posted: Webex refused the call (403"),
        "{line}"
    );
    assert!(stage.answers_to(&message).await.is_empty());

    let id = number_of(&line);
    let told = stage.told(&["jobs", "retry", id]).await;
    assert_eq!(told, format!("Job {id} is due now and will be tried again.\n"));
    stage.answer_to(&message).await;
    let refused = stage.refused(&["jobs", "retry", id], 1).await;
    assert!(refused.starts_with("steward: expected the number of a parked job, found "), "{refused}");
    assert!(refused.ends_with("which is done; nothing was changed\n"), "{refused}");
    steward.terminate();
    assert_eq!(steward.finished().await.code, Some(0));
    let entry = stage.audited("job_retried").await;
    let Event::JobRetried { by, kind, subject, reason } = entry else { panic!("{entry:?}") };
    assert_eq!((by, kind.as_str()), (format!("steward jobs retry {id}"), "message"));
    assert!(subject.ends_with("#answer") && reason.unwrap().contains("403"));
}

impl Stage {
    /// The one audit entry of this name, read when no Steward runs.
    async fn audited(&self, name: &str) -> Event {
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
async fn a_parked_job_is_dropped_for_good_and_that_is_audited() {
    let stage = Stage::set().await;
    let steward = stage.serve().await;
    stage.send_nonsense().await;
    let line = stage.listed(&[], " delivery ").await.remove(0);
    assert!(line.contains("sha-256/") && line.contains("expected a Webex event as JSON"), "{line}");
    let id = number_of(&line);
    assert_eq!(
        stage.told(&["jobs", "drop", id]).await,
        format!("Job {id} was dropped; it will not be done.\n")
    );
    assert_eq!(stage.told(&["jobs", "list"]).await, "No job is parked.\n");
    stage.refused(&["jobs", "drop", id], 1).await;
    stage.send_nonsense().await;
    stage.a_later_answer().await;
    assert_eq!(
        stage.told(&["jobs", "list"]).await,
        "No job is parked.\n",
        "it is known, so it is a duplicate"
    );
    steward.terminate();
    steward.finished().await;
    let entry = stage.audited("job_dropped").await;
    let Event::JobDropped { by, kind, reason, .. } = entry else { panic!("{entry:?}") };
    assert_eq!((by, kind.as_str()), (format!("steward jobs drop {id}"), "delivery"));
    assert!(reason.is_some());
}

#[tokio::test]
async fn jobs_that_only_wait_are_shown_when_asked_for_and_left_alone() {
    let stage = Stage::set().await;
    let _steward = stage.serve().await;
    let busy =
        json!({ "method": "POST", "path": "/messages", "status": 429, "retry_after": "3600", "times": 1 });
    stage.post("/_sim/faults", &busy).await;
    stage.say("about").await;
    // Before it was tried it waits too, and has no reason yet.
    let line = stage.listed(&["--all"], "(429").await.remove(0);
    assert!(line.contains("waiting") && line.contains("message"), "{line}");
    assert_eq!(stage.told(&["jobs", "list"]).await, "No job is parked.\n");
    let id = number_of(&line);
    for command in ["retry", "drop"] {
        let refused = stage.refused(&["jobs", command, id], 1).await;
        assert!(refused.contains("which is waiting; nothing was changed"), "{refused}");
        let refused = stage.refused(&["jobs", command, "4711"], 1).await;
        assert_eq!(refused, "steward: expected the number of a parked job, found 4711, which no job has\n");
        assert_eq!(stage.run(&["jobs", command, "the first"]).await.code, Some(2));
        assert_eq!(stage.run(&["jobs", command]).await.code, Some(2));
    }
    assert_eq!(stage.listed(&["--all"], "(429").await, [line.as_str()], "nothing was changed");
}

#[tokio::test]
async fn commands_about_jobs_need_a_database_that_is_there_and_of_this_version() {
    let stage = Stage::set().await;
    let missing = stage.refused(&["jobs", "list"], 2).await;
    assert!(missing.starts_with("steward: the database cannot be opened: "), "{missing}");
    assert!(missing.ends_with("steward.db: it is not there\n"), "{missing}");
    assert!(!stage.home.path().join("steward.db").exists(), "looking creates nothing");
    std::fs::write(stage.home.path().join("steward.db"), "").unwrap();
    let empty = stage.refused(&["jobs", "retry", "1"], 2).await;
    assert!(empty.contains("it is of another version of Steward"), "{empty}");
}
