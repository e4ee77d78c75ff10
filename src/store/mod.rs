//! Durable state: deliveries, jobs, commands, plans, messages with their buttons, the audit log, pinned identities,
//! pauses, the heartbeat, locks, and the sealed tokens of the admin credential.
//!
//! This is the only module that contains SQL, and no row leaves it. Methods are named after their purpose. Changes that
//! belong together are made in one transaction: see [`Step`], the only way for a job to change stored state. Other
//! modules make the decisions. The store never reads the clock: times are parameters. SQLite (one process) and PostgreSQL
//! (several) share the same code (see `database`).

mod answer_limit;
mod audit;
mod button;
mod command;
mod credential;
mod database;
mod delivery;
mod error;
mod handle;
pub mod handoff;
mod job;
mod lock;
mod message;
mod parked;
mod plan;
mod shared_state;
mod step;
mod test_hooks;

pub use answer_limit::{AnswerLimit, LimitedAnswer, LimitedResult};
pub use button::NewButton;
pub use command::{CommandId, CommandRecord, NewCommand};
pub use credential::{RenewalClaim, RenewedCredential, StoredCredential};
pub use database::DatabaseState;
pub use delivery::{DeliveryKey, NewDelivery, Recorded};
pub use error::StoreError;
pub use handle::Store;
pub use job::{JobCounts, JobKind, LEASE, LeasedJob, NewJob, Owner};
pub use message::{NewMessage, OutgoingId, OutgoingMessage};
pub use parked::{JobSummary, NotParked, ParkedAction};
pub use shared_state::Heartbeat;
pub use step::{CommittedStep, End, Step};
pub use test_hooks::{CommitPoint, TestHooks};
