//! Steward: a Webex bot that lets the admins of an organization find, list, tag, add and delete Webex devices from
//! chat.
//!
//! This page is the map of the code. `README.md` is for people who use Steward, `docs/operations.md` for people who run
//! it, and `docs/architecture.md` follows one message through the code.
//!
//! # From a message to a card
//!
//! An admin writes `@Steward delete device …`. Webex posts a signed delivery that names the message but does not
//! contain it. [`http`] verifies the signature over the raw bytes, [`store`] commits the delivery, and only then is it
//! acknowledged. The stored delivery is a job. [`worker`] leases it and hands it to [`intake`], which fetches the
//! message and its author through [`webex`]. There, [`grammar`] parses the line, [`policy`] judges the person, and the
//! decision is to accept the command, refuse it, or answer at once. The worker commits the decision and all its
//! consequences, including the audit entry, in one transaction. The accepted command is a separate job, which
//! [`commands`] carries out.
//!
//! A deletion follows a pure state machine: read the device, commit the intent, DELETE, read until Webex no longer
//! finds the device. Its [`Outcome`](domain::Outcome), the audit entry and the answer rendered by [`cards`] are
//! committed together. Posting the answer is another job. A process that dies along the way leaves its jobs in the
//! database, and the next process continues them.
//!
//! A deletion by display name becomes a [`plan`]: a frozen proposal whose card has buttons. Each button carries only a
//! random reference to the plan. A press arrives as a delivery like any other. It is judged by its presser and its
//! card, never by its contents.
//!
//! # The modules
//!
//! Pure, without I/O:
//!
//! - [`domain`]: ids, people, devices, outcomes, audit entries, the clock: parsed once, trusted afterwards
//! - [`policy`]: who may do what; the only source of a [`Grant`](policy::Grant)
//! - [`filter`]: expressions that select many devices, their sort order and counts
//! - [`grammar`]: the commands that people can type, their help and their errors
//! - [`plan`]: proposals that wait for a confirmation, their buttons, and who may press them
//! - [`cards`]: every answer as an Adaptive Card and as plain text; every sentence that people read in chat
//!
//! With I/O:
//!
//! - [`webex`]: the calls to Webex, one client for each of the two credentials; rate limits; signatures
//! - [`store`]: the database: the only SQL, and the transactions
//! - [`commands`]: one handler per command; retry budgets; services shared by all job handlers
//! - [`intake`]: from a stored delivery to a decision; catch-up after a delivery gap
//! - [`worker`]: the loop that leases jobs, dispatches them and records their results; why a lease is safe
//! - [`http`]: the webhook endpoint, health, readiness, metrics
//!
//! Around them:
//!
//! - [`telemetry`]: metrics and readiness
//! - [`app`]: the composition root: settings, the admin credential, webhooks, the public address, periodic tasks, checks
//! - [`cli`]: the commands of the binary, the demo among them
//! - [`sim`]: a simulated Webex behind real HTTP, for the demo and the tests
//!
//! # Dependencies between the modules
//!
//! A top-level module uses only modules to its left. Modules in one group do not use each other, and there are no
//! cycles at any depth. `tests/it/architecture.rs` compares this diagram with every path in the sources.
//!
//! ```text
//! domain ← telemetry, filter, sim ← policy ← grammar ← plan, cards, webex ← store ← commands, http ← intake
//!        ← worker ← app ← cli
//! ```
//!
//! Webex's JSON never leaves [`webex`], no row leaves [`store`], and [`domain`] knows neither.
//!
//! # Glossary
//!
//! | our word | Webex's word | type |
//! |---|---|---|
//! | space | room | [`SpaceId`](domain::SpaceId) |
//! | thread | message with `parentId` | [`Thread`](domain::Thread) |
//! | delivery | webhook POST | [`NewDelivery`](store::NewDelivery) |
//! | event of a delivery | webhook payload | [`WebhookEvent`](webex::event::WebhookEvent) |
//! | press | attachment action | [`AttachmentAction`](webex::AttachmentAction) |
//! | card | attachment (Adaptive Card) | [`Card`](cards::Card) |
//! | actor | person (`personId`) | [`Actor`](domain::Actor) |
//! | reference | device id, serial, mac, displayName | [`Reference`](domain::Reference) |
//! | filter | query parameters, for some of its terms | [`Filter`](filter::Filter) |
//! | command | none | [`Command`](grammar::Command) |
//! | grant | none | [`Grant`](policy::Grant) |
//! | plan, code | none | [`Plan`](plan::Plan), [`PlanCode`](domain::PlanCode) |
//! | outcome, cause | status code | [`Outcome`](domain::Outcome), [`Cause`](domain::Cause) |
//! | job, lease | none | [`LeasedJob`](store::LeasedJob) |
//! | handoff, slot of a worker | none | [`Handoff`](store::handoff::Handoff), [`Slot`](store::handoff::Slot) |
//! | recheck of a deletion | none | [`JobKind::FollowUp`](store::JobKind::FollowUp) |
//! | deletion of a settled card | none | [`JobKind::Retract`](store::JobKind::Retract) |
//! | parked job (dead letter) | none | [`JobSummary`](store::JobSummary) |
//! | step (one commit of a job) | none | [`Step`](store::Step) |
//! | bot token | bot access token | [`BotToken`](webex::BotToken) |
//! | admin credential | Service App or personal access token | [`AdminToken`](webex::AdminToken) |
//! | rate limit | 429 or 423 with `Retry-After` | [`RateLimiters`](webex::RateLimiters) |
//! | probe of the public address | none | [`Readiness`](telemetry::readiness::Readiness) |
//! | finding of `steward check` | none | [`Finding`](app::Finding), [`Report`](app::Report) |
//! | heartbeat, delivery gap | none | [`Heartbeat`](store::Heartbeat), [`DeliveryGap`](intake::catch_up::DeliveryGap) |
//! | audit entry | none | [`AuditEntry`](domain::audit::AuditEntry) |
//!
//! # Invariants
//!
//! - **An unverified body is never parsed.** Only signature verification constructs a `SignedDelivery`, and the webhook
//!   handler in [`http`] accepts nothing else.
//! - **Nothing is acknowledged before it is on disk.** The answer 200 follows the commit.
//! - **No device changes without a grant.** The calls that change devices take a [`Grant`](policy::Grant), which only
//!   [`policy`] issues. The right is checked when the command is accepted and again in each run of its job.
//! - **A display name alone never changes a device.** A deletion by name or by button becomes a plan, which only its
//!   requester can confirm, once and before it expires. A tag change by name first asks the requester to pick the
//!   device. A device that has changed since it was shown is not deleted.
//! - **One command at a time changes a device**, workspace or person, over all processes: see [`Step::lock`](store::Step::lock).
//! - **A late command is never carried out**, whether it was delivered late or found after a gap: its author is asked
//!   to send it again. A change also takes a [`FreshDecision`](policy::FreshDecision): a command or press at most 15
//!   minutes old when the change is begun or repeated, whatever was stored before.
//! - **`gone` needs proof.** Only Webex's own 404, in the organization and with the credential of the DELETE, and with a
//!   witness that the credential can still see that organization, makes a [`ProvenAbsence`](webex::ProvenAbsence).
//! - **A DELETE is never repeated blindly.** The intent is committed before the call; a run that finds it reads the
//!   device before anything else.
//! - **A new token is in the database before it is used**, and it is never stored in plain text.
//! - **No decision and no change without its audit entry.** Acceptance or refusal of a command, the intent of a change,
//!   and its outcome are each committed in one transaction with an entry (see [`Step`](store::Step)). Lines that are
//!   not commands are answered without an entry.
//! - **A rate limit applies to all calls of a credential.** No call is made while the credential is paused; see
//!   [`RateLimiters`](webex::RateLimiters).
//! - **Every command gets an answer**, in its thread, or 1:1 if Webex does not let Steward post there, or leaves a parked
//!   job with the reason. After half a minute without one, its thread gets a notice. Bots are never answered.
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
