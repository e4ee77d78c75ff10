//! The card that asks before a device is deleted.

use jiff::Timestamp;
use serde::Serialize;

use super::action::{ActionLine, Button};
use super::in_place::{DeviceLines, DeviceWithNames};
use super::safe_text::{given, sentences};
use super::wording::LookedUpBy;
use super::{SafeText, View, wording};
use crate::domain::Actor;

/// One device, and the question whether it is the one to be deleted.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// The device, freshly read.
    pub device: DeviceWithNames<'a>,
    /// How the reference led to it.
    pub found_by: LookedUpBy,
    /// Who asked, and alone may confirm.
    pub actor: &'a Actor,
    /// Why, if they said so.
    pub reason: Option<&'a str>,
    /// The code to confirm or cancel it in words, as `K7Q2-M9`.
    pub code: &'a str,
    /// Until when it can be confirmed.
    pub until: Timestamp,
    /// What the button Delete sends back.
    pub delete: &'a str,
    /// What the button Cancel sends back.
    pub cancel: &'a str,
    /// The time of the answer.
    pub now: Timestamp,
}

#[derive(Serialize)]
struct Context {
    subtitle: SafeText,
    device: DeviceLines,
    asked_by: SafeText,
    reason: Option<SafeText>,
    code: SafeText,
    happens: Vec<SafeText>,
    how: SafeText,
    actions_below: Vec<ActionLine>,
}

impl View for Proposal<'_> {
    const TEMPLATE: &'static str = "proposal.card.json";

    fn context(&self) -> impl Serialize {
        Context {
            subtitle: SafeText::text(&wording::found_by(self.found_by)),
            device: self.device.lines(self.now),
            asked_by: SafeText::text(self.actor.called()),
            reason: given(self.reason).map(SafeText::sentence),
            code: SafeText::word(self.code),
            happens: sentences(wording::deleting(self.device.device).into_iter().map(Into::into)),
            how: SafeText::sentence(&wording::how_to_confirm(self.code, self.until, self.now)),
            actions_below: vec![
                ActionLine::from(&Button::delete(self.delete)),
                ActionLine::from(&Button::cancel(self.cancel)),
            ],
        }
    }
}
