//! The commands: what each of them does and answers, one file or folder a command.
//!
//! Every handler is `async fn run(ctx: &CommandContext, …) -> Result<Answer, Failure>`. An [`reply::Answer`] ends the
//! command; a [`failure::Failure`] carries its own verdict: wait, run again, or give up. Handlers call Webex and save
//! progress; only the worker records how they ended. No handler writes SQL, parses what people type, or words a card.
//!
//! ```text
//! retry, prefetch ← services ← context ← reply ← failure ← resolve ← plan, provision ← the commands
//! ```

pub(crate) mod activate;
pub(crate) mod add_device;
pub(crate) mod context;
pub(crate) mod delete_device;
pub(crate) mod failure;
pub(crate) mod list_devices;
pub(crate) mod plan;
pub(crate) mod prefetch;
mod provision;
pub(crate) mod reply;
pub(crate) mod resolve;
pub(crate) mod retry;
pub(crate) mod services;
pub(crate) mod show_device;
pub(crate) mod tag_device;
pub(crate) mod tag_devices;
