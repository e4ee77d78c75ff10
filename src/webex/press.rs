//! Presses of the buttons on cards.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::bot::BotClient;
use super::error::WebexError;
use super::transport::Call;
use super::wire::WireAction;
use crate::domain::{ActionId, MessageId, PersonId, SpaceId};

/// A press of a button, as Webex tells it. Anybody in the space can press, any number of times, and can send whatever
/// inputs they like: who pressed is certain, what was pressed is to be checked.
#[derive(Clone)]
pub struct AttachmentAction {
    /// Its id.
    pub id: ActionId,
    /// The message with the card.
    pub message_id: MessageId,
    /// The space that message stands in.
    pub space_id: SpaceId,
    /// Who pressed.
    pub person_id: PersonId,
    /// The data of the button and what was entered, as the client of whoever pressed sent it: free-form.
    pub inputs: Map<String, Value>,
    /// When.
    pub created: Option<Timestamp>,
}

/// Without the inputs, which may hold what a button can be pressed with.
impl fmt::Debug for AttachmentAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, message_id, person_id, .. } = self;
        write!(f, "AttachmentAction({id} of {message_id} by {person_id})")
    }
}

impl BotClient {
    /// What was pressed: `GET /attachment/actions/{id}` (Webex, *Attachment Actions*: Get Attachment Action Details).
    pub async fn action(&self, id: &ActionId) -> Result<AttachmentAction, WebexError> {
        let action: WireAction = self.fetch(Call::get(&["attachment", "actions", id.as_str()])).await?;
        Ok(action.into_press())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake_server::{FakeAnswer, FakeServer};
    use super::*;

    async fn press(inputs: Value) -> AttachmentAction {
        let stage = FakeServer::new(move |_| {
            FakeAnswer::json(json!({
                "id": "a-1", "type": "submit", "messageId": "m-1", "roomId": "space-1", "personId": "ana",
                "created": "2026-04-02T08:16:02.511Z", "inputs": inputs,
            }))
        })
        .await;
        let press = stage.bot().action(&ActionId::parse("a-1").unwrap()).await.unwrap();
        assert_eq!(stage.lines(), ["GET /attachment/actions/a-1"]);
        press
    }

    #[tokio::test]
    async fn a_press_tells_who_pressed_where_and_keeps_its_inputs_to_itself() {
        let press = press(json!({ "ref": "hush", "count": 3 })).await;
        assert_eq!(format!("{press:?}"), "AttachmentAction(a-1 of m-1 by ana)");
        assert_eq!((press.inputs["ref"].as_str(), press.inputs["count"].as_i64()), (Some("hush"), Some(3)));
        assert_eq!((press.space_id.as_str(), press.created.is_some()), ("space-1", true));
    }

    #[tokio::test]
    async fn inputs_of_any_shape_are_read() {
        for inputs in [json!(null), json!([1, 2]), json!("ref"), json!(7), json!({})] {
            assert!(press(inputs.clone()).await.inputs.is_empty(), "{inputs}");
        }
        assert!(press(json!({ "ref": { "deep": [null] } })).await.inputs["ref"].is_object());
    }
}
