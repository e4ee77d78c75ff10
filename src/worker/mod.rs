//! Durable work: takes jobs from the store, runs each under a lease, and records how it ended.
//!
//! All work is a job in the database: a delivery, a command, a message, a recheck, a catch-up step. [`runner`] leases jobs,
//! [`dispatch`] hands each to its handler and is the only place that records the result. No handler lives here except
//! those that post and delete messages.
//!
//! # Why a lease is safe
//!
//! A lease cannot keep two processes from working on one job: a process that was suspended for longer than its lease may
//! wake up and continue after another one has taken over. That is harmless because nothing can be recorded under a lost
//! lease. Every [`Step`](crate::store::Step) is one transaction that first checks job, owner and attempt; without the
//! lease it changes nothing and the run stops. Such a process can still make one call to Webex.
//! Reads do no harm. A message may be posted twice at most. A DELETE is not sent when more than a few
//! seconds have passed since its intent was recorded. A process that stands still within those seconds for longer than
//! its lease may still delete a device that its successor has just reported as not deleted; it is still the device that was
//! named, because Webex never reuses ids. Leases are renewed while their jobs run, four times before
//! one would end, so this happens only to a process that stood still or was cut off from the database, not to a slow
//! one. Leases are timed by the clocks of the processes, so on a shared database these must agree to within a few
//! seconds.
//!
//! When a process dies, its leases end and another process takes the jobs. The progress of a deletion then says whether
//! a DELETE may have been sent, and the device is read before anything else.

mod delete_message;
mod dispatch;
mod post_message;
pub mod runner;
