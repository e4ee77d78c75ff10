//! Steward: a Webex bot with which the admins of an organization find, list, tag, add and delete Webex devices from
//! chat.
//!
//! This page is the map of the code. `README.md` is for people who use Steward, `docs/operations.md` for people who run
//! it, and `docs/architecture.md` follows one message through the code.
//!
//! # From a message to a card
//!
//! An admin writes `@Steward delete device …`. Webex posts a signed delivery that says only which message was written.
//! [`http`] checks the signature over the raw bytes, [`store`] puts the delivery on the disk, and only then it is
//! acknowledged. The stored delivery is a job. [`worker`] leases it and hands it to [`intake`], which fetches the message
//! and its author through [`webex`], has [`grammar`] parse the line and [`policy`] judge the person, and decides: accept
//! the command, refuse it, or answer at once. The worker commits the decision with everything that follows from it, its
//! audit entry included, in one transaction. The accepted command is a job of its own, which [`commands`] carries out.
//! A deletion follows a pure state machine: read the device, commit the intent, DELETE, read until Webex no longer finds
//! the device. Its [`Outcome`](domain::Outcome), the audit entry and the answer drawn by [`cards`] are committed
//! together. Posting the answer is again a job of its own. A process that dies anywhere on this way leaves jobs behind,
//! and the next one goes on with them.
//!
//! A name never acts by itself. It leads to a [`plan`]: a frozen proposal whose card has buttons, each of which carries
//! a random reference to the plan and nothing else. A press comes as a delivery of its own and is judged by the presser
//! and the card, not by what it says.
//!
//! # The rooms
//!
//! Pure, without I/O:
//!
//! - [`domain`]: ids, people, devices, outcomes, audit entries, the clock: parsed once, trusted afterwards
//! - [`policy`]: who may do what; the only source of a [`Grant`](policy::Grant)
//! - [`filter`]: how many devices are named at once, sorted and counted
//! - [`grammar`]: what people may say, its help and its errors
//! - [`plan`]: proposals that wait for a confirmation, their buttons, and who may press them
//! - [`cards`]: every answer as an Adaptive Card with the same text in plain; every sentence that people read
//!
//! With I/O:
//!
//! - [`webex`]: the calls to Webex, one client for each of the two credentials; rate limits; signatures
//! - [`store`]: the database: the only SQL, and the transactions
//! - [`commands`]: what each command does and answers
//! - [`intake`]: from a stored delivery to a decision; catching up after a gap
//! - [`worker`]: the loop that leases jobs, dispatches them and records their ends; why a lease is safe
//! - [`http`]: the webhook endpoint, health, readiness, metrics
//!
//! Around them:
//!
//! - [`telemetry`]: what is counted, and what is ready
//! - [`app`]: the composition root: settings, the admin credential, webhooks, periodic tasks
//! - [`cli`]: the commands of the binary, the demo among them
//! - [`sim`]: a simulated Webex behind real HTTP, for the demo and the tests
//!
//! # Which room may use which
//!
//! A room uses rooms to its left only. Rooms that stand together do not use each other, and the modules inside a room
//! form no circles. `tests/it/architecture.rs` reads this diagram and every path in the sources.
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
//! | parked job (dead letter) | none | [`JobSummary`](store::JobSummary) |
//! | step: what one run of a job commits | none | [`Step`](store::Step) |
//! | bot token | bot access token | [`BotToken`](webex::BotToken) |
//! | admin credential | Service App or personal access token | [`AdminToken`](webex::AdminToken) |
//! | rate limit | 429 or 423 with `Retry-After` | [`RateLimiters`](webex::RateLimiters) |
//! | heartbeat, delivery gap | none | [`Heartbeat`](store::Heartbeat), [`DeliveryGap`](intake::catch_up::DeliveryGap) |
//! | audit entry | none | [`AuditEntry`](domain::audit::AuditEntry) |
//!
//! # Invariants
//!
//! - **An unverified body is never parsed.** A [`SignedDelivery`](http::SignedDelivery) only comes out of the check of
//!   its signature, and the handler takes nothing else.
//! - **Nothing is acknowledged before it is on the disk.** The answer 200 comes after the commit.
//! - **No device changes without a grant.** The calls that change devices take a [`Grant`](policy::Grant), which only
//!   the policy makes. The right is checked when the command is accepted and again in each run of its job.
//! - **A name never acts by itself, and neither does a button.** Both lead to a plan that only its requester confirms,
//!   once and in time. A device that differs from what was shown by then is not touched.
//! - **A late command is never carried out**, whether it was delivered late or found after a gap: its author is asked to
//!   send it again.
//! - **A DELETE is never repeated blindly.** The intent is committed before the call; a run that finds it reads the
//!   device before anything else.
//! - **A new token is in the database before it is used**, and nowhere in the clear.
//! - **No decision and no change without its audit entry.** Acceptance or refusal of a command, the intent of a change,
//!   and its outcome are each committed in one transaction with their entry (see [`Step`](store::Step)). Lines that are
//!   not commands are answered without an entry.
//! - **A rate limit holds for everybody who uses the credential.** No call is made while it is paused; see
//!   [`RateLimiters`](webex::RateLimiters).
//! - **Every command gets an answer**, in its thread, or leaves a parked job with the reason. Bots are never answered.
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
