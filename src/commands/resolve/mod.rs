//! Resolves typed text to exactly one device, workspace or organization, or to an answer that helps to pick one.
//!
//! A device **id** matches in either notation, a **serial number** regardless of case, a **MAC address** in any
//! notation, and a **name** regardless of case and of the number of spaces. Parts never match. A text that matches two
//! devices in any way selects neither, even if it is the serial number of one and only the name of the other. The file
//! of [`find_device`] documents how far Webex is searched for a second match.
//!
//! `compare`, `search` and `fit` are pure; `device` and `workspace` call Webex; `choose` answers when there is not exactly
//! one.

mod choose;
mod compare;
mod device;
mod fit;
mod search;
mod workspace;

pub(crate) use choose::{device, found_by, organization, with_names};
pub(crate) use device::find_device;
pub(crate) use fit::misnamed;
pub(crate) use search::{DeviceResolution, MatchedBy, MatchedDevice};
pub(crate) use workspace::{WorkspaceResolution, find_workspace};

/// Unwraps the resolution, or returns from the handler with the answer that helps to pick one.
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
