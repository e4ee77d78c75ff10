//! Cards and their buttons: who presses them, how often, and what else may be sent in the place of a press.

use serde_json::{Value, json};
use steward::sim::Person;

use super::{Answer, Reply, World};

impl World {
    /// Presses a button of a card, as the client of this person would, and lets it be delivered.
    pub async fn press(&self, person: &Person, card: &Answer, label: &str) {
        self.press_unheard(person, card, label);
        self.settle().await;
    }

    /// The same without waiting for what comes of it.
    pub fn press_unheard(&self, person: &Person, card: &Answer, label: &str) {
        self.sim.press(person, &card.id, &card.inputs_of(label)).unwrap();
    }

    /// Presses nothing that anybody has seen: any inputs, sent as `POST /attachment/actions` with this person's token.
    pub async fn forge(&self, person: &Person, message: &str, inputs: &Value) -> Reply {
        let body = json!({ "type": "submit", "messageId": message, "inputs": inputs });
        let reply = self.webex(&person.token, "POST", "/attachment/actions", Some(body)).await;
        self.settle().await;
        reply
    }

    /// A new group space with the bot and everybody else in it, and nothing that was said there yet.
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

    /// Posts the same card in another space, and answers it. Presses of a card come to whoever posted it, so the bot
    /// itself is made to: those of anybody else's copy never reach it.
    pub fn copy_card(&self, person: &Person, card: &Answer, space: &str) -> Answer {
        let content =
            json!({ "contentType": "application/vnd.microsoft.card.adaptive", "content": card.card });
        let body = json!({ "roomId": space, "text": "a copy", "attachments": [content] });
        let copy = Answer::of(&self.sim.post(person, &body).unwrap());
        self.looked_at.lock().unwrap().push(copy.id.clone());
        copy
    }

    /// Everything the bot has posted in a space, oldest first.
    pub fn posted_in(&self, space: &str) -> Vec<Answer> {
        let messages = self.sim.messages(space);
        let by_bot = messages.iter().filter(|posted| posted["personId"] == self.cast.bot.id.as_str());
        let answers: Vec<Answer> = by_bot.map(Answer::of).collect();
        self.looked_at.lock().unwrap().extend(answers.iter().map(|answer| answer.id.clone()));
        answers
    }

    /// Whether a message is no longer there.
    pub fn is_deleted(&self, message: &Answer) -> bool {
        let spaces = [&self.cast.operations, &self.cast.direct_ana, &self.cast.direct_ben];
        spaces
            .into_iter()
            .flat_map(|space| self.sim.messages(space))
            .all(|posted| posted["id"] != message.id.as_str())
    }
}

impl Answer {
    /// The code of the plan that the card asks about.
    pub fn code(&self) -> String {
        self.fact("Code").expect("a card with a code")
    }

    /// The labels of the buttons that come back, in order.
    pub fn buttons(&self) -> Vec<String> {
        self.submits().iter().map(|submit| submit["title"].as_str().unwrap().to_owned()).collect()
    }

    /// What a client sends when this button is pressed.
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
