//! The webhooks that Steward wants, and the repair of those at Webex. Pure.

use std::cmp::Reverse;

use secrecy::SecretString;
use url::Url;

use crate::domain::WebhookId;
use crate::http::WEBHOOK_PATH;
use crate::webex::{Webhook, WebhookSpec};

/// The resources that Webex reports on, in the order of registration: nothing works without messages.
const RESOURCES: [&str; 3] = ["messages", "attachmentActions", "memberships"];
const EVENT: &str = "created";

/// One step of a repair.
#[derive(Debug, Clone)]
pub(crate) enum WebhookAction {
    /// The webhook is missing.
    Register(WebhookSpec),
    /// The webhook is disabled or was changed. After a rotation of the secret it still `delivers`.
    Repair { id: WebhookId, wanted: WebhookSpec, delivers: bool },
    /// The webhook is a duplicate or cannot be repaired.
    Remove { id: WebhookId, name: String },
}

impl WebhookAction {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Register(wanted) | Self::Repair { wanted, .. } => &wanted.name,
            Self::Remove { name, .. } => name,
        }
    }

    /// The imperative for output, such as `register`.
    pub(crate) fn imperative(&self) -> &'static str {
        match self {
            Self::Register(_) => "register",
            Self::Repair { .. } => "repair",
            Self::Remove { .. } => "remove",
        }
    }

    /// The participle for log lines and output, such as `registered`.
    pub(crate) fn done(&self) -> &'static str {
        match self {
            Self::Register(_) => "registered",
            Self::Repair { .. } => "repaired",
            Self::Remove { .. } => "removed",
        }
    }
}

/// The address that the webhooks of a Steward with this public address deliver to.
pub(crate) fn target_at(public_url: &Url) -> String {
    format!("{}{WEBHOOK_PATH}", public_url.as_str().trim_end_matches('/'))
}

/// The webhooks of a Steward with this public address.
pub(super) fn wanted_at(
    public_url: &Url,
    secret: &SecretString,
    previous_secret: Option<&SecretString>,
) -> Vec<WebhookSpec> {
    let wanted = |resource| WebhookSpec {
        name: name_for(resource),
        target_url: target_at(public_url),
        resource,
        event: EVENT,
        secret: secret.clone(),
        previous_secret: previous_secret.cloned(),
    };
    RESOURCES.into_iter().map(wanted).collect()
}

/// Steward recognizes its webhooks at Webex by this name, so it must not change.
fn name_for(resource: &str) -> String {
    format!("Steward: {resource}")
}

/// Whether a webhook is one of Steward's: by its name and by its resource, which cannot be changed at Webex.
pub(crate) fn is_ours(webhook: &Webhook) -> bool {
    let is_for = |resource: &str| webhook.resource == resource && webhook.name == name_for(resource);
    webhook.event == EVENT && RESOURCES.into_iter().any(is_for)
}

/// Whether a repair is needed because messages are not delivered, or not to this Steward.
pub(crate) fn loses_messages(repair: &[WebhookAction]) -> bool {
    repair.iter().any(|action| match action {
        WebhookAction::Register(wanted) | WebhookAction::Repair { wanted, delivers: false, .. } => {
            wanted.resource == RESOURCES[0]
        }
        WebhookAction::Repair { .. } | WebhookAction::Remove { .. } => false,
    })
}

/// Plans the actions that lead to exactly one correct webhook for each wanted one. If there are several, the best is
/// kept: one that needs no repair, else one that delivers, else the one with the lowest id. This way replicas that
/// check at the same time keep the same one.
pub(super) fn plan(wanted: &[WebhookSpec], existing: &[Webhook]) -> Vec<WebhookAction> {
    wanted.iter().flat_map(|wanted| plan_one(wanted, existing)).collect()
}

fn plan_one(wanted: &WebhookSpec, existing: &[Webhook]) -> Vec<WebhookAction> {
    let candidates = || existing.iter().filter(|webhook| webhook.is_for(wanted));
    // A filter withholds events and cannot be removed from a webhook.
    let usable = candidates().filter(|webhook| !webhook.is_filtered());
    let best = usable.max_by_key(|webhook| {
        let leads_here = webhook.is_active() && webhook.target_url == wanted.target_url;
        (webhook.is_up_to_date(wanted), leads_here, Reverse(webhook.id.as_str()))
    });
    let keep = match best {
        Some(best) if best.is_up_to_date(wanted) => None,
        Some(best) => {
            let (id, delivers) = (best.id.clone(), best.delivers(wanted));
            Some(WebhookAction::Repair { id, wanted: wanted.clone(), delivers })
        }
        None => Some(WebhookAction::Register(wanted.clone())),
    };
    let others = candidates().filter(|webhook| best.is_none_or(|best| best.id != webhook.id));
    let remove = others.map(|other| WebhookAction::Remove { id: other.id.clone(), name: other.name.clone() });
    keep.into_iter().chain(remove).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const HERE: &str = "https://steward.example.com/webhooks/webex";
    const SECRET: &str = "the secret of this Steward";
    const PREVIOUS: &str = "its secret before the rotation";

    fn wanted() -> Vec<WebhookSpec> {
        wanted_at(&"https://steward.example.com".parse().unwrap(), &SECRET.into(), Some(&PREVIOUS.into()))
    }

    fn read(there: &[Value]) -> Vec<Webhook> {
        there.iter().map(|webhook| serde_json::from_value(webhook.clone()).unwrap()).collect()
    }

    fn good(id: &str, resource: &str) -> Value {
        json!({ "id": id, "name": format!("Steward: {resource}"), "resource": resource, "event": "created",
            "targetUrl": HERE, "status": "active", "secret": SECRET })
    }

    /// The webhooks after these actions, according to the reference of the Webhooks API.
    fn after(mut there: Vec<Value>, actions: &[WebhookAction]) -> Vec<Value> {
        for action in actions {
            let position = |id: &WebhookId| there.iter().position(|webhook| webhook["id"] == id.as_str());
            match action {
                WebhookAction::Register(wanted) => {
                    let id = format!("new{}", there.len());
                    let mut created = good(&id, wanted.resource);
                    created["targetUrl"] = json!(wanted.target_url);
                    there.push(created);
                }
                WebhookAction::Repair { id, wanted, .. } => {
                    let at = position(id).unwrap();
                    there[at]["targetUrl"] = json!(wanted.target_url);
                    there[at]["status"] = json!("active");
                    there[at]["secret"] = json!(SECRET);
                }
                WebhookAction::Remove { id, .. } => {
                    let at = position(id).unwrap();
                    there.remove(at);
                }
            }
        }
        there
    }

    fn words(actions: &[WebhookAction]) -> Vec<String> {
        let word = |action: &WebhookAction| match action {
            WebhookAction::Register(wanted) => format!("register {}", wanted.name),
            WebhookAction::Repair { id, .. } => format!("repair {id}"),
            WebhookAction::Remove { id, .. } => format!("remove {id}"),
        };
        actions.iter().map(word).collect()
    }

    #[test]
    fn missing_webhooks_are_registered_messages_first() {
        let names = [
            "register Steward: messages",
            "register Steward: attachmentActions",
            "register Steward: memberships",
        ];
        assert_eq!(words(&plan(&wanted(), &[])), names);
    }

    #[test]
    fn a_webhook_that_is_off_or_changed_is_repaired() {
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
    fn only_a_webhook_that_did_not_deliver_loses_messages() {
        for (field, value, loses) in [
            ("secret", PREVIOUS, false),
            ("secret", "another secret", true),
            ("status", "inactive", true),
            ("targetUrl", "https://elsewhere.example.com/", true),
        ] {
            let mut there: Vec<Value> = RESOURCES.iter().map(|resource| good(resource, resource)).collect();
            there[0][field] = json!(value);
            let repair = plan(&wanted(), &read(&there));
            assert_eq!(words(&repair), ["repair messages"], "{field}: {value}");
            assert_eq!(loses_messages(&repair), loses, "{field}: {value}");
        }
        assert!(loses_messages(&plan(&wanted(), &[])), "there is none");
    }

    #[test]
    fn the_best_of_several_is_kept() {
        let others = [good("a", "attachmentActions"), good("m", "memberships")];
        let plan_with = |one: Value, other: Value| {
            let there = [[one, other], others.clone()].concat();
            words(&plan(&wanted(), &read(&there)))
        };
        let changed = |id: &str, field: &str, value: &str| {
            let mut webhook = good(id, "messages");
            webhook[field] = json!(value);
            webhook
        };
        let off = |id| changed(id, "status", "inactive");
        assert_eq!(plan_with(off("1"), good("2", "messages")), ["remove 1"]);
        assert_eq!(plan_with(good("2", "messages"), good("1", "messages")), ["remove 2"]);
        assert_eq!(plan_with(off("1"), changed("2", "secret", "old")), ["repair 2", "remove 1"]);
        assert_eq!(plan_with(off("2"), off("1")), ["repair 1", "remove 2"]);
        let filtered = changed("1", "filter", "roomType=direct");
        assert_eq!(plan_with(filtered.clone(), good("2", "messages")), ["remove 1"]);
        assert_eq!(
            plan_with(filtered, changed("2", "name", "mine")),
            ["register Steward: messages", "remove 1"]
        );
    }

    #[test]
    fn a_secret_that_webex_does_not_return_counts_as_correct() {
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
        fn a_repair_is_complete_and_touches_only_our_webhooks(
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
