//! The buttons below a card, which come back to Steward, and links to Control Hub.
//!
//! A button carries an opaque reference and nothing else: no target, no authority, no text from a person. Only Steward
//! can resolve the reference, and it checks the presser. A card has at most five actions (Webex, *Buttons and Cards*
//! guide).

use url::Url;

use super::safe_text::SafeText;
use super::template::{Fields, fields};
use crate::domain::WorkspaceId;
use crate::domain::id::decode;

/// The style of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonStyle {
    /// One of several options.
    Default,
    /// For actions that cannot be undone.
    Destructive,
    /// The suggested option.
    Positive,
}

/// A button that comes back as an attachment action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Button<'a> {
    /// The title: a word or two.
    label: &'static str,
    style: ButtonStyle,
    /// The opaque reference that comes back with a press.
    reference: &'a str,
}

/// The most choices that fit a card beside Cancel.
const CHOICES: [&str; 4] = ["Choose 1", "Choose 2", "Choose 3", "Choose 4"];

impl<'a> Button<'a> {
    /// Deletes the device on the card.
    pub(crate) fn delete(reference: &'a str) -> Self {
        Self { label: "Delete", style: ButtonStyle::Destructive, reference }
    }

    /// Confirms the proposal on the card.
    pub(crate) fn confirm(reference: &'a str) -> Self {
        Self { label: "Confirm", style: ButtonStyle::Positive, reference }
    }

    /// Leaves everything as it is.
    pub(crate) fn cancel(reference: &'a str) -> Self {
        Self { label: "Cancel", style: ButtonStyle::Default, reference }
    }

    /// Picks one of several devices, by its position from 0.
    pub(super) fn choose(index: usize, reference: &'a str) -> Option<Self> {
        Some(Self { label: CHOICES.get(index)?, style: ButtonStyle::Default, reference })
    }

    /// Shows the previous page of a list, or the last one.
    pub(crate) fn previous_page(reference: &'a str) -> Self {
        Self { label: "Previous page", style: ButtonStyle::Default, reference }
    }

    /// Lists the devices that a sentence has only counted.
    pub(crate) fn list_them(reference: &'a str) -> Self {
        Self { label: "List them", style: ButtonStyle::Default, reference }
    }

    /// Shows the next page of a list.
    pub(crate) fn next_page(reference: &'a str) -> Self {
        Self { label: "Next page", style: ButtonStyle::Default, reference }
    }

    /// Posts a whole list as a file.
    pub(crate) fn csv(reference: &'a str) -> Self {
        Self { label: "CSV", style: ButtonStyle::Default, reference }
    }

    /// Asks for an activation code to replace a deleted device.
    pub fn activate_replacement(reference: &'a str) -> Self {
        Self { label: "Activate a replacement", style: ButtonStyle::Positive, reference }
    }

    pub(super) fn fields(&self) -> Fields {
        let style = match self.style {
            ButtonStyle::Default => None,
            ButtonStyle::Destructive => Some("destructive"),
            ButtonStyle::Positive => Some("positive"),
        };
        let reference = SafeText::word(self.reference);
        fields! { label: self.label, style: style, reference: reference, url: None::<&str> }
    }
}

/// The buttons of a question.
pub(super) fn either(yes: Button<'_>, cancel: &str) -> Vec<Fields> {
    vec![yes.fields(), Button::cancel(cancel).fields()]
}

/// A link to a page of Control Hub; it can lead nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    label: &'static str,
    url: Url,
}

/// The Control Hub of one of Webex's clouds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlHub {
    /// admin.webex.com
    Commercial,
    /// admin-usgov.webex.com, Webex for Government
    Government,
}

impl ControlHub {
    /// The Control Hub of the cloud with this API address.
    pub(crate) fn of_api(api: &Url) -> Self {
        match api.host_str() {
            Some(host) if host.contains("usgov") => Self::Government,
            _ => Self::Commercial,
        }
    }

    /// The list of all devices. Webex does not document a page for a single device.
    pub(crate) fn devices(self) -> Option<Link> {
        self.link("Devices in Control Hub", "devices/search")
    }

    /// The page of a workspace; `None` if its id contains no UUID, as all current ids do.
    pub(crate) fn workspace(self, id: &WorkspaceId) -> Option<Link> {
        let key = decode(id.as_str())?.key.parse::<uuid::Uuid>().ok()?;
        self.link("Workspace in Control Hub", &format!("workspaces/{key}/overview"))
    }

    fn link(self, label: &'static str, path: &str) -> Option<Link> {
        let host = match self {
            Self::Commercial => "admin.webex.com",
            Self::Government => "admin-usgov.webex.com",
        };
        let url = Url::parse(&format!("https://{host}/{path}")).ok()?;
        Some(Link { label, url })
    }
}

impl Link {
    pub(super) fn fields(&self) -> Fields {
        let url = SafeText::id(self.url.as_str());
        fields! { label: self.label, style: None::<&str>, reference: None::<&str>, url: url }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_control_hub_of_the_cloud() {
        let id = WorkspaceId::parse(
            "Y2lzY29zcGFyazovL3VzL1BMQUNFUy8xMTExMTExMS0yMjIyLTMzMzMtNDQ0NC01NTU1NTU1NTU1NTU",
        )
        .unwrap();
        let page = "workspaces/11111111-2222-3333-4444-555555555555/overview";
        for (api, host) in [
            ("https://webexapis.com/v1", "admin.webex.com"),
            ("https://api-usgov.webex.com/v1", "admin-usgov.webex.com"),
            ("http://127.0.0.1:9999/v1", "admin.webex.com"),
        ] {
            let hub = ControlHub::of_api(&Url::parse(api).unwrap());
            assert_eq!(hub.devices().unwrap().url.as_str(), format!("https://{host}/devices/search"));
            assert_eq!(hub.workspace(&id).unwrap().url.as_str(), format!("https://{host}/{page}"));
        }
    }

    #[test]
    fn an_id_without_uuid_makes_no_link() {
        // The second one decodes to `ciscospark://us/PLACES/../../evil`.
        for id in ["workspace-4", "Y2lzY29zcGFyazovL3VzL1BMQUNFUy8uLi8uLi9ldmls"] {
            assert_eq!(ControlHub::Commercial.workspace(&WorkspaceId::parse(id).unwrap()), None, "{id}");
        }
    }
}
