//! Everything people read: each answer is an Adaptive Card and the same facts in plain text.
//!
//! A new card needs a view here (the facts of one answer), a template in `templates/` (their layout), sentences in
//! [`text`] and a sample in `tests/samples`. [`render`] turns a view into a [`Card`]. The plain text and the terminal
//! drawing are read back from the card, so they have the same facts. The card alone shortens words that are too wide
//! for it, such as ids ([`fit`]).
//!
//! Pure: no clock, network or files, and no decisions. Outside text never becomes markup: [`safe_text::SafeText`] cleans it, and
//! it goes into a `TextRun`, which knows no markdown. A `TextBlock`, which does, holds only literals of the templates.

mod action;
mod activate;
mod block;
mod card;
mod delete_device;
mod device_lines;
mod draw;
mod fit;
mod help;
mod list_devices;
pub(crate) mod moment;
mod notice;
mod plain_text;
mod resolve;
mod safe_text;
mod show_device;
mod tag_device;
mod tag_devices;
mod template;
mod text;

#[cfg(test)]
mod tests;

pub use action::{Button, ButtonStyle, ControlHub, Link};
pub(crate) use activate::{Activation, ActivationCodeCard, DeviceAdded, Provision, ProvisionProposal};
pub use card::{Card, View, render};
pub use delete_device::DeletionResult;
pub(crate) use delete_device::{DeviceChanged, FollowUp, Proposal};
pub(crate) use device_lines::DeviceWithNames;
pub use draw::{Ink, draw};
pub(crate) use help::{About, FiltersHelp, Help, HelpEntry, WhoAmI};
pub(crate) use list_devices::{DeviceList, ROWS_PER_PAGE};
pub(crate) use notice::{Notice, Pointer};
pub use plain_text::LONGEST_TEXT_BYTES;
pub(crate) use resolve::{Choice, ChoiceRow, MOST_CANDIDATES, NotFoundDevice, SimilarDevice};
pub(crate) use show_device::ShownDevice;
pub(crate) use tag_device::{TagQuestion, TagsChanged};
pub(crate) use tag_devices::{DevicesTagged, MOST_TROUBLES, TagProposal, TroubledDevice};
pub(crate) use text::{
    AssignedTo, LookedUpBy, PressRefusal, SideEffect, TagTrouble, TagsProof, Undeliverable, Watch,
    answered_directly, export_caption,
};
