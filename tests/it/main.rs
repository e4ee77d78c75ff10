//! The service as a whole: signed HTTP in, simulated Webex out.
//!
//! Every test lives in a [`world::World`]: the real application on a port of its own, a real database, the
//! simulated Webex, and a clock that is turned by hand.

mod main_job;
mod world;
