//! The service as a whole: signed HTTP in, simulated Webex out.
//!
//! Every test lives in a [`world::World`]: the real application on a port of its own, a real database, the
//! simulated Webex, and a clock that is turned by hand. Only [`processes`] starts real processes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod architecture;
mod bodies;
mod catch_up;
mod commands;
mod credential;
mod desk;
#[path = "../loopback/mod.rs"]
mod loopback;
mod lost_answers;
mod main_job;
mod migrations;
mod names;
mod outages;
mod parked;
mod pauses;
mod plans;
#[path = "../postgres/mod.rs"]
mod postgres;
mod processes;
mod refusals;
mod repetitions;
mod replicas;
mod signatures;
mod start;
mod status_codes;
mod storm;
mod waits;
mod webhooks;
mod welcome;
mod world;
