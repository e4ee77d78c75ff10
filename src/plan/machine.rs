//! The state machine of a plan.

use jiff::Timestamp;

use super::{Plan, PlanState, Refused};
use crate::domain::{PersonId, PlanCode};

/// What a person wants of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// To have it carried out.
    Confirm,
    /// To have it dropped.
    Cancel,
}

/// What happens to a plan without anybody's asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Its time is over.
    Expired,
    /// Somebody begins to carry it out.
    Started,
    /// It has ended, however it ended.
    Ended,
}

/// A step of a plan from one state to another, that the rules allow. It only comes out of [`Plan::ask`] and
/// [`Plan::on`], and holds only while the plan is still in the state it starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Transition {
    code: PlanCode,
    from: PlanState,
    to: PlanState,
}

impl Transition {
    /// The plan.
    #[must_use]
    pub fn code(&self) -> PlanCode {
        self.code
    }

    /// Where it stands.
    #[must_use]
    pub fn from(&self) -> PlanState {
        self.from
    }

    /// Where it goes.
    #[must_use]
    pub fn to(&self) -> PlanState {
        self.to
    }
}

impl Plan {
    /// What becomes of it when this person asks for something now.
    pub fn ask(&self, ask: Ask, by: &PersonId, now: Timestamp) -> Result<Transition, Refused> {
        if self.requester.person_id != *by {
            return Err(Refused::NotYours { requester: self.requester.called().to_owned() });
        }
        match self.state_at(now) {
            PlanState::Proposed => Ok(self.goes_to(match ask {
                Ask::Confirm => PlanState::Confirmed,
                Ask::Cancel => PlanState::Cancelled,
            })),
            PlanState::Confirmed | PlanState::Running | PlanState::Done => Err(Refused::AlreadyConfirmed),
            PlanState::Cancelled => Err(Refused::Cancelled),
            PlanState::Expired => Err(Refused::Expired { at: self.expires_at }),
        }
    }

    /// What becomes of it when this happens now; nothing where it changes nothing, as when somebody goes on with a
    /// plan that another has started.
    #[must_use]
    pub fn on(&self, event: Event, now: Timestamp) -> Option<Transition> {
        let to = match (event, self.state) {
            (Event::Expired, PlanState::Proposed) if now >= self.expires_at => PlanState::Expired,
            (Event::Started, PlanState::Confirmed) => PlanState::Running,
            (Event::Ended, PlanState::Confirmed | PlanState::Running) => PlanState::Done,
            _ => return None,
        };
        Some(self.goes_to(to))
    }

    /// The plan after a transition of its own; nothing when it does not start from where the plan stands.
    #[must_use]
    pub fn after(&self, transition: &Transition) -> Option<Self> {
        let fits = transition.code == self.code && transition.from == self.state;
        fits.then(|| Self { state: transition.to, ..self.clone() })
    }

    fn goes_to(&self, to: PlanState) -> Transition {
        Transition { code: self.code, from: self.state, to }
    }
}
