//! Steward's own public address, asked from here: is the way to the webhook endpoint open?
//!
//! Webex does not say why it cannot deliver, and disables a webhook after a hundred failures. So Steward sends a signed
//! probe (see [`crate::http::probe`]) to its public address at start and every five minutes. A failed probe names the
//! part of the way that is broken. It never makes Steward unready, because some networks cannot reach their own public
//! address, and a delivery since then takes precedence.
//!
//! `broken_part` judges the answers and is pure; `client` calls; `watch` reports changes.

mod broken_part;
mod client;
mod watch;

pub(crate) use broken_part::BrokenPart;
pub(crate) use client::FrontDoor;
pub(super) use watch::{FrontDoorWatch, WatchServices};
