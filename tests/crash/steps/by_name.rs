//! A deletion by name: the confirmation card, the confirmation in words or by button, the plan, and the answer.

use std::collections::HashMap;

use serde_json::Value;
use steward::domain::OutcomeKind;
use tokio::task::LocalSet;

use super::{Answer, Scenario, abort_around_each_commit};
use crate::postgres::{self, say};
use crate::records::StoredAnswer;
use crate::testbed::{Database, Testbed};
use crate::verdict::{Verdict, command_of};

/// Four deliveries, those about Steward's own cards included, and nine steps: the request, the confirmation card and
/// its post, the confirmation and its decision, the deletion of the card, the intent, the outcome, the result card.
/// Aborts come before and after each, and around the steps again with a lost answer to the DELETE; but the very last
/// one may be missed.
const LEAST_KILLS_IN_WORDS: usize = 44 - 2;
/// A press decides at once. Lost answers are covered by the words.
const LEAST_KILLS_BY_BUTTON: usize = 24 - 1;

/// Ana's way to confirm.
#[derive(Debug, Clone, Copy)]
enum Confirms {
    InWords,
    ByButton,
}

/// Ana has asked for the deletion of a device by its name.
struct ByName {
    testbed: Testbed,
    device: String,
    /// Ana's message.
    request: String,
    confirms: Confirms,
    /// The code of the plan, after the confirmation.
    code: Option<String>,
    /// Answers that a killed process may have posted without recording them, by command.
    excused: HashMap<String, usize>,
}

impl ByName {
    fn in_words(testbed: Testbed) -> Self {
        Self::begin(testbed, Confirms::InWords)
    }

    fn by_button(testbed: Testbed) -> Self {
        Self::begin(testbed, Confirms::ByButton)
    }

    fn begin(mut testbed: Testbed, confirms: Confirms) -> Self {
        let device = testbed.devices(1).remove(0);
        let name = testbed.sim.device(&device).unwrap()["displayName"].clone();
        let namesakes = testbed.sim.devices().into_iter().filter(|other| other["displayName"] == name);
        assert_eq!(namesakes.count(), 1, "{name}");
        let request = testbed.say(&format!("delete device {name}"), None);
        Self { testbed, device, request, confirms, code: None, excused: HashMap::new() }
    }

    /// The remaining posts of the bot in the thread, oldest first.
    fn thread(&self) -> Vec<Value> {
        let cast = self.testbed.sim.cast();
        let is_an_answer = |message: &Value| {
            message["parentId"] == self.request.as_str() && message["personId"] == cast.bot.id.as_str()
        };
        self.testbed.sim.messages(&cast.operations).into_iter().filter(is_an_answer).collect()
    }

    fn confirmation_cards(&self) -> Vec<Value> {
        self.thread().into_iter().filter(|said| text_of(said).starts_with("Delete this device?")).collect()
    }

    fn results(&self) -> Vec<Value> {
        self.thread().into_iter().filter(|said| fact(said, "Outcome").is_some()).collect()
    }

    /// Confirms the last card: of a card posted twice, only that one is recorded.
    fn confirm(&mut self) {
        let question = self.confirmation_cards().pop().unwrap();
        let code = fact(&question, "Code").unwrap();
        match self.confirms {
            Confirms::InWords => {
                self.testbed.say(&format!("confirm {code}"), Some(&self.request));
            }
            Confirms::ByButton => {
                let id = question["id"].as_str().unwrap();
                self.testbed.press(id, &inputs_of(&question["attachments"], "Delete").unwrap());
            }
        }
        self.code = Some(code);
    }

    /// The command that carries out the plan.
    fn plan_command(&self) -> Option<String> {
        self.code.as_ref().map(|code| format!("plan:{code}"))
    }

    /// The number of times an answer may be posted.
    fn allowed(&self, answers: &HashMap<String, StoredAnswer>, command: &str) -> usize {
        let unclear = usize::try_from(answers[command].unclear_posts).unwrap();
        1 + unclear + self.excused.get(command).copied().unwrap_or_default()
    }
}

impl Scenario for ByName {
    fn testbed(&mut self) -> &mut Testbed {
        &mut self.testbed
    }

    async fn proceed(&mut self) {
        if self.code.is_none() {
            let is_asked = async || !self.confirmation_cards().is_empty() && self.testbed.is_quiet().await;
            self.testbed.until("Steward has asked", is_asked).await;
            self.confirm();
        }
        let is_done = async || !self.results().is_empty() && self.testbed.is_quiet().await;
        self.testbed.until("the plan is carried out", is_done).await;
    }

    /// The job that deletes the confirmation card runs beside the deletion, so the result card may have been on its
    /// way at the abort. It is always excused.
    async fn excuse_reposts(&mut self) {
        let answers = self.testbed.records().await.stored_answers().await;
        for command in [Some(command_of(&self.request)), self.plan_command()].into_iter().flatten() {
            if answers.get(&command).is_some_and(|answer| !answer.is_posted) {
                *self.excused.entry(command).or_default() += 1;
            }
        }
    }

    async fn check_end(&mut self) {
        assert_eq!(self.testbed.sim.device(&self.device), None, "the device is gone");
        Verdict::check_no_second_deletion(&self.testbed);

        let (request, plan) = (command_of(&self.request), self.plan_command().unwrap());
        let mut records = self.testbed.records().await;
        let outcome = records.outcomes().await.remove(&plan).flatten().map(|outcome| outcome.kind());
        assert_eq!(outcome, Some(OutcomeKind::Gone));
        assert_eq!(records.plans().await, [(self.code.clone().unwrap(), "done".to_owned())]);
        for (event, command) in
            [("plan_proposed", &request), ("command_accepted", &request), ("command_accepted", &plan)]
        {
            assert_eq!(records.audited(event).await.get(command), Some(&1), "{event} of {command}");
        }
        let confirmed: usize = records.audited("plan_confirmed").await.into_values().sum();
        assert_eq!(confirmed, 1);

        let thread = self.thread();
        assert_eq!(fact(thread.last().unwrap(), "Outcome").as_deref(), Some("gone"), "{thread:#?}");
        let (standing, results) = (self.confirmation_cards().len(), self.results().len());
        assert_eq!(standing + results, thread.len(), "nothing else was said: {thread:#?}");
        let asked = self.testbed.sim.count_posts() - results;
        let answers = records.stored_answers().await;
        assert!(answers[&request].is_posted && answers[&plan].is_posted, "both are known to be posted");
        let (may_ask, may_answer) = (self.allowed(&answers, &request), self.allowed(&answers, &plan));
        assert!(asked <= may_ask, "asked {asked} times, and reasons for {may_ask}");
        assert!(results <= may_answer, "answered {results} times, and reasons for {may_answer}");
        assert_eq!(standing, asked - 1, "the question that is known to be posted is taken back");
    }
}

fn text_of(message: &Value) -> &str {
    message["text"].as_str().unwrap_or_default()
}

/// The value of a labeled fact.
fn fact(message: &Value, label: &str) -> Option<String> {
    let value = |line: &str| line.strip_prefix(label)?.strip_prefix(": ").map(str::to_owned);
    text_of(message).lines().find_map(value)
}

/// The inputs that a client sends for the button with this label.
fn inputs_of(card: &Value, label: &str) -> Option<Value> {
    match card {
        Value::Object(fields) if fields.get("type").is_some_and(|kind| kind == "Action.Submit") => {
            (card["title"] == label).then(|| card["data"].clone())
        }
        Value::Object(fields) => fields.values().find_map(|value| inputs_of(value, label)),
        Value::Array(items) => items.iter().find_map(|item| inputs_of(item, label)),
        _ => None,
    }
}

async fn check_every_commit(database: Database) {
    // Boxed, because these futures are large.
    let (in_words, by_button) = tokio::join!(
        Box::pin(abort_around_each_commit(&database, ByName::in_words, &[Answer::Comes, Answer::IsLost])),
        Box::pin(abort_around_each_commit(&database, ByName::by_button, &[Answer::Comes]))
    );
    assert!(in_words >= LEAST_KILLS_IN_WORDS, "{in_words}");
    assert!(by_button >= LEAST_KILLS_BY_BUTTON, "{by_button}");
    say(&format!(
        "{in_words} + {by_button} kills before and after each commit of one deletion by name on {database}, confirmed \
         in words + by the button, each with the same end"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_survives_a_kill_around_any_commit_on_sqlite() {
    LocalSet::new().run_until(check_every_commit(Database::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_survives_a_kill_around_any_commit_on_postgresql() {
    if let Some(server) = postgres::server() {
        LocalSet::new().run_until(check_every_commit(Database::Postgres(server))).await;
    }
}
