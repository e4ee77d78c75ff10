//! The labels of buttons and links.

/// Deletes a device.
pub const DELETE: &str = "Delete";

/// Does what is proposed.
pub const CONFIRM: &str = "Confirm";

/// Leaves everything as it is.
pub const CANCEL: &str = "Cancel";

/// The next page of a list.
pub const NEXT_PAGE: &str = "Next page";

/// A whole list as a file.
pub const CSV: &str = "CSV";

/// An activation code for the place of a device that is gone.
pub const ACTIVATE_REPLACEMENT: &str = "Activate a replacement";

/// The list of devices in Control Hub.
pub const DEVICES_IN_CONTROL_HUB: &str = "Devices in Control Hub";

/// A workspace in Control Hub.
pub const WORKSPACE_IN_CONTROL_HUB: &str = "Workspace in Control Hub";

/// One of several devices.
#[must_use]
pub fn choose(number: usize) -> String {
    format!("Choose {number}")
}
