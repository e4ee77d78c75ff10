//! From what a person wrote to the one device, workspace or organization that is meant, or to an answer that helps to
//! name it.
//!
//! [`Search`] is the pure part: it checks devices one by one as the list is read, and keeps those that the reference
//! fits, and a few that come near. [`find_device`] and [`find_workspace`] ask Webex for them.
//!
//! # What fits
//!
//! - A device **id** fits the device with that id, in either notation.
//! - A **serial number** fits regardless of case.
//! - A **MAC address** fits in any notation.
//! - A **name** fits regardless of case and of the number of spaces.
//!
//! Parts never fit. A text that fits two devices, in whatever way, chooses neither of them, even if it is the serial
//! number of one and only the name of the other: the text does not say which one was meant. How far Webex is asked for
//! a second one is documented at [`find_device`].

mod choose;
mod device;
mod near;
mod organization;
mod search;
mod spelling;
mod workspace;

pub(crate) use choose::{choice, device, found_by, in_place};
pub(crate) use device::find_device;
pub(crate) use organization::organization;
pub(crate) use search::{By, Candidate, Resolution};
pub(crate) use workspace::{WorkspaceResolution, find_workspace};

/// Unwraps what was resolved, or returns from the handler with the answer that helps to name it.
macro_rules! resolved {
    ($resolution:expr) => {
        match $resolution {
            Ok(resolved) => resolved,
            Err(answer) => return Ok(answer),
        }
    };
}
pub(crate) use resolved;

#[cfg(test)]
mod tests;
