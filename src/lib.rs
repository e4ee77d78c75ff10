//! Steward.
pub mod clock;
pub mod sim;
