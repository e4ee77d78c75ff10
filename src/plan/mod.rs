//! Plans: work that was shown to a person and waits for their confirmation.
//!
//! A plan is frozen when it is shown: its task, with the facts of the devices, is hashed ([`PlanHash`]). The store
//! refuses to read a plan that does not match its hash. The states of a plan:
//!
//! ```text
//! proposed ──confirm──▸ confirmed ──▸ running ──▸ done
//!     ├──cancel──▸ cancelled    └──────────────────▴     it may end before it runs: a right was withdrawn
//!     └──time────▸ expired
//! ```
//!
//! Only its requester confirms or cancels it, and only once: in words (`judge_written`) or with a button
//! (`judge_press`). Anyone in a space can press any button, any number of times, with any inputs. So a button carries
//! neither authority nor target, only a [`ButtonRef`]: an opaque random reference to a stored [`ButtonRecord`].
//!
//! Pure: time and randomness are parameters. Only the rules here create a [`PlanTransition`], and the store changes the
//! state of a plan only through one. It does so only while the plan is in the state that the transition starts from, so
//! one of two concurrent transitions is refused.

mod button;
mod judge;
mod machine;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use button::BUTTON_LIFETIME;
pub use button::{
    ButtonAction, ButtonRecord, ButtonRef, ButtonUse, InvalidButtonRef, Presser, RefHash, ShownRow,
};
pub(crate) use judge::{ButtonPress, PressVerdict, WrittenDecision, judge_press, judge_written};
pub use machine::{Plan, PlanDecision, PlanEvent, PlanRefusal, PlanState, PlanTransition};
pub use task::{DeviceIdentity, InvalidPlanHash, NamedDevice, PlanHash, Task};
