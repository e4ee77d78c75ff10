//! Durable work: takes jobs from the store, runs each under a lease, and records how it ended.
//!
//! All work is a job in the database: a delivery, a command, a message, a recheck, a catch-up step. [`runner`] leases
//! jobs. [`dispatch`] hands each to its handler and is the only place that records the result. The only handlers here
//! are those that post and delete messages. [`silence`] tells requesters that their command takes long.
//!
//! # Why a lease is safe
//!
//! A lease cannot keep two processes from working on one job: a process that was suspended for longer than its lease
//! may continue after another one has taken over. That is harmless because nothing can be recorded under a lost lease.
//! Every [`Step`](crate::store::Step) is one transaction that first checks job, owner and attempt; without the lease it
//! changes nothing and the run stops.
//!
//! Such a process can still make one call to Webex. Reads do no harm, and a message may be posted twice at most. A
//! DELETE is not sent when more than a few seconds have passed since its intent was recorded. A process that is
//! suspended within those seconds may still delete a device that another process has just reported as not deleted. Even
//! then the right device is deleted, because Webex never reuses ids.
//!
//! Leases are renewed while their jobs run, four times before one would end. So a lease is lost only by a process that
//! was suspended or cut off from the database, not by a slow one. Leases are timed by the clocks of the processes,
//! which must agree to within a few seconds on a shared database.
//!
//! When a process dies, its leases end and another process takes the jobs. The progress of a deletion then says whether
//! a DELETE may have been sent, and the device is read before anything else.

mod delete_message;
mod dispatch;
mod post_message;
pub mod runner;
mod silence;
