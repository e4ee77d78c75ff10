//! `list devices`: one page of the devices that match a filter.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::action::Button;
use super::card::View;
use super::device_lines::DeviceWithNames;
use super::safe_text::{SafeText, given};
use super::template::{Fields, fields};
use super::text;
use crate::filter::IdleExclusion;

/// Devices on one page. Ten rows with the longest names fit a card and its text.
pub(crate) const ROWS_PER_PAGE: usize = 10;

/// Most statuses or products counted by name; the rest are "others".
const KINDS_COUNTED: usize = 4;

/// Most bytes of the name of a status or product in a count.
const KIND_BYTES: usize = 60;

/// Most bytes of a filter, which is on the card twice.
const FILTER_BYTES: usize = 400;

/// Most excluding terms named because they excluded nothing.
const MOST_IDLE: usize = 3;

/// A page of devices, with counts of all that match.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeviceList<'a> {
    /// The number of matching devices on all pages.
    pub(crate) total: u64,
    /// Devices by connection status, in Webex's words; empty if Webex reports none.
    pub(crate) by_status: &'a BTreeMap<String, u64>,
    /// Devices by product; empty if Webex reports none.
    pub(crate) by_product: &'a BTreeMap<String, u64>,
    /// The devices of this page, at most [`ROWS_PER_PAGE`].
    pub(crate) rows: &'a [DeviceWithNames<'a>],
    /// The page number, from 1.
    pub(crate) page: u64,
    /// The filter in a form that can be sent again, if there is one.
    pub(crate) filter: Option<&'a str>,
    /// The order, such as `-last-seen`.
    pub(crate) sort: Option<&'a str>,
    /// Records from Webex that could not be read, and so are missing from the total.
    pub(crate) unreadable: u64,
    /// Excluding terms of the filter that excluded nothing.
    pub(crate) idle: &'a [IdleExclusion],
    /// The devices that the person may have meant, if there are none.
    pub(crate) wider: Option<WiderList<'a>>,
    pub(crate) previous_page: Option<Button<'a>>,
    pub(crate) next_page: Option<Button<'a>>,
    pub(crate) csv: Option<Button<'a>>,
    pub(crate) now: Timestamp,
}

/// The devices that match if texts are taken as parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WiderList<'a> {
    /// The filter in a form that can be sent again.
    pub(crate) filter: &'a str,
    pub(crate) count: u64,
    pub(crate) list: Button<'a>,
}

impl View for DeviceList<'_> {
    const TEMPLATE: &'static str = "list_devices.card.json";

    fn fields(&self) -> Fields {
        let rows = &self.rows[..self.rows.len().min(ROWS_PER_PAGE)];
        let page_length = ROWS_PER_PAGE as u64;
        let before = self.page.saturating_sub(1).saturating_mul(page_length);
        let after = self.total.saturating_sub(before).saturating_sub(rows.len() as u64);
        let pages = self.total.div_ceil(page_length);
        let filter = given(self.filter);
        let is_beyond = pages > 0 && self.page > pages;
        let wider = self.wider.map(|wider| text::parts_match(wider.count, wider.filter));
        let buttons = [self.wider.map(|wider| wider.list), self.previous_page, self.next_page, self.csv];
        fields! {
            headline_text: SafeText::text(&text::devices_found(self.total)),
            subtitle: (pages > 1 && !is_beyond).then(|| SafeText::text(&text::page(self.page, pages))),
            filter: filter.map(|filter| SafeText::cell(filter, FILTER_BYTES)),
            sort: given(self.sort).map(SafeText::word),
            by_status: counted(self.by_status, text::status),
            by_product: counted(self.by_product, |product| product),
            unreadable: (self.unreadable > 0)
                .then(|| SafeText::sentence(&text::unreadable(self.unreadable))),
            nothing: if is_beyond {
                Some(SafeText::sentence(&text::no_such_page(self.page, pages)))
            } else {
                (self.total == 0).then(|| SafeText::sentence(text::nothing_listed(filter.is_some())))
            },
            idle: idle_exclusions(self.idle),
            wider: wider.map(|sentence| SafeText::cell(&sentence, FILTER_BYTES)),
            rows: rows.iter().map(|device| device.row(None, self.now)).collect::<Vec<_>>(),
            more: (after > 0 && !rows.is_empty()).then(|| SafeText::text(&text::more(after))),
            hint: (self.total > 0 && self.csv.is_some())
                .then(|| SafeText::cell(&text::how_to_export(filter, self.sort), FILTER_BYTES)),
            actions_below: buttons.iter().flatten().map(Button::fields).collect::<Vec<_>>(),
        }
    }
}

/// The sentences about excluding terms that excluded nothing.
pub(super) fn idle_exclusions(idle: &[IdleExclusion]) -> Vec<SafeText> {
    let sentences = idle.iter().take(MOST_IDLE).map(text::excluded_nothing);
    sentences.map(|sentence| SafeText::cell(&sentence, FILTER_BYTES)).collect()
}

/// The largest counts by name, the largest first, and the sum of all others.
fn counted(counts: &BTreeMap<String, u64>, in_words: impl Fn(&str) -> &str) -> Option<SafeText> {
    let mut largest: Vec<(&str, u64)> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    // Stable, so that equal counts stay in the order of their names.
    largest.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others: u64 = largest.iter().skip(KINDS_COUNTED).map(|(_, count)| count).sum();
    let named = largest.iter().take(KINDS_COUNTED).map(|(name, count)| {
        let name = given(Some(in_words(name))).unwrap_or("unknown");
        SafeText::cell(&format!("{count} {name}"), KIND_BYTES).as_str().to_owned()
    });
    let others = (others > 0).then(|| text::others(others));
    let all: Vec<String> = named.chain(others).collect();
    (!all.is_empty()).then(|| SafeText::sentence(&all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(counts: &[(&str, u64)]) -> Option<String> {
        let counts = counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        counted(&counts, |name| name).map(|line| line.as_str().to_owned())
    }

    #[test]
    fn the_largest_counts_come_first() {
        assert_eq!(count(&[]), None);
        assert_eq!(count(&[("b", 2), ("a", 2), ("", 7)]).as_deref(), Some("7 unknown, 2 a, 2 b"));
        let many = [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5), ("f", 6)];
        assert_eq!(count(&many).as_deref(), Some("6 f, 5 e, 4 d, 3 c, 3 others"));
        assert_eq!(count(&many[1..]).as_deref(), Some("6 f, 5 e, 4 d, 3 c, 2 others"));
    }
}
