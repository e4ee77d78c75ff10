//! `steward demo`: the whole bot on a simulated Webex, in one process, step by step.
//!
//! Nothing is faked: the application is the one that `serve` runs, and both sides talk real HTTP. Everything printed is
//! read from the simulation's journal, from the thread in the space, and from the audit log.

mod narrator;
mod play;
mod sandbox;

pub(super) use play::{Demo, run};
