//! The words of the problem, as types. Parsed once, trusted afterwards.
//!
//! Pure: no async, no I/O, no foreign formats. Only `webex` knows how Webex spells these types, and only `store` how
//! they are stored.

/// Serde through the text of a type with `parse` and `Display`, so that nothing is read back unchecked.
macro_rules! stored_as_text {
    ($name:ident, $error:ident) => {
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

pub mod audit;
pub mod clock;
mod conversation;
mod device;
mod device_id;
pub mod id;
mod mac;
mod outcome;
mod place;
mod plan_code;
mod reference;
pub mod text;

pub use conversation::{Actor, EmailAddress, InvalidEmail, Thread};
#[cfg(test)]
pub(crate) use device::fixtures;
pub use device::{Count, Device, DeviceFacts};
pub use device_id::{DeviceId, InvalidDeviceId};
pub use id::{
    ActionId, ClientId, LocationId, MembershipId, MessageId, OrgId, PersonId, SpaceId, WebhookId, WorkspaceId,
};
pub use mac::{InvalidMac, Mac};
pub use outcome::{Cause, Outcome, OutcomeKind};
pub use place::{Location, OrgScope, Organization, PlaceId, Workspace};
pub use plan_code::{InvalidPlanCode, PlanCode};
pub use reference::{InvalidReference, Reference};

/// Bytes of the longest message that Webex takes (Webex, *Messages*).
pub const LONGEST_MESSAGE_BYTES: usize = 7439;
