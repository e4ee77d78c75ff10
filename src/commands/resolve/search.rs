//! Which devices a reference fits, decided while they stream by. Pure.

use super::near::{Near, Nearest};
use super::spelling;
use crate::domain::{Count, Device, DeviceId, Mac, Reference};

/// Candidates that are kept to choose from; how many more there are does not help anybody to choose.
pub(crate) const MOST_CANDIDATES: usize = 50;

/// By what a device fits a reference, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum By {
    /// Its id.
    Id,
    /// Its serial number.
    Serial,
    /// Its MAC address.
    Mac,
    /// Its name, which never acts by itself.
    Name,
}

/// A device that a reference fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The device.
    pub(crate) device: Device,
    /// By what it fits; the strongest, if in more than one way.
    pub(crate) by: By,
}

/// What a reference came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// It fits this device and no other.
    One(Box<Candidate>),
    /// It fits more than one: none of them is meant until somebody has chosen.
    Several {
        /// The first of them, fifty at most.
        candidates: Vec<Candidate>,
        /// How many there are.
        count: Count,
    },
    /// It fits none.
    None {
        /// What comes near.
        nearest: Vec<Near>,
        /// Where it was looked for.
        looked_up: LookedUp,
    },
}

/// Where something was looked for and not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookedUp {
    /// By its id alone, because the text is an id.
    ById,
    /// Among all that Webex lists.
    Everywhere {
        /// How many were looked at.
        count: usize,
        /// How many records could not be read, and so might have been the one.
        unreadable: usize,
    },
}

/// A search under way: it holds the candidates and what comes near, however many devices it looks at.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    id: Option<DeviceId>,
    mac: Option<Mac>,
    serial: String,
    name: String,
    candidates: Vec<Candidate>,
    has_more: bool,
    nearest: Nearest,
    count: usize,
}

impl Search {
    /// A search that has not looked at anything yet.
    pub(crate) fn new(reference: &Reference) -> Self {
        Self {
            id: reference.as_id(),
            mac: reference.as_mac(),
            serial: spelling::of_serial(reference.as_str()),
            name: spelling::of_name(reference.as_str()),
            candidates: Vec::new(),
            has_more: false,
            nearest: Nearest::to(reference.as_str()),
            count: 0,
        }
    }

    /// By what a device fits, if it does; the strongest, if in more than one way.
    pub(crate) fn fits(&self, device: &Device) -> Option<By> {
        // A text that is missing or blank is equal to nothing.
        let serial = device.serial.as_deref().map(spelling::of_serial).filter(|serial| !serial.is_empty());
        let mac = device.mac.as_deref().and_then(|mac| Mac::parse(mac).ok());
        let name = device.display_name.as_deref().map(spelling::of_name).filter(|name| !name.is_empty());
        if self.id.as_ref() == Some(&device.id) {
            Some(By::Id)
        } else if serial.is_some_and(|serial| serial == self.serial) {
            Some(By::Serial)
        } else if mac.is_some() && mac == self.mac {
            Some(By::Mac)
        } else if name.is_some_and(|name| name == self.name) {
            Some(By::Name)
        } else {
            None
        }
    }

    /// Looks at one device. To look at it twice changes nothing.
    pub(crate) fn look_at(&mut self, device: &Device) {
        self.count += 1;
        match self.fits(device) {
            Some(by) => self.add(device, by),
            // Once something fits, nobody asks what comes near.
            None if self.candidates.is_empty() => self.nearest.look_at(device),
            None => {}
        }
    }

    /// Looks at each of them.
    pub(crate) fn look_at_all(&mut self, devices: &[Device]) {
        for device in devices {
            self.look_at(device);
        }
    }

    fn add(&mut self, device: &Device, by: By) {
        if let Some(known) = self.candidates.iter_mut().find(|known| known.device.id == device.id) {
            // The record may have changed between two looks: what fitted once still counts.
            known.by = known.by.min(by);
        } else if self.candidates.len() < MOST_CANDIDATES {
            self.candidates.push(Candidate { device: device.clone(), by });
        } else {
            self.has_more = true;
        }
    }

    /// Takes in what another search for the same reference has found.
    pub(crate) fn join(&mut self, other: &Self) {
        for Candidate { device, by } in &other.candidates {
            self.add(device, *by);
        }
        self.has_more |= other.has_more;
    }

    /// Whether one device fits by more than its name: just that one was asked for.
    pub(crate) fn is_decided(&self) -> bool {
        matches!(self.candidates.as_slice(), [only] if only.by < By::Name)
    }

    /// Whether more than one device fits: whatever else does, somebody must choose.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.candidates.len() > 1
    }

    /// Whether more devices fit than are kept.
    pub(crate) fn has_more(&self) -> bool {
        self.has_more
    }

    /// What it came to, when all were looked at. `unreadable` records were left out.
    pub(crate) fn conclude(mut self, unreadable: usize) -> Resolution {
        let kept = self.candidates.len() as u64;
        match self.candidates.len() {
            0 => Resolution::None {
                nearest: self.nearest.into_found(),
                looked_up: LookedUp::Everywhere { count: self.count, unreadable },
            },
            1 => Resolution::One(Box::new(self.candidates.remove(0))),
            _ => {
                // The strongest first; the order of the list among equals.
                self.candidates.sort_by_key(|candidate| candidate.by);
                let count = match (self.has_more, unreadable) {
                    (true, _) => Count::MoreThan(kept),
                    (false, 0) => Count::Exactly(kept),
                    // One of those that could not be read may fit as well.
                    (false, _) => Count::AtLeast(kept),
                };
                Resolution::Several { candidates: self.candidates, count }
            }
        }
    }

    /// The same where some were left out that may fit as well, but more than one fits in any case.
    pub(crate) fn conclude_early(self) -> Resolution {
        match self.conclude(0) {
            Resolution::Several { candidates, count: Count::Exactly(seen) } => {
                Resolution::Several { candidates, count: Count::AtLeast(seen) }
            }
            other => other,
        }
    }
}
