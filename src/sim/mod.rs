//! The simulated Webex.
