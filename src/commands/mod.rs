//! The command handlers, one file or folder per command, and the parts that they share.
//!
//! Every handler is `async fn run(ctx: &CommandContext, …) -> Result<Answer, Failure>`. A [`reply::Answer`] ends the
//! command; a [`failure::Failure`] carries its own verdict: wait, run again, or give up. Handlers call Webex and save
//! progress; only the worker records the result. No handler contains SQL, parses typed text, or words a card.
//! `services`, `reply` and `retry` also serve the other jobs, in `intake` and `worker`.
//!
//! ```text
//! retry, lock_waits ← services ← context ← reply ← failure ← authority, resolve ← plan, provision, tag_change
//!   ← the commands
//! ```

pub(crate) mod activate;
pub(crate) mod add_device;
pub(crate) mod authority;
pub(crate) mod context;
pub(crate) mod delete_device;
pub(crate) mod failure;
pub(crate) mod list_devices;
pub(crate) mod lock_waits;
pub(crate) mod plan;
mod provision;
pub(crate) mod reply;
pub(crate) mod resolve;
pub(crate) mod retry;
pub(crate) mod services;
pub(crate) mod show_device;
mod tag_change;
pub(crate) mod tag_device;
pub(crate) mod tag_devices;
