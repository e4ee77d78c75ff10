//! What a press of a button is, and what the same thing in words is: one answer for every case.

use jiff::Timestamp;

use super::{ButtonAction, ButtonRecord, Plan, PlanDecision, PlanRefusal, PlanTransition, Presser};
use crate::domain::{MessageId, PersonId, SpaceId};
use crate::grammar::Command;
use crate::policy::Denied;

/// A press, as Webex tells of it.
#[derive(Debug, Clone, Copy)]
pub struct ButtonPress<'a> {
    /// Who pressed.
    pub by: &'a PersonId,
    /// Whether that person is answered at all, as the policy says.
    pub admitted: Result<(), Denied>,
    /// The space that it was pressed in.
    pub space_id: &'a SpaceId,
    /// The message whose card was pressed.
    pub message_id: &'a MessageId,
}

/// The words `confirm CODE` or `cancel CODE`.
#[derive(Debug, Clone, Copy)]
pub struct WrittenDecision<'a> {
    /// What they ask for.
    pub decision: PlanDecision,
    /// Who wrote them.
    pub by: &'a PersonId,
    /// Whether that person is answered at all, as the policy says.
    pub admitted: Result<(), Denied>,
    /// Where.
    pub space_id: &'a SpaceId,
}

/// What follows from a press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PressVerdict {
    /// The plan of the button goes on. The button is used up.
    Plan(PlanTransition),
    /// This is to be taken as if the presser had written it, rights and all. The button is used up.
    Command(Command),
    /// It is not known yet which message the card became: to be asked again shortly. When that stays so, it is
    /// [`PlanRefusal::Elsewhere`].
    NotYet,
    /// Nothing changes, and the presser hears why.
    Refused(PlanRefusal),
}

/// Judges a press of the button that its reference names, and of the plan that the button belongs to.
///
/// It is answered from the outside to the inside: who is not served learns nothing, who has no reference learns
/// that only, and who presses a copy or somebody else's button does not learn how things stand.
pub fn judge_press(
    press: &ButtonPress<'_>,
    button: Option<&ButtonRecord>,
    plan: Option<&Plan>,
    now: Timestamp,
) -> PressVerdict {
    let judged = match button {
        Some(button) => judge_known(press, button, plan, now),
        None => press.admitted.map_err(PlanRefusal::NotAdmitted).and(Err(PlanRefusal::Unknown)),
    };
    judged.unwrap_or_else(PressVerdict::Refused)
}

fn judge_known(
    press: &ButtonPress<'_>,
    button: &ButtonRecord,
    plan: Option<&Plan>,
    now: Timestamp,
) -> Result<PressVerdict, PlanRefusal> {
    press.admitted.map_err(PlanRefusal::NotAdmitted)?;
    if button.space_id != *press.space_id {
        return Err(PlanRefusal::Elsewhere);
    }
    match &button.message_id {
        Some(posted) if posted == press.message_id => {}
        Some(_) => return Err(PlanRefusal::Elsewhere),
        None => return Ok(PressVerdict::NotYet),
    }
    if button.presser == Presser::Requester && button.requester.person_id != *press.by {
        return Err(PlanRefusal::NotYours { requester: button.requester.label().to_owned() });
    }
    let verdict = match &button.action {
        ButtonAction::Confirm { plan: code } => {
            let plan = plan.filter(|plan| plan.code == *code).ok_or(PlanRefusal::Unknown)?;
            PressVerdict::Plan(plan.decide(PlanDecision::Confirm, press.by, now)?)
        }
        ButtonAction::Cancel { plan: code } => {
            let plan = plan.filter(|plan| plan.code == *code).ok_or(PlanRefusal::Unknown)?;
            PressVerdict::Plan(plan.decide(PlanDecision::Cancel, press.by, now)?)
        }
        ButtonAction::Command { command } => PressVerdict::Command(command.clone()),
    };
    if button.used.is_some() {
        return Err(PlanRefusal::AlreadyPressed);
    }
    if now >= button.expires_at {
        return Err(PlanRefusal::Expired { at: button.expires_at });
    }
    Ok(verdict)
}

/// Judges `confirm CODE` or `cancel CODE` about the plan with that code. Codes are short, so who is not its requester
/// and does not write in its space is not told that there is such a plan.
pub fn judge_written(
    words: &WrittenDecision<'_>,
    plan: Option<&Plan>,
    now: Timestamp,
) -> Result<PlanTransition, PlanRefusal> {
    words.admitted.map_err(PlanRefusal::NotAdmitted)?;
    let may_know =
        |plan: &&Plan| plan.requester.person_id == *words.by || plan.thread.space_id == *words.space_id;
    plan.filter(may_know).ok_or(PlanRefusal::Unknown)?.decide(words.decision, words.by, now)
}
