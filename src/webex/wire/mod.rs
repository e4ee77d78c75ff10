//! The parts of Webex's JSON that Steward reads, and their conversion into domain types.
//!
//! Lenient on purpose: any field may be missing, unknown ones are normal, and enums are open strings.

mod chat;
mod device;
mod lenient;
mod place;

pub(crate) use chat::{AttachmentAction, ChatMessage, Space};
pub(super) use chat::{WireMessage, WirePerson};
pub(super) use device::WireDevice;
pub(super) use place::{WireLocation, WireOrganization, WireWorkspace};

/// A list. An answer without items is no list, for example that of a proxy.
#[derive(serde::Deserialize)]
pub(super) struct Items<T> {
    pub(super) items: Vec<T>,
}
