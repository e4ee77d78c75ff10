//! Resolves typed text to exactly one device, workspace or organization, or to an answer that helps to pick one.
//!
//! One rule for all of them. A name **reads like** another if they differ only in case, in spaces, in the kind of a
//! dash, and in how letters are encoded. A text that exactly one record reads like selects it; a text that several read
//! like selects none, and the requester chooses. A server's filter only makes lists shorter: a record counts only if it
//! fits the text itself. Parts of names and typing errors never select anything, but similar records are offered as
//! buttons, and a deletion then still asks for confirmation.
//!
//! Besides its name, a device matches by its **id** in either notation, its **serial number** regardless of case, and
//! its **MAC address** in any notation, even if the text is only the name of another one. A workspace matches by its id,
//! and a person by the **email address**.
//!
//! `compare`, `record`, `nearest`, `search` and `fit` are pure; `lists`, `device`, `workspace` and `person` call Webex;
//! `choose`, `destination` and `organization` answer when there is not exactly one.

mod choose;
mod compare;
mod destination;
mod device;
mod fit;
mod lists;
mod nearest;
mod organization;
mod person;
mod record;
mod search;
mod workspace;

pub(crate) use choose::{device, facts_shown, found_by, with_names};
pub(crate) use destination::{person, workspace};
pub(crate) use device::{DeviceResolution, MatchedDevice, find_device};
pub(crate) use fit::misnamed;
pub(crate) use organization::organization;
pub(crate) use record::MatchedBy;

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
