//! The verdict on a button press, and on the same decision in words.

use jiff::Timestamp;

use super::button::BUTTON_LIFETIME;
use super::machine::is_over;
use super::{ButtonAction, ButtonRecord, Plan, PlanDecision, PlanRefusal, PlanTransition, Presser};
use crate::domain::{MessageId, PersonId, SpaceId};
use crate::grammar::Command;
use crate::policy::Denied;

/// A press of a card's button, as reported by Webex.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ButtonPress<'a> {
    pub(crate) by: &'a PersonId,
    /// Whether the policy serves that person at all.
    pub(crate) admitted: Result<(), Denied>,
    pub(crate) space_id: &'a SpaceId,
    /// The message whose card was pressed.
    pub(crate) message_id: &'a MessageId,
}

/// The words `confirm CODE` or `cancel CODE`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrittenDecision<'a> {
    pub(crate) decision: PlanDecision,
    pub(crate) by: &'a PersonId,
    /// Whether the policy serves that person at all.
    pub(crate) admitted: Result<(), Denied>,
    pub(crate) space_id: &'a SpaceId,
}

/// The verdict on a button press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PressVerdict {
    /// The plan of the button makes this transition. The button is used up.
    Plan(PlanTransition),
    /// This command counts as written by the presser, who needs the right to it. The button is used up.
    Command(Command),
    /// The message that carries the card is not recorded yet: judge again shortly. If it stays unknown, the press is
    /// refused with [`PlanRefusal::Elsewhere`].
    NotYet,
    /// Nothing changes, and the presser gets the reason.
    Refused(PlanRefusal),
}

/// Judges a press of the button that its reference names, and of the button's plan.
///
/// The order of the checks limits how much each presser learns. A person who is not served learns nothing. A person
/// without a valid reference learns only that it is invalid. A person who presses a copy, or another person's button,
/// does not learn the state of the plan.
pub(crate) fn judge_press(
    press: &ButtonPress<'_>,
    button: Option<&ButtonRecord>,
    plan: Option<&Plan>,
    now: Timestamp,
) -> PressVerdict {
    let verdict = press
        .admitted
        .map_err(PlanRefusal::NotAdmitted)
        .and_then(|()| button.ok_or(PlanRefusal::Unknown))
        .and_then(|button| judge_known(press, button, plan, now));
    verdict.unwrap_or_else(PressVerdict::Refused)
}

fn judge_known(
    press: &ButtonPress<'_>,
    button: &ButtonRecord,
    plan: Option<&Plan>,
    now: Timestamp,
) -> Result<PressVerdict, PlanRefusal> {
    if button.space_id != *press.space_id {
        return Err(PlanRefusal::Elsewhere);
    }
    match &button.message_id {
        Some(posted) if posted == press.message_id => {}
        Some(_) => return Err(PlanRefusal::Elsewhere),
        None => return Ok(PressVerdict::NotYet),
    }
    if button.presser == Presser::Requester && button.requester.person_id != *press.by {
        return Err(PlanRefusal::NotYours);
    }
    let decide = |code, decision| {
        let plan = plan.filter(|plan| plan.code == code).ok_or(PlanRefusal::Unknown)?;
        plan.decide(decision, press.by, now).map(PressVerdict::Plan)
    };
    let verdict = match &button.action {
        ButtonAction::Confirm { plan } => decide(*plan, PlanDecision::Confirm)?,
        ButtonAction::Cancel { plan } => decide(*plan, PlanDecision::Cancel)?,
        ButtonAction::Command { command, .. } => PressVerdict::Command(command.clone()),
    };
    if button.used.is_some() {
        return Err(PlanRefusal::AlreadyPressed);
    }
    if is_over(button.expires_at, now, BUTTON_LIFETIME) {
        return Err(PlanRefusal::Expired);
    }
    Ok(verdict)
}

/// Judges `confirm CODE` or `cancel CODE` about the plan with that code. Codes are short enough to guess, so only its
/// requester and people in its space learn that there is such a plan.
pub(crate) fn judge_written(
    written: &WrittenDecision<'_>,
    plan: Option<&Plan>,
    now: Timestamp,
) -> Result<PlanTransition, PlanRefusal> {
    written.admitted.map_err(PlanRefusal::NotAdmitted)?;
    let may_know =
        |plan: &&Plan| plan.requester.person_id == *written.by || plan.thread.space_id == *written.space_id;
    plan.filter(may_know).ok_or(PlanRefusal::Unknown)?.decide(written.decision, written.by, now)
}
