//! What stands below a card to be pressed: buttons that come back to Steward, and links to Control Hub.
//!
//! A button carries an opaque reference and nothing else: no target, no authority, no words of a person. What it
//! means is known to Steward alone, which asks who pressed it. A card takes five actions (Webex, *Buttons and Cards*
//! guide), and every view has room for five at most.

use serde::Serialize;
use url::Url;

use super::{SafeText, wording};
use crate::domain::WorkspaceId;
use crate::domain::id::decode;

/// How much a button asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonStyle {
    /// One of several ways on.
    Default,
    /// What cannot be undone.
    Destructive,
    /// The way on that is meant.
    Positive,
}

/// A button that comes back as an attachment action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Button<'a> {
    /// A word or two.
    pub label: &'a str,
    /// How much it asks for.
    pub style: ButtonStyle,
    /// What comes back when it is pressed: random letters that mean nothing to anybody else.
    pub reference: &'a str,
}

impl<'a> Button<'a> {
    /// Deletes what the card shows.
    #[must_use]
    pub fn delete(reference: &'a str) -> Self {
        Self { label: wording::DELETE, style: ButtonStyle::Destructive, reference }
    }

    /// Does what the card proposes.
    #[must_use]
    pub fn confirm(reference: &'a str) -> Self {
        Self { label: wording::CONFIRM, style: ButtonStyle::Positive, reference }
    }

    /// Leaves everything as it is.
    #[must_use]
    pub fn cancel(reference: &'a str) -> Self {
        Self { label: wording::CANCEL, style: ButtonStyle::Default, reference }
    }

    /// Shows the next page of a list.
    #[must_use]
    pub fn next_page(reference: &'a str) -> Self {
        Self { label: wording::NEXT_PAGE, style: ButtonStyle::Default, reference }
    }

    /// Posts a whole list as a file.
    #[must_use]
    pub fn csv(reference: &'a str) -> Self {
        Self { label: wording::CSV, style: ButtonStyle::Default, reference }
    }

    /// Asks for an activation code for the place of a device that is gone.
    #[must_use]
    pub fn activate_replacement(reference: &'a str) -> Self {
        Self { label: wording::ACTIVATE_REPLACEMENT, style: ButtonStyle::Positive, reference }
    }
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
    /// The one that belongs to an API address.
    #[must_use]
    pub fn of_api(api: &Url) -> Self {
        match api.host_str() {
            Some(host) if host.contains("usgov") => Self::Government,
            _ => Self::Commercial,
        }
    }

    /// The list of all devices. Where the page of a single one is, Webex does not tell.
    #[must_use]
    pub fn devices(self) -> Option<Link> {
        self.link(wording::DEVICES_IN_CONTROL_HUB, "devices/search")
    }

    /// The page of a workspace; nothing when its id is not one of today's, which carry a UUID.
    #[must_use]
    pub fn workspace(self, id: &WorkspaceId) -> Option<Link> {
        let key = decode(id.as_str())?.key.parse::<uuid::Uuid>().ok()?;
        self.link(wording::WORKSPACE_IN_CONTROL_HUB, &format!("workspaces/{key}/overview"))
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

/// An action as the templates take it.
#[derive(Debug, Serialize)]
pub(super) struct ActionLine {
    label: SafeText,
    style: Option<&'static str>,
    reference: Option<SafeText>,
    url: Option<SafeText>,
}

impl From<&Button<'_>> for ActionLine {
    fn from(button: &Button<'_>) -> Self {
        let style = match button.style {
            ButtonStyle::Default => None,
            ButtonStyle::Destructive => Some("destructive"),
            ButtonStyle::Positive => Some("positive"),
        };
        Self {
            label: SafeText::word(button.label),
            style,
            reference: Some(SafeText::word(button.reference)),
            url: None,
        }
    }
}

impl From<&Link> for ActionLine {
    fn from(link: &Link) -> Self {
        Self {
            label: SafeText::word(link.label),
            style: None,
            reference: None,
            url: Some(SafeText::id(link.url.as_str())),
        }
    }
}

/// The actions of a card, those that are there.
pub(super) fn lines<'a, A>(actions: impl IntoIterator<Item = &'a Option<A>>) -> Vec<ActionLine>
where
    A: 'a,
    ActionLine: From<&'a A>,
{
    actions.into_iter().flatten().map(ActionLine::from).collect()
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
    fn an_id_that_carries_no_uuid_makes_no_link() {
        // The second one says `ciscospark://us/PLACES/../../evil`.
        for id in ["workspace-4", "Y2lzY29zcGFyazovL3VzL1BMQUNFUy8uLi8uLi9ldmls"] {
            assert_eq!(ControlHub::Commercial.workspace(&WorkspaceId::parse(id).unwrap()), None, "{id}");
        }
    }
}
