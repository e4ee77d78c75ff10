//! Buttons: the card carries only a reference; everything else is a stored [`ButtonRecord`].

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::domain::{Actor, DeviceFacts, MessageId, PersonId, PlaceFacts, PlanCode, SpaceId};
use crate::grammar::Command;

/// How long a button with a command can be pressed. A plan's button lives as long as the plan.
pub(crate) const BUTTON_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

const REF_BYTES: usize = 16;

/// The reference that a button carries: 128 random bits as hex. Anyone who knows it can press the button, so it is
/// never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ButtonRef(String);

/// The error for a text that is not a reference. It does not repeat the text, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the reference of a button, found something else")]
pub struct InvalidButtonRef;

impl ButtonRef {
    /// Makes a reference from random bytes.
    pub fn from_random(bytes: [u8; REF_BYTES]) -> Self {
        Self(hex::encode(bytes))
    }

    /// Parses a reference; there may be no such button.
    pub fn parse(text: &str) -> Result<Self, InvalidButtonRef> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 2 * REF_BYTES && text.bytes().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidButtonRef)
        }
    }

    /// The reference in the inputs of a press. The presser can forge inputs (Webex, *Buttons and Cards*), so only
    /// `{"ref": "…"}` is read.
    pub(crate) fn in_inputs(inputs: &Value) -> Result<Self, InvalidButtonRef> {
        inputs.get("ref").and_then(Value::as_str).ok_or(InvalidButtonRef).and_then(Self::parse)
    }

    /// The text for the card.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash it is stored by.
    pub fn hash(&self) -> RefHash {
        RefHash(hex::encode(Sha256::digest(self.0.as_bytes())))
    }
}

impl fmt::Debug for ButtonRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ButtonRef(..)")
    }
}

/// The SHA-256 of a reference: identifies the button, but cannot press it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RefHash(String);

impl RefHash {
    /// The stored text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The action of a button. Stored: the names must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ButtonAction {
    /// Confirm a plan.
    Confirm {
        /// The code of the plan.
        plan: PlanCode,
    },
    /// Cancel a plan.
    Cancel {
        /// The code of the plan.
        plan: PlanCode,
    },
    /// Run a command as if the presser had written it. A Delete button proposes a plan like the written command; no
    /// press deletes directly.
    Command {
        /// The command.
        command: Command,
        /// The row by which the presser chooses a device, workspace or person. Older versions did not store it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<ShownRow>,
    },
}

/// The row of a card by which a person chose a device, workspace or person: nothing is done to one that has changed
/// since. Stored: the names must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownRow {
    /// A device.
    Device(Box<DeviceFacts>),
    /// A workspace or person.
    Place(Box<PlaceFacts>),
}

impl ButtonAction {
    /// Runs this command, whatever the card showed.
    pub(crate) fn command(command: Command) -> Self {
        Self::Command { command, shown: None }
    }

    /// The row of the card, if the button chooses one.
    pub(crate) fn shown(&self) -> Option<&ShownRow> {
        match self {
            Self::Command { shown, .. } => shown.as_ref(),
            Self::Confirm { .. } | Self::Cancel { .. } => None,
        }
    }

    /// The plan it belongs to.
    pub(crate) fn plan(&self) -> Option<PlanCode> {
        match self {
            Self::Confirm { plan } | Self::Cancel { plan } => Some(*plan),
            Self::Command { .. } => None,
        }
    }
}

/// The people who may press a button. Stored: the names must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Presser {
    /// Only the person who asked for the card.
    Requester,
    /// Anyone who sees it, with their own rights, which are checked as for a written command.
    Anybody,
}

impl Presser {
    /// The stored name.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }

    /// The value with this stored name.
    pub(crate) fn from_stored(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// A stored button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonRecord {
    /// The hash of its reference.
    pub hash: RefHash,
    /// The effect of a press.
    pub action: ButtonAction,
    /// The people who may press it.
    pub presser: Presser,
    /// The person who asked for the card.
    pub requester: Actor,
    /// The space of its card.
    pub space_id: SpaceId,
    /// The root of its card's thread, if the card is in one.
    pub parent_id: Option<MessageId>,
    /// The message with its card; none until it is posted and recorded.
    pub message_id: Option<MessageId>,
    /// The end of the time to press it.
    pub expires_at: Timestamp,
    /// The one press that counted.
    pub used: Option<ButtonUse>,
}

/// The press of a button that counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonUse {
    /// The time of the press.
    pub at: Timestamp,
    /// The presser.
    pub by: PersonId,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const REF: &str = "000102030405060708090a0b0c0d0eff";

    #[test]
    fn a_reference_comes_back_in_the_inputs_of_a_press() {
        let drawn = ButtonRef::from_random([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(drawn.as_str(), REF);
        for inputs in [json!({ "ref": REF }), json!({ "ref": REF, "op": "confirm", "plan": ["K7Q2-M9"] })] {
            assert_eq!(ButtonRef::in_inputs(&inputs), Ok(drawn.clone()), "{inputs}");
        }
    }

    #[test]
    fn forged_inputs_contain_no_reference() {
        let huge = "a".repeat(1 << 20);
        for inputs in [
            json!(null),
            json!([]),
            json!("ref"),
            json!(REF),
            json!([{ "ref": REF }]),
            json!({}),
            json!({ "Ref": REF }),
            json!({ "ref": null }),
            json!({ "ref": 7 }),
            json!({ "ref": [REF] }),
            json!({ "ref": { "ref": REF } }),
            json!({ "ref": "" }),
            json!({ "ref": REF[1..] }),
            json!({ "ref": format!("{REF}0") }),
            json!({ "ref": format!(" {}", &REF[1..]) }),
            json!({ "ref": REF.to_uppercase() }),
            json!({ "ref": REF.replace('f', "g") }),
            json!({ "ref": REF.replace("00", "é") }),
            json!({ "ref": huge }),
        ] {
            assert_eq!(ButtonRef::in_inputs(&inputs), Err(InvalidButtonRef), "{:.60}", inputs.to_string());
        }
    }

    #[test]
    fn only_the_hash_of_a_reference_can_be_printed() {
        let reference = ButtonRef::parse(REF).unwrap();
        assert_eq!(format!("{reference:?}"), "ButtonRef(..)");
        assert_ne!(reference.hash().as_str(), REF);
        assert_eq!(reference.hash(), ButtonRef::parse(REF).unwrap().hash());
    }

    #[test]
    fn actions_keep_their_stored_names() {
        let plan = PlanCode::parse("K7Q2-M9").unwrap();
        for (action, stored) in [
            (ButtonAction::Confirm { plan }, r#"{"action":"confirm","plan":"K7Q2-M9"}"#),
            (ButtonAction::Cancel { plan }, r#"{"action":"cancel","plan":"K7Q2-M9"}"#),
            (ButtonAction::command(Command::About), r#"{"action":"command","command":{"command":"about"}}"#),
        ] {
            assert_eq!(serde_json::to_string(&action).unwrap(), stored);
            assert_eq!(serde_json::from_str::<ButtonAction>(stored).unwrap(), action);
        }
        let id = crate::domain::PlaceId::Person(PersonId::parse("ben").unwrap());
        let place = PlaceFacts { id, name: "Ben".to_owned(), calling_type: None, supported_devices: None };
        let action =
            ButtonAction::Command { command: Command::About, shown: Some(ShownRow::Place(Box::new(place))) };
        let stored = r#"{"action":"command","command":{"command":"about"},"shown":{"place":{"id":{"person":"ben"},"name":"Ben"}}}"#;
        assert_eq!(serde_json::to_string(&action).unwrap(), stored);
        assert_eq!(serde_json::from_str::<ButtonAction>(stored).unwrap(), action);
    }
}
