//! Why no device could be brought in, and what to do about it.

use super::refusal::Said;

/// Webex makes no code for a phone without knowing which (Webex, *Devices*: Create a Device Activation Code).
#[must_use]
pub fn phone_needs_a_model(workspace: &str) -> Said {
    said(
        "? Which phone?",
        format!("{workspace} takes phones, and for a phone Webex asks for its model. Nothing was done."),
        "Send the command again with the model behind it, as model \"Cisco 9861\".",
    )
}

/// The code is made, and nobody has it.
#[must_use]
pub fn code_not_sent() -> Said {
    said(
        "✕ The code could not be sent",
        "A code was made, but Steward could not write to you directly, and it never stands in a space."
            .to_owned(),
        "Write something to the bot in a space of your own with it, then send the command again: that makes a new code.",
    )
}

/// A code may be made, and nobody has it.
#[must_use]
pub fn code_unclear() -> Said {
    said(
        "? Perhaps a code was made",
        "Steward asked Webex for one, and does not know what became of that.".to_owned(),
        "If none has reached you directly, send the command again: that makes a new code. One that nobody has ends by itself.",
    )
}

/// Somebody has the address.
#[must_use]
pub fn mac_taken(mac: &str, by: Option<&str>) -> Said {
    let by = by.map_or_else(|| "another device".to_owned(), |by| format!("a device: {by}"));
    said(
        "✕ Already there",
        format!("{mac} belongs to {by}. Nothing was done."),
        "Check the address on the label of the device. If it is the same device, delete it first.",
    )
}

/// There is no such workspace.
#[must_use]
pub fn workspace_not_found(name: &str, near: &[&str]) -> Said {
    let next = if near.is_empty() {
        "Write the name as it stands in Control Hub, in quotes if it has blanks.".to_owned()
    } else {
        format!(
            "Did you mean {}?",
            near.iter().map(|near| format!("\"{near}\"")).collect::<Vec<_>>().join(", ")
        )
    };
    said("? No such workspace", format!("Webex has no workspace called {name}. Nothing was done."), &next)
}

/// There is more than one.
#[must_use]
pub fn workspace_ambiguous(name: &str, ids: &[String]) -> Said {
    said(
        "? More than one workspace",
        format!("More than one workspace is called {name}. Nothing was done."),
        &format!("Send the command again with the id of the one you mean: {}.", ids.join(", ")),
    )
}

/// There is nobody with this address.
#[must_use]
pub fn person_not_found(email: &str) -> Said {
    said(
        "? No such person",
        format!("Webex finds nobody with the address {email}. Nothing was done."),
        "Write the address as it stands in Control Hub.",
    )
}

/// Webex answered with status 400, which it explains in its log only.
#[must_use]
pub fn not_provisioned(is_activation: bool, is_person: bool, tracking_id: Option<&str>) -> Said {
    let what = if is_activation { "Webex made no activation code" } else { "Webex did not add the device" };
    let next = if is_person {
        "Check the model. A Webex Calling user can have five phones at most: delete one of them first if there are five."
    } else {
        "Check the model, and whether the workspace takes such devices: that is set when it is made and cannot be changed."
    };
    let mut said = said("✕ Refused by Webex", format!("{what}; it answered with status 400."), next);
    said.sentences.extend(tracking_id.map(|id| format!("For Cisco's support: the tracking id is {id}.")));
    said
}

fn said(headline: &str, what: String, next: &str) -> Said {
    Said { headline: headline.to_owned(), sentences: vec![what, next.to_owned()] }
}
