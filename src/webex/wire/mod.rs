//! Webex's JSON as far as Steward reads it, and its conversion into domain types.
//!
//! Lenient on purpose: any field may be missing, unknown ones are normal, and enums are open strings.

mod chat;
mod device;
mod lenient;
mod place;

pub use chat::{AttachmentAction, ChatMessage, Space};
pub(super) use chat::{WireMessage, WirePerson};
pub(super) use device::WireDevice;
pub use place::SupportedModel;
pub(super) use place::{WireLocation, WireOrganization, WireWorkspace};

/// A list. The one of supported devices goes by another name.
#[derive(serde::Deserialize)]
pub(super) struct Items<T> {
    #[serde(default = "Vec::new", alias = "devices")]
    pub(super) items: Vec<T>,
}
