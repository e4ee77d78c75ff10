//! Steward.
pub mod clock;
pub mod domain;
pub mod policy;
pub mod sim;
