//! What goes into the audit log: who did what, on which device, allowed or not, and what became of it.
//!
//! Pure. An entry is written in the same transaction as the change it tells of, and never holds a secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Actor, ClientId, DeviceFacts, DeviceId, EmailAddress, Mac, MessageId, Outcome, PersonId, PlanCode,
    SpaceId,
};

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Option<Actor>,
    /// The space it happened in.
    pub space_id: Option<String>,
    /// The message that asked for it.
    pub message_id: Option<String>,
    /// The command it belongs to.
    pub command_id: Option<String>,
    /// What.
    pub event: AuditEvent,
}

/// What happened. The names are stored and must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AuditEvent {
    /// The policy allowed a command.
    CommandAccepted {
        /// Its canonical line.
        command: String,
        /// The rule that allowed it.
        rule: String,
    },
    /// The policy, or the age of the message, refused a command.
    CommandRefused {
        /// Its canonical line.
        command: String,
        /// The rule that refused it.
        rule: String,
    },
    /// A person was not answered: of another organization, or nobody knows of which.
    PersonRefused {
        /// The rule that refused them.
        rule: String,
    },
    /// An address on the list of admins was resolved, and means this person from now on.
    IdentityPinned {
        /// The address.
        email: EmailAddress,
        /// The person.
        person_id: PersonId,
    },
    /// The tokens of the Service App were renewed; the new ones are in force from here on.
    CredentialRenewed {
        /// Whose.
        client_id: ClientId,
        /// When the access token ends.
        access_until: Timestamp,
        /// When the refresh token ends, unless it is used before.
        refresh_until: Timestamp,
    },
    /// Webex refused to renew the tokens of the Service App.
    CredentialRefused {
        /// Whose.
        client_id: ClientId,
        /// The HTTP status of the refusal.
        status: u16,
        /// Webex's tracking id.
        tracking_id: Option<String>,
    },
    /// A device was read for a person, whatever the answer was.
    DeviceShown {
        /// Which.
        device_id: DeviceId,
    },
    /// Devices were listed for a person.
    DevicesListed {
        /// Which were asked for; empty for all of them.
        filter: String,
        /// How many there were.
        count: u64,
    },
    /// A plan was shown to the one who asked for it, and waits.
    PlanProposed {
        /// Its code.
        code: PlanCode,
        /// The hash of what was shown.
        hash: String,
        /// The device that it is about.
        device_id: Option<DeviceId>,
    },
    /// Its requester confirmed a plan.
    PlanConfirmed {
        /// Its code.
        code: PlanCode,
        /// The hash of what was shown, and confirmed with this.
        hash: String,
        /// The device that it is about.
        device_id: Option<DeviceId>,
    },
    /// Its requester cancelled a plan.
    PlanCancelled {
        /// Its code.
        code: PlanCode,
        /// The device that it was about.
        device_id: Option<DeviceId>,
    },
    /// A press, or the same thing in words, changed nothing.
    PressRefused {
        /// The word for the reason.
        why: String,
        /// The plan that it was about, where there is one.
        plan: Option<PlanCode>,
    },
    /// The tags of a device were changed.
    TagsChanged {
        /// Which device.
        device_id: DeviceId,
        /// Its tags before.
        before: Vec<String>,
        /// Its tags as they were read afterwards.
        after: Vec<String>,
    },
    /// The tags of a device are about to be set: written before the call, so that a crash leaves a trace.
    TagsIntended {
        /// Which.
        device_id: DeviceId,
        /// The tags as they were read just before.
        before: Vec<String>,
        /// The tags that it is to have.
        after: Vec<String>,
    },
    /// Webex is about to be asked for a code: written before the call, so that a crash leaves a trace.
    ActivationIntended {
        /// The workspace or person that the device will belong to.
        place: String,
    },
    /// A code was made with which a device can join the organization. The code itself is a secret and is not here.
    ActivationCodeMade {
        /// The workspace or person that the device will belong to.
        place: String,
    },
    /// A device was added by its MAC address.
    DeviceAdded {
        /// Which.
        device_id: DeviceId,
        /// The address.
        mac: Mac,
        /// The workspace or person that it belongs to.
        place: String,
    },
    /// A DELETE is about to be sent: written before the call, so that a crash leaves a trace.
    DeleteIntended {
        /// The device as it was read just before.
        device: DeviceFacts,
        /// Which DELETE for this command it is, from 1.
        attempt: u32,
    },
    /// An operator had a parked job tried again.
    JobRetried {
        /// The command that did it.
        by: String,
        /// The kind of the job.
        kind: String,
        /// To what it is done.
        subject: String,
        /// Why it was parked.
        reason: Option<String>,
    },
    /// An operator dropped a parked job for good.
    JobDropped {
        /// The command that did it.
        by: String,
        /// The kind of the job.
        kind: String,
        /// To what it would have been done.
        subject: String,
        /// Why it was parked.
        reason: Option<String>,
    },
    /// It is known what became of a deletion.
    OutcomeKnown {
        /// The device that was meant.
        device_id: DeviceId,
        /// The device as it was read, if it ever was.
        device: Option<DeviceFacts>,
        /// What became of it.
        outcome: Outcome,
    },
}

impl AuditEntry {
    /// An entry about something Steward did on its own, unless [`by`](Self::by) and [`about`](Self::about) say more.
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
        match self {
            Self::CommandAccepted { .. } => "command_accepted",
            Self::CommandRefused { .. } => "command_refused",
            Self::PersonRefused { .. } => "person_refused",
            Self::IdentityPinned { .. } => "identity_pinned",
            Self::CredentialRenewed { .. } => "credential_renewed",
            Self::CredentialRefused { .. } => "credential_refused",
            Self::DeviceShown { .. } => "device_shown",
            Self::DevicesListed { .. } => "devices_listed",
            Self::PlanProposed { .. } => "plan_proposed",
            Self::PlanConfirmed { .. } => "plan_confirmed",
            Self::PlanCancelled { .. } => "plan_cancelled",
            Self::PressRefused { .. } => "press_refused",
            Self::TagsChanged { .. } => "tags_changed",
            Self::TagsIntended { .. } => "tags_intended",
            Self::ActivationIntended { .. } => "activation_intended",
            Self::ActivationCodeMade { .. } => "activation_code_made",
            Self::DeviceAdded { .. } => "device_added",
            Self::DeleteIntended { .. } => "delete_intended",
            Self::JobRetried { .. } => "job_retried",
            Self::JobDropped { .. } => "job_dropped",
            Self::OutcomeKnown { .. } => "outcome_known",
        }
    }

    /// The device it is about.
    pub fn device_id(&self) -> Option<&DeviceId> {
        match self {
            Self::CommandAccepted { .. }
            | Self::CommandRefused { .. }
            | Self::PersonRefused { .. }
            | Self::IdentityPinned { .. }
            | Self::DevicesListed { .. }
            | Self::PressRefused { .. }
            | Self::ActivationIntended { .. }
            | Self::ActivationCodeMade { .. }
            | Self::JobRetried { .. }
            | Self::JobDropped { .. }
            | Self::CredentialRenewed { .. }
            | Self::CredentialRefused { .. } => None,
            Self::DeleteIntended { device, .. } => Some(&device.id),
            Self::PlanProposed { device_id, .. }
            | Self::PlanConfirmed { device_id, .. }
            | Self::PlanCancelled { device_id, .. } => device_id.as_ref(),
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

    use super::*;

    #[test]
    fn an_event_is_stored_under_the_name_it_gives_and_read_again() {
        let id = || DeviceId::parse("11111111-2222-3333-4444-555555555555").unwrap();
        let code = PlanCode::parse("K7Q2-M9").unwrap();
        let (hash, place) = ("2a2f".to_owned(), "workspace Lobby".to_owned());
        let mac = Mac::parse("11:22:33:44:AA:FF").unwrap();
        let tags = || vec!["floor-12".to_owned()];
        for (event, is_about_a_device) in [
            (AuditEvent::DeviceShown { device_id: id() }, true),
            (AuditEvent::DevicesListed { filter: "status:offline".to_owned(), count: 7 }, false),
            (AuditEvent::PlanProposed { code, hash: hash.clone(), device_id: Some(id()) }, true),
            (AuditEvent::PlanConfirmed { code, hash, device_id: Some(id()) }, true),
            (AuditEvent::PlanCancelled { code, device_id: None }, false),
            (AuditEvent::PressRefused { why: "not yours".to_owned(), plan: Some(code) }, false),
            (AuditEvent::TagsIntended { device_id: id(), before: tags(), after: Vec::new() }, true),
            (AuditEvent::TagsChanged { device_id: id(), before: tags(), after: Vec::new() }, true),
            (AuditEvent::ActivationIntended { place: place.clone() }, false),
            (AuditEvent::ActivationCodeMade { place: place.clone() }, false),
            (AuditEvent::DeviceAdded { device_id: id(), mac, place }, true),
        ] {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(stored["event"], json!(event.name()));
            assert_eq!(event.device_id().is_some(), is_about_a_device, "{stored}");
            assert_eq!(serde_json::from_value::<AuditEvent>(stored).unwrap(), event);
        }
    }
}
