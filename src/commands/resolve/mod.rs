//! From what a person wrote to the one device or workspace that is meant, or to a choice, or to a helpful no.
//!
//! [`Search`] is the pure part: it looks at devices one by one, as they stream by, and keeps those that the reference
//! fits, and a few that come near. [`find_device`] and [`find_workspace`] ask Webex for them.
//!
//! # What fits
//!
//! - A device **id** fits the device with that id, in whichever spelling.
//! - A **serial number** fits if it is the same but for upper and lower case.
//! - A **MAC address** fits if it is the same address, in whichever writing.
//! - A **name** fits if it is the same but for upper and lower case and the number of blanks.
//!
//! Nothing fits by a part. What fits two devices, in whichever ways, is the name of neither: a device is never chosen
//! while another fits as well, not even if one fits by its serial number and the other only by its name. The text
//! does not say which of them was meant. How far Webex is asked for
//! another one stands with [`find_device`].

pub(crate) mod choose;
mod device;
mod near;
pub(crate) mod organization;
mod search;
mod spelling;
mod workspace;

pub use device::{find_device, is_surely_an_id};
pub use near::Near;
pub use search::{By, Candidate, LookedUp, MOST_CANDIDATES, Resolution, Search, resolve};
pub use workspace::{WorkspaceResolution, find_workspace};

#[cfg(test)]
mod tests;
