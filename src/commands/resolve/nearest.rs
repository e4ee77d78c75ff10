//! The few records that resemble a typed text most, collected while a list streams by. Pure.

use super::compare::{Resemblance, Typed};
use super::record::Record;

/// How many similar records are kept: as many as a card has buttons for.
pub(super) const MAX_SIMILAR: usize = 4;

/// The nearest records so far, at most [`MAX_SIMILAR`].
#[derive(Debug, Clone)]
pub(super) struct Nearest<R> {
    /// The closest first, then by alphabet.
    found: Vec<(Resemblance, String, R)>,
    has_more: bool,
}

/// The records that resemble a text that matches none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Similar<R> {
    /// The closest first.
    pub(crate) records: Vec<R>,
    /// Whether there are more than are kept.
    pub(crate) has_more: bool,
}

impl<R> Default for Nearest<R> {
    fn default() -> Self {
        Self { found: Vec::new(), has_more: false }
    }
}

impl<R: Record> Nearest<R> {
    pub(super) fn check(&mut self, record: &R, typed: &Typed) {
        let Some(rank) = record.resemblance(typed) else { return };
        // Webex may list a record twice if others are added or deleted between two pages.
        if self.found.iter().any(|(_, _, found)| found.id() == record.id()) {
            return;
        }
        let index =
            self.found.partition_point(|(resemblance, text, _)| (*resemblance, text.as_str()) <= rank);
        self.has_more |= self.found.len() == MAX_SIMILAR;
        if index < MAX_SIMILAR {
            self.found.truncate(MAX_SIMILAR - 1);
            self.found.insert(index, (rank.0, rank.1.to_owned(), record.clone()));
        }
    }

    pub(super) fn finish(self) -> Similar<R> {
        let records = self.found.into_iter().map(|(_, _, record)| record).collect();
        Similar { records, has_more: self.has_more }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Workspace, WorkspaceId};

    fn workspace(number: usize, name: &str) -> Workspace {
        Workspace {
            id: WorkspaceId::parse(&format!("w-{number}")).unwrap(),
            name: Some(name.to_owned()),
            org_id: None,
            location_id: None,
            kind: None,
            supported_devices: None,
            calling_type: None,
        }
    }

    fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> (Vec<String>, bool) {
        let typed = Typed::name(text);
        let mut nearest = Nearest::default();
        for (number, name) in names.into_iter().enumerate() {
            // Checking a record twice changes nothing.
            nearest.check(&workspace(number, name), &typed);
            nearest.check(&workspace(number, name), &typed);
        }
        let similar = nearest.finish();
        (similar.records.into_iter().filter_map(|workspace| workspace.name).collect(), similar.has_more)
    }

    #[test]
    fn the_nearest_few_are_kept_in_order() {
        let names = ["Room 9x", "Room 1", "Room 3", "Room 2", "The Room 9", "Room 9xy", "Room 4"];
        let expected = ["The Room 9", "Room 9x", "Room 9xy", "Room 1"].map(str::to_owned).to_vec();
        assert_eq!(nearest("Room 9", names), (expected, true));
        assert_eq!(nearest("Room 9", names[..1].iter().copied()), (vec!["Room 9x".to_owned()], false));
    }

    proptest! {
        #[test]
        fn the_kept_names_are_the_first_of_a_full_sort(names in prop::collection::vec("[ab ]{2,6}", 0..40)) {
            let typed = Typed::name("ab ab");
            let mut all: Vec<_> = names
                .iter()
                .filter_map(|name| typed.resembles_name(name).map(|near| (near, name.clone())))
                .collect();
            all.sort();
            let has_more = all.len() > MAX_SIMILAR;
            let expected: Vec<_> = all.into_iter().map(|(_, name)| name).take(MAX_SIMILAR).collect();
            prop_assert_eq!(nearest("ab ab", names.iter().map(String::as_str)), (expected, has_more));
        }
    }
}
