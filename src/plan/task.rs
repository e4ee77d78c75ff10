//! The task of a plan, and its hash: people confirm exactly what they were shown.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::{Device, DeviceFacts, DeviceId, OrgId, PersonId, PlaceFacts, PlaceId, WorkspaceId};
use crate::filter::Filter;
use crate::grammar::{Command, Reason, TagChange};

/// The work of a confirmed plan. Stored: the names must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Deletes one device.
    DeleteDevice {
        /// Its facts as shown. It is deleted only if name, serial, MAC, workspace and owner are still the same.
        facts: Box<DeviceFacts>,
        /// The requester's reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Changes the tags of one device.
    TagDevice {
        /// Its facts as shown. Its tags are changed only if name, serial, MAC, workspace and owner are still the same.
        facts: Box<DeviceFacts>,
        /// The change.
        change: TagChange,
    },
    /// Changes the tags of many devices.
    TagDevices {
        /// The filter that found them. Only shown; never evaluated again.
        filter: Filter,
        /// The devices found: only these are changed.
        devices: Vec<NamedDevice>,
        /// The change to each device.
        change: TagChange,
    },
    /// Adds a device, or makes its activation code, with the side effects that were shown.
    Provision {
        /// The workspace or person as shown. Nothing is done if it has changed.
        place: Box<PlaceFacts>,
        /// The command.
        command: Command,
    },
    /// As `Provision`, proposed by an older version that did not store the place. It is not carried out.
    Run {
        /// The command.
        command: Command,
    },
}

impl Task {
    /// Whether it holds everything that its card showed. Older versions stored less.
    pub(crate) fn is_frozen(&self) -> bool {
        match self {
            Self::DeleteDevice { .. } | Self::TagDevice { .. } | Self::Provision { .. } => true,
            Self::TagDevices { devices, .. } => devices.iter().all(|device| device.identity.is_some()),
            Self::Run { .. } => false,
        }
    }
}

/// One of many devices of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedDevice {
    /// Its id.
    pub id: DeviceId,
    /// Its name when it was found, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The other facts that identify it. Older versions did not store them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<DeviceIdentity>,
}

/// The facts that identify a device, besides its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceIdentity {
    /// Its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Its MAC address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// The workspace it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// The person it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<PersonId>,
}

impl NamedDevice {
    /// A device as it was found.
    pub(crate) fn of(device: &Device) -> Self {
        let identity = DeviceIdentity {
            serial: device.serial.clone(),
            mac: device.mac.clone(),
            workspace_id: device.workspace_id.clone(),
            owner_id: device.person_id.clone(),
        };
        Self { id: device.id.clone(), name: device.display_name.clone(), identity: Some(identity) }
    }

    /// Its facts, as far as they are known.
    pub(crate) fn facts(&self) -> DeviceFacts {
        let DeviceIdentity { serial, mac, workspace_id, owner_id } =
            self.identity.clone().unwrap_or_default();
        DeviceFacts {
            id: self.id.clone(),
            name: self.name.clone(),
            product: None,
            kind: None,
            serial,
            mac,
            workspace_id,
            workspace_name: None,
            owner_id,
            owner_name: None,
            org_id: None,
        }
    }
}

/// The beginning of the hashed bytes; must not change.
const PURPOSE: &str = "steward plan 1";

/// SHA-256 over the organization and the task, with all facts that were shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlanHash([u8; 32]);

/// The error for a text that is not a hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a hash of 64 hexadecimal digits")]
pub struct InvalidPlanHash;

impl PlanHash {
    /// The hash of a task in an organization.
    pub(crate) fn of(org: Option<&OrgId>, task: &Task) -> Self {
        let mut form = CanonicalForm::begin();
        form.field("org", org.map(OrgId::as_str));
        match task {
            Task::DeleteDevice { facts, reason } => {
                form.field("task", Some("delete device"));
                form.facts(facts);
                form.field("reason", reason.as_ref().map(Reason::as_str));
            }
            Task::TagDevice { facts, change } => {
                form.field("task", Some("tag device"));
                form.facts(facts);
                form.field("change", Some(&change.to_string()));
            }
            Task::TagDevices { filter, devices, change } => {
                form.field("task", Some("tag devices"));
                form.field("filter", Some(&filter.to_string()));
                form.field("change", Some(&change.to_string()));
                for device in devices {
                    form.field("device", Some(device.id.as_str()));
                    form.field("name", device.name.as_deref());
                    if let Some(identity) = &device.identity {
                        form.identity(identity);
                    }
                }
            }
            Task::Provision { place, command } => {
                form.field("task", Some("provision"));
                form.place(place);
                form.field("command", Some(&command.to_string()));
            }
            Task::Run { command } => {
                form.field("task", Some("run"));
                form.field("command", Some(&command.to_string()));
            }
        }
        Self(form.0.finalize().into())
    }

    /// Parses the displayed form.
    pub fn parse(text: &str) -> Result<Self, InvalidPlanHash> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidPlanHash)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The hashed bytes: each field's name, presence, length and text, so that no two tasks have the same form.
struct CanonicalForm(Sha256);

impl CanonicalForm {
    fn begin() -> Self {
        let mut form = Self(Sha256::new());
        form.text(PURPOSE);
        form
    }

    fn facts(&mut self, facts: &DeviceFacts) {
        let DeviceFacts {
            id,
            name,
            product,
            kind,
            serial,
            mac,
            workspace_id,
            workspace_name,
            owner_id,
            owner_name,
            org_id,
        } = facts;
        for (field, value) in [
            ("id", Some(DeviceId::as_str(id))),
            ("name", name.as_deref()),
            ("product", product.as_deref()),
            ("kind", kind.as_deref()),
            ("serial", serial.as_deref()),
            ("mac", mac.as_deref()),
            ("workspace", workspace_id.as_ref().map(WorkspaceId::as_str)),
            ("workspace name", workspace_name.as_deref()),
            ("owner", owner_id.as_ref().map(PersonId::as_str)),
            ("owner name", owner_name.as_deref()),
        ] {
            self.field(field, value);
        }
        // Left out if unknown, as in plans of earlier versions.
        if let Some(org) = org_id {
            self.field("device org", Some(org.as_str()));
        }
    }

    fn identity(&mut self, identity: &DeviceIdentity) {
        let DeviceIdentity { serial, mac, workspace_id, owner_id } = identity;
        self.field("serial", serial.as_deref());
        self.field("mac", mac.as_deref());
        self.field("workspace", workspace_id.as_ref().map(WorkspaceId::as_str));
        self.field("owner", owner_id.as_ref().map(PersonId::as_str));
    }

    fn place(&mut self, place: &PlaceFacts) {
        let PlaceFacts { id, name, calling_type, supported_devices } = place;
        match id {
            PlaceId::Workspace(id) => self.field("workspace", Some(id.as_str())),
            PlaceId::Person(id) => self.field("person", Some(id.as_str())),
        }
        self.field("name", Some(name));
        self.field("calling type", calling_type.as_deref());
        self.field("supported devices", supported_devices.as_deref());
    }

    fn field(&mut self, name: &str, value: Option<&str>) {
        self.text(name);
        self.0.update([u8::from(value.is_some())]);
        if let Some(value) = value {
            self.text(value);
        }
    }

    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixtures::a_device;
    use crate::grammar::Tag;

    fn delete(facts: DeviceFacts, reason: Option<&str>) -> Task {
        Task::DeleteDevice { facts: Box::new(facts), reason: reason.map(|text| Reason::parse(text).unwrap()) }
    }

    fn tag(facts: DeviceFacts, add: &str) -> Task {
        let change = TagChange::new(vec![Tag::parse(add).unwrap()], Vec::new()).unwrap();
        Task::TagDevice { facts: Box::new(facts), change }
    }

    #[test]
    fn every_shown_fact_is_part_of_the_hash() {
        let facts = DeviceFacts::of(&a_device());
        let text = |text: &str| Some(text.to_owned());
        let org = OrgId::parse("acme").unwrap();
        let f = || facts.clone();
        let hashes = [
            PlanHash::of(None, &delete(f(), None)),
            PlanHash::of(Some(&org), &delete(f(), None)),
            PlanHash::of(None, &delete(f(), Some("moved"))),
            PlanHash::of(None, &delete(DeviceFacts { name: None, ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { name: text(""), ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { product: None, ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { kind: None, ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { serial: text("FOC2345ABCE"), ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { mac: None, ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { workspace_id: None, ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { workspace_name: text("Lobby"), ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { owner_id: PersonId::parse("ana").ok(), ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { owner_name: text("Lobby"), ..f() }, None)),
            PlanHash::of(None, &delete(DeviceFacts { product: f().name, name: f().product, ..f() }, None)),
            PlanHash::of(None, &tag(f(), "retire")),
            PlanHash::of(None, &tag(f(), "keep")),
            PlanHash::of(None, &tag(DeviceFacts { name: None, ..f() }, "retire")),
            PlanHash::of(None, &Task::Run { command: crate::grammar::Command::About }),
        ];
        let different: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
        assert_eq!(hashes[0], PlanHash::of(None, &delete(facts, None)));
    }

    #[test]
    fn every_tagged_device_is_part_of_the_hash() {
        let device = |id: &str, name: Option<&str>| NamedDevice {
            id: DeviceId::parse(id).unwrap(),
            name: name.map(str::to_owned),
            identity: Some(DeviceIdentity::default()),
        };
        let with_identity = |identity: DeviceIdentity| NamedDevice {
            identity: Some(identity),
            ..device("11111111-2222-3333-4444-555555555551", Some("Lobby"))
        };
        let text = |text: &str| Some(text.to_owned());
        let tags = |filter: &str, devices: &[NamedDevice], add: &str| {
            let change = TagChange::new(vec![Tag::parse(add).unwrap()], Vec::new()).unwrap();
            let filter = Filter::parse(filter).unwrap();
            PlanHash::of(None, &Task::TagDevices { filter, devices: devices.to_vec(), change })
        };
        let (one, two) = (
            device("11111111-2222-3333-4444-555555555551", Some("Lobby")),
            device("11111111-2222-3333-4444-555555555552", None),
        );
        let hashes = [
            tags("status:offline", &[one.clone(), two.clone()], "retire"),
            tags("status:offline", &[one.clone(), two.clone()], "keep"),
            tags("status:online", &[one.clone(), two.clone()], "retire"),
            tags("status:offline", &[two.clone(), one.clone()], "retire"),
            tags("status:offline", std::slice::from_ref(&one), "retire"),
            tags("status:offline", &[NamedDevice { identity: None, ..one.clone() }], "retire"),
            tags(
                "status:offline",
                &[with_identity(DeviceIdentity { serial: text("a"), ..Default::default() })],
                "retire",
            ),
            tags(
                "status:offline",
                &[with_identity(DeviceIdentity { mac: text("a"), ..Default::default() })],
                "retire",
            ),
            tags(
                "status:offline",
                &[with_identity(DeviceIdentity {
                    workspace_id: WorkspaceId::parse("a").ok(),
                    ..Default::default()
                })],
                "retire",
            ),
            tags(
                "status:offline",
                &[with_identity(DeviceIdentity {
                    owner_id: PersonId::parse("a").ok(),
                    ..Default::default()
                })],
                "retire",
            ),
            tags(
                "status:offline",
                &[device("11111111-2222-3333-4444-555555555551", None), two.clone()],
                "retire",
            ),
            tags(
                "status:offline",
                &[one, two, device("11111111-2222-3333-4444-555555555553", None)],
                "retire",
            ),
        ];
        let different: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
    }

    #[test]
    fn every_shown_fact_of_a_place_is_part_of_the_hash() {
        let text = |text: &str| Some(text.to_owned());
        let hash = |place: PlaceFacts, line: &str| {
            let command = crate::grammar::parse(line).unwrap();
            PlanHash::of(None, &Task::Provision { place: Box::new(place), command })
        };
        let lobby = || PlaceFacts {
            id: PlaceId::Workspace(WorkspaceId::parse("lobby").unwrap()),
            name: "Lobby".to_owned(),
            calling_type: text("none"),
            supported_devices: None,
        };
        let line = "activate workspace Lobby";
        let hashes = [
            hash(lobby(), line),
            hash(lobby(), "activate workspace Lobby model \"Cisco 9861\""),
            hash(
                PlaceFacts { id: PlaceId::Workspace(WorkspaceId::parse("other").unwrap()), ..lobby() },
                line,
            ),
            hash(PlaceFacts { id: PlaceId::Person(PersonId::parse("lobby").unwrap()), ..lobby() }, line),
            hash(PlaceFacts { name: "Lounge".to_owned(), ..lobby() }, line),
            hash(PlaceFacts { calling_type: text("webexCalling"), ..lobby() }, line),
            hash(PlaceFacts { calling_type: None, ..lobby() }, line),
            hash(PlaceFacts { supported_devices: text("phones"), ..lobby() }, line),
            PlanHash::of(None, &Task::Run { command: crate::grammar::parse(line).unwrap() }),
        ];
        let different: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
    }

    #[test]
    fn tasks_of_older_versions_are_read_and_are_not_frozen() {
        for stored in [
            r#"{"task":"tag_devices","filter":"tag:a","devices":[{"id":"11111111-2222-3333-4444-555555555551","name":"Lobby"}],"change":{"add":["b"],"remove":[]}}"#,
            r#"{"task":"run","command":{"command":"about"}}"#,
        ] {
            let task: Task = serde_json::from_str(stored).unwrap();
            assert!(!task.is_frozen(), "{stored}");
            assert_eq!(serde_json::to_string(&task).unwrap(), stored);
        }
        assert!(delete(DeviceFacts::of(&a_device()), None).is_frozen());
        let device = NamedDevice::of(&a_device());
        assert_eq!(device.facts().changed_since_shown(&a_device()), std::collections::BTreeSet::new());
    }

    #[test]
    fn the_hashed_form_does_not_change() {
        let hash = PlanHash::of(None, &delete(DeviceFacts::of(&a_device()), Some("moved")));
        insta::assert_snapshot!(hash, @"2a2f90704881e1a0191b92fcd544ad7294f7cd203a57ffefca7fc3afab15258c");
        assert_eq!(PlanHash::parse(&hash.to_string()), Ok(hash));
    }

    #[test]
    fn other_texts_are_not_hashes() {
        for text in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"a".repeat(66)] {
            assert_eq!(PlanHash::parse(text), Err(InvalidPlanHash), "{text}");
        }
    }
}
