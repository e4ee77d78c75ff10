//! Excluding terms that exclude nothing: `-name:Panorama` when no name is exactly that.

use jiff::Timestamp;

use super::field::RelatedNames;
use super::term::{Filter, Term};
use crate::domain::Device;

/// The excluding terms of a filter that have excluded no device of a list so far.
#[derive(Debug)]
pub(crate) struct IdleExclusions {
    /// The terms that a device must match whatever is excluded.
    selecting: Vec<Term>,
    idle: Vec<IdleTerm>,
}

#[derive(Debug)]
struct IdleTerm {
    term: Term,
    /// The same term with its texts as parts, if it has such texts.
    wider: Option<Term>,
    /// The selected devices that the wider term would exclude.
    count: u64,
}

/// An excluding term that excluded nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdleExclusion {
    /// As people type it.
    pub(crate) term: String,
    /// The term that takes its texts as parts, and the number of selected devices that it would exclude, if any.
    pub(crate) wider: Option<(String, u64)>,
}

impl IdleExclusions {
    pub(crate) fn of(filter: &Filter) -> Self {
        let (excluding, selecting): (Vec<Term>, Vec<Term>) =
            filter.terms.iter().cloned().partition(|term| term.negated);
        let idle = excluding.into_iter().map(|term| {
            let wider = Some(term.with_parts()).filter(|wider| *wider != term);
            IdleTerm { term, wider, count: 0 }
        });
        Self { selecting, idle: idle.collect() }
    }

    /// Checks one device of the list. `is_selected` if it matches the whole filter.
    pub(crate) fn check(
        &mut self,
        device: &Device,
        related: &RelatedNames,
        is_selected: bool,
        now: Timestamp,
    ) {
        let matches = |term: &Term| term.matches(device, related, now) == Some(true);
        if self.idle.is_empty() || !is_selected && !self.selecting.iter().all(matches) {
            return;
        }
        self.idle.retain_mut(|idle| {
            let keeps = matches(&idle.term);
            if keeps && is_selected && idle.wider.as_ref().is_some_and(|wider| !matches(wider)) {
                idle.count += 1;
            }
            keeps
        });
    }

    /// Those that excluded nothing of the whole list.
    pub(crate) fn finish(self) -> Vec<IdleExclusion> {
        let idle = self.idle.into_iter().map(|IdleTerm { term, wider, count }| IdleExclusion {
            term: term.to_string(),
            wider: wider.filter(|_| count > 0).map(|wider| (wider.to_string(), count)),
        });
        idle.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixtures::bare_device;

    /// The idle terms of a filter over devices with these names and tags.
    fn idle(filter: &str, devices: &[(&str, &[&str])]) -> Vec<(String, Option<(String, u64)>)> {
        let filter = Filter::parse(filter).unwrap();
        let (related, now) = (RelatedNames::default(), Timestamp::UNIX_EPOCH);
        let mut exclusions = IdleExclusions::of(&filter);
        for (name, tags) in devices {
            let device = Device {
                display_name: Some((*name).to_owned()),
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                ..bare_device("11111111-2222-3333-4444-555555555555")
            };
            exclusions.check(&device, &related, filter.matches(&device, &related, now), now);
        }
        exclusions.finish().into_iter().map(|idle| (idle.term, idle.wider)).collect()
    }

    #[test]
    fn an_exclusion_is_idle_until_a_selected_device_has_it() {
        let fleet: [(&str, &[&str]); 3] =
            [("BER-4 Panorama", &["keep"]), ("BER-5 Panorama", &[]), ("Kitchen", &["old"])];
        let wider = |text: &str, count| Some((text.to_owned(), count));
        let named = |text: &str| text.to_owned();
        for (filter, expected) in [
            ("name:*", vec![]),
            ("-name:Panorama", vec![(named("-name:Panorama"), wider("-name:*Panorama*", 2))]),
            ("-name:*Panorama*", vec![]),
            ("-name:\"Ber-4 panorama\"", vec![]),
            ("-name:Lobby", vec![(named("-name:Lobby"), None)]),
            ("-tag:keep", vec![]),
            ("-tag:retired", vec![(named("-tag:retired"), None)]),
            // Nothing that is selected has this tag.
            ("name:Kitchen -tag:keep", vec![(named("-tag:keep"), None)]),
            // Both exclude the same device.
            ("-tag:keep -name:*-4*", vec![]),
            ("-tag:keep -name:panorama", vec![(named("-name:panorama"), wider("-name:*panorama*", 1))]),
        ] {
            assert_eq!(idle(filter, &fleet), expected, "{filter}");
        }
    }
}
