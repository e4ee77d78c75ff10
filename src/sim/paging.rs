//! How lists of devices are cut into pages, which can be made harder on demand.
//!
//! The reference publishes neither the default nor the limit, says that a page that is too long is silently cut, and
//! that pages may be empty in between.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The length of a page if none is asked for.
const DEFAULT_MAX: usize = 100;
/// The longest page.
const LIMIT: usize = 1000;

/// The rules in force.
#[derive(Debug)]
pub struct Paging {
    limit: AtomicUsize,
    empty_between: AtomicBool,
    led_to: Mutex<Option<String>>,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            limit: AtomicUsize::new(LIMIT),
            empty_between: AtomicBool::new(false),
            led_to: Mutex::default(),
        }
    }
}

impl Paging {
    /// Cuts pages at this length from now on, also those of a list that somebody is in the middle of.
    pub fn limit(&self, devices: usize) {
        self.limit.store(devices.clamp(1, LIMIT), Ordering::Relaxed);
    }

    /// Puts an empty page between any two from now on, or no longer.
    pub fn leave_gaps(&self, gaps: bool) {
        self.empty_between.store(gaps, Ordering::Relaxed);
    }

    /// The length of a page: what was asked for, silently reduced.
    #[must_use]
    pub fn length(&self, asked: Option<usize>) -> usize {
        asked.unwrap_or(DEFAULT_MAX).clamp(1, self.limit.load(Ordering::Relaxed))
    }

    /// Whether the page after a full one is empty.
    #[must_use]
    pub fn has_gaps(&self) -> bool {
        self.empty_between.load(Ordering::Relaxed)
    }

    /// Lets the links to next pages lead to this host from now on, as no Webex should.
    pub fn lead_to(&self, host: &str) {
        *self.led_to.lock().unwrap_or_else(PoisonError::into_inner) = Some(host.to_owned());
    }

    /// The host that links lead to, if it is another one than was asked.
    #[must_use]
    pub fn led_to(&self) -> Option<String> {
        self.led_to.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
