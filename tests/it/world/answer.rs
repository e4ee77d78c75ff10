//! An answer of the bot, as people read it.

use serde_json::Value;
use steward::cards::{Card, Ink, draw};

/// One message of the bot.
#[derive(Debug, Clone)]
pub struct Answer {
    pub id: String,
    pub text: String,
    /// The Adaptive Card; null when there is none.
    pub card: Value,
}

impl Answer {
    pub(super) fn of(message: Value) -> Self {
        let text = |field: &str| message[field].as_str().unwrap_or_default().to_owned();
        Self { id: text("id"), text: text("text"), card: message["attachments"][0]["content"].clone() }
    }

    /// The card drawn as text, 80 columns wide.
    pub fn drawn(&self) -> String {
        draw(&Card::of(self.card.clone()), 80, Ink::Plain)
    }

    /// The value beside a label of the card, if it is there.
    pub fn fact(&self, label: &str) -> Option<String> {
        let prefix = format!("{label}: ");
        self.text.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
    }

    /// Every text of the card, in order, piece by piece.
    pub fn texts(&self) -> Vec<String> {
        fn collect(value: &Value, texts: &mut Vec<String>) {
            match value {
                Value::Object(fields) => {
                    if let Some(Value::String(text)) = fields.get("text") {
                        texts.push(text.clone());
                    }
                    fields.values().for_each(|value| collect(value, texts));
                }
                Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
                _ => {}
            }
        }
        let mut texts = Vec::new();
        collect(&self.card, &mut texts);
        texts
    }
}
