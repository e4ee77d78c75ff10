//! What people read: every answer of Steward as an Adaptive Card with a plain-text twin.
//!
//! A [`View`] holds the facts of one answer, a template in `templates/` says where they stand, and [`render`]
//! makes a [`Card`] of both. The text for clients without cards is read off the finished card, so the two
//! cannot say different things.
//!
//! Pure: it never asks for the time, the network or a file, and it never decides anything. Nothing that
//! comes from outside is ever markup: it is cleaned by [`SafeText`] and stands in a `TextRun`, which knows no
//! markdown, while a `TextBlock`, which does, holds only literals of the templates. All sentences stand in
//! [`wording`].

mod about;
mod action;
mod block;
mod choice;
mod deletion;
mod device;
mod device_list;
mod draw;
mod help;
mod in_place;
pub mod moment;
mod not_found;
mod notice;
mod plan_changed;
mod proposal;
mod provision;
mod safe_text;
mod tags;
mod tags_of_many;
mod template;
mod text;
mod whoami;
pub mod wording;

#[cfg(test)]
mod drawings;
#[cfg(test)]
mod gallery;
#[cfg(test)]
mod injection;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod validity;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use block::Block;

pub use about::About;
pub use action::{Button, ButtonStyle, ControlHub, Link};
pub use choice::{Choice, ChoiceRow, MOST_CANDIDATES};
pub use deletion::{DeletionResult, FollowUp};
pub use device::ShownDevice;
pub use device_list::{DeviceList, ROWS_PER_PAGE};
pub use draw::{Ink, draw};
pub use help::{Help, HelpEntry};
pub use in_place::DeviceWithNames;
pub use not_found::{MOST_NEAR, NotFoundDevice, SimilarDevice};
pub use notice::{Notice, Pointer};
pub use plan_changed::DeviceChanged;
pub use proposal::Proposal;
pub use provision::{Activation, ActivationCode, DeviceAdded, Provision, ProvisionProposal};
pub use safe_text::SafeText;
pub use tags::{TagsChanged, TagsProof};
pub use tags_of_many::{DevicesTagged, MOST_TROUBLES, TagProposal, TroubledDevice};
pub use template::RenderError;
pub use text::LONGEST_TEXT_BYTES;
pub use whoami::WhoAmI;
pub use wording::exported as export_caption;
pub use wording::{AssignedTo, LookedUpBy, PressRefusal, SideEffect, TagTrouble, Watch};

/// One answer: the facts that its template places.
pub trait View {
    /// The name of the template, as `device.card.json`.
    const TEMPLATE: &'static str;

    /// What the template is given: made of [`SafeText`]s and of words of Steward's own, nothing else.
    fn context(&self) -> impl Serialize;
}

/// The color of a headline. Color never says anything alone: the words say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Tone {
    /// Done.
    Good,
    /// Done in part, not proven, or not possible.
    Warning,
    /// Not done.
    Attention,
    /// Neither good nor bad.
    Accent,
    /// The color of all text.
    Default,
}

/// A finished answer. One of them carries an activation code, so `Debug` shows nothing of any.
#[derive(Clone)]
pub struct Card {
    content: Arc<RawValue>,
    text: String,
    defect: Option<String>,
}

impl Card {
    /// The Adaptive Card, to be posted as an attachment of type `application/vnd.microsoft.card.adaptive`
    /// (Webex, *Buttons and Cards* guide).
    #[must_use]
    pub fn content(&self) -> &Arc<RawValue> {
        &self.content
    }

    /// The same facts for clients without cards, to be posted as `text` (never as `markdown`): at most
    /// [`LONGEST_TEXT_BYTES`] bytes.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What went wrong while the card was made, for the log. The card then shows the bare facts.
    #[must_use]
    pub fn defect(&self) -> Option<&str> {
        self.defect.as_deref()
    }

    /// A card that was made before, as it stands in a message.
    pub fn of(content: impl Into<Arc<RawValue>>) -> serde_json::Result<Self> {
        let content = content.into();
        let text = text::of(&block::read(content.get())?);
        Ok(Self { content, text, defect: None })
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").field("defect", &self.defect).finish_non_exhaustive()
    }
}

/// Makes the card of a view.
///
/// Never fails: should a template have a defect that no test found, the answer is not lost but shown as bare
/// facts, and [`Card::defect`] says what to repair.
#[must_use]
pub fn render<V: View>(view: &V) -> Card {
    let context = view.context();
    let not_a_card = |source| RenderError::NotACard { name: V::TEMPLATE, source };
    template::fill(V::TEMPLATE, &context)
        .and_then(|content| Card::of(content).map_err(not_a_card))
        .unwrap_or_else(|error| bare_facts(&context, &error))
}

/// A card without a template: each fact of the view under its own name.
fn bare_facts(context: &impl Serialize, error: &RenderError) -> Card {
    let facts = serde_json::to_value(context).unwrap_or_default();
    let mut lines = vec![wording::CARD_DEFECT.to_owned()];
    for (label, value) in facts.as_object().into_iter().flatten() {
        let value = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        lines.push(format!("{label}: {value}"));
    }
    let text = text::of(&lines.iter().map(|line| Block::line(line)).collect::<Vec<_>>());
    Card { content: template::around(&lines).into(), text, defect: Some(error.to_string()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Defective;

    impl View for Defective {
        const TEMPLATE: &'static str = "deletion.card.json";

        fn context(&self) -> impl Serialize {
            json!({ "outcome": "gone", "serial": "FOC2345ABCD", "reason": null })
        }
    }

    #[test]
    fn a_defective_template_does_not_lose_the_answer() {
        let card = render(&Defective);
        assert_eq!(card.text(), format!("{}\noutcome: gone\nserial: FOC2345ABCD", wording::CARD_DEFECT));
        assert!(card.defect().unwrap().contains("deletion.card.json"), "{:?}", card.defect());
        validity::check(&card);
    }

    #[test]
    fn a_sound_card_has_no_defect() {
        assert_eq!(render(&About { version: "0.1.0" }).defect(), None);
    }
}
