//! The service as a whole: signed HTTP in, simulated Webex out.
//!
//! Every test has its own [`world::World`]: the real application on its own port, a real database, the simulated Webex,
//! and a clock advanced by hand. Only [`processes`] starts real processes.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod answers;
mod architecture;
mod audit_log;
mod catch_up;
mod check;
mod commands;
mod credential;
mod database_files;
mod database_outages;
mod duplicates;
mod foreign_answers;
mod hostile_names;
mod late_decisions;
mod leases;
mod logs;
#[path = "../loopback/mod.rs"]
mod loopback;
mod lost_answers;
mod migrations;
mod parked;
mod plans;
#[path = "../postgres/mod.rs"]
mod postgres;
mod processes;
mod proof_of_absence;
mod public_address;
mod random_answers;
mod rate_limit_storm;
mod rate_limits;
mod refusals;
mod replicas;
mod requester;
mod signatures;
mod silence;
mod start;
mod status_codes;
mod strangers;
mod typed_lines;
mod waits;
mod webhooks;
mod welcome;
mod world;
mod wrong_clock;
