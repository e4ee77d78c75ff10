//! The service as a whole: signed HTTP in, simulated Webex out.
//!
//! Every test lives in a [`world::World`]: the real application on a port of its own, a real database, the
//! simulated Webex, and a clock that is turned by hand. Only [`processes`] starts real processes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod commands;
mod credential;
mod lost_answers;
mod main_job;
mod names;
#[path = "../postgres/mod.rs"]
mod postgres;
mod processes;
mod refusals;
mod signatures;
mod start;
mod status_codes;
mod waits;
mod world;
