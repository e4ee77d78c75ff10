//! The log: one line at each decision and each end, with everything that an operator needs to follow a command.

use std::io;
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;
use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};

use crate::world::{Answer, SECRET, WebhookRequest, World};

/// While a process has only one subscriber, tracing asks the thread that logs a line first whether anybody listens, and
/// keeps the answer for all threads. With a second one, it asks both.
static SECOND_SUBSCRIBER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

/// The log of this thread, and so of one test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Logs as `steward serve` does with `STEWARD_LOG_FORMAT=json`.
    fn start() -> (Self, DefaultGuard) {
        LazyLock::force(&SECOND_SUBSCRIBER);
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_target(false)
            .with_max_level(tracing::Level::INFO)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines with this message.
    fn lines(&self, message: &str) -> Vec<Value> {
        let lines =
            self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
        lines.into_iter().filter(|line| line["message"] == message).collect()
    }

    fn the_line(&self, message: &str) -> Value {
        let mut lines = self.lines(message);
        assert_eq!(lines.len(), 1, "{message}: {}", self.text());
        lines.remove(0)
    }
}

fn has_fields(line: &Value, fields: &[&str]) {
    for field in fields {
        let value = &line[field];
        assert!(value.is_u64() || value.as_str().is_some_and(|text| !text.is_empty()), "{field}: {line}");
    }
}

const DECISION: [&str; 8] =
    ["delivery", "message_id", "person", "space", "command_id", "command", "decision", "ms"];
const END: [&str; 7] = ["message_id", "person", "space", "command_id", "command", "outcome", "ms"];

#[tokio::test]
async fn a_deletion_can_be_followed_from_its_decision_to_its_card() {
    let world = World::new().await;
    let device = world.a_device();
    let (log, _guard) = Log::start();
    let message = world.delete(device["id"].as_str().unwrap()).await;
    let answer = world.the_answer_to(&message);

    let decided = log.the_line("decided");
    has_fields(&decided, &DECISION);
    assert_eq!((&decided["command"], &decided["decision"]), (&"delete device".into(), &"accepted".into()));
    assert_eq!(
        (&decided["message_id"], &decided["person"]),
        (&message.clone().into(), &world.cast.ana.id.clone().into())
    );
    let ended = log.the_line("command ended");
    has_fields(&ended, &END);
    has_fields(&ended, &["tracking_id", "status"]);
    assert_eq!((&ended["command"], &ended["outcome"]), (&"delete device".into(), &"gone".into()));
    assert_eq!(ended["command_id"], decided["command_id"]);
    assert!(answer.text.contains(ended["tracking_id"].as_str().unwrap()), "{}", answer.text);
    let posted = log.the_line("posted a message");
    has_fields(&posted, &["answer", "message_id", "space", "ms"]);
    assert_eq!(posted["message_id"], answer.id.as_str());
    for line in [&decided, &ended, &posted] {
        assert_eq!(line["span"]["name"], "delivery", "{line}");
        assert_eq!(line["span"]["id"], decided["delivery"], "{line}");
    }
    for secret in [SECRET, device["displayName"].as_str().unwrap()] {
        assert!(!log.text().contains(secret), "{}", log.text());
    }
}

#[tokio::test]
async fn every_decision_has_its_line() {
    let world = World::new().await;
    for (person, text, command, decision) in [
        (&world.cast.ana, "about", "about", "answered"),
        (&world.cast.ben, "list devices", "list devices", "refused"),
        (&world.cast.ana, "delete", "none", "not understood"),
        (&world.cast.oskar, "whoami", "none", "refused"),
    ] {
        let (log, _guard) = Log::start();
        world.ask(person, text).await;
        let line = log.the_line("decided");
        has_fields(&line, &DECISION);
        assert_eq!((&line["command"], &line["decision"]), (&command.into(), &decision.into()), "{text}");
        assert_eq!(line["person"], person.id.as_str());
        assert_eq!(log.lines("command ended").len(), 0, "{text}");
    }
}

#[tokio::test]
async fn presses_are_logged_and_counted_like_commands() {
    let world = World::new().await;
    let name = world.a_device()["displayName"].as_str().unwrap().to_owned();
    let card: Answer = world.ask(&world.cast.ana, &format!("delete device \"{name}\"")).await;
    for (person, command, decision) in
        [(&world.cast.ben, "confirm", "refused"), (&world.cast.ana, "confirm", "accepted")]
    {
        let (log, _guard) = Log::start();
        world.press(person, &card, "Delete").await;
        let line = log.the_line("decided");
        has_fields(&line, &DECISION);
        assert_eq!((&line["command"], &line["decision"]), (&command.into(), &decision.into()));
        assert_eq!(
            (&line["message_id"], &line["person"]),
            (&card.id.clone().into(), &person.id.clone().into())
        );
        let metric = format!("commands_total{{command=\"{command}\",result=\"{decision}\"}}");
        assert_eq!(world.metric(&metric).await, 1, "{metric}");
    }
    world.all_answers();
}

#[tokio::test]
async fn a_failed_command_ends_with_its_tracking_id() {
    let world = World::new().await;
    world.sim.fault(steward::sim::FaultRule::on("GET", "/devices*").status(403));
    let (log, _guard) = Log::start();
    let answer = world.ask(&world.cast.ana, "list devices").await;
    let ended = log.the_line("command ended");
    has_fields(&ended, &END);
    has_fields(&ended, &["tracking_id"]);
    assert_eq!(ended["outcome"], "answered", "{}", answer.text);
}

#[tokio::test]
async fn an_unreadable_delivery_is_logged_when_it_is_parked() {
    let world = World::new().await;
    let (log, _guard) = Log::start();
    let request = WebhookRequest::unsigned("nonsense").signed_with(SECRET);
    assert_eq!(world.deliver(&request).await.status, 200);
    let line = log.the_line("parked a signed delivery that is not a Webex event");
    assert!(line["delivery"].as_str().unwrap().starts_with("sha-256/"), "{line}");
    assert_eq!(world.deliver(&request).await.status, 200);
    assert_eq!(log.lines("parked a signed delivery that is not a Webex event").len(), 1, "once");
}

#[tokio::test]
async fn the_clock_is_logged_when_it_begins_and_ceases_to_differ() {
    let world = World::new().await;
    let (log, _guard) = Log::start();
    world.sim.fault(steward::sim::FaultRule::on_everything().dated("Thu, 02 Apr 2026 08:45:30 GMT"));
    world.ask(&world.cast.ana, "about").await;
    world.ask(&world.cast.ana, "about").await;
    let line = log.the_line("the clock of this machine is 30 minutes behind Webex's");
    assert_eq!(line["seconds"], -1800);
    world.sim.clear_faults();
    world.ask(&world.cast.ana, "about").await;
    log.the_line("the clock of this machine agrees with Webex's again");
}
