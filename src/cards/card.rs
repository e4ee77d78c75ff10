//! From a view to a finished card.

use std::fmt;
use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::template::{self, Fields, Placeable, TemplateError};
use super::{block, fit, plain_text};

/// One answer: the facts that its template places.
pub trait View {
    /// The file name of the template, such as `show_device.card.json`.
    const TEMPLATE: &'static str;

    /// The values that the template is filled with.
    fn fields(&self) -> Fields;
}

/// The color of a headline or a fact, by its name in Adaptive Cards. Color never carries a fact alone: the words say it
/// too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Done.
    Good,
    /// Done in part, not verified, or not possible.
    Warning,
    /// Not done.
    Attention,
    /// Neither good nor bad.
    Accent,
    /// The color of all text.
    Default,
}

impl Placeable for Tone {
    fn value(&self) -> minijinja::Value {
        format!("{self:?}").into()
    }
}

/// A finished answer. One of them carries an activation code, so `Debug` shows no content.
#[derive(Clone)]
pub struct Card {
    content: Arc<RawValue>,
    text: String,
    defect: Option<String>,
}

impl Card {
    /// The Adaptive Card, to be posted as an attachment of type `application/vnd.microsoft.card.adaptive`
    /// (Webex, *Buttons and Cards* guide).
    pub fn content(&self) -> &Arc<RawValue> {
        &self.content
    }

    /// The same facts for clients without cards, to be posted as `text` (never as `markdown`): at most
    /// [`LONGEST_TEXT_BYTES`](super::LONGEST_TEXT_BYTES) bytes. Words that the card shortens are whole here.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The defect found while the card was rendered, for the log. The card then shows the plain facts.
    pub fn defect(&self) -> Option<&str> {
        self.defect.as_deref()
    }

    /// The card with this content.
    pub fn of(content: impl Into<Arc<RawValue>>) -> serde_json::Result<Self> {
        let content = content.into();
        let text = plain_text::of(&block::read(content.get())?);
        Ok(Self { content: fit::fitted(content, &text)?, text, defect: None })
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").field("defect", &self.defect).finish_non_exhaustive()
    }
}

/// Renders the card of a view.
///
/// Never fails: if a template has a defect that no test found, the card shows the plain facts, and [`Card::defect`]
/// says why.
pub fn render<V: View>(view: &V) -> Card {
    let fields = view.fields();
    let not_a_card = |source| TemplateError::NotACard { name: V::TEMPLATE, source };
    template::fill(V::TEMPLATE, &fields)
        .and_then(|content| Card::of(content).map_err(not_a_card))
        .unwrap_or_else(|error| plain_facts(&fields, &error))
}

/// Heads a card whose template has a defect.
pub(super) const CARD_DEFECT: &str = "Steward could not draw this card. These are the plain facts:";

/// A card without a template: each fact of the view under its own name.
fn plain_facts(fields: &Fields, error: &TemplateError) -> Card {
    let facts = serde_json::to_value(fields).unwrap_or_default();
    let mut lines = vec![CARD_DEFECT.to_owned()];
    for (label, value) in facts.as_object().into_iter().flatten() {
        let value = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        lines.push(format!("{label}: {value}"));
    }
    let text_run =
        |text| json!({ "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": text }] });
    let content = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.3",
        "body": lines.iter().map(text_run).collect::<Vec<_>>(),
    });
    let content = to_raw_value(&content).unwrap_or_default();
    let card = Card::of(content.clone()).unwrap_or_else(|_| Card {
        content: content.into(),
        text: lines.join("\n"),
        defect: None,
    });
    Card { defect: Some(error.to_string()), ..card }
}
