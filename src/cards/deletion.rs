//! The result of a deletion, and the later answer that settles one.

use serde::Serialize;

use super::action::{self, ActionLine, Button};
use super::safe_text::{given, sentences};
use super::wording::{self, Replacement, Watch};
use super::{SafeText, Tone, View, moment};
use crate::domain::{Actor, DeviceFacts, DeviceId, Outcome, OutcomeKind};

/// What became of `delete device`.
#[derive(Debug, Clone, Copy)]
pub struct DeletionResult<'a> {
    /// The device as it was read before, if it ever was.
    pub facts: Option<&'a DeviceFacts>,
    /// The id that was asked for.
    pub device_id: &'a DeviceId,
    /// What became of it.
    pub outcome: &'a Outcome,
    /// Who asked.
    pub actor: &'a Actor,
    /// Why, if they said so.
    pub reason: Option<&'a str>,
    /// Asks for an activation code for the same place, where the reader may do that.
    pub replace: Option<Button<'a>>,
}

/// The same command, looked at again later.
#[derive(Debug, Clone, Copy)]
pub struct FollowUp<'a> {
    /// What is known now.
    pub result: DeletionResult<'a>,
    /// What was said before.
    pub earlier: OutcomeKind,
    /// Whether this is the last word.
    pub watch: Watch,
}

#[derive(Serialize)]
struct Context {
    headline_text: SafeText,
    tone: Tone,
    subtitle: SafeText,
    happened: SafeText,
    name: Option<SafeText>,
    product: Option<SafeText>,
    workspace: Option<SafeText>,
    owner: Option<SafeText>,
    serial: Option<SafeText>,
    mac: Option<SafeText>,
    device_id: SafeText,
    asked_by: SafeText,
    reason: Option<SafeText>,
    outcome: &'static str,
    time: SafeText,
    status: Option<SafeText>,
    tracking_id: Option<SafeText>,
    what_next: Vec<SafeText>,
    actions_below: Vec<ActionLine>,
}

impl View for DeletionResult<'_> {
    const TEMPLATE: &'static str = "deletion.card.json";

    fn context(&self) -> impl Serialize {
        let headline = wording::outcome_headline(self.outcome.kind());
        self.told(headline, "Result of \"delete device\"", Watch::Continues)
    }
}

impl View for FollowUp<'_> {
    const TEMPLATE: &'static str = DeletionResult::TEMPLATE;

    fn context(&self) -> impl Serialize {
        let headline = wording::update_headline(self.result.outcome.kind());
        let subtitle = format!("Result of \"delete device\", which was \"{}\" before", self.earlier);
        self.result.told(headline, &subtitle, self.watch)
    }
}

impl DeletionResult<'_> {
    fn told(&self, headline: &str, subtitle: &str, watch: Watch) -> Context {
        let Self { facts, device_id, outcome, actor, reason, replace } = *self;
        let replacement = if replace.is_some() { Replacement::ByButton } else { Replacement::InControlHub };
        let text =
            |of: fn(&DeviceFacts) -> &Option<String>| given(facts.and_then(|facts| of(facts).as_deref()));
        Context {
            headline_text: SafeText::text(headline),
            tone: tone_of(outcome.kind()),
            subtitle: SafeText::text(subtitle),
            happened: SafeText::sentence(&wording::outcome_sentence(outcome)),
            name: facts.map(|facts| SafeText::text(given(facts.name.as_deref()).unwrap_or(wording::NO_NAME))),
            product: text(|facts| &facts.product).map(SafeText::word),
            workspace: facts
                .filter(|facts| facts.workspace_id.is_some())
                .map(|facts| name_or_not(facts.workspace_name.as_deref())),
            owner: facts
                .filter(|facts| facts.is_personal())
                .map(|facts| name_or_not(facts.owner_name.as_deref())),
            serial: text(|facts| &facts.serial).map(SafeText::word),
            mac: text(|facts| &facts.mac).map(SafeText::word),
            device_id: SafeText::id(device_id.as_str()),
            asked_by: SafeText::text(actor.called()),
            reason: given(reason).map(SafeText::sentence),
            outcome: outcome.kind().as_str(),
            time: SafeText::word(&moment::exact(outcome.at)),
            status: outcome.status.map(|status| SafeText::word(&status.to_string())),
            tracking_id: given(outcome.tracking_id.as_deref()).map(SafeText::word),
            what_next: sentences(wording::what_next(outcome, facts, watch, replacement)),
            actions_below: action::lines(&[replace]),
        }
    }
}

/// The name of a workspace or an owner that the device does have.
pub(super) fn name_or_not(name: Option<&str>) -> SafeText {
    SafeText::text(given(name).unwrap_or(wording::NAME_NOT_READABLE))
}

fn tone_of(kind: OutcomeKind) -> Tone {
    match kind {
        OutcomeKind::Gone => Tone::Good,
        OutcomeKind::Accepted | OutcomeKind::Unknown | OutcomeKind::NotFound => Tone::Warning,
        OutcomeKind::Failed => Tone::Attention,
    }
}
