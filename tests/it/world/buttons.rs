//! Cards and their buttons: real presses, forged presses, and copies of cards.

use serde_json::{Value, json};
use steward::sim::Person;

use super::answer::Answer;
use super::http::Reply;
use super::service::World;

impl World {
    /// Presses a button of a card, as a client would, and settles.
    pub async fn press(&self, person: &Person, card: &Answer, label: &str) {
        self.press_without_settling(person, card, label);
        self.settle().await;
    }

    /// As `press`, without settling.
    pub fn press_without_settling(&self, person: &Person, card: &Answer, label: &str) {
        self.sim.press(person, &card.id, &card.inputs_of(label)).unwrap();
    }

    /// Forges a press: any inputs, sent as `POST /attachment/actions` with a person's token.
    pub async fn forge(&self, person: &Person, message: &str, inputs: &Value) -> Reply {
        let body = json!({ "type": "submit", "messageId": message, "inputs": inputs });
        let reply = self.webex(&person.token, "POST", "/attachment/actions", Some(body)).await;
        self.settle().await;
        reply
    }

    /// A new, empty group space with the bot and everyone else in it.
    pub async fn another_space(&self) -> String {
        let ana = &self.cast.ana.token;
        let room = self.webex(ana, "POST", "/rooms", Some(json!({ "title": "Another" }))).await;
        let room: Value = serde_json::from_str(&room.body).unwrap();
        let space = room["id"].as_str().unwrap().to_owned();
        for person in self.cast.everybody().into_iter().filter(|person| person.id != self.cast.ana.id) {
            let seat = json!({ "roomId": space, "personId": person.id });
            assert_eq!(self.webex(ana, "POST", "/memberships", Some(seat)).await.status, 200);
        }
        self.settle().await;
        space
    }

    /// Posts a copy of the card in another space and returns it. Webex delivers presses only to the author of a card, so
    /// only copies posted by the bot reach Steward.
    pub fn copy_card(&self, person: &Person, card: &Answer, space: &str) -> Answer {
        let content =
            json!({ "contentType": "application/vnd.microsoft.card.adaptive", "content": card.card });
        let body = json!({ "roomId": space, "text": "a copy", "attachments": [content] });
        let copy = Answer::of(&self.sim.post(person, &body).unwrap());
        self.seen.lock().unwrap().push(copy.id.clone());
        copy
    }

    /// All posts of the bot in a space, oldest first.
    pub fn posted_in(&self, space: &str) -> Vec<Answer> {
        let messages = self.sim.messages(space);
        let by_bot = messages.iter().filter(|posted| posted["personId"] == self.cast.bot.id.as_str());
        let answers: Vec<Answer> = by_bot.map(Answer::of).collect();
        self.seen.lock().unwrap().extend(answers.iter().map(|answer| answer.id.clone()));
        answers
    }

    /// Whether a message was deleted.
    pub fn is_deleted(&self, message: &Answer) -> bool {
        let spaces = [&self.cast.operations, &self.cast.direct_ana, &self.cast.direct_ben];
        spaces
            .into_iter()
            .flat_map(|space| self.sim.messages(space))
            .all(|posted| posted["id"] != message.id.as_str())
    }
}

impl Answer {
    /// The code of the card's plan.
    pub fn code(&self) -> String {
        self.fact("Code").expect("a card with a code")
    }

    /// The labels of the submit buttons, in order.
    pub fn buttons(&self) -> Vec<String> {
        self.submits().iter().map(|submit| submit["title"].as_str().unwrap().to_owned()).collect()
    }

    /// The inputs that a client sends for a button.
    pub fn inputs_of(&self, label: &str) -> Value {
        let found = self.submits().into_iter().find(|submit| submit["title"] == label);
        found.unwrap_or_else(|| panic!("there is no button {label:?} on {}", self.text))["data"].clone()
    }

    fn submits(&self) -> Vec<Value> {
        let mut found = Vec::new();
        submits_in(&self.card, &mut found);
        found
    }
}

fn submits_in(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(fields) if fields.get("type").is_some_and(|kind| kind == "Action.Submit") => {
            found.push(value.clone());
        }
        Value::Object(fields) => fields.values().for_each(|value| submits_in(value, found)),
        Value::Array(items) => items.iter().for_each(|item| submits_in(item, found)),
        _ => {}
    }
}
