//! Plans: what was shown to somebody and waits until they confirm it.
//!
//! A plan is frozen when it is shown: what it does, and the facts of the device it does it to, are hashed
//! ([`PlanHash`]), and a plan that does not have its hash any more is not read from the database. It goes this way
//! and no other:
//!
//! ```text
//! proposed ──confirm──▸ confirmed ──▸ running ──▸ done
//!     ├──cancel──▸ cancelled    └──────────────────▴     it may end before it has run: a right was withdrawn
//!     └──time────▸ expired
//! ```
//!
//! Only its requester confirms or cancels it, and only once: by words ([`judge_words`]) or by a button
//! ([`judge()`]). Anybody in a space can press any button, any number of times, with any inputs, so a button carries
//! no authority and no target: only a [`ButtonRef`], an opaque random reference to a [`Button`] that is kept on
//! this side.
//!
//! Pure: time and randomness are parameters. A [`Transition`] only comes out of the rules here, and the store
//! takes nothing else to change the state of a plan. It takes it only while the plan is still in the state that
//! the transition starts from, so of two that are judged at once one is refused.

mod button;
mod hash;
mod judge;
mod machine;
mod refused;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use button::{BUTTON_LASTS, Button, ButtonAction, ButtonRef, InvalidButtonRef, Presser, RefHash, Use};
pub use hash::{InvalidPlanHash, PlanHash};
pub use judge::{Press, Verdict, Words, judge, judge_words};
pub use machine::{Ask, Event, Transition};
pub use refused::Refused;

use crate::domain::{Actor, DeviceFacts, DeviceId, OrgId, PlanCode, Thread};
use crate::filter::Filter;
use crate::grammar::{Command, Reason, TagChange};
use crate::policy::Right;

/// How long a plan may be confirmed.
pub const PLAN_LASTS: SignedDuration = SignedDuration::from_mins(15);

/// What a plan does once it is confirmed. Stored: the names must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Deletes one device.
    DeleteDevice {
        /// Its facts as they were shown: it is deleted only while name, serial, MAC, workspace and owner are still these.
        facts: Box<DeviceFacts>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Changes the tags of many devices.
    TagDevices {
        /// How they were asked for. It is shown, and never asked again.
        filter: Filter,
        /// The devices as they were found: these and no others.
        devices: Vec<NamedDevice>,
        /// What is changed.
        change: TagChange,
    },
    /// Carries out a command whose side effects were told before.
    Run {
        /// Which.
        command: Command,
    },
}

/// One of many devices of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedDevice {
    /// Which.
    pub id: DeviceId,
    /// What it was called when it was found, if it had a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

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
    #[must_use]
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
    #[must_use]
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

impl Plan {
    /// A plan that is shown now.
    #[must_use]
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
            expires_at: now.saturating_add(PLAN_LASTS).unwrap_or(now),
            state: PlanState::Proposed,
        }
    }

    /// Whether it is still what was shown.
    #[must_use]
    pub fn is_as_shown(&self) -> bool {
        self.hash == PlanHash::of(self.org.as_ref(), &self.task)
    }

    /// Where it stands now: nobody writes down that time has passed.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> PlanState {
        match self.state {
            PlanState::Proposed if now >= self.expires_at => PlanState::Expired,
            state => state,
        }
    }

    /// The right that it takes, asked for again when it runs.
    #[must_use]
    pub fn right(&self) -> Option<Right> {
        match &self.task {
            Task::DeleteDevice { .. } => Some(Right::Delete),
            Task::TagDevices { .. } => Some(Right::Tag),
            Task::Run { command } => command.right(),
        }
    }

    /// The facts of its device, frozen when it was shown.
    #[must_use]
    pub fn facts(&self) -> Option<&DeviceFacts> {
        match &self.task {
            Task::DeleteDevice { facts, .. } => Some(facts),
            Task::TagDevices { .. } | Task::Run { .. } => None,
        }
    }

    /// Why its requester wants it.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match &self.task {
            Task::DeleteDevice { reason, .. } => reason.as_ref(),
            Task::TagDevices { .. } | Task::Run { .. } => None,
        }
    }
}
