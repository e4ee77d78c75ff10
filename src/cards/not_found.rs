//! A reference that fits no device: how it was looked up, and what comes near it.

use serde::Serialize;

use super::one_line::given;
use super::wording::LookedUpBy;
use super::{OneLine, View, wording};

/// Devices that are offered instead, at most.
pub const MOST_NEAR: usize = 5;

/// Bytes of a name or a serial number that is offered.
const NEAR_BYTES: usize = 120;

/// Nothing was found, and nothing was done.
#[derive(Debug, Clone, Copy)]
pub struct NotFoundDevice<'a> {
    /// The reference, as it was written.
    pub reference: &'a str,
    /// The ways in which it was looked up.
    pub looked_up_by: &'a [LookedUpBy],
    /// What comes near it, the nearest first, at most [`MOST_NEAR`].
    pub near: &'a [Near<'a>],
}

/// A device that may be meant.
#[derive(Debug, Clone, Copy)]
pub struct Near<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Its serial number.
    pub serial: Option<&'a str>,
}

#[derive(Serialize)]
struct Context {
    what: OneLine,
    reference: OneLine,
    looked_up_by: OneLine,
    near: Vec<NearLine>,
    next: OneLine,
}

#[derive(Serialize)]
struct NearLine {
    name: OneLine,
    serial: Option<OneLine>,
}

impl View for NotFoundDevice<'_> {
    const TEMPLATE: &'static str = "not_found.card.json";

    fn context(&self) -> impl Serialize {
        let near = self.near.iter().take(MOST_NEAR).map(|near| NearLine {
            name: OneLine::cell(given(near.name).unwrap_or(wording::NO_NAME), NEAR_BYTES),
            serial: given(near.serial).map(|serial| OneLine::cell(serial, NEAR_BYTES)),
        });
        let near: Vec<NearLine> = near.collect();
        let next = wording::after_not_found(!near.is_empty());
        Context {
            what: OneLine::sentence(wording::NO_DEVICE_FITS),
            reference: OneLine::text(self.reference),
            looked_up_by: OneLine::text(&wording::looked_up_by(self.looked_up_by)),
            near,
            next: OneLine::sentence(next),
        }
    }
}
