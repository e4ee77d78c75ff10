//! Buttons: a reference on the card, and everything else on this side.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::domain::{Actor, MessageId, PersonId, PlanCode, SpaceId};
use crate::grammar::Command;

/// How long a button that asks for a command can be pressed. One that belongs to a plan lasts as long as the plan.
pub const BUTTON_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

const REF_BYTES: usize = 16;

/// The reference that a button carries: 128 random bits as hex, and nothing that they could be guessed from. Who
/// has it can press the button, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ButtonRef(String);

/// A text that is no reference. It is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the reference of a button, found something else")]
pub struct InvalidButtonRef;

impl ButtonRef {
    /// The reference that these random bytes make.
    pub fn from_random(bytes: [u8; REF_BYTES]) -> Self {
        Self(hex::encode(bytes))
    }

    /// Takes a text of the right form; whether there is such a button is another question.
    pub fn parse(text: &str) -> Result<Self, InvalidButtonRef> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 2 * REF_BYTES && text.bytes().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidButtonRef)
        }
    }

    /// The reference in the inputs of a press. They are whatever the presser likes (Webex, *Buttons and Cards*), so
    /// nothing but `{"ref": "…"}` is read.
    pub fn in_inputs(inputs: &Value) -> Result<Self, InvalidButtonRef> {
        inputs.get("ref").and_then(Value::as_str).ok_or(InvalidButtonRef).and_then(Self::parse)
    }

    /// The text, for the card.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is known by on this side.
    pub fn hash(&self) -> RefHash {
        RefHash(hex::encode(Sha256::digest(self.0.as_bytes())))
    }
}

impl fmt::Debug for ButtonRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ButtonRef(..)")
    }
}

/// The SHA-256 of a reference. Nobody can press a button with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RefHash(String);

impl RefHash {
    /// The stored text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What pressing a button asks for. Stored: the names must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ButtonAction {
    /// To confirm a plan.
    Confirm {
        /// Which.
        plan: PlanCode,
    },
    /// To cancel a plan.
    Cancel {
        /// Which.
        plan: PlanCode,
    },
    /// The same as if the presser had written this. A button that says `delete` proposes a plan like the written
    /// command would; no press deletes by itself.
    Command {
        /// What would have been written.
        command: Command,
    },
}

impl ButtonAction {
    /// The plan it belongs to.
    pub fn plan(&self) -> Option<PlanCode> {
        match self {
            Self::Confirm { plan } | Self::Cancel { plan } => Some(*plan),
            Self::Command { .. } => None,
        }
    }
}

/// Who may press a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presser {
    /// Only who asked for the card.
    Requester,
    /// Whoever sees it, with their own rights: those are checked as for a written command.
    Anybody,
}

impl Presser {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Anybody => "anybody",
        }
    }

    /// The rule with this stored name.
    pub fn from_stored(name: &str) -> Option<Self> {
        [Self::Requester, Self::Anybody].into_iter().find(|presser| presser.as_str() == name)
    }
}

/// A button as it is known on this side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonRecord {
    /// What it is known by.
    pub hash: RefHash,
    /// What pressing it asks for.
    pub action: ButtonAction,
    /// Who may press it.
    pub presser: Presser,
    /// Who asked for the card.
    pub requester: Actor,
    /// The space that its card was posted in.
    pub space_id: SpaceId,
    /// The root of the thread that its card stands in, if it stands in one.
    pub parent_id: Option<MessageId>,
    /// The message that its card became; none until that is known.
    pub message_id: Option<MessageId>,
    /// When it can no longer be pressed.
    pub expires_at: Timestamp,
    /// The press that counted. There is no second one.
    pub used: Option<ButtonUse>,
}

/// The press of a button that counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonUse {
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub by: PersonId,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const REF: &str = "000102030405060708090a0b0c0d0eff";

    #[test]
    fn a_reference_goes_out_on_a_card_and_comes_back_in_the_inputs_of_a_press() {
        let drawn = ButtonRef::from_random([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(drawn.as_str(), REF);
        for inputs in [json!({ "ref": REF }), json!({ "ref": REF, "op": "confirm", "plan": ["K7Q2-M9"] })] {
            assert_eq!(ButtonRef::in_inputs(&inputs), Ok(drawn.clone()), "{inputs}");
        }
    }

    #[test]
    fn forged_inputs_hold_no_reference() {
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
    fn an_action_is_stored_by_names_that_stay() {
        let plan = PlanCode::parse("K7Q2-M9").unwrap();
        for (action, stored) in [
            (ButtonAction::Confirm { plan }, r#"{"action":"confirm","plan":"K7Q2-M9"}"#),
            (ButtonAction::Cancel { plan }, r#"{"action":"cancel","plan":"K7Q2-M9"}"#),
            (
                ButtonAction::Command { command: Command::About },
                r#"{"action":"command","command":{"command":"about"}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&action).unwrap(), stored);
            assert_eq!(serde_json::from_str::<ButtonAction>(stored).unwrap(), action);
        }
    }
}
