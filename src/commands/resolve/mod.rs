//! From what a person typed to the one device, workspace or organization that is meant, or to an answer that helps to
//! name it.
//!
//! A device **id** matches in either notation, a **serial number** regardless of case, a **MAC address** in any notation,
//! and a **name** regardless of case and of the number of spaces. Parts never match. A text that matches two devices, in
//! whatever way, selects neither of them, even if it is the serial number of one and only the name of the other: it does
//! not say which one was meant. [`find_device`] documents how far Webex is searched for a second one.
//!
//! `compare` and `search` are pure; `device` and `workspace` call Webex; `choose` answers when there is not exactly one.

mod choose;
mod compare;
mod device;
mod search;
mod workspace;

pub(crate) use choose::{choice, device, found_by, in_place, organization};
pub(crate) use device::find_device;
pub(crate) use search::{DeviceResolution, MatchedBy, MatchedDevice};
pub(crate) use workspace::{WorkspaceResolution, find_workspace};

/// Unwraps the resolution, or returns from the handler with the answer that helps to name it.
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
