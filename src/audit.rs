//! What goes into the audit log: who did what, on which device, allowed or not, and what became of it.
//!
//! Pure. An entry is written in the same transaction as the change it tells of, and never holds a secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{Actor, ClientId, DeviceFacts, DeviceId, EmailAddress, Outcome, PersonId};

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
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
    pub event: Event,
}

/// What happened. The names are stored and must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
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

impl Entry {
    /// An entry about something that nobody has asked for.
    #[must_use]
    pub fn of_steward(event: Event, at: Timestamp) -> Self {
        Self { at, actor: None, space_id: None, message_id: None, command_id: None, event }
    }
}

impl Event {
    /// The stored name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::CommandAccepted { .. } => "command_accepted",
            Self::CommandRefused { .. } => "command_refused",
            Self::PersonRefused { .. } => "person_refused",
            Self::IdentityPinned { .. } => "identity_pinned",
            Self::CredentialRenewed { .. } => "credential_renewed",
            Self::CredentialRefused { .. } => "credential_refused",
            Self::DeviceShown { .. } => "device_shown",
            Self::DeleteIntended { .. } => "delete_intended",
            Self::JobRetried { .. } => "job_retried",
            Self::JobDropped { .. } => "job_dropped",
            Self::OutcomeKnown { .. } => "outcome_known",
        }
    }

    /// The device it is about.
    #[must_use]
    pub fn device_id(&self) -> Option<&DeviceId> {
        match self {
            Self::CommandAccepted { .. }
            | Self::CommandRefused { .. }
            | Self::PersonRefused { .. }
            | Self::IdentityPinned { .. }
            | Self::JobRetried { .. }
            | Self::JobDropped { .. }
            | Self::CredentialRenewed { .. }
            | Self::CredentialRefused { .. } => None,
            Self::DeleteIntended { device, .. } => Some(&device.id),
            Self::DeviceShown { device_id } | Self::OutcomeKnown { device_id, .. } => Some(device_id),
        }
    }
}
