//! The domain types: ids, people, devices, outcomes, audit entries and the clock. Parsed once, trusted afterwards.
//!
//! No async, no I/O except the [`SystemClock`](clock::SystemClock), and no foreign formats: only `webex` knows Webex's
//! JSON, and only `store` knows the tables. Names marked as stored are in the database and must not change.

/// Implements serde through `parse` and `Display`, so that nothing is read back unchecked.
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
mod change_target;
pub mod clock;
mod conversation;
mod device;
mod device_id;
pub(crate) mod hidden;
pub mod id;
mod mac;
mod outcome;
mod place;
mod plan_code;
mod reference;
pub mod text;

pub use change_target::ChangeTarget;
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
pub use place::{Location, OrgScope, Organization, PlaceFacts, PlaceId, Workspace};
pub use plan_code::{InvalidPlanCode, PlanCode};
pub use reference::{InvalidReference, Reference};

/// The longest message that Webex accepts, in bytes (Webex, *Messages*).
pub const LONGEST_MESSAGE_BYTES: usize = 7439;
