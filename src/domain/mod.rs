//! The words of the problem, as types.
//!
//! Pure: no async, no I/O, no foreign formats. What stands here was parsed once and is trusted afterwards;
//! how Webex spells it is known to `webex` alone, how it is stored to `store` alone.

pub mod actor;
pub mod audit;
pub mod backoff;
pub mod clock;
pub mod count;
pub mod device;
pub mod device_id;
pub mod email;
pub mod id;
pub mod mac;
pub mod normal;
pub mod organization;
pub mod outcome;
pub mod plan_code;
pub mod quotes;
pub mod reference;
pub mod thread;
pub mod workspace;

pub use actor::Actor;
pub use count::Count;
pub use device::{Device, DeviceFacts};
pub use device_id::{DeviceId, InvalidDeviceId};
pub use email::EmailAddress;
pub use id::{
    ActionId, ClientId, LocationId, MembershipId, MessageId, OrgId, PersonId, SpaceId, WebhookId, WorkspaceId,
};
pub use mac::{InvalidMac, Mac};
pub use organization::{OrgScope, Organization};
pub use outcome::{Cause, Outcome, OutcomeKind};
pub use plan_code::{InvalidPlanCode, PlanCode};
pub use reference::{InvalidReference, MAX_REFERENCE_LENGTH, Reference};
pub use thread::Thread;
pub use workspace::{Location, PlaceId, Workspace};

/// Longest text of a message in bytes; Webex answers longer ones with 400 (Webex, *Messages*: Create a Message).
pub const LONGEST_MESSAGE_BYTES: usize = 7439;
