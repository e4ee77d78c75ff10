//! What must be done so that the webhooks are as they should be. Pure.

use std::cmp::Reverse;

use super::{EVENT, RESOURCES};
use crate::domain::WebhookId;
use crate::webex::{Webhook, WebhookSpec};

/// One thing to be done.
#[derive(Debug, Clone)]
pub enum Action {
    /// It is missing.
    Create(WebhookSpec),
    /// It is there, but off, or altered.
    Repair {
        /// Which.
        id: WebhookId,
        /// As it should be.
        wanted: WebhookSpec,
    },
    /// It is one of Steward's too many, or one that no repair makes good.
    Remove {
        /// Which.
        id: WebhookId,
        /// Its name.
        name: String,
    },
}

impl Action {
    /// The name of the webhook.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Create(wanted) | Self::Repair { wanted, .. } => &wanted.name,
            Self::Remove { name, .. } => name,
        }
    }
}

/// The name of the webhook for a resource. It stays at Webex, and is what Steward knows its own by: it must not
/// change.
pub(super) fn name_for(resource: &str) -> String {
    format!("Steward: {resource}")
}

/// Whether a webhook is one of Steward's: by its name, and by what it tells of, which Webex lets nobody change.
#[must_use]
pub fn is_ours(webhook: &Webhook) -> bool {
    let is_for = |resource: &str| webhook.resource == resource && webhook.name == name_for(resource);
    webhook.event == EVENT && RESOURCES.into_iter().any(is_for)
}

/// What must be done so that of those that are there each wanted one is there once, just as it should be. Of
/// several the best is kept: what needs no repair, else what delivers, else the one with the lowest id, so that
/// replicas that look at the same time keep the same one.
#[must_use]
pub fn plan(wanted: &[WebhookSpec], there: &[Webhook]) -> Vec<Action> {
    wanted.iter().flat_map(|wanted| plan_one(wanted, there)).collect()
}

fn plan_one(wanted: &WebhookSpec, there: &[Webhook]) -> Vec<Action> {
    let candidates = || there.iter().filter(|webhook| webhook.is_for(wanted));
    // A filter lets only some events through, and cannot be taken away.
    let usable = candidates().filter(|webhook| !webhook.is_filtered());
    let best = usable.max_by_key(|webhook| {
        let delivers = webhook.is_active() && webhook.target_url == wanted.target_url;
        (webhook.is_up_to_date(wanted), delivers, Reverse(webhook.id.as_str()))
    });
    let keep = match best {
        Some(best) if best.is_up_to_date(wanted) => None,
        Some(best) => Some(Action::Repair { id: best.id.clone(), wanted: wanted.clone() }),
        None => Some(Action::Create(wanted.clone())),
    };
    let others = candidates().filter(|webhook| best.is_none_or(|best| best.id != webhook.id));
    let remove = others.map(|other| Action::Remove { id: other.id.clone(), name: other.name.clone() });
    keep.into_iter().chain(remove).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const HERE: &str = "https://steward.example.com/webhooks/webex";
    const SECRET: &str = "the secret of this Steward";

    fn wanted() -> Vec<WebhookSpec> {
        super::super::all_at(&"https://steward.example.com".parse().unwrap(), &SECRET.into())
    }

    fn read(there: &[Value]) -> Vec<Webhook> {
        there.iter().map(|webhook| serde_json::from_value(webhook.clone()).unwrap()).collect()
    }

    fn good(id: &str, resource: &str) -> Value {
        json!({ "id": id, "name": format!("Steward: {resource}"), "resource": resource, "event": "created",
            "targetUrl": HERE, "status": "active", "secret": SECRET })
    }

    /// What Webex has after these actions: as the reference of the Webhooks API says.
    fn after(mut there: Vec<Value>, actions: &[Action]) -> Vec<Value> {
        for action in actions {
            let position = |id: &WebhookId| there.iter().position(|webhook| webhook["id"] == id.as_str());
            match action {
                Action::Create(wanted) => {
                    let id = format!("new{}", there.len());
                    let mut created = good(&id, wanted.resource);
                    created["targetUrl"] = json!(wanted.target_url);
                    there.push(created);
                }
                Action::Repair { id, wanted } => {
                    let at = position(id).unwrap();
                    there[at]["targetUrl"] = json!(wanted.target_url);
                    there[at]["status"] = json!("active");
                    there[at]["secret"] = json!(SECRET);
                }
                Action::Remove { id, .. } => {
                    let at = position(id).unwrap();
                    there.remove(at);
                }
            }
        }
        there
    }

    fn words(actions: &[Action]) -> Vec<String> {
        let word = |action: &Action| match action {
            Action::Create(wanted) => format!("create {}", wanted.name),
            Action::Repair { id, .. } => format!("repair {id}"),
            Action::Remove { id, .. } => format!("remove {id}"),
        };
        actions.iter().map(word).collect()
    }

    #[test]
    fn where_there_is_none_all_are_created_messages_first() {
        let names =
            ["create Steward: messages", "create Steward: attachmentActions", "create Steward: memberships"];
        assert_eq!(words(&plan(&wanted(), &[])), names);
    }

    #[test]
    fn one_that_is_off_or_altered_is_repaired() {
        for (field, value) in [
            ("status", json!("inactive")),
            ("targetUrl", json!("https://elsewhere.example.com/")),
            ("secret", json!("another secret")),
        ] {
            let mut there: Vec<Value> = RESOURCES.iter().map(|resource| good(resource, resource)).collect();
            there[1][field] = value;
            assert_eq!(words(&plan(&wanted(), &read(&there))), ["repair attachmentActions"], "{field}");
        }
    }

    #[test]
    fn of_several_the_best_is_kept() {
        let others = [good("a", "attachmentActions"), good("m", "memberships")];
        let plan_with = |one: Value, other: Value| {
            let there = [[one, other], others.clone()].concat();
            words(&plan(&wanted(), &read(&there)))
        };
        let altered = |id: &str, field: &str, value: &str| {
            let mut webhook = good(id, "messages");
            webhook[field] = json!(value);
            webhook
        };
        let off = |id| altered(id, "status", "inactive");
        assert_eq!(plan_with(off("1"), good("2", "messages")), ["remove 1"]);
        assert_eq!(plan_with(good("2", "messages"), good("1", "messages")), ["remove 2"]);
        assert_eq!(plan_with(off("1"), altered("2", "secret", "old")), ["repair 2", "remove 1"]);
        assert_eq!(plan_with(off("2"), off("1")), ["repair 1", "remove 2"]);
        let filtered = altered("1", "filter", "roomType=direct");
        assert_eq!(plan_with(filtered.clone(), good("2", "messages")), ["remove 1"]);
        assert_eq!(
            plan_with(filtered, altered("2", "name", "mine")),
            ["create Steward: messages", "remove 1"]
        );
    }

    #[test]
    fn a_secret_that_webex_does_not_show_is_taken_to_be_right() {
        let there: Vec<Value> = RESOURCES
            .iter()
            .map(|resource| {
                let mut webhook = good(resource, resource);
                webhook.as_object_mut().unwrap().remove("secret");
                webhook
            })
            .collect();
        assert!(plan(&wanted(), &read(&there)).is_empty());
    }

    fn webhook() -> impl Strategy<Value = Value> {
        let one_of = |texts: &'static [&'static str]| proptest::sample::select(texts);
        (
            one_of(&["Steward: messages", "Steward: attachmentActions", "Steward: memberships", "mine", ""]),
            one_of(&["messages", "attachmentActions", "memberships", "rooms", "all"]),
            one_of(&["created", "deleted", "all"]),
            one_of(&[HERE, "https://elsewhere.example.com/"]),
            one_of(&["active", "inactive", "odd"]),
            one_of(&[SECRET, "another secret"]),
            one_of(&["", "", "", "roomType=direct"]),
        )
            .prop_map(|(name, resource, event, target, status, secret, filter)| {
                json!({ "name": name, "resource": resource, "event": event, "targetUrl": target,
                    "status": status, "secret": secret, "filter": filter })
            })
    }

    proptest! {
        #[test]
        fn once_the_plan_is_carried_out_there_is_nothing_to_do_and_nobody_elses_was_touched(
            mut there in proptest::collection::vec(webhook(), 0..12)
        ) {
            for (number, webhook) in there.iter_mut().enumerate() {
                webhook["id"] = json!(format!("id{number}"));
            }
            let strangers = |there: &[Value]| -> Vec<Value> {
                let ours = read(there).iter().map(is_ours).collect::<Vec<_>>();
                there.iter().zip(ours).filter(|(_, ours)| !ours).map(|(webhook, _)| webhook.clone()).collect()
            };
            let before = strangers(&there);
            let after = after(there.clone(), &plan(&wanted(), &read(&there)));
            prop_assert_eq!(words(&plan(&wanted(), &read(&after))), Vec::<String>::new());
            prop_assert_eq!(strangers(&after), before);
            prop_assert_eq!(read(&after).iter().filter(|webhook| is_ours(webhook)).count(), RESOURCES.len());
        }
    }
}
