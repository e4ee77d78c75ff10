//! What operators do from a shell: look after the webhooks.

use serde_json::json;
use steward::sim::BOT_TOKEN;

use super::process::{Finished, Process};
use super::{NOBODY, Stage};
use crate::world::SECRET;

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

    /// Creates a webhook of somebody else's, with the bot's token.
    async fn somebody_elses_webhook(&self, name: &str) {
        let body = json!({ "name": name, "targetUrl": "https://elsewhere.example.com/", "resource": "messages",
            "event": "created", "secret": "a secret of somebody else" });
        let call = self.http.post(format!("{}/v1/webhooks", self.sim_url)).bearer_auth(BOT_TOKEN).json(&body);
        assert!(call.send().await.unwrap().status().is_success());
    }
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
