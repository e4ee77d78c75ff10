//! Steward: a Webex bot with which the admins of an organization find, list, tag, add and delete Webex devices from
//! chat.
//!
//! This page is the map of the code. What the bot does and how it is run stands in `README.md`.
//!
//! # From a message to a card
//!
//! Somebody writes `@Steward delete device …`. Webex posts a signed delivery that says only which message was
//! written. [`http`] checks the signature over the raw bytes, [`store`] puts the delivery on the disk, and only
//! then is it acknowledged. The stored delivery is a job. [`jobs`] takes it, and [`intake`] fetches the message
//! and its author through [`webex`], has [`command`] parse the line and [`policy`] judge the person, and commits
//! what was decided in one transaction: the command with the job to carry it out, or an answer that something
//! was refused or not understood, each with its entry in the audit log where one is due. The job of a deletion
//! follows the state machine in [`deletion`]: read, write down the intent, DELETE, read until Webex no longer
//! finds the device. What became of it, an [`Outcome`](domain::Outcome), is stored together with its audit
//! entry and the message that tells it, drawn by [`cards`]. Posting that message is a job of its own. A process
//! that dies anywhere on this way leaves jobs behind that the next one goes on with.
//!
//! A device that is named by anything but its id is looked for by [`find`], many are chosen by a [`filter`]. What must
//! not happen by a name or a slip is proposed first: a [`plan`] is kept with what was shown, and the buttons of its card
//! carry a random reference to it and nothing else. A press comes as a delivery of its own, and is judged by who
//! pressed which card where, not by what it says.
//!
//! # The modules, in the order in which they are best read
//!
//! What the problem is made of; pure, no I/O:
//!
//! - [`domain`]: ids, people, devices, outcomes: parsed once, trusted afterwards
//! - [`policy`]: who may do what; the one source of a [`Grant`](policy::Grant)
//! - [`filter`]: how many devices are named at once, put in order and counted
//! - [`command`]: the grammar of what people may say, its help and its errors
//! - [`plan`]: what waits for a confirmation, the buttons of cards, and who may press them
//! - [`audit`]: what an entry of the audit log says
//! - [`deletion`]: what a deletion does next, given what Webex answered last
//! - [`export`]: devices as a table for spreadsheets
//! - [`catch_up`]: what is made up for after an absence
//! - [`cards`]: every answer as an Adaptive Card with a plain-text twin; every sentence that people read
//!
//! What touches the world:
//!
//! - [`webex`]: the calls to Webex, with one client for each of the two credentials
//! - [`find`]: which device or workspace a text means
//! - [`credential`]: the admin credential of a Service App, renewed in time and kept sealed
//! - [`store`]: the database; the only SQL, and the transactions
//! - [`http`]: the webhook, health, readiness, metrics
//! - [`intake`]: from a stored delivery to a decision
//! - [`read_ahead`]: the device that is read with the decision to delete it, so that both are written down at once
//! - [`jobs`]: durable work and the loop that does it; why a lease is safe
//!
//! What holds it together:
//!
//! - [`config`]: settings; the only place that reads the environment
//! - [`clock`]: time as a parameter; the only place that asks the system for it
//! - [`pauses`]: what Webex asks one process to wait, all of them do
//! - [`metrics`] and [`readiness`]: what is counted, and what works just now
//! - `identify`: who the bot and the admins are, found out at start
//! - [`webhooks`]: what Webex is told to deliver, and where
//! - [`app`]: the composition root
//! - [`cli`]: the commands of the binary; with `telemetry` (the log) and `shutdown` (signals)
//! - [`sim`]: a simulated Webex behind real HTTP, for the demo and the tests; knows nothing of the rest
//!
//! # Who may know whom
//!
//! ```text
//! domain   ←  policy  ←  command, cards, webex  ←  deletion   (which knows audit)
//! domain   ←  filter  ←  command
//! domain, policy, command  ←  plan  ←  store
//! domain   ←  audit   ←  store                       (which also keeps commands)
//! store, webex        ←  catch_up
//! webex               ←  find
//! find, deletion      ←  read_ahead
//! all these           ←  jobs, intake                (a delivery is a job, so these two know each other)
//! metrics  ←  webex; webex, store  ←  pauses
//! store, webex, cards ←  credential
//! intake's envelope, store  ←  http  ←  config       (which makes the tokens and secrets of others, so it
//!                                                     knows credential too)
//! all these           ←  identify, webhooks  ←  app  ←  cli
//! ```
//!
//! Nothing points back. Webex's JSON never leaves [`webex`], no row leaves [`store`], and [`domain`] knows
//! neither.
//!
//! # What always holds
//!
//! - **An unverified body is never parsed.** A [`SignedDelivery`](http::SignedDelivery) only comes
//!   out of the check of its signature, and the handler takes nothing else.
//! - **Nothing is acknowledged before it is on the disk.** The answer 200 comes after the commit.
//! - **No change to a device without a grant.** The call that deletes asks for a
//!   [`Grant`](policy::Grant), which nobody but the policy can make; the right is asked for once when the
//!   command is taken and again each time its job runs.
//! - **A name never acts by itself, and neither does a button.** Both lead to a plan, which only its requester confirms,
//!   once and in time; what differs from what was shown by then is not touched.
//! - **A late command is never run**, whether it was delivered late or found after an absence: its author is asked
//!   to send it again.
//! - **A DELETE is never repeated blindly.** The intent is committed before the call; whoever finds it reads
//!   the device before anything else.
//! - **A new token is in the database before it is used**, and nowhere in the clear.
//! - **No decision and no deletion without its audit entry.** That a command was accepted or refused, that a
//!   DELETE is about to be sent, and what became of it are each committed in one transaction with their entry
//!   (see [`Step`](store::Step)). Lines that are not commands, and people who are not served at all, are
//!   answered and not entered.
//! - **Who is asked to wait waits, and so do all others with the same credential.** No call is made in a pause; see
//!   [`RateLimiters`](webex::RateLimiters).
//! - **Every command gets an answer**, in its thread, or leaves a parked job that says why it could not be
//!   given. What bots write is not answered.
//! - **Secrets are never printed**: not in the log, not in an error, not by `Debug`.
pub mod app;
pub mod cards;
pub mod cli;
pub mod commands;
pub mod domain;
pub mod filter;
pub mod grammar;
pub mod http;
pub mod intake;
pub mod plan;
pub mod policy;
pub mod sim;
pub mod store;
pub mod telemetry;
pub mod webex;
pub mod worker;
