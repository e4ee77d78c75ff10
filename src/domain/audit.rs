//! Entries of the audit log: who did what to which device, whether it was allowed, and the outcome.
//!
//! Pure. An entry is stored in the same transaction as the change it describes, and never contains a secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Actor, ChangeTarget, ClientId, DeviceFacts, DeviceId, EmailAddress, Mac, MessageId, OrgId, Outcome,
    PersonId, PlanCode, SpaceId,
};

/// One entry of the audit log. If Steward acted without a person or command, only the time and the event are present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields are self-explanatory")]
pub struct AuditEntry {
    pub at: Timestamp,
    pub actor: Option<Actor>,
    pub space_id: Option<String>,
    pub message_id: Option<String>,
    pub command_id: Option<String>,
    pub event: AuditEvent,
}

/// An audited event. The names are stored and must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(tag = "event", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(test, derive(strum::VariantNames))]
#[expect(missing_docs, reason = "the names of most fields are self-explanatory")]
pub enum AuditEvent {
    /// The policy allowed a command, here in its canonical form.
    CommandAccepted { command: String, rule: String },
    /// A command was refused by the policy, or because its message was too old; or, once accepted, when it ran.
    CommandRefused { command: String, rule: String },
    /// A person is not served: according to Webex, not a member of a served organization.
    PersonRefused { rule: String },
    /// An address in the list of admins was resolved to a person, and is pinned to that person from now on.
    IdentityPinned { email: EmailAddress, person_id: PersonId },
    /// The tokens of the Service App were renewed and are used from now on. Using the refresh token before
    /// `refresh_until` extends that time.
    CredentialRenewed { client_id: ClientId, access_until: Timestamp, refresh_until: Timestamp },
    /// Webex refused to renew the tokens of the Service App.
    CredentialRefused { client_id: ClientId, status: u16, tracking_id: Option<String> },
    /// A device was read for a person, found or not.
    DeviceShown { device_id: DeviceId },
    /// No device fits a reference, here as the person wrote it.
    NothingFound { reference: String },
    /// Devices were listed for a person. The filter is empty for all devices.
    DevicesListed { filter: String, count: u64 },
    /// A plan was shown to its requester and waits for confirmation. The hash covers everything that was shown.
    PlanProposed { code: PlanCode, hash: String, device_id: Option<DeviceId> },
    /// A plan was confirmed by its requester, with the hash of what was shown.
    PlanConfirmed { code: PlanCode, hash: String, device_id: Option<DeviceId> },
    /// A plan was canceled by its requester.
    PlanCancelled { code: PlanCode, device_id: Option<DeviceId> },
    /// A button press, or the same decision in words, changed nothing.
    PressRefused { why: String, plan: Option<PlanCode> },
    /// The tags of a device were changed, as read before and afterwards.
    TagsChanged { device_id: DeviceId, before: Vec<String>, after: Vec<String> },
    /// The tags of a device are about to be set: stored before the call, so that a crash leaves a trace.
    TagsIntended { device_id: DeviceId, before: Vec<String>, after: Vec<String> },
    /// A device is about to be added to a workspace or person: stored before the call, so that a crash leaves a trace.
    AdditionIntended { mac: Mac, place: String },
    /// A change of a device, or of a workspace or person, did not end as intended.
    ChangeEnded { device_id: Option<DeviceId>, place: Option<String>, result: ChangeResult },
    /// An activation code is about to be requested for a workspace or person: stored before the call, so that a crash
    /// leaves a trace.
    ActivationIntended { place: String },
    /// An activation code was created for a workspace or person. The code is a secret and not recorded.
    ActivationCodeMade { place: String },
    /// A device was added to a workspace or person by its MAC address.
    DeviceAdded { device_id: DeviceId, mac: Mac, place: String },
    /// A DELETE is about to be sent: stored before the call, so that a crash leaves a trace. The facts were read just
    /// before; the attempts of a command count from 1. The DELETE names this organization, if any, and is sent with the
    /// credential of this name, which contains no secret.
    DeleteIntended {
        device: DeviceFacts,
        attempt: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org_id: Option<OrgId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credential: Option<String>,
    },
    /// An operator retried a parked job, with this command of the binary. The reason is why it was parked.
    JobRetried { by: String, kind: String, subject: String, reason: Option<String> },
    /// An operator dropped a parked job for good, with this command of the binary. The reason is why it was parked.
    JobDropped { by: String, kind: String, subject: String, reason: Option<String> },
    /// The outcome of a deletion, with the facts of the device if it was ever read.
    OutcomeKnown { device_id: DeviceId, device: Option<DeviceFacts>, outcome: Outcome },
}

/// How a change ended that was intended but not proven. The names are stored and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeResult {
    /// It was not made: Webex refused it, or a read afterwards shows the state before.
    NotMade,
    /// Nobody knows: Webex gave no clear answer, and no read shows the result.
    Unknown,
}

impl AuditEntry {
    /// An entry without a person or command; [`by`](Self::by) and [`about`](Self::about) add them.
    pub fn new(at: Timestamp, event: AuditEvent) -> Self {
        Self { at, actor: None, space_id: None, message_id: None, command_id: None, event }
    }

    /// Adds the person who caused it, where one is known.
    pub fn by<'a>(self, actor: impl Into<Option<&'a Actor>>) -> Self {
        Self { actor: actor.into().cloned(), ..self }
    }

    /// Adds the command, and the message and space it came from.
    pub fn about(self, space_id: &SpaceId, message_id: &MessageId, command_id: &impl ToString) -> Self {
        Self {
            space_id: Some(space_id.as_str().to_owned()),
            message_id: Some(message_id.as_str().to_owned()),
            command_id: Some(command_id.to_string()),
            ..self
        }
    }
}

impl AuditEvent {
    /// The stored name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The device that this intent is about to change. Storing the intent locks the device.
    pub(crate) fn locks(&self) -> Option<ChangeTarget> {
        match self {
            Self::DeleteIntended { device, .. } => Some(ChangeTarget::device(&device.id)),
            Self::TagsIntended { device_id, .. } => Some(ChangeTarget::device(device_id)),
            _ => None,
        }
    }

    /// The device it is about.
    pub(crate) fn device_id(&self) -> Option<&DeviceId> {
        match self {
            Self::CommandAccepted { .. }
            | Self::CommandRefused { .. }
            | Self::PersonRefused { .. }
            | Self::IdentityPinned { .. }
            | Self::DevicesListed { .. }
            | Self::NothingFound { .. }
            | Self::PressRefused { .. }
            | Self::ActivationIntended { .. }
            | Self::AdditionIntended { .. }
            | Self::ActivationCodeMade { .. }
            | Self::JobRetried { .. }
            | Self::JobDropped { .. }
            | Self::CredentialRenewed { .. }
            | Self::CredentialRefused { .. } => None,
            Self::DeleteIntended { device, .. } => Some(&device.id),
            Self::PlanProposed { device_id, .. }
            | Self::PlanConfirmed { device_id, .. }
            | Self::PlanCancelled { device_id, .. }
            | Self::ChangeEnded { device_id, .. } => device_id.as_ref(),
            Self::DeviceShown { device_id }
            | Self::TagsIntended { device_id, .. }
            | Self::TagsChanged { device_id, .. }
            | Self::DeviceAdded { device_id, .. }
            | Self::OutcomeKnown { device_id, .. } => Some(device_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use strum::VariantNames as _;

    use super::*;

    #[test]
    fn events_keep_their_stored_names() {
        let stored = "command_accepted command_refused person_refused identity_pinned credential_renewed \
                      credential_refused device_shown nothing_found devices_listed plan_proposed plan_confirmed plan_cancelled \
                      press_refused tags_changed tags_intended addition_intended change_ended \
                      activation_intended activation_code_made device_added delete_intended job_retried job_dropped outcome_known";
        assert_eq!(AuditEvent::VARIANTS.join(" "), stored);
    }

    #[test]
    fn an_entry_holds_the_person_and_the_command() {
        let (space, message) = (SpaceId::parse("space").unwrap(), MessageId::parse("message").unwrap());
        let event = AuditEvent::PersonRefused { rule: "no admins".to_owned() };
        let entry =
            AuditEntry::new(Timestamp::UNIX_EPOCH, event).by(None).about(&space, &message, &"command");
        let ids = [&entry.space_id, &entry.message_id, &entry.command_id].map(|id| id.as_deref().unwrap());
        assert_eq!((entry.actor, ids), (None, ["space", "message", "command"]));
    }

    #[test]
    fn an_event_is_stored_under_its_name_and_read_back_unchanged() {
        let id = || DeviceId::parse("11111111-2222-3333-4444-555555555555").unwrap();
        let code = PlanCode::parse("K7Q2-M9").unwrap();
        let (hash, place) = ("2a2f".to_owned(), "workspace Lobby".to_owned());
        let mac = Mac::parse("11:22:33:44:AA:FF").unwrap();
        let tags = || vec!["floor-12".to_owned()];
        for (event, is_about_a_device) in [
            (AuditEvent::DeviceShown { device_id: id() }, true),
            (AuditEvent::DevicesListed { filter: "status:offline".to_owned(), count: 7 }, false),
            (AuditEvent::NothingFound { reference: "FOC2345ABCD".to_owned() }, false),
            (AuditEvent::PlanProposed { code, hash: hash.clone(), device_id: Some(id()) }, true),
            (AuditEvent::PlanConfirmed { code, hash, device_id: Some(id()) }, true),
            (AuditEvent::PlanCancelled { code, device_id: None }, false),
            (AuditEvent::PressRefused { why: "not yours".to_owned(), plan: Some(code) }, false),
            (AuditEvent::TagsIntended { device_id: id(), before: tags(), after: Vec::new() }, true),
            (AuditEvent::TagsChanged { device_id: id(), before: tags(), after: Vec::new() }, true),
            (AuditEvent::ActivationIntended { place: place.clone() }, false),
            (AuditEvent::ActivationCodeMade { place: place.clone() }, false),
            (AuditEvent::AdditionIntended { mac, place: place.clone() }, false),
            (
                AuditEvent::ChangeEnded { device_id: Some(id()), place: None, result: ChangeResult::Unknown },
                true,
            ),
            (
                AuditEvent::ChangeEnded {
                    device_id: None,
                    place: Some(place.clone()),
                    result: ChangeResult::NotMade,
                },
                false,
            ),
            (AuditEvent::DeviceAdded { device_id: id(), mac, place }, true),
        ] {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(stored["event"], json!(event.name()));
            assert_eq!(event.device_id().is_some(), is_about_a_device, "{stored}");
            assert_eq!(serde_json::from_value::<AuditEvent>(stored).unwrap(), event);
        }
    }
}
