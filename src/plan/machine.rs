//! A plan and its state machine.

use jiff::{SignedDuration, Timestamp};

use super::{PlanHash, Task};
use crate::domain::{Actor, DeviceFacts, OrgId, PersonId, PlanCode, Thread};
use crate::grammar::Reason;
use crate::policy::{Denied, Right};

/// How long a plan may be confirmed.
pub const PLAN_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// Where a plan stands. Stored: the names must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlanState {
    /// It was shown and waits.
    Proposed,
    /// Its requester said yes.
    Confirmed,
    /// It is being carried out.
    Running,
    /// It has ended, however it ended.
    Done,
    /// Its requester said no.
    Cancelled,
    /// Nobody said anything in time.
    Expired,
}

impl PlanState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Proposed, Self::Confirmed, Self::Running, Self::Done, Self::Cancelled, Self::Expired];

    /// The stored name, which people may read too.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state with this stored name.
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What people call it by.
    pub code: PlanCode,
    /// Who asked for it, and alone may confirm it.
    pub requester: Actor,
    /// The thread it was asked for in.
    pub thread: Thread,
    /// The organization that the requester named; none for the one that Steward administers anyway.
    pub org: Option<OrgId>,
    /// What it does.
    pub task: Task,
    /// The hash of what was shown.
    pub hash: PlanHash,
    /// When it was shown.
    pub created_at: Timestamp,
    /// When it can no longer be confirmed.
    pub expires_at: Timestamp,
    /// Where it stood when it was last written down; see [`Plan::state_at`].
    pub state: PlanState,
}

/// What a person wants of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanDecision {
    /// To have it carried out.
    Confirm,
    /// To have it dropped.
    Cancel,
}

/// What happens to a plan without anybody's asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanEvent {
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
pub struct PlanTransition {
    code: PlanCode,
    from: PlanState,
    to: PlanState,
}

impl PlanTransition {
    /// The plan.
    pub fn code(&self) -> PlanCode {
        self.code
    }

    /// Where it stands.
    pub fn from(&self) -> PlanState {
        self.from
    }

    /// Where it goes.
    pub fn to(&self) -> PlanState {
        self.to
    }
}

/// Why nothing was changed, with what one short sentence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanRefusal {
    /// It is somebody else's to decide.
    NotYours {
        /// What people call the one who decides. Comes from outside: never markup.
        requester: String,
    },
    /// The plan was confirmed before.
    AlreadyConfirmed,
    /// The plan was cancelled before.
    Cancelled,
    /// The time was over.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// The button was pressed before.
    AlreadyPressed,
    /// It did not come from the message and the space that the button was posted in: the card is a copy.
    Elsewhere,
    /// There is no such plan or button, or none that this person may know of.
    Unknown,
    /// The person is not served at all.
    NotAdmitted(Denied),
}

impl PlanRefusal {
    /// The word for it in the audit log. Stored: it must not change.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NotYours { .. } => "not yours",
            Self::AlreadyConfirmed => "already confirmed",
            Self::Cancelled => "cancelled",
            Self::Expired { .. } => "expired",
            Self::AlreadyPressed => "already pressed",
            Self::Elsewhere => "elsewhere",
            Self::Unknown => "unknown",
            Self::NotAdmitted(denied) => denied.as_str(),
        }
    }
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
            task,
            created_at: now,
            expires_at: now.saturating_add(PLAN_LIFETIME).unwrap_or(now),
            state: PlanState::Proposed,
        }
    }

    /// Whether it is still what was shown.
    pub fn is_as_shown(&self) -> bool {
        self.hash == PlanHash::of(self.org.as_ref(), &self.task)
    }

    /// Where it stands now: nobody writes down that time has passed.
    pub fn state_at(&self, now: Timestamp) -> PlanState {
        match self.state {
            PlanState::Proposed if now >= self.expires_at => PlanState::Expired,
            state => state,
        }
    }

    /// The right that it takes, asked for again when it runs.
    pub fn right(&self) -> Option<Right> {
        match &self.task {
            Task::DeleteDevice { .. } => Some(Right::Delete),
            Task::TagDevices { .. } => Some(Right::Tag),
            Task::Run { command } => command.right(),
        }
    }

    /// The facts of its device, frozen when it was shown.
    pub fn facts(&self) -> Option<&DeviceFacts> {
        match &self.task {
            Task::DeleteDevice { facts, .. } => Some(facts),
            Task::TagDevices { .. } | Task::Run { .. } => None,
        }
    }

    /// Why its requester wants it.
    pub fn reason(&self) -> Option<&Reason> {
        match &self.task {
            Task::DeleteDevice { reason, .. } => reason.as_ref(),
            Task::TagDevices { .. } | Task::Run { .. } => None,
        }
    }

    /// What becomes of it when this person asks for something now.
    pub fn decide(
        &self,
        decision: PlanDecision,
        by: &PersonId,
        now: Timestamp,
    ) -> Result<PlanTransition, PlanRefusal> {
        if self.requester.person_id != *by {
            return Err(PlanRefusal::NotYours { requester: self.requester.label().to_owned() });
        }
        match self.state_at(now) {
            PlanState::Proposed => Ok(self.goes_to(match decision {
                PlanDecision::Confirm => PlanState::Confirmed,
                PlanDecision::Cancel => PlanState::Cancelled,
            })),
            PlanState::Confirmed | PlanState::Running | PlanState::Done => Err(PlanRefusal::AlreadyConfirmed),
            PlanState::Cancelled => Err(PlanRefusal::Cancelled),
            PlanState::Expired => Err(PlanRefusal::Expired { at: self.expires_at }),
        }
    }

    /// What becomes of it when this happens now; nothing where it changes nothing, as when somebody goes on with a
    /// plan that another has started.
    pub fn on(&self, event: PlanEvent, now: Timestamp) -> Option<PlanTransition> {
        let to = match (event, self.state) {
            (PlanEvent::Expired, PlanState::Proposed) if now >= self.expires_at => PlanState::Expired,
            (PlanEvent::Started, PlanState::Confirmed) => PlanState::Running,
            (PlanEvent::Ended, PlanState::Confirmed | PlanState::Running) => PlanState::Done,
            _ => return None,
        };
        Some(self.goes_to(to))
    }

    /// The plan after a transition of its own; nothing when it does not start from where the plan stands.
    pub fn after(&self, transition: &PlanTransition) -> Option<Self> {
        let fits = transition.code == self.code && transition.from == self.state;
        fits.then(|| Self { state: transition.to, ..self.clone() })
    }

    fn goes_to(&self, to: PlanState) -> PlanTransition {
        PlanTransition { code: self.code, from: self.state, to }
    }
}
