//! Collects the devices that match a reference while the list streams by. Pure.

use super::compare::{NearMiss, NearMisses, name_key, serial_key};
use crate::domain::{Count, Device, DeviceId, Mac, Reference};

/// The most candidates that are kept, because a longer list does not help to choose.
pub(crate) const MAX_CANDIDATES: usize = 50;

/// The property of a device that a reference matches, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MatchedBy {
    Id,
    Serial,
    Mac,
    /// A match by name alone never changes a device.
    Name,
}

/// A device that matches a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MatchedDevice {
    pub(crate) device: Device,
    /// The strongest property, if several match.
    pub(crate) by: MatchedBy,
}

/// The result of a device search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeviceResolution {
    One(Box<MatchedDevice>),
    /// None is selected until the requester chooses.
    Several {
        /// At most [`MAX_CANDIDATES`].
        candidates: Vec<MatchedDevice>,
        count: Count,
    },
    None {
        nearest: Vec<NearMiss>,
        searched: SearchExtent,
    },
}

/// The extent of a search without a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SearchExtent {
    /// Only the id, because the text is one.
    IdOnly,
    /// Everything that Webex lists.
    WholeList {
        count: usize,
        /// Records that could not be read, each of which may have been the one.
        unreadable: usize,
    },
}

/// A search in progress. It keeps the candidates and near misses, and does not grow with the number of devices checked.
#[derive(Debug, Clone)]
pub(crate) struct DeviceSearch {
    id: Option<DeviceId>,
    mac: Option<Mac>,
    serial: String,
    name: String,
    candidates: Vec<MatchedDevice>,
    has_more: bool,
    nearest: NearMisses,
    count: usize,
}

impl DeviceSearch {
    pub(crate) fn new(reference: &Reference) -> Self {
        Self {
            id: reference.as_id(),
            mac: reference.as_mac(),
            serial: serial_key(reference.as_str()),
            name: name_key(reference.as_str()),
            candidates: Vec::new(),
            has_more: false,
            nearest: NearMisses::to(reference.as_str()),
            count: 0,
        }
    }

    /// The strongest property of the device that matches.
    pub(crate) fn matched_by(&self, device: &Device) -> Option<MatchedBy> {
        // A missing or empty property matches nothing.
        let serial = device.serial.as_deref().map(serial_key).filter(|serial| !serial.is_empty());
        let mac = device.mac.as_deref().and_then(|mac| Mac::parse(mac).ok());
        let name = device.display_name.as_deref().map(name_key).filter(|name| !name.is_empty());
        if self.id.as_ref() == Some(&device.id) {
            Some(MatchedBy::Id)
        } else if serial.is_some_and(|serial| serial == self.serial) {
            Some(MatchedBy::Serial)
        } else if mac.is_some() && mac == self.mac {
            Some(MatchedBy::Mac)
        } else if name.is_some_and(|name| name == self.name) {
            Some(MatchedBy::Name)
        } else {
            None
        }
    }

    /// Checks one device. Checking it twice changes nothing.
    pub(crate) fn check(&mut self, device: &Device) {
        self.count += 1;
        match self.matched_by(device) {
            Some(by) => self.add(device, by),
            // Near misses matter only while nothing matches.
            None if self.candidates.is_empty() => self.nearest.check(device),
            None => {}
        }
    }

    pub(crate) fn check_all(&mut self, devices: &[Device]) {
        for device in devices {
            self.check(device);
        }
    }

    fn add(&mut self, device: &Device, by: MatchedBy) {
        if let Some(known) = self.candidates.iter_mut().find(|known| known.device.id == device.id) {
            // The record may have changed between two pages: a match on either counts.
            known.by = known.by.min(by);
        } else if self.candidates.len() < MAX_CANDIDATES {
            self.candidates.push(MatchedDevice { device: device.clone(), by });
        } else {
            self.has_more = true;
        }
    }

    /// Adds the candidates of another search for the same reference.
    pub(crate) fn merge(&mut self, other: &Self) {
        for MatchedDevice { device, by } in &other.candidates {
            self.add(device, *by);
        }
        self.has_more |= other.has_more;
    }

    /// Whether exactly one device matches, and by more than its name.
    pub(crate) fn is_decided(&self) -> bool {
        matches!(self.candidates.as_slice(), [only] if only.by < MatchedBy::Name)
    }

    /// Whether more than one device matches, so that the requester must choose in any case.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.candidates.len() > 1
    }

    /// Whether more devices match than are kept.
    pub(crate) fn has_more(&self) -> bool {
        self.has_more
    }

    /// The result once all devices were checked, except for `unreadable` records.
    pub(crate) fn conclude(mut self, unreadable: usize) -> DeviceResolution {
        let kept = self.candidates.len() as u64;
        match self.candidates.len() {
            0 => DeviceResolution::None {
                nearest: self.nearest.into_vec(),
                searched: SearchExtent::WholeList { count: self.count, unreadable },
            },
            1 => DeviceResolution::One(Box::new(self.candidates.remove(0))),
            _ => {
                // Stable: equals keep the order of the list.
                self.candidates.sort_by_key(|candidate| candidate.by);
                let count = match (self.has_more, unreadable) {
                    (true, _) => Count::MoreThan(kept),
                    (false, 0) => Count::Exactly(kept),
                    // An unreadable record may match as well.
                    (false, _) => Count::AtLeast(kept),
                };
                DeviceResolution::Several { candidates: self.candidates, count }
            }
        }
    }

    /// The result of a search that ended early because more than one device matches. If a list was not read to its end,
    /// more devices may match.
    pub(crate) fn conclude_early(self, is_complete: bool) -> DeviceResolution {
        match self.conclude(0) {
            DeviceResolution::Several { candidates, count: Count::Exactly(seen) } if !is_complete => {
                DeviceResolution::Several { candidates, count: Count::AtLeast(seen) }
            }
            other => other,
        }
    }
}
