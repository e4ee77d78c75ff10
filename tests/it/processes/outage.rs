//! Deliveries to a real process whose database cannot be written to.

use std::time::Duration;

use serde_json::json;

use super::Stage;
use super::process::until;
use crate::world::{Letter, SECRET};

/// How long a process that cannot write may take to say that it lives. Only a failing test waits that long.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Something that was said and is delivered by hand.
pub struct Question {
    pub message: String,
    letter: Letter,
}

impl Stage {
    /// The same on another database.
    pub fn on(mut self, database: &str) -> Self {
        self.set_to("STEWARD_DATABASE_URL", database);
        self
    }

    pub fn set_to(&mut self, name: &str, value: &str) {
        let variable = self.variables.iter_mut().find(|(variable, _)| *variable == name).unwrap();
        value.clone_into(&mut variable.1);
    }

    /// From now on Webex delivers nothing by itself.
    pub async fn deliver_by_hand(&self) {
        self.post("/_sim/faults", &json!({ "delivery": "lose" })).await;
    }

    /// Something that Ana said, to be delivered.
    pub async fn question(&self, text: &str) -> Question {
        let cast = &self.get("/_sim/state").await["cast"];
        let (space, person) = (cast["operations"].as_str().unwrap(), cast["ana"]["id"].as_str().unwrap());
        let message = self.say(text).await;
        let body = json!({
            "id": "webhook-1", "name": "Steward: messages", "resource": "messages", "event": "created",
            "data": {
                "id": message, "roomId": space, "roomType": "group", "personId": person,
                "personEmail": "ana@example.com",
            },
        });
        Question { message, letter: Letter::of(body.to_string()).signed_with(SECRET) }
    }

    /// Delivers it; answers the status.
    pub async fn deliver(&self, question: &Question) -> u16 {
        let mut request = self.http.post(format!("{}/webhooks/webex", self.steward_url));
        for (name, value) in &question.letter.headers {
            request = request.header(name, value);
        }
        request.body(question.letter.body.clone()).send().await.unwrap().status().as_u16()
    }

    async fn status(&self, path: &str) -> u16 {
        self.http.get(format!("{}{path}", self.steward_url)).send().await.unwrap().status().as_u16()
    }

    /// It cannot write, says so, and lives.
    pub async fn lives_and_is_not_ready(&self) {
        let health = tokio::time::timeout(AT_ONCE, self.status("/healthz")).await;
        assert_eq!(health, Ok(200));
        until("it says that it is not ready", async || (self.status("/readyz").await == 503).then_some(()))
            .await;
    }

    /// It can write again: it takes what it refused, and everything it ever took is answered. What was being
    /// posted when it could no longer write that down may be posted once more.
    pub async fn recovers(&self, taken: Vec<Question>, refused: Vec<Question>) {
        until("it is ready again", async || (self.status("/readyz").await == 200).then_some(())).await;
        for question in &refused {
            assert_eq!(self.deliver(question).await, 200);
        }
        for question in taken.iter().chain(&refused) {
            self.answer_to(&question.message).await;
        }
        self.let_webex_deliver().await;
        self.a_later_answer().await;
        for (questions, at_most) in [(&taken, 2), (&refused, 1)] {
            for question in questions {
                let answers = self.answers_to(&question.message).await;
                assert!(answers.len() <= at_most, "{answers:#?}");
            }
        }
    }

    async fn let_webex_deliver(&self) {
        let cleared = self.http.delete(format!("{}/_sim/faults", self.sim_url)).send().await.unwrap();
        assert!(cleared.status().is_success());
    }
}
