//! One page of a list of devices.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::action::{self, ActionLine, Button};
use super::in_place::{DeviceRow, DeviceWithNames};
use super::safe_text::given;
use super::{SafeText, View, wording};

/// Devices on one page. Ten rows with the longest names fit a card and its text.
pub const ROWS_PER_PAGE: usize = 10;

/// Kinds that are counted by name; the rest are "others".
const KINDS_COUNTED: usize = 4;

/// Bytes of the name of a kind in a count.
const KIND_BYTES: usize = 60;

/// Bytes of a filter, which the card tells twice.
const FILTER_BYTES: usize = 400;

/// A page of the devices that match a filter, with what all of them are.
#[derive(Debug, Clone, Copy)]
pub struct DeviceList<'a> {
    /// How many match, on all pages.
    pub total: u64,
    /// How many of them are in which connection status, as Webex calls it; empty where it tells none.
    pub by_status: &'a BTreeMap<String, u64>,
    /// How many of them are of which product; empty where Webex tells none.
    pub by_product: &'a BTreeMap<String, u64>,
    /// The devices of this page, at most [`ROWS_PER_PAGE`].
    pub rows: &'a [DeviceWithNames<'a>],
    /// Which page this is, from 1.
    pub page: u64,
    /// The filter as it can be written again, if there is one.
    pub filter: Option<&'a str>,
    /// What it is sorted by, as `last-seen`.
    pub sort: Option<&'a str>,
    /// How many records Webex sent that could not be read, so that nobody takes the total for all there is.
    pub unreadable: u64,
    /// Shows the next page, if there is one.
    pub next_page: Option<Button<'a>>,
    /// Posts all of them as a file.
    pub csv: Option<Button<'a>>,
    /// The time of the answer.
    pub now: Timestamp,
}

#[derive(Serialize)]
struct Context {
    headline_text: SafeText,
    subtitle: Option<SafeText>,
    filter: Option<SafeText>,
    sort: Option<SafeText>,
    by_status: Option<SafeText>,
    by_product: Option<SafeText>,
    unreadable: Option<SafeText>,
    nothing: Option<SafeText>,
    rows: Vec<DeviceRow>,
    more: Option<SafeText>,
    hint: Option<SafeText>,
    actions_below: Vec<ActionLine>,
}

impl View for DeviceList<'_> {
    const TEMPLATE: &'static str = "devices.card.json";

    fn context(&self) -> impl Serialize {
        let rows = &self.rows[..self.rows.len().min(ROWS_PER_PAGE)];
        let page_length = ROWS_PER_PAGE as u64;
        let before = self.page.saturating_sub(1).saturating_mul(page_length);
        let after = self.total.saturating_sub(before).saturating_sub(rows.len() as u64);
        let pages = self.total.div_ceil(page_length);
        let filter = given(self.filter);
        Context {
            headline_text: SafeText::text(&wording::devices_found(self.total)),
            subtitle: (pages > 1).then(|| SafeText::text(&wording::page(self.page, pages))),
            filter: filter.map(|filter| SafeText::cell(filter, FILTER_BYTES)),
            sort: given(self.sort).map(SafeText::word),
            by_status: counted(self.by_status, wording::status),
            by_product: counted(self.by_product, |product| product),
            unreadable: (self.unreadable > 0)
                .then(|| SafeText::sentence(&wording::unreadable(self.unreadable))),
            nothing: (self.total == 0).then(|| SafeText::sentence(wording::nothing_listed(filter.is_some()))),
            rows: rows.iter().map(|device| device.row(None, self.now)).collect(),
            more: (after > 0 && !rows.is_empty()).then(|| SafeText::text(&wording::more(after))),
            hint: (self.total > 0 && self.csv.is_some())
                .then(|| SafeText::cell(&wording::how_to_export(filter, self.sort), FILTER_BYTES)),
            actions_below: action::lines(&[self.next_page, self.csv]),
        }
    }
}

/// The largest counts by name, the largest first, and all others in one.
fn counted(counts: &BTreeMap<String, u64>, in_words: impl Fn(&str) -> &str) -> Option<SafeText> {
    let mut largest: Vec<(&str, u64)> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    // Stable, so that equal counts stay in the order of their names.
    largest.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others: u64 = largest.iter().skip(KINDS_COUNTED).map(|(_, count)| count).sum();
    let named = largest.iter().take(KINDS_COUNTED).map(|(name, count)| {
        let name = given(Some(in_words(name))).unwrap_or(wording::NOT_TOLD);
        SafeText::cell(&format!("{count} {name}"), KIND_BYTES).as_str().to_owned()
    });
    let others = (others > 0).then(|| wording::others(others));
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
    fn the_largest_counts_come_first_and_the_rest_are_others() {
        assert_eq!(count(&[]), None);
        assert_eq!(count(&[("b", 2), ("a", 2), ("", 7)]).as_deref(), Some("7 not told, 2 a, 2 b"));
        let many = [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5), ("f", 6)];
        assert_eq!(count(&many).as_deref(), Some("6 f, 5 e, 4 d, 3 c, 3 others"));
    }
}
