//! A reference that fits no device: how it was looked up, and what comes near it.

use serde::Serialize;

use super::safe_text::given;
use super::wording::LookedUpBy;
use super::{SafeText, View, wording};

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
    pub near: &'a [SimilarDevice<'a>],
}

/// A device that may be meant.
#[derive(Debug, Clone, Copy)]
pub struct SimilarDevice<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Its serial number.
    pub serial: Option<&'a str>,
}

#[derive(Serialize)]
struct Context {
    what: SafeText,
    reference: SafeText,
    looked_up_by: SafeText,
    near: Vec<NearLine>,
    next: SafeText,
}

#[derive(Serialize)]
struct NearLine {
    name: SafeText,
    serial: Option<SafeText>,
}

impl View for NotFoundDevice<'_> {
    const TEMPLATE: &'static str = "not_found.card.json";

    fn context(&self) -> impl Serialize {
        let near = self.near.iter().take(MOST_NEAR).map(|near| NearLine {
            name: SafeText::cell(given(near.name).unwrap_or(wording::NO_NAME), NEAR_BYTES),
            serial: given(near.serial).map(|serial| SafeText::cell(serial, NEAR_BYTES)),
        });
        let near: Vec<NearLine> = near.collect();
        let next = wording::after_not_found(!near.is_empty());
        Context {
            what: SafeText::sentence(wording::NO_DEVICE_FITS),
            reference: SafeText::text(self.reference),
            looked_up_by: SafeText::text(&wording::looked_up_by(self.looked_up_by)),
            near,
            next: SafeText::sentence(next),
        }
    }
}
