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
//! Only its requester confirms or cancels it, and only once: by words ([`judge_written`]) or by a button
//! ([`judge_press()`]). Anybody in a space can press any button, any number of times, with any inputs, so a button carries
//! no authority and no target: only a [`ButtonRef`], an opaque random reference to a [`ButtonRecord`] that is kept on
//! this side.
//!
//! Pure: time and randomness are parameters. A [`PlanTransition`] only comes out of the rules here, and the store
//! takes nothing else to change the state of a plan. It takes it only while the plan is still in the state that
//! the transition starts from, so of two that are judged at once one is refused.

mod button;
mod judge;
mod machine;
mod task;
#[cfg(test)]
mod tests;

pub use button::{
    BUTTON_LIFETIME, ButtonAction, ButtonRecord, ButtonRef, ButtonUse, InvalidButtonRef, Presser, RefHash,
};
pub use judge::{ButtonPress, PressVerdict, WrittenDecision, judge_press, judge_written};
pub use machine::{PLAN_LIFETIME, Plan, PlanDecision, PlanEvent, PlanRefusal, PlanState, PlanTransition};
pub use task::{InvalidPlanHash, NamedDevice, PlanHash, Task};
