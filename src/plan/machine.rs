//! A plan and its state machine.

use jiff::{SignedDuration, Timestamp};

use super::{PlanHash, Task};
use crate::domain::clock::is_believable;
use crate::domain::{Actor, DeviceFacts, OrgId, PersonId, PlanCode, Thread};
use crate::policy::{Denied, Right};

/// How long a plan can be confirmed.
pub(crate) const PLAN_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// The state of a plan. Stored: the names must not change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum PlanState {
    /// Shown, and waiting for a decision.
    Proposed,
    /// Confirmed by its requester.
    Confirmed,
    /// Being carried out.
    Running,
    /// Ended, whatever the outcome.
    Done,
    /// Canceled by its requester.
    Cancelled,
    /// Not decided in time.
    Expired,
}

impl PlanState {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The state with this stored name.
    pub(crate) fn from_stored(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// A frozen proposal that waits for its requester's confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The code by which people refer to it.
    pub code: PlanCode,
    /// The only person who may confirm or cancel it.
    pub requester: Actor,
    /// The thread of the command that led to it.
    pub thread: Thread,
    /// The organization that the requester named; none for Steward's own.
    pub org: Option<OrgId>,
    /// The name of the admin credential that read what was shown: the plan runs with no other. Older versions did not
    /// store it.
    pub credential: Option<String>,
    /// The work to be done.
    pub task: Task,
    /// The hash of the organization and task, as shown.
    pub hash: PlanHash,
    /// The time it was shown.
    pub created_at: Timestamp,
    /// The end of the time to confirm it.
    pub expires_at: Timestamp,
    /// The stored state; [`Plan::state_at`] takes the time into account.
    pub state: PlanState,
}

/// A person's decision about a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum PlanDecision {
    Confirm,
    Cancel,
}

/// A change of a plan without a person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanEvent {
    /// The time to confirm it is over.
    Expired,
    /// A worker starts to carry it out.
    Started,
    /// It has ended, whatever the outcome.
    Ended,
}

/// An allowed step from one state to another. Only [`Plan::decide`] and [`Plan::on`] create one, and it is valid only
/// while the plan is in the state it starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanTransition {
    code: PlanCode,
    from: PlanState,
    to: PlanState,
}

impl PlanTransition {
    pub(crate) fn code(self) -> PlanCode {
        self.code
    }

    pub(crate) fn from(self) -> PlanState {
        self.from
    }

    pub(crate) fn to(self) -> PlanState {
        self.to
    }
}

/// The reason a button press, or the same decision in words, changes nothing. The words are stored in the audit log and
/// must not change.
#[derive(Debug, Clone, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum PlanRefusal {
    /// The decision is another person's.
    #[strum(serialize = "not yours")]
    NotYours,
    /// The plan was confirmed before.
    #[strum(serialize = "already confirmed")]
    AlreadyConfirmed,
    /// The plan was canceled before.
    Cancelled,
    /// The time of the plan or button is over.
    Expired,
    /// An older version of Steward proposed the plan and did not store everything that its card showed.
    Outdated,
    /// The button was pressed before.
    #[strum(serialize = "already pressed")]
    AlreadyPressed,
    /// The press is not from the message and space of the button: the card is a copy.
    Elsewhere,
    /// There is no such plan or button, or none that this person may know about.
    Unknown,
    /// The person is not served.
    #[strum(transparent)]
    NotAdmitted(Denied),
}

impl PlanRefusal {
    /// The word in the audit log.
    pub(crate) fn as_str(&self) -> &'static str {
        self.into()
    }
}

/// Whether a time is over, or would last longer than its lifetime because a wrong clock set its end.
pub(super) fn is_over(expires_at: Timestamp, now: Timestamp, lifetime: SignedDuration) -> bool {
    now >= expires_at || !is_believable(expires_at, now, lifetime)
}

impl Plan {
    /// A plan that is shown now.
    pub fn proposed(
        code: PlanCode,
        requester: Actor,
        thread: Thread,
        org: Option<OrgId>,
        task: Task,
        now: Timestamp,
    ) -> Self {
        Self {
            code,
            requester,
            thread,
            hash: PlanHash::of(org.as_ref(), &task),
            org,
            credential: None,
            task,
            created_at: now,
            expires_at: now.saturating_add(PLAN_LIFETIME).unwrap_or(now),
            state: PlanState::Proposed,
        }
    }

    /// Whether it still has the hash of what was shown.
    pub(crate) fn is_as_shown(&self) -> bool {
        self.hash == PlanHash::of(self.org.as_ref(), &self.task)
    }

    /// The state at a time. Expiry is derived, not stored.
    pub(crate) fn state_at(&self, now: Timestamp) -> PlanState {
        match self.state {
            PlanState::Proposed if is_over(self.expires_at, now, PLAN_LIFETIME) => PlanState::Expired,
            state => state,
        }
    }

    /// The right that the task needs, checked again when it runs.
    pub(crate) fn right(&self) -> Option<Right> {
        match &self.task {
            Task::DeleteDevice { .. } => Some(Right::Delete),
            Task::TagDevice { .. } | Task::TagDevices { .. } => Some(Right::Tag),
            Task::Provision { command, .. } | Task::Run { command } => command.right(),
        }
    }

    /// The facts of its one device, as shown.
    pub(crate) fn facts(&self) -> Option<&DeviceFacts> {
        match &self.task {
            Task::DeleteDevice { facts, .. } | Task::TagDevice { facts, .. } => Some(facts),
            Task::TagDevices { .. } | Task::Provision { .. } | Task::Run { .. } => None,
        }
    }

    /// The transition when a person decides now.
    pub fn decide(
        &self,
        decision: PlanDecision,
        by: &PersonId,
        now: Timestamp,
    ) -> Result<PlanTransition, PlanRefusal> {
        if self.requester.person_id != *by {
            return Err(PlanRefusal::NotYours);
        }
        match self.state_at(now) {
            PlanState::Proposed if decision == PlanDecision::Confirm && !self.task.is_frozen() => {
                Err(PlanRefusal::Outdated)
            }
            PlanState::Proposed => Ok(self.to(match decision {
                PlanDecision::Confirm => PlanState::Confirmed,
                PlanDecision::Cancel => PlanState::Cancelled,
            })),
            PlanState::Confirmed | PlanState::Running | PlanState::Done => Err(PlanRefusal::AlreadyConfirmed),
            PlanState::Cancelled => Err(PlanRefusal::Cancelled),
            PlanState::Expired => Err(PlanRefusal::Expired),
        }
    }

    /// The transition for an event; none if the event changes nothing, for example because another worker has already
    /// started the plan.
    pub fn on(&self, event: PlanEvent, now: Timestamp) -> Option<PlanTransition> {
        let to = match (event, self.state) {
            (PlanEvent::Expired, PlanState::Proposed) if now >= self.expires_at => PlanState::Expired,
            (PlanEvent::Started, PlanState::Confirmed) => PlanState::Running,
            (PlanEvent::Ended, PlanState::Confirmed | PlanState::Running) => PlanState::Done,
            _ => return None,
        };
        Some(self.to(to))
    }

    /// The plan after one of its own transitions; none if that starts from another state.
    pub fn after(&self, transition: &PlanTransition) -> Option<Self> {
        let fits = transition.code == self.code && transition.from == self.state;
        fits.then(|| Self { state: transition.to, ..self.clone() })
    }

    fn to(&self, to: PlanState) -> PlanTransition {
        PlanTransition { code: self.code, from: self.state, to }
    }
}
