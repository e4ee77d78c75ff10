//! A deletion that was confirmed and then not done, because the device is no longer what was shown.

use serde::Serialize;

use super::safe_text::given;
use super::{SafeText, View, wording};
use crate::domain::{Actor, DeviceFacts, Mac};

/// What was shown when it was confirmed, and what Webex has now.
#[derive(Debug, Clone, Copy)]
pub struct DeviceChanged<'a> {
    /// The facts that were shown.
    pub shown: &'a DeviceFacts,
    /// The facts just before the deletion.
    pub now: &'a DeviceFacts,
    /// Who confirmed it.
    pub actor: &'a Actor,
    /// The code of the plan.
    pub code: Option<&'a str>,
}

#[derive(Serialize)]
struct Context {
    what: SafeText,
    name: Option<SafeText>,
    product: Option<SafeText>,
    differences: Vec<Difference>,
    device_id: Option<SafeText>,
    asked_by: SafeText,
    code: Option<SafeText>,
    next: SafeText,
}

#[derive(Serialize)]
struct Difference {
    fact: &'static str,
    shown: SafeText,
    now: SafeText,
}

impl View for DeviceChanged<'_> {
    const TEMPLATE: &'static str = "changed.card.json";

    fn context(&self) -> impl Serialize {
        let name = given(self.shown.name.as_deref()).unwrap_or(wording::NO_NAME);
        Context {
            what: SafeText::sentence(wording::DEVICE_CHANGED),
            // Where it changed, it stands among the differences.
            name: (self.shown.name == self.now.name).then(|| SafeText::text(name)),
            product: given(self.shown.product.as_deref()).map(SafeText::word),
            differences: differences(self.shown, self.now),
            // Where it changed, it stands among the differences.
            device_id: (self.shown.id == self.now.id).then(|| SafeText::id(self.shown.id.as_str())),
            asked_by: SafeText::text(self.actor.called()),
            code: self.code.map(SafeText::word),
            next: SafeText::sentence(wording::AFTER_A_CHANGE),
        }
    }
}

/// The facts that tell a device from every other, and its name, where they differ.
fn differences(shown: &DeviceFacts, now: &DeviceFacts) -> Vec<Difference> {
    let mac = |facts: &DeviceFacts| facts.mac.as_deref().map(Mac::bare);
    let mut differences = Vec::new();
    if shown.id != now.id {
        let told = |facts: &DeviceFacts| SafeText::id(facts.id.as_str());
        differences.push(Difference { fact: "Device id", shown: told(shown), now: told(now) });
    }
    if shown.name != now.name {
        differences.push(difference("Name", shown.name.as_deref(), now.name.as_deref()));
    }
    if shown.serial != now.serial {
        differences.push(difference("Serial", shown.serial.as_deref(), now.serial.as_deref()));
    }
    if mac(shown) != mac(now) {
        differences.push(difference("MAC", shown.mac.as_deref(), now.mac.as_deref()));
    }
    if shown.workspace_id != now.workspace_id {
        let place = |facts: &DeviceFacts| {
            let id = facts.workspace_id.as_ref().map(|id| id.as_str().to_owned());
            (id, facts.workspace_name.clone())
        };
        differences.push(moved("Workspace", place(shown), place(now)));
    }
    if shown.owner_id != now.owner_id {
        let owner = |facts: &DeviceFacts| {
            let id = facts.owner_id.as_ref().map(|id| id.as_str().to_owned());
            (id, facts.owner_name.clone())
        };
        differences.push(moved("Owner", owner(shown), owner(now)));
    }
    differences
}

fn difference(fact: &'static str, shown: Option<&str>, now: Option<&str>) -> Difference {
    let told = |text| SafeText::text(given(text).unwrap_or(wording::NOTHING));
    Difference { fact, shown: told(shown), now: told(now) }
}

/// An id, and the name of what it stands for.
type Named = (Option<String>, Option<String>);

/// Told by name where there is one, and by id where the names do not tell the two apart.
fn moved(fact: &'static str, shown: Named, now: Named) -> Difference {
    let same_name = shown.1 == now.1;
    let told = |(id, name): Named| {
        let id = id?;
        Some(name.filter(|name| !same_name && !name.trim().is_empty()).unwrap_or(id))
    };
    difference(fact, told(shown).as_deref(), told(now).as_deref())
}

#[cfg(test)]
mod tests {
    use super::super::samples::facts;
    use super::*;
    use crate::domain::{DeviceId, WorkspaceId};

    fn told(shown: &DeviceFacts, now: &DeviceFacts) -> Vec<String> {
        let line =
            |d: Difference| format!("{} {} {}", d.fact.to_lowercase(), d.shown.as_str(), d.now.as_str());
        differences(shown, now).into_iter().map(line).collect()
    }

    #[test]
    fn only_what_differs_is_told_with_both_values() {
        let shown = facts();
        let written_otherwise = Some("112233-44aaff".to_owned());
        assert!(told(&shown, &DeviceFacts { mac: written_otherwise, ..shown.clone() }).is_empty());
        let other = DeviceFacts { serial: None, product: Some("Another".to_owned()), ..shown.clone() };
        assert_eq!(told(&shown, &other), ["serial FOC2345ABCD none"]);
        let other = DeviceFacts { name: Some("Renamed".to_owned()), ..shown.clone() };
        assert_eq!(told(&shown, &other), ["name BER-4 Panorama Renamed"]);
        let anew = "99999999-2222-3333-4444-555555555555";
        let other = DeviceFacts { id: DeviceId::parse(anew).unwrap(), ..shown.clone() };
        assert_eq!(told(&shown, &other), [format!("device id {} {anew}", shown.id.as_str())]);
    }

    #[test]
    fn two_workspaces_of_one_name_are_told_apart_by_their_ids() {
        let of = |id: &str, name: Option<&str>| DeviceFacts {
            workspace_id: Some(WorkspaceId::parse(id).unwrap()),
            workspace_name: name.map(str::to_owned),
            ..facts()
        };
        for (one, other, expected) in [
            (Some("Lobby"), Some("Atrium"), "workspace Lobby Atrium"),
            (Some("Lobby"), Some("Lobby"), "workspace place-1 place-2"),
            (None, None, "workspace place-1 place-2"),
            (Some("Lobby"), None, "workspace Lobby place-2"),
            (Some("Lobby"), Some(" "), "workspace Lobby place-2"),
        ] {
            assert_eq!(told(&of("place-1", one), &of("place-2", other)), [expected]);
        }
    }
}
