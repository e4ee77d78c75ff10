//! The commands, one file or folder each: what it does, and what it answers.
pub(crate) mod activate;
pub(crate) mod context;
pub mod delete_device;
pub mod list_devices;
pub(crate) mod plan;
pub(crate) mod reply;
pub mod resolve;
pub mod retry;
pub mod services;
pub(crate) mod show_device;
pub(crate) mod tag_device;
pub(crate) mod tag_devices;
