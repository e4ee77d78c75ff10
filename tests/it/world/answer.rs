//! A post of the bot, as people read it.

use serde_json::Value;
use serde_json::value::to_raw_value;
use steward::cards::{Card, Ink, draw};

/// One post of the bot.
#[derive(Debug, Clone)]
pub struct Answer {
    pub id: String,
    pub text: String,
    /// The Adaptive Card; null if there is none.
    pub card: Value,
    /// The root of its thread.
    pub parent: Option<String>,
    /// Whether it mentions anyone.
    pub mentions: bool,
}

impl Answer {
    pub(super) fn of(message: &Value) -> Self {
        let text = |field: &str| message[field].as_str().unwrap_or_default().to_owned();
        Self {
            id: text("id"),
            text: text("text"),
            card: message["attachments"][0]["content"].clone(),
            parent: message["parentId"].as_str().map(str::to_owned),
            mentions: !message["mentionedPeople"].is_null() || !message["mentionedGroups"].is_null(),
        }
    }

    /// The card drawn as text, 80 columns wide.
    pub fn drawn(&self) -> String {
        draw(&to_raw_value(&self.card).and_then(Card::of).unwrap(), 80, Ink::Plain)
    }

    /// The first line.
    pub fn headline(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// Whether it only announces a wait.
    pub fn announces_a_wait(&self) -> bool {
        matches!(self.headline(), "… Waiting for Webex" | "… Waiting for another change" | "… Still working")
    }

    /// The sentence below the headline of a deletion.
    pub fn happened(&self) -> &str {
        self.text.lines().nth(2).unwrap_or_default()
    }

    /// The text below "What next".
    pub fn what_next(&self) -> &str {
        self.text.split_once("\nWhat next\n").map_or("", |(_, next)| next)
    }

    /// The value of a labeled fact.
    pub fn fact(&self, label: &str) -> Option<String> {
        let prefix = format!("{label}: ");
        self.text.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
    }

    /// The outcome of a deletion, in a word.
    pub fn outcome(&self) -> String {
        self.fact("Outcome").unwrap_or_default()
    }

    /// All texts of the card, in order.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        visit(&self.card, &mut |text| texts.push(text.to_owned()));
        texts
    }

    /// The card without its texts.
    pub fn structure(&self) -> Value {
        fn bare(value: &Value) -> Value {
            match value {
                Value::Object(fields) => fields
                    .iter()
                    .map(|(field, value)| {
                        let is_text = matches!(field.as_str(), "text" | "ref") && value.is_string();
                        (field.clone(), if is_text { Value::Null } else { bare(value) })
                    })
                    .collect(),
                Value::Array(items) => items.iter().map(bare).collect(),
                other => other.clone(),
            }
        }
        bare(&self.card)
    }
}

fn visit(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(text)) = fields.get("text") {
                each(text);
            }
            fields.values().for_each(|value| visit(value, each));
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, each)),
        _ => {}
    }
}
