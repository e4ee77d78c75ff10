//! What is said around lists of devices.

use crate::domain::Count;

/// Stands for a fact that Webex does not tell of a device.
pub const NOT_TOLD: &str = "not told";

/// Stands for a value that is not there, or a list of none.
pub const NOTHING: &str = "none";

/// How many there are.
#[must_use]
pub fn devices_found(total: u64) -> String {
    match total {
        0 => "No devices".to_owned(),
        1 => "1 device".to_owned(),
        _ => format!("{total} devices"),
    }
}

/// Which page this is.
#[must_use]
pub fn page(page: u64, pages: u64) -> String {
    format!("Page {page} of {pages}")
}

/// All kinds that are not counted by name.
#[must_use]
pub fn others(count: u64) -> String {
    format!("{count} others")
}

/// Devices that do not stand on this card.
#[must_use]
pub fn more(count: u64) -> String {
    format!("and {count} more")
}

/// The same where perhaps nobody counted to the end; nothing where none are known of.
#[must_use]
pub fn and_more(count: Count) -> Option<String> {
    match count {
        Count::Exactly(0) | Count::AtLeast(0) => None,
        Count::Exactly(count) => Some(more(count)),
        Count::AtLeast(count) => Some(format!("and at least {count} more")),
        Count::MoreThan(count) => Some(format!("and more than {count} more")),
    }
}

/// Records that Webex sent and nobody could read.
#[must_use]
pub fn unreadable(count: u64) -> String {
    if count == 1 {
        "1 record of Webex's could not be read and is not among them.".to_owned()
    } else {
        format!("{count} records of Webex's could not be read and are not among them.")
    }
}

/// Why a list is empty.
#[must_use]
pub fn nothing_listed(filtered: bool) -> &'static str {
    if filtered {
        "No device matches all of this filter. A device that lacks a fact never matches a comparison with it."
    } else {
        "Webex lists no device that Steward's admin credential can see."
    }
}

/// How to get all of them as a file, in words.
#[must_use]
pub fn how_to_export(filter: Option<&str>, sort: Option<&str>) -> String {
    let filter = filter.map(|filter| format!(" {filter}")).unwrap_or_default();
    let sort = sort.map(|sort| format!(" sort:{sort}")).unwrap_or_default();
    format!("To get all of them as a file: list devices csv{filter}{sort}")
}

/// Stands with the file of a list; as plain text, because a message with a file has no card.
#[must_use]
pub fn exported(count: usize, filter: &str, sort: Option<&str>, unreadable: usize) -> String {
    let devices = if count == 1 { "1 device".to_owned() } else { format!("{count} devices") };
    let which = if filter.is_empty() { String::new() } else { format!(" that match {filter}") };
    let order = sort.map(|sort| format!(", sorted by {sort}")).unwrap_or_default();
    let missing = match unreadable {
        0 => String::new(),
        1 => " One record could not be read and is missing.".to_owned(),
        many => format!(" {many} records could not be read and are missing."),
    };
    format!("{devices}{which}{order}, with all their fields.{missing}")
}
