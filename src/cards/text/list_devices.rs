//! `list devices`: the sentences around the rows, and the caption of the CSV file.

use crate::cards::card::Tone;
use crate::cards::notice::Notice;
use crate::domain::Count;
use crate::filter::IdleExclusion;

fn devices(count: u64) -> String {
    if count == 1 { "1 device".to_owned() } else { format!("{count} devices") }
}

pub(in crate::cards) fn devices_found(total: u64) -> String {
    if total == 0 { "No devices".to_owned() } else { devices(total) }
}

pub(in crate::cards) fn page(page: u64, pages: u64) -> String {
    format!("Page {page} of {pages}")
}

/// The sum of all statuses or products that are not counted by name.
pub(in crate::cards) fn others(count: u64) -> String {
    if count == 1 { "1 other".to_owned() } else { format!("{count} others") }
}

/// The number of devices that are not on this card.
pub(in crate::cards) fn more(count: u64) -> String {
    format!("and {count} more")
}

/// As [`more`], for a count that may be incomplete.
pub(in crate::cards) fn and_more(count: Count) -> Option<String> {
    match count {
        Count::Exactly(0) | Count::AtLeast(0) => None,
        Count::Exactly(count) => Some(more(count)),
        Count::AtLeast(count) => Some(format!("and at least {count} more")),
        Count::MoreThan(count) => Some(format!("and more than {count} more")),
    }
}

pub(in crate::cards) fn unreadable(count: u64) -> String {
    if count == 1 {
        "1 record from Webex could not be read and is not included.".to_owned()
    } else {
        format!("{count} records from Webex could not be read and are not included.")
    }
}

/// Why a list is empty.
pub(in crate::cards) fn nothing_listed(filtered: bool) -> &'static str {
    if filtered {
        "No device matches the whole filter. A comparison never matches a device without that value."
    } else {
        "Webex lists no device that Steward can see."
    }
}

/// The page that a person asked for by number does not exist.
pub(in crate::cards) fn no_such_page(page: u64, pages: u64) -> String {
    match pages {
        1 => format!("There is no page {page}: all devices are on page 1."),
        _ => format!("There is no page {page}. The last page is page {pages}."),
    }
}

/// The devices that match if texts are taken as parts, when none matches as a whole.
pub(in crate::cards) fn parts_match(count: u64, filter: &str) -> String {
    let matches = if count == 1 { "matches" } else { "match" };
    format!("A text matches only as a whole. {} {matches} {filter}", devices(count))
}

/// An excluding term of a filter that excluded none of the devices.
pub(in crate::cards) fn excluded_nothing(idle: &IdleExclusion) -> String {
    let IdleExclusion { term, wider } = idle;
    match wider {
        Some((wider, count)) => format!(
            "{term} excludes no device, because a text matches only as a whole. {wider} would exclude {count} of these."
        ),
        None => format!("{term} excludes no device."),
    }
}

pub(in crate::cards) fn how_to_export(filter: Option<&str>, sort: Option<&str>) -> String {
    let filter = filter.map(|filter| format!(" {filter}")).unwrap_or_default();
    let sort = sort.map(|sort| format!(" sort:{sort}")).unwrap_or_default();
    format!("To get all of them as a file: list devices csv{filter}{sort}")
}

impl Notice {
    /// A file that Webex did not take from the bot. The bot token posts files, so the admin credential is not at fault.
    pub(crate) fn file_not_posted(status: u16, tracking_id: Option<&str>) -> Self {
        let (why, next) = match status {
            401 => (
                "Webex rejected Steward's bot token (401).".to_owned(),
                "Ask the people who run Steward to check it, then send the command again.",
            ),
            403 => (
                "Webex does not let Steward post files here (403). Your organization may forbid files from bots, or the \
                 space may be announcement-only."
                    .to_owned(),
                "Write \"list devices\" to see the list on a card, or ask for the file in a direct message.",
            ),
            404 => (
                "Webex no longer finds this space (404).".to_owned(),
                "Ask for the file in another space, or in a direct message.",
            ),
            413 => (
                "The file is too large (413).".to_owned(),
                "Ask for fewer devices, for example with location:\"Berlin*\".",
            ),
            _ => (
                format!("Webex did not accept the file ({status})."),
                "Ask for fewer devices, for example with location:\"Berlin*\". If that does not help, ask the people who \
                 run Steward to look in its log.",
            ),
        };
        Self::new(Tone::Warning, "✕ File not posted").say(why).say(next).for_support(tracking_id)
    }
}

/// Plain text posted with the file: a message with a file has no card.
pub(crate) fn export_caption(
    count: usize,
    filter: &str,
    sort: Option<&str>,
    unreadable: usize,
    idle: &[IdleExclusion],
) -> String {
    let which = match (filter, count) {
        ("", _) => String::new(),
        (filter, 1) => format!(" that matches {filter}"),
        (filter, _) => format!(" that match {filter}"),
    };
    let order = sort.map(|sort| format!(", sorted by {sort}")).unwrap_or_default();
    let missing = match unreadable {
        0 => String::new(),
        1 => " One record could not be read and is missing.".to_owned(),
        many => format!(" {many} records could not be read and are missing."),
    };
    let listed = format!("{}{which}{order}, with all fields.{missing}", devices(count as u64));
    idle.iter().map(excluded_nothing).fold(listed, |text, sentence| text + " " + &sentence)
}
